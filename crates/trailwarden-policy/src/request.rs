//! A request as AWS authorizes it: who, doing what, on what, in which context.

use std::fmt;

use crate::context::{Context, Values};

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// A root user, role, user or session, by ARN.
    Aws(String),
    /// An AWS service, for example `cloudtrail.amazonaws.com`.
    Service(String),
    /// A caller through an identity provider, by the provider's name or ARN.
    Federated(String),
    /// Nobody in particular.
    Anonymous,
}

impl Principal {
    /// The ARN of the caller; for a session the `sts` ARN.
    pub fn arn(&self) -> Option<&str> {
        match self {
            Self::Aws(arn) => Some(arn),
            _ => None,
        }
    }

    /// The ARN of the IAM identity behind the caller: for a session its role, which only `aws:PrincipalArn` tells with the path.
    pub fn identity<'a>(&'a self, context: &'a Context) -> Option<&'a str> {
        let arn = self.arn()?;
        match context.get("aws:PrincipalArn") {
            Some(Values::One(identity)) => Some(identity),
            _ => Some(arn),
        }
    }

    /// The account of the caller.
    pub fn account(&self) -> Option<&str> {
        self.arn()?.split(':').nth(4).filter(|account| !account.is_empty())
    }

    /// True for a service-linked role. Only the path tells: anyone may give a plain role the same name.
    pub fn is_service_linked_role(&self, context: &Context) -> bool {
        let is_linked = |arn: &str| {
            arn.splitn(6, ':').nth(5).is_some_and(|resource| resource.starts_with("role/aws-service-role/"))
        };
        [self.arn(), self.identity(context)].into_iter().flatten().any(is_linked)
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aws(name) | Self::Service(name) | Self::Federated(name) => f.write_str(name),
            Self::Anonymous => f.write_str("anyone"),
        }
    }
}

/// One request. The context is complete: a key that is not listed is absent, and nothing is derived.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// Who calls.
    pub principal: Principal,
    /// `service:Action`, in any case.
    pub action: String,
    /// The ARN that the service authorizes, or `*` for an action without resources.
    pub resource: String,
    /// The condition keys.
    pub context: Context,
}

impl Request {
    /// The account that the ARN of the resource names, when it names one.
    pub(crate) fn resource_account(&self) -> Option<&str> {
        self.resource.split(':').nth(4).filter(|account| !account.is_empty())
    }
}
