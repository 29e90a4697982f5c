//! Failures that leave nothing to audit. Everything else is a gap in the snapshot.

use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::{Gap, GapKind};

/// Why no snapshot could be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CollectError {
    /// The credential chain found nothing, or failed.
    #[error("no credentials found; the last place asked said: {0}")]
    NoCredentials(String),
    /// The profile that the caller named does not exist, or holds no credentials.
    #[error("profile {profile:?} gives no credentials: {reason}")]
    Profile {
        /// Its name.
        profile: String,
        /// What the configuration files lack.
        reason: String,
    },
    /// AWS does not know the credentials, or the signature is wrong.
    #[error("credentials refused by AWS: {code}: {reason}")]
    CredentialsRefused {
        /// AWS's error code.
        code: String,
        /// AWS's message.
        reason: String,
    },
    /// The session behind the credentials is over.
    #[error("credentials expired: {code}: {reason}")]
    CredentialsExpired {
        /// AWS's error code.
        code: String,
        /// AWS's message.
        reason: String,
    },
    /// Nothing answered.
    #[error("endpoint unreachable while calling {call}: {reason}")]
    Unreachable {
        /// The operation that found no endpoint.
        call: String,
        /// What the network said.
        reason: String,
    },
    /// The caller's ARN names a partition we do not know.
    #[error("partition {0:?} of the caller's ARN is not supported")]
    UnknownPartition(String),
    /// The caller's account is in no organization.
    #[error("account {0} is not in an organization")]
    NoOrganization(AccountId),
    /// The caller is a plain member, or lacks the permission.
    #[error("account {caller} may not list the accounts of organization {organization}: {reason}")]
    NotAllowedToListAccounts {
        /// The account of the credentials.
        caller: AccountId,
        /// `o-…`.
        organization: String,
        /// The account that may.
        management_account: AccountId,
        /// AWS's message.
        reason: String,
    },
    /// A filter names an account that the organization does not have.
    #[error("account {account} is not in organization {organization}")]
    UnknownAccount {
        /// The account of the filter.
        account: AccountId,
        /// `o-…`.
        organization: String,
    },
    /// A filter names an OU that the organization does not have.
    #[error("organizational unit {unit:?} is not in organization {organization}")]
    UnknownUnit {
        /// The OU of the filter, as given.
        unit: String,
        /// `o-…`.
        organization: String,
    },
    /// The bucket with log files that was named cannot be read.
    #[error("log files in bucket {bucket}: {reason}")]
    LogBucket {
        /// Its name.
        bucket: String,
        /// Why.
        reason: String,
    },
    /// A filter names a region that no account in scope has enabled.
    #[error("region {0} is enabled in no account in scope")]
    UnknownRegion(Region),
    /// The filters leave no account.
    #[error("no active account is left after the filters")]
    NothingInScope,
    /// A read without which nothing can be audited failed for another reason.
    #[error("cannot go on without {0}")]
    Essential(Gap),
}

impl CollectError {
    /// The error of a failed read that the run cannot do without.
    pub(crate) fn essential(gap: Gap) -> Self {
        let Gap { code, reason, .. } = gap.clone();
        match (gap.code.as_str(), gap.kind) {
            ("ExpiredToken" | "ExpiredTokenException" | "RequestExpired", _) => {
                Self::CredentialsExpired { code, reason }
            }
            (
                "InvalidClientTokenId"
                | "UnrecognizedClientException"
                | "SignatureDoesNotMatch"
                | "InvalidSignatureException"
                | "IncompleteSignature"
                | "InvalidAccessKeyId"
                | "MissingAuthenticationToken"
                | "AuthFailure",
                _,
            ) => Self::CredentialsRefused { code, reason },
            (_, GapKind::Connection) => Self::Unreachable { call: gap.call, reason },
            _ => Self::Essential(gap),
        }
    }

    /// What a person can do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoCredentials(_) => {
                "set AWS_PROFILE or --profile (--aws-profile beside a profile of policies), sign in with `aws sso login`, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            }
            Self::Profile { .. } => "`aws configure list-profiles` lists the profiles; check the name, or sign in",
            Self::CredentialsRefused { .. } => {
                "check that key and secret belong together and, outside the partition aws, that a region of the right partition is set"
            }
            Self::CredentialsExpired { .. } => "sign in again, for example with `aws sso login`",
            Self::Unreachable { .. } => "check the network, the proxy, the region's name and AWS_ENDPOINT_URL",
            Self::UnknownPartition(_) => "supported are aws, aws-cn, aws-us-gov and aws-eusc",
            Self::NoOrganization(_) => {
                "use credentials of the management account or of a delegated administrator of an organization"
            }
            Self::NotAllowedToListAccounts { management_account, .. } => {
                return Some(format!(
                    "use credentials of the management account {management_account} or of a delegated administrator, with organizations:ListAccounts"
                ));
            }
            Self::UnknownAccount { .. } => "list the accounts with `aws organizations list-accounts`",
            Self::UnknownUnit { .. } => "name an OU by its id (ou-…) or by its exact name",
            Self::LogBucket { .. } => {
                "name a bucket as s3://BUCKET[/PREFIX]; what the role in its account needs is in policies/roles/log-reader.json"
            }
            Self::UnknownRegion(_) => "check the spelling, or enable the region in the accounts that use it",
            Self::NothingInScope => {
                "suspended and closed accounts are not audited; drop an --exclude-account or widen --account and --ou"
            }
            Self::Essential(Gap { kind: GapKind::AccessDenied, .. }) => {
                "the permissions that a run needs are listed in policies/roles/audit.json"
            }
            Self::Essential(_) => return None,
        };
        Some(hint.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(kind: GapKind, code: &str) -> Gap {
        Gap {
            kind,
            call: "sts:GetCallerIdentity".to_owned(),
            account: None,
            region: None,
            code: code.to_owned(),
            reason: "because".to_owned(),
        }
    }

    #[test]
    fn wrong_expired_and_unreachable_are_told_apart() {
        let of = |kind, code| CollectError::essential(gap(kind, code));
        let wrong = of(GapKind::RegionDisabled, "InvalidClientTokenId");
        let expired = of(GapKind::AccessDenied, "ExpiredToken");
        let unreachable = of(GapKind::Connection, "ConnectionFailed");
        assert!(matches!(wrong, CollectError::CredentialsRefused { .. }));
        assert!(matches!(expired, CollectError::CredentialsExpired { .. }));
        assert_eq!(unreachable.to_string(), "endpoint unreachable while calling sts:GetCallerIdentity: because");
        assert!([wrong, expired, unreachable].iter().all(|error| error.hint().is_some()));
    }
}
