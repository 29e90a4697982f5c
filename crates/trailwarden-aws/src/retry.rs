//! Retries and timeouts of every client, stated instead of inherited.

use std::time::Duration;

use aws_sdk_sts::config::retry::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

/// Standard mode with jitter: about a second and a half of waiting over five attempts.
pub(crate) fn config(attempts: u32) -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(attempts.max(1))
        .with_initial_backoff(Duration::from_millis(200))
        .with_max_backoff(Duration::from_secs(3))
}

/// A call that is still throttled after all its attempts starts over after each of these: throttling passes, and a fact is
/// worth ten seconds. A lost connection is not repaired by patience.
pub(crate) const THROTTLED_WAITS: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// Attempts end; the quota shared by all calls of a client does not. The SDK's default bucket of 500 tokens is drained by
/// one burst of throttling over thousands of calls, and from then on the first throttle of any call is its last.
pub(crate) fn partition() -> RetryPartition {
    RetryPartition::custom("trailwarden").token_bucket(TokenBucket::unlimited()).build()
}

/// No wait is unbounded.
pub(crate) fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(4))
        .read_timeout(Duration::from_secs(20))
        .operation_attempt_timeout(Duration::from_secs(30))
        .operation_timeout(Duration::from_secs(120))
        .build()
}

/// True for the HTML page with which stand-ins for AWS answer an operation they do not have. AWS never answers so. An
/// answer to HEAD has no page, whatever its content type claims.
pub(crate) fn is_not_implemented_page(response: &HttpResponse) -> bool {
    let is_html = response.headers().get("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    let is_empty = response.body().bytes().is_some_and(<[u8]>::is_empty);
    is_html && !is_empty && matches!(response.status().as_u16(), 404 | 405 | 500 | 501)
}

/// An operation that is not there will not be there on the tenth attempt either.
#[derive(Debug)]
pub(crate) struct NeverRetryNotImplemented;

impl ClassifyRetry for NeverRetryNotImplemented {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.response() {
            Some(response) if is_not_implemented_page(response) => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "never retry an operation that is not implemented"
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn answer(status: u16, content_type: &'static str, body: &'static str) -> HttpResponse {
        let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        response.headers_mut().insert("content-type", content_type);
        response
    }

    #[test]
    fn only_a_page_says_that_an_operation_is_not_there() {
        let is_page = |status, kind, body| is_not_implemented_page(&answer(status, kind, body));
        assert!(is_page(500, "text/html; charset=utf-8", "<h1>Internal Server Error</h1>"));
        assert!(is_page(404, "text/html", "<h1>Not Found</h1>"));
        assert!(!is_page(404, "text/html", ""), "the answer to HEAD for a missing bucket");
        assert!(!is_page(503, "text/html", "<h1>Service Unavailable</h1>"), "a proxy may be back soon");
        assert!(!is_page(500, "application/x-amz-json-1.1", "{}"));
    }
}
