//! Smithy RPC v2 with CBOR: the operation in the path, CBOR in and out.

use minicbor::data::{IanaTag, Type};
use minicbor::{Decoder, Encoder};
use serde_json::{Map, Number, Value};

use super::compatible::TIME;
use super::{Encoded, json};
use crate::error::AwsError;
use crate::reply::{Body, Reply};
use crate::request::Http;

const CONTENT_TYPE: &str = "application/cbor";
/// Deeper than any input of the services that speak it; a guard of the stack.
const DEEPEST: usize = 32;

pub(super) fn decode(service: &str, http: &Http) -> Result<(String, Value), AwsError> {
    let path = http.path.strip_prefix("/service/").and_then(|rest| rest.split_once("/operation/"));
    let operation = path
        .filter(|(named, operation)| *named == service && !operation.is_empty() && !operation.contains('/'))
        .ok_or_else(|| AwsError::missing("UnknownOperationException", "the path names no operation of this service"))?;
    if http.body.is_empty() {
        return Ok((operation.1.to_owned(), Value::Object(Map::new())));
    }
    let mut decoder = Decoder::new(&http.body);
    let input = read(&mut decoder, DEEPEST).filter(|_| decoder.position() == http.body.len()).filter(Value::is_object);
    let input = input.ok_or_else(|| AwsError::bad("SerializationException", "the body is not a CBOR map"))?;
    Ok((operation.1.to_owned(), input))
}

/// One data item; none when it is malformed, too deep, or nothing that these services take.
fn read(decoder: &mut Decoder<'_>, depth: usize) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    Some(match decoder.datatype().ok()? {
        Type::Bool => Value::Bool(decoder.bool().ok()?),
        Type::Null | Type::Undefined => {
            decoder.skip().ok()?;
            Value::Null
        }
        Type::F16 | Type::F32 | Type::F64 => Value::Number(Number::from_f64(decoder.f64().ok()?)?),
        Type::String => Value::from(decoder.str().ok()?),
        Type::StringIndef => Value::from(decoder.str_iter().ok()?.collect::<Result<String, _>>().ok()?),
        Type::Array | Type::ArrayIndef => {
            let length = decoder.array().ok()?;
            let mut items = Vec::new();
            while has_more(decoder, length, items.len())? {
                items.push(read(decoder, depth)?);
            }
            Value::Array(items)
        }
        Type::Map | Type::MapIndef => {
            let length = decoder.map().ok()?;
            let (mut members, mut n_read) = (Map::new(), 0);
            while has_more(decoder, length, n_read)? {
                let Value::String(name) = read(decoder, depth)? else { return None };
                members.insert(name, read(decoder, depth)?);
                n_read += 1;
            }
            Value::Object(members)
        }
        Type::Tag => {
            decoder.tag().ok()?;
            read(decoder, depth)?
        }
        _ => Value::from(i64::try_from(decoder.int().ok()?).ok()?),
    })
}

/// Whether a list has another item; takes the mark that ends a list of unstated length.
fn has_more(decoder: &mut Decoder<'_>, length: Option<u64>, n_read: usize) -> Option<bool> {
    if let Some(length) = length {
        return Some(u64::try_from(n_read).ok()? < length);
    }
    if decoder.datatype().ok()? != Type::Break {
        return Some(true);
    }
    decoder.skip().ok()?;
    Some(false)
}

fn write(
    encoder: &mut Encoder<Vec<u8>>,
    value: &Value,
) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
    match value {
        Value::Null => encoder.null()?.ok(),
        Value::Bool(flag) => encoder.bool(*flag)?.ok(),
        Value::String(text) => encoder.str(text)?.ok(),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => encoder.i64(integer)?.ok(),
            None => encoder.f64(number.as_f64().unwrap_or_default())?.ok(),
        },
        Value::Array(items) => {
            encoder.array(items.len() as u64)?;
            items.iter().try_for_each(|item| write(encoder, item))
        }
        Value::Object(members) => {
            encoder.map(members.len() as u64)?;
            for (name, member) in members {
                encoder.str(name)?;
                if name.ends_with(TIME) && member.is_number() {
                    encoder.tag(IanaTag::Timestamp)?;
                }
                write(encoder, member)?;
            }
            Ok(())
        }
    }
}

pub(super) fn reply(reply: Reply, id: &str) -> Encoded {
    let empty = Value::Object(Map::new());
    let value = if let Body::Json(value) = &reply.body { value } else { &empty };
    let mut encoder = Encoder::new(Vec::new());
    // Writing to memory cannot fail.
    let _ = write(&mut encoder, value);
    let mut headers = json::headers(id, CONTENT_TYPE, reply.headers);
    headers.push(("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()));
    Encoded { status: reply.status, headers, body: encoder.into_writer() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(value: &Value) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        write(&mut encoder, value).expect("written");
        encoder.into_writer()
    }

    fn decoded(body: Vec<u8>) -> Result<(String, Value), AwsError> {
        let path = "/service/Granite/operation/DescribeAlarms".to_owned();
        decode("Granite", &Http { path, body: body.into(), ..Http::default() })
    }

    #[test]
    fn what_is_written_is_read_back_and_numbers_keep_their_kind() {
        let value = json!({ "AlarmNames": ["a", "b"], "Threshold": 1.0, "Period": 300, "ActionsEnabled": true,
            "StateUpdatedTimestamp": 12.5, "Dimensions": [] });
        assert_eq!(decoded(written(&value)).expect("decodes"), ("DescribeAlarms".to_owned(), value));
    }

    #[test]
    fn lists_of_unstated_length_are_read() {
        let mut encoder = Encoder::new(Vec::new());
        encoder
            .begin_map()
            .and_then(|e| e.str("Names")?.begin_array()?.str("a")?.str("b")?.end()?.end())
            .expect("written");
        assert_eq!(decoded(encoder.into_writer()).expect("decodes").1, json!({ "Names": ["a", "b"] }));
    }

    #[test]
    fn truncated_trailing_and_endless_bodies_are_refused() {
        let whole = written(&json!({ "Names": ["a"] }));
        let truncated = whole.get(..whole.len() - 1).expect("a part").to_vec();
        let trailing = [whole, vec![0]].concat();
        let deep = vec![0x81; 10_000];
        for body in [truncated, trailing, deep, written(&json!([1]))] {
            assert_eq!(decoded(body).expect_err("refused").code, "SerializationException");
        }
    }
}
