//! Asks a service directly, for the tests of services.

use serde_json::Value;

use super::Definition;
use crate::error::AwsError;
use crate::reply::Body;
use crate::request::{Caller, CallerKind, Http, Request};
use crate::world::World;

/// One request of a role of an account, in eu-west-1; policies are not asked.
pub(crate) fn call(
    service: &Definition,
    world: &mut World,
    account: &str,
    operation: &str,
    input: Value,
) -> Result<Body, AwsError> {
    let request = request(account, operation, input);
    (service.handle)(&request, world).map(|reply| reply.body)
}

/// A request of a role of an account, in eu-west-1.
pub(crate) fn request(account: &str, operation: &str, input: Value) -> Request {
    let arn = format!("arn:aws:iam::{account}:role/tester");
    let caller = Caller {
        access_key: "AKIATEST".to_owned(),
        account: account.parse().expect("an account"),
        kind: CallerKind::Role,
        name: "tester".to_owned(),
        arn: arn.clone(),
        principal_arn: arn,
        user_id: "AROATEST".to_owned(),
    };
    Request {
        id: "1".to_owned(),
        operation: operation.to_owned(),
        caller,
        region: "eu-west-1".parse().expect("a region"),
        now: "2026-11-20T12:00:00Z".parse().expect("a time"),
        input,
        http: Http::default(),
    }
}

/// The JSON of an answer.
pub(crate) fn json_of(result: Result<Body, AwsError>) -> Value {
    match result.expect("an answer") {
        Body::Json(value) => value,
        other => panic!("not JSON: {other:?}"),
    }
}

/// The code of a refusal; empty for an answer.
pub(crate) fn code(result: Result<Body, AwsError>) -> String {
    result.err().map(|error| error.code).unwrap_or_default()
}
