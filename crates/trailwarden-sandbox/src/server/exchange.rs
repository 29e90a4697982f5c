//! One request from its bytes to its answer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::Request as HyperRequest;
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use trailwarden_model::ids::Region;

use super::{Inner, Shared};
use crate::auth::{self, Scope};
use crate::authorize::authorize;
use crate::error::AwsError;
use crate::faults::{Effect, Target};
use crate::protocol::{self, HttpResponse};
use crate::reply::Reply;
use crate::request::{Caller, Http, Request};
use crate::service::{self, Definition, Wire, cloudtrail};
use crate::{state, throttle};

/// Services with one endpoint per partition: their region is the partition's leader, whatever was signed.
const GLOBAL: &[&str] = &["account", "iam", "organizations"];

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection was dropped on purpose")]
pub(super) struct Dropped;

enum Outcome {
    Answer(Result<Reply, AwsError>),
    Drop,
}

pub(super) async fn serve(shared: Arc<Shared>, request: HyperRequest<Incoming>) -> Result<HttpResponse, Dropped> {
    let http = read(request).await.map_err(|_| Dropped)?;
    if http.path == "/_sandbox/stats" {
        let stats = serde_json::to_value(&shared.lock().stats).unwrap_or(Value::Null);
        return Ok(protocol::plain_json(200, &stats));
    }
    let Some(scope) = auth::scope(&http) else {
        let wire = guess_wire(&http);
        return Ok(protocol::encode(wire, "", "unsigned", &http, Err(auth::missing(wire))));
    };
    let Some(service) = service::find(&scope.service, &http) else {
        let message = format!("the sandbox does not serve {}", scope.service);
        let error = AwsError::new(501, "NotImplemented", message);
        return Ok(protocol::encode(guess_wire(&http), "", "unserved", &http, Err(error)));
    };
    let decoded = protocol::decode(service, &http);
    let operation = decoded.as_ref().map_or("unknown", |(operation, _)| operation.as_str()).to_owned();
    let (id, outcome, delay) = answer(&shared, service, &scope, &http, decoded);
    let pause = shared.latency + delay;
    if !pause.is_zero() {
        tokio::time::sleep(pause).await;
    }
    match outcome {
        Outcome::Answer(result) => Ok(protocol::encode(service.wire, &operation, &id, &http, result)),
        Outcome::Drop => Err(Dropped),
    }
}

/// Everything that happens under the lock.
fn answer(
    shared: &Shared,
    service: &Definition,
    scope: &Scope,
    http: &Http,
    decoded: Result<(String, Value), AwsError>,
) -> (String, Outcome, Duration) {
    let mut inner = shared.lock();
    inner.n_requests += 1;
    let id = format!("00000000-0000-4000-8000-{:012x}", inner.n_requests);
    let (operation, input) = match decoded {
        Ok(decoded) => decoded,
        Err(error) => return (id, Outcome::Answer(Err(error)), Duration::ZERO),
    };
    *inner.stats.entry(format!("{}:{operation}", service.name)).or_default() += 1;
    let struck = strike(&mut inner, service, scope, http, &operation);
    let delay = struck.as_ref().and_then(Effect::delay).unwrap_or_default();
    let outcome = match struck {
        Some(Effect::Drop) => Outcome::Drop,
        Some(Effect::Throttle) => Outcome::Answer(Err(throttle::error(service.name, service.wire))),
        Some(Effect::Error { code, status }) => Outcome::Answer(Err(injected(service, &operation, status, code))),
        after => {
            let error = match &after {
                Some(Effect::ErrorAfter { code, status }) => Some(injected(service, &operation, *status, code)),
                _ => None,
            };
            let result = dispatch(shared, &mut inner, service, scope, http, (&id, operation, input));
            match (after, error) {
                (Some(Effect::DropAfter), _) => Outcome::Drop,
                (_, Some(error)) => Outcome::Answer(Err(error)),
                (_, None) => Outcome::Answer(result),
            }
        }
    };
    (id, outcome, delay)
}

fn injected(service: &Definition, operation: &str, status: u16, code: impl Into<String>) -> AwsError {
    AwsError::new(status, code, format!("injected fault on {}:{operation}", service.name))
}

fn strike(inner: &mut Inner, service: &Definition, scope: &Scope, http: &Http, operation: &str) -> Option<Effect> {
    let body = String::from_utf8_lossy(&http.body);
    let account = inner.world.credentials.get(&scope.access_key).map(|credential| credential.account.to_string());
    inner.faults.strike(Target {
        service: service.name,
        operation,
        account: account.as_deref().unwrap_or_default(),
        region: scope.region.as_str(),
        path: &http.path,
        body: &body,
    })
}

/// Identifies, throttles, authorises, handles.
fn dispatch(
    shared: &Shared,
    inner: &mut Inner,
    service: &Definition,
    scope: &Scope,
    http: &Http,
    (id, operation, input): (&str, String, Value),
) -> Result<Reply, AwsError> {
    let now = shared.now();
    inner.world.settle(now);
    let caller = auth::caller(&inner.world, scope, http, service.wire, now)?;
    let region = effective_region(inner, service, &caller, &scope.region)?;
    if let Some(throttle) = &mut inner.throttle
        && !throttle.admits(service.name, &operation, caller.account.as_str(), region.as_str(), now)
    {
        return Err(throttle::error(service.name, service.wire));
    }
    let request = Request { id: id.to_owned(), operation, caller, region, now, input, http: http.clone() };
    let seen = inner.world.as_seen();
    let access = (service.access)(&request, &seen);
    let allowed = authorize(&request, &seen, &access, service.wire, service.denied);
    let reply = allowed.and_then(|()| (service.handle)(&request, &mut inner.world));
    if is_write(&request.operation) {
        cloudtrail::record(&mut inner.world, &request, service.name, &access.resource, reply.as_ref().err());
        keep(shared, inner)?;
        if let (Ok(_), Some(watch)) = (&reply, &mut inner.watch) {
            watch(&inner.world, &format!("{}:{}", service.name, request.operation));
        }
    }
    reply
}

/// Writes the state file, when there is one.
fn keep(shared: &Shared, inner: &Inner) -> Result<(), AwsError> {
    let Some(path) = &shared.state_file else { return Ok(()) };
    state::save(path, &inner.world).map_err(|error| AwsError::new(500, "InternalFailure", error.to_string()))
}

fn effective_region(inner: &Inner, service: &Definition, caller: &Caller, signed: &Region) -> Result<Region, AwsError> {
    if GLOBAL.contains(&service.name) {
        return Ok(inner.world.partition().and_then(|partition| partition.leader()).unwrap_or(signed.clone()));
    }
    if inner.world.is_region_enabled(&caller.account, signed) {
        return Ok(signed.clone());
    }
    Err(auth::unknown(service.wire))
}

/// What CloudTrail calls a write; KMS's work with keys is read. Sessions are written at shutdown only: nobody resumes them, and an audit makes one per account.
fn is_write(operation: &str) -> bool {
    !["Get", "List", "Describe", "Head", "Lookup", "AssumeRole", "Sign", "Verify"]
        .iter()
        .any(|read| operation.starts_with(read))
}

/// The wire format of a request whose service is not known.
fn guess_wire(http: &Http) -> Wire {
    match http.headers.get("content-type").map(String::as_str) {
        Some(content_type) if content_type.starts_with("application/x-amz-json") => Wire::Json(""),
        Some(content_type) if content_type.starts_with("application/x-www-form-urlencoded") => Wire::Query(""),
        Some(content_type) if content_type.starts_with("application/json") => Wire::RestJson,
        Some("application/cbor") => Wire::QueryCompatible { target: "", namespace: "" },
        _ => Wire::RestXml { wrapped: false },
    }
}

async fn read(request: HyperRequest<Incoming>) -> Result<Http, hyper::Error> {
    let (parts, body) = request.into_parts();
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let query: BTreeMap<String, String> = parts
        .uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect();
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let body = body.collect().await?.to_bytes();
    Ok(Http { method: parts.method.to_string(), path: decode(parts.uri.path()), query, headers, body })
}
