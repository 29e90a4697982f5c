//! From an SDK error to a gap: which class of failure, which code, one sentence for people.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::{Gap, GapKind};

use crate::catalog::Read;
use crate::retry::is_not_implemented_page;

/// The longest reason that reaches a report, in characters. Refusals name the kind of policy that refused at their end.
const REASON_MAX: usize = 400;

/// A read that failed: its gap, and what S3 says in the head of an error.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    /// What stands where the fact should be.
    pub(crate) gap: Gap,
    /// The HTTP status, when an answer came.
    pub(crate) status: Option<u16>,
    /// `x-amz-bucket-region`, which S3 sends with errors too.
    pub(crate) bucket_region: Option<Region>,
}

impl Failure {
    /// The failure of `read`, made in `account` and `region`.
    pub(crate) fn new<E>(read: &Read, account: &AccountId, region: &Region, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let raw = error.raw_response();
        let header = raw.and_then(|raw| raw.headers().get("x-amz-bucket-region"));
        let (kind, code, reason) = describe(error);
        Self {
            gap: Gap {
                kind,
                call: read.operation.to_owned(),
                account: Some(account.clone()),
                region: Some(region.clone()).filter(|_| !read.is_global),
                code,
                reason,
            },
            status: raw.map(|raw| raw.status().as_u16()),
            bucket_region: header.and_then(|region| region.parse().ok()),
        }
    }

    /// AWS's error code, or our own word.
    pub(crate) fn code(&self) -> &str {
        &self.gap.code
    }
}

impl From<Failure> for Gap {
    fn from(failure: Failure) -> Self {
        failure.gap
    }
}

/// An answer whose content is not what the API promises.
pub(crate) fn unexpected(read: &Read, account: &AccountId, region: &Region, reason: &str) -> Failure {
    let gap = Gap {
        kind: GapKind::Unexpected,
        call: read.operation.to_owned(),
        account: Some(account.clone()),
        region: Some(region.clone()).filter(|_| !read.is_global),
        code: "UnexpectedAnswer".to_owned(),
        reason: one_sentence(reason),
    };
    Failure { gap, status: None, bucket_region: None }
}

/// The class of an error, its code, and one sentence of what it says.
pub(crate) fn describe<E>(error: &SdkError<E, HttpResponse>) -> (GapKind, String, String)
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    if error.raw_response().is_some_and(is_not_implemented_page) {
        let reason = "the endpoint does not implement this operation";
        return (GapKind::NotImplemented, "NotImplemented".to_owned(), reason.to_owned());
    }
    let chain = || DisplayErrorContext(error).to_string();
    let (kind, code, reason) = match error {
        SdkError::TimeoutError(_) => {
            (GapKind::Connection, "Timeout".to_owned(), "no answer within the time limit".to_owned())
        }
        SdkError::DispatchFailure(failure) => {
            let code = if failure.is_timeout() { "Timeout" } else { "ConnectionFailed" };
            (GapKind::Connection, code.to_owned(), root_cause(error))
        }
        // An error under a good status: the answer was there and could not be read.
        SdkError::ServiceError(service) if service.raw().status().is_success() => unreadable(),
        SdkError::ServiceError(service) => {
            let status = service.raw().status().as_u16();
            let code = service.err().code().map_or_else(|| format!("Http{status}"), str::to_owned);
            let message = service.err().message().filter(|text| !text.is_empty());
            let reason = message.map_or_else(|| format!("HTTP status {status} without a message"), str::to_owned);
            (kind_of(&code, status), code, reason)
        }
        SdkError::ResponseError(_) => unreadable(),
        _ => (GapKind::Unexpected, "RequestNotSent".to_owned(), chain()),
    };
    (kind, code, one_sentence(&reason))
}

fn unreadable() -> (GapKind, String, String) {
    let reason = "the answer does not have the form that the API promises";
    (GapKind::Unexpected, "UnreadableAnswer".to_owned(), reason.to_owned())
}

/// The class of an error code.
///
/// Source: the fact that reads do not model these codes, so that only the code string tells; the service pages and botocore
/// name them per service.
pub(crate) fn kind_of(code: &str, status: u16) -> GapKind {
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "AuthorizationError"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "MethodNotAllowed"
        | "Http403" => GapKind::AccessDenied,
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "Throttled"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "ProvisionedThroughputExceededException"
        | "BandwidthLimitExceeded"
        | "LimitExceededException"
        | "PriorRequestNotComplete"
        | "SlowDown"
        | "Http429" => GapKind::Throttled,
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "AuthFailure"
        | "RegionDisabledException"
        | "OptInRequired"
        | "IllegalLocationConstraintException" => GapKind::RegionDisabled,
        "TrailNotFoundException"
        | "CloudTrailARNInvalidException"
        | "UnsupportedOperationException"
        | "OperationNotPermittedException" => GapKind::NotVisible,
        "NotImplemented" | "UnknownOperationException" | "InvalidAction" | "Http501" => GapKind::NotImplemented,
        "RequestTimeout" | "RequestTimeoutException" => GapKind::Connection,
        _ if code.contains("AccessDenied") => GapKind::AccessDenied,
        _ if status == 501 => GapKind::NotImplemented,
        _ => GapKind::Unexpected,
    }
}

pub(crate) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// The first line of a message, without request ids, cut to a length that a report can show.
fn one_sentence(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let lower = line.to_ascii_lowercase();
    let markers = ["request id", "requestid", "request-id", "encoded authorization failure"];
    let end = markers.iter().filter_map(|marker| lower.find(marker)).min().unwrap_or(line.len());
    let kept = line.get(..end).unwrap_or(line).trim_end_matches([' ', '(', '[', ',', ';', ':']);
    match kept.char_indices().nth(REASON_MAX) {
        Some((cut, _)) => format!("{}…", kept.get(..cut).unwrap_or_default()),
        None => kept.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudtrail::operation::describe_trails::DescribeTrailsError;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    const READ: Read = Read::regional("cloudtrail:DescribeTrails", 10);

    fn failure(error: &SdkError<DescribeTrailsError, HttpResponse>) -> Failure {
        Failure::new(&READ, &"111122223333".parse().unwrap(), &"eu-west-1".parse().unwrap(), error)
    }

    fn service_error(status: u16, error: ErrorMetadata) -> SdkError<DescribeTrailsError, HttpResponse> {
        let mut raw = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
        raw.headers_mut().insert("x-amz-bucket-region", "eu-central-1");
        SdkError::service_error(DescribeTrailsError::generic(error), raw)
    }

    #[test]
    fn a_refusal_names_call_place_code_and_reason() {
        let refusal = ErrorMetadata::builder().code("AccessDeniedException").message("not authorized").build();
        let failure = failure(&service_error(400, refusal));
        let text = "cloudtrail:DescribeTrails in 111122223333 eu-west-1: AccessDeniedException: not authorized";
        assert_eq!((failure.gap.to_string().as_str(), failure.gap.kind), (text, GapKind::AccessDenied));
        assert_eq!(failure.bucket_region.map(String::from).as_deref(), Some("eu-central-1"));
    }

    #[test]
    fn an_answer_without_a_code_or_without_form_or_none_at_all_is_told_apart() {
        let bare = failure(&service_error(403, ErrorMetadata::builder().build()));
        assert_eq!((bare.code(), bare.gap.kind, bare.status), ("Http403", GapKind::AccessDenied, Some(403)));
        let unreadable = failure(&service_error(200, ErrorMetadata::builder().build()));
        assert_eq!((unreadable.code(), unreadable.gap.kind), ("UnreadableAnswer", GapKind::Unexpected));
        let refused = failure(&SdkError::dispatch_failure(ConnectorError::io("connection refused".into())));
        assert_eq!((refused.code(), refused.gap.kind), ("ConnectionFailed", GapKind::Connection));
        let slow = failure(&SdkError::timeout_error("too slow"));
        assert_eq!((slow.code(), slow.gap.kind), ("Timeout", GapKind::Connection));
    }

    #[test]
    fn codes_of_each_service_find_their_class() {
        let cases = [
            ("AccessDeniedException", 400, GapKind::AccessDenied),
            ("AccessDenied", 403, GapKind::AccessDenied),
            ("KMSAccessDenied.Fault", 400, GapKind::AccessDenied),
            ("TooManyRequestsException", 429, GapKind::Throttled),
            ("SlowDown", 503, GapKind::Throttled),
            ("UnrecognizedClientException", 400, GapKind::RegionDisabled),
            ("TrailNotFoundException", 400, GapKind::NotVisible),
            ("CloudTrailARNInvalidException", 400, GapKind::NotVisible),
            ("UnknownOperationException", 404, GapKind::NotImplemented),
            ("SomethingNew", 501, GapKind::NotImplemented),
            ("SomethingNew", 400, GapKind::Unexpected),
        ];
        for (code, status, kind) in cases {
            assert_eq!(kind_of(code, status), kind, "{code}");
        }
    }

    #[test]
    fn a_reason_is_one_line_without_request_ids() {
        assert_eq!(one_sentence("Rate exceeded (Request ID: 8e1f)"), "Rate exceeded");
        assert_eq!(one_sentence("first line\nsecond line"), "first line");
        assert_eq!(one_sentence(&"ä".repeat(REASON_MAX + 5)).chars().count(), REASON_MAX + 1);
    }
}
