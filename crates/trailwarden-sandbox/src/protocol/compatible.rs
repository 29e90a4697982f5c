//! Services that once spoke Query alone: each client is answered in the format it speaks (RPC v2 with CBOR, JSON 1.0 or
//! Query), and errors keep Query's codes in the header `x-amzn-query-error`.
//!
//! Handlers see the same JSON whatever the format; members whose name ends in `Timestamp` are seconds in it.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Encoded, cbor, json, query};
use crate::error::AwsError;
use crate::reply::{Body, Reply};
use crate::request::Http;
use crate::xml::Element;

/// The end of the names of members that are times.
pub(super) const TIME: &str = "Timestamp";
const JSON_1_0: &str = "application/x-amz-json-1.0";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Spoken {
    Cbor,
    Json,
    Query,
}

fn spoken(http: &Http) -> Spoken {
    let header = |name: &str| http.headers.get(name).map(String::as_str).unwrap_or_default();
    match (header("smithy-protocol"), header("content-type")) {
        ("rpc-v2-cbor", _) => Spoken::Cbor,
        (_, content_type) if content_type.starts_with("application/x-amz-json") => Spoken::Json,
        _ => Spoken::Query,
    }
}

pub(super) fn decode(target: &str, http: &Http) -> Result<(String, Value), AwsError> {
    match spoken(http) {
        Spoken::Cbor => cbor::decode(target, http),
        Spoken::Json => json::decode(target, http),
        Spoken::Query => query::decode(http).map(|(operation, flat)| (operation, nested(&flat))),
    }
}

/// Members by dotted name (`AlarmNames.member.1`, `Dimensions.member.1.Name`) as objects and arrays of texts. What names the operation is left out.
fn nested(flat: &Value) -> Value {
    let mut root = Value::Object(Map::new());
    let members = flat.as_object().into_iter().flatten();
    for (name, value) in members.filter(|(name, _)| !["Action", "Version"].contains(&name.as_str())) {
        let mut place = &mut root;
        for part in name.split('.') {
            // A place may already hold a text, when a client names a member and its parts; the parts win.
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            let Value::Object(members) = place else { break };
            place = members.entry(part).or_insert(Value::Null);
        }
        *place = value.clone();
    }
    listed(root)
}

/// Turns each object with the one key `member` into the array it stands for.
fn listed(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    match members.get("member") {
        Some(Value::Object(items)) if members.len() == 1 => {
            let mut numbered: Vec<(usize, Value)> = Vec::new();
            for (index, item) in items {
                numbered.extend(index.parse().ok().map(|index| (index, listed(item.clone()))));
            }
            numbered.sort_by_key(|(index, _)| *index);
            Value::Array(numbered.into_iter().map(|(_, item)| item).collect())
        }
        _ => Value::Object(members.into_iter().map(|(name, member)| (name, listed(member))).collect()),
    }
}

pub(super) fn reply(namespace: &str, operation: &str, http: &Http, reply: Reply, id: &str) -> Encoded {
    match spoken(http) {
        Spoken::Cbor => cbor::reply(reply, id),
        Spoken::Json => {
            let headers = json::headers(id, JSON_1_0, reply.headers);
            Encoded { status: reply.status, headers, body: json::body(reply.body) }
        }
        Spoken::Query => {
            let body = match reply.body {
                Body::Json(value) => Body::Xml(element("Result", &value)),
                other => other,
            };
            query::reply(namespace, operation, Reply { body, ..reply }, id)
        }
    }
}

fn element(name: &str, value: &Value) -> Element {
    match value {
        Value::Object(members) => Element::new(name).all(members.iter().map(|(name, member)| element(name, member))),
        Value::Array(items) => Element::new(name).all(items.iter().map(|item| element("member", item))),
        Value::String(text) => Element::text(name, text),
        Value::Number(seconds) if name.ends_with(TIME) => Element::text(name, moment(seconds.as_f64())),
        other => Element::text(name, other),
    }
}

/// Seconds since 1970 as Query writes times.
fn moment(seconds: Option<f64>) -> String {
    let milliseconds = seconds.map(|seconds| (seconds * 1000.0).round() as i64);
    let moment = milliseconds.and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok());
    moment.unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

pub(super) fn error(namespace: &str, http: &Http, error: AwsError, id: &str) -> Encoded {
    if spoken(http) == Spoken::Query {
        return query::error(namespace, error, id);
    }
    let fault = if error.status >= 500 { "Receiver" } else { "Sender" };
    let mut members = json::members(&error);
    members.insert("__type".to_owned(), Value::from(shape(&error.code)));
    let code = ("x-amzn-query-error".to_owned(), format!("{};{fault}", error.code));
    let headers = error.headers.into_iter().chain([code]).collect();
    let reply = Reply { status: error.status, headers, body: Body::Json(Value::Object(members)) };
    match spoken(http) {
        Spoken::Cbor => cbor::reply(reply, id),
        _ => {
            let headers = json::headers(id, JSON_1_0, reply.headers);
            Encoded { status: reply.status, headers, body: json::body(reply.body) }
        }
    }
}

/// The name that the API's model gives to the error of a Query code.
fn shape(code: &str) -> String {
    match code {
        "InvalidParameterCombination" | "InvalidParameterValue" => format!("{code}Exception"),
        "LimitExceeded" => "LimitExceededFault".to_owned(),
        "MissingParameter" => "MissingRequiredParameterException".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn http(header: (&str, &str), body: impl Into<bytes::Bytes>) -> Http {
        let headers = [(header.0.to_owned(), header.1.to_owned())].into();
        Http {
            path: "/service/Granite/operation/DescribeAlarms".to_owned(),
            headers,
            body: body.into(),
            ..Http::default()
        }
    }

    #[test]
    fn dotted_names_become_lists_in_order() {
        let form = "Action=DescribeAlarms&AlarmNames.member.2=b&AlarmNames.member.10=c&AlarmNames.member.1=a\
                    &Dimensions.member.1.Name=n&Dimensions.member.1.Value=v&MaxRecords=5";
        let (operation, input) = decode("Granite", &http(("content-type", "x"), form)).expect("decodes");
        assert_eq!(operation, "DescribeAlarms");
        assert_eq!(input["AlarmNames"], json!(["a", "b", "c"]));
        assert_eq!(input["Dimensions"], json!([{ "Name": "n", "Value": "v" }]));
        assert_eq!(input["MaxRecords"], "5");
    }

    #[test]
    fn query_clients_get_lists_of_members_and_times_as_text() {
        let value = json!({ "MetricAlarms": [{ "AlarmName": "a", "Threshold": 1.0, "StateUpdatedTimestamp": 1.5 }] });
        let answer = reply("ns", "DescribeAlarms", &http(("content-type", "x"), ""), Reply::json(value), "id");
        let root = Element::parse(&String::from_utf8(answer.body).expect("text")).expect("XML");
        let result =
            root.child("DescribeAlarmsResult").and_then(|result| result.child("MetricAlarms")).expect("a list");
        let alarm = result.child("member").expect("an alarm");
        assert_eq!(alarm.child_text("Threshold"), Some("1.0"));
        assert_eq!(alarm.child_text("StateUpdatedTimestamp"), Some("1970-01-01T00:00:01.500Z"));
    }

    #[test]
    fn errors_carry_the_name_of_the_model_and_the_code_of_query() {
        for header in [("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/x-amz-json-1.0")] {
            let answer = error("ns", &http(header, ""), AwsError::bad("LimitExceeded", "too many"), "id");
            let code = answer.headers.iter().find(|(name, _)| name == "x-amzn-query-error");
            assert_eq!(code.map(|(_, code)| code.as_str()), Some("LimitExceeded;Sender"), "{header:?}");
            assert!(String::from_utf8_lossy(&answer.body).contains("LimitExceededFault"), "{header:?}");
        }
    }
}
