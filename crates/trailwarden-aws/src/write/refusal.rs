//! From an SDK error to a refusal: what the call may have changed although it was not answered with success.

use std::io;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use trailwarden_apply::{Certainty, Refusal};
use trailwarden_model::observed::{Gap, GapKind};

use crate::gap::describe;
use crate::shape::Invalid;

/// A code that reads get for calling too fast. KMS and CloudWatch Logs refuse for good with it where a quota is full, and
/// tell those who call too fast otherwise.
const QUOTA: &str = "LimitExceededException";

/// The refusal of a call that was sent, or should have been.
pub(crate) fn refusal<E>(error: &SdkError<E, HttpResponse>) -> Refusal
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let (kind, code, reason) = describe(error);
    let certainty = match error {
        SdkError::ConstructionFailure(_) => Certainty::NothingChanged,
        SdkError::DispatchFailure(_) if was_refused(error) => Certainty::NothingChanged,
        SdkError::ServiceError(service) => certainty(kind, &code, service.raw().status().as_u16()),
        _ => Certainty::InDoubt,
    };
    Refusal { code, reason, certainty }
}

/// What an error that AWS answered says. A status of 400 and above but below 500 is the caller's fault, found before anything
/// was done; a redirect says where to ask instead.
fn certainty(kind: GapKind, code: &str, status: u16) -> Certainty {
    match (kind, status) {
        (GapKind::Throttled, _) if code != QUOTA => Certainty::Throttled,
        (GapKind::Connection, _) => Certainty::InDoubt,
        (_, 300..=499 | 501) => Certainty::NothingChanged,
        _ => Certainty::InDoubt,
    }
}

/// True when the other side would not even talk: the only failure of a connection that surely came before the request.
fn was_refused(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |cause| cause.source());
    causes.any(|cause| {
        let io = cause.downcast_ref::<io::Error>();
        io.is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    })
}

/// The refusal of a call whose account cannot be entered.
pub(crate) fn not_entered(gap: Gap) -> Refusal {
    let certainty = match gap.kind {
        GapKind::Throttled => Certainty::Throttled,
        _ => Certainty::NothingChanged,
    };
    Refusal { code: gap.code, reason: format!("{}: {}", gap.call, gap.reason), certainty }
}

/// An input that the SDK has no place for is never sent in part.
impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Self {
        let certainty = Certainty::NothingChanged;
        Self { code: "InvalidInput".to_owned(), reason: invalid.to_string(), certainty }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudtrail::operation::start_logging::StartLoggingError;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    fn answered(status: u16, code: Option<&str>) -> Refusal {
        let mut error = ErrorMetadata::builder().message("because");
        if let Some(code) = code {
            error = error.code(code);
        }
        let raw = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
        refusal(&SdkError::service_error(StartLoggingError::generic(error.build()), raw))
    }

    fn failed(error: SdkError<StartLoggingError, HttpResponse>) -> Certainty {
        refusal(&error).certainty
    }

    #[test]
    fn an_error_with_a_code_says_whether_anything_was_changed() {
        let cases = [
            (400, "TrailNotFoundException", Certainty::NothingChanged),
            (403, "AccessDenied", Certainty::NothingChanged),
            (409, "EntityAlreadyExists", Certainty::NothingChanged),
            (301, "PermanentRedirect", Certainty::NothingChanged),
            (400, "LimitExceededException", Certainty::NothingChanged),
            (400, "ThrottlingException", Certainty::Throttled),
            (429, "TooManyRequestsException", Certainty::Throttled),
            (503, "SlowDown", Certainty::Throttled),
            (500, "InternalFailure", Certainty::InDoubt),
            (503, "ServiceUnavailable", Certainty::InDoubt),
            (400, "RequestTimeout", Certainty::InDoubt),
        ];
        for (status, code, certainty) in cases {
            let refusal = answered(status, Some(code));
            assert_eq!((refusal.certainty, refusal.code.as_str()), (certainty, code));
            assert_eq!(refusal.reason, "because");
        }
    }

    #[test]
    fn an_answer_without_form_leaves_the_change_in_doubt() {
        assert_eq!(answered(200, None).certainty, Certainty::InDoubt);
        assert_eq!(answered(502, None).certainty, Certainty::InDoubt);
        let raw = HttpResponse::new(200.try_into().unwrap(), SdkBody::empty());
        assert_eq!(failed(SdkError::response_error("cut off", raw)), Certainty::InDoubt);
    }

    #[test]
    fn only_a_refused_connection_is_sure_to_have_carried_nothing() {
        let io = |kind| ConnectorError::io(io::Error::new(kind, "gone").into());
        let failure = |kind| failed(SdkError::dispatch_failure(io(kind)));
        assert_eq!(failure(io::ErrorKind::ConnectionRefused), Certainty::NothingChanged);
        assert_eq!(failure(io::ErrorKind::ConnectionReset), Certainty::InDoubt);
        assert_eq!(failed(SdkError::timeout_error("slow")), Certainty::InDoubt);
        assert_eq!(failed(SdkError::construction_failure("no bucket")), Certainty::NothingChanged);
    }

    #[test]
    fn an_account_that_cannot_be_entered_was_not_changed() {
        let gap = Gap {
            kind: GapKind::AccountNotEntered,
            call: "sts:AssumeRole".to_owned(),
            account: None,
            region: None,
            code: "AccessDenied".to_owned(),
            reason: "no trust".to_owned(),
        };
        let throttled = not_entered(Gap { kind: GapKind::Throttled, ..gap.clone() });
        assert_eq!(throttled.certainty, Certainty::Throttled);
        let refused = not_entered(gap);
        assert_eq!(refused.to_string(), "AccessDenied: sts:AssumeRole: no trust");
        assert_eq!(refused.certainty, Certainty::NothingChanged);
    }
}
