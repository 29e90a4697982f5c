//! Shapes on the wire, as clients expect them.

use http_body_util::BodyExt;

use super::*;
use crate::service::{ALL, find};
use crate::xml::Element;

fn text(response: HttpResponse) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let bytes = runtime.block_on(response.into_body().collect()).expect("no errors").to_bytes();
    String::from_utf8(bytes.to_vec()).expect("text")
}

fn denied() -> AwsError {
    AwsError::new(403, "AccessDenied", "no <way>").field("BucketName", "logs")
}

#[test]
fn json_errors_carry_their_type_and_extra_members() {
    let wire = Wire::Json("X");
    let body: Value =
        serde_json::from_str(&text(encode(wire, "Op", "id", &Http::default(), Err(denied())))).expect("json");
    assert_eq!(body["__type"], "AccessDenied");
    assert_eq!(body["BucketName"], "logs");
}

#[test]
fn query_answers_are_wrapped_in_response_and_result() {
    let reply = Reply::xml(Element::new("ignored").leaf("Account", "111122223333"));
    let body = text(encode(Wire::Query("ns"), "GetCallerIdentity", "id", &Http::default(), Ok(reply)));
    let root = Element::parse(&body).expect("xml");
    assert_eq!(root.name, "GetCallerIdentityResponse");
    assert_eq!(root.child("GetCallerIdentityResult").and_then(|r| r.child_text("Account")), Some("111122223333"));
    let error = text(encode(Wire::Query("ns"), "X", "id", &Http::default(), Err(denied())));
    let root = Element::parse(&error).expect("xml");
    assert_eq!(root.child("Error").and_then(|e| e.child_text("Message")), Some("no <way>"));
}

#[test]
fn s3_errors_are_bare_and_a_head_has_no_body() {
    let wire = Wire::RestXml { wrapped: false };
    let mut http = Http::default();
    assert!(text(encode(wire, "X", "id", &http, Err(denied()))).contains("<Error><Code>AccessDenied</Code>"));
    http.method = "HEAD".to_owned();
    assert_eq!(text(encode(wire, "X", "id", &http, Err(denied()))), "");
}

#[test]
fn forms_are_decoded_and_lists_numbered() {
    let http =
        Http { body: "Action=AssumeRole&PolicyArns.member.1.arn=a%3Ab&RoleSessionName=a+b".into(), ..Http::default() };
    let (operation, input) = query::decode(&http).expect("decodes");
    assert_eq!(operation, "AssumeRole");
    assert_eq!(
        (input["PolicyArns.member.1.arn"].as_str(), input["RoleSessionName"].as_str()),
        (Some("a:b"), Some("a b"))
    );
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    let http = Http { body: "[1]".into(), ..Http::default() };
    assert_eq!(json::parse(&http).expect_err("refused").code, "SerializationException");
}

#[test]
fn every_service_is_found_by_its_name() {
    for service in ALL {
        let mut http = Http::default();
        let signing = if service.name == "s3-control" { "s3" } else { service.name };
        http.path = if service.name == "s3-control" { "/v20180820/x".to_owned() } else { "/".to_owned() };
        assert_eq!(find(signing, &http).map(|found| found.name), Some(service.name));
    }
}
