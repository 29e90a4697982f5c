//! The registry of served services, and what each must define.

use trailwarden_model::ids::AccountId;

use crate::error::AwsError;
use crate::policy::Context;
use crate::reply::Reply;
use crate::request::{Http, Request};
use crate::world::World;

pub mod account;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod config;
pub mod ec2;
pub mod events;
pub mod iam;
pub mod json;
pub mod kms;
pub mod logs;
pub mod organizations;
mod page;
pub mod s3;
pub mod s3control;
pub mod securityhub;
pub mod sns;
pub mod sts;
#[cfg(test)]
mod testing;
pub mod wafv2;

/// The wire format that a service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// AWS JSON 1.1, operation in `X-Amz-Target` after this prefix and a dot.
    Json(&'static str),
    /// Query with XML answers in this namespace.
    Query(&'static str),
    /// Query as EC2 speaks it, with XML answers in this namespace.
    Ec2(&'static str),
    /// A service that once spoke Query alone: RPC v2 with CBOR, JSON 1.0 or Query, as the client does.
    QueryCompatible {
        /// The name of the service in paths and in `X-Amz-Target`.
        target: &'static str,
        /// The namespace of Query's answers.
        namespace: &'static str,
    },
    /// REST with XML. `wrapped` errors stand in `<ErrorResponse>`.
    RestXml {
        /// Whether errors are wrapped (S3 Control) or bare (S3).
        wrapped: bool,
    },
    /// REST with JSON.
    RestJson,
}

/// What is asked of the policies before a handler runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The IAM action, for example `s3:GetLifecycleConfiguration`; empty when no permission is needed.
    pub action: String,
    /// The resource ARN, or `*`.
    pub resource: String,
    /// Further resources that the same action must be allowed on.
    pub also: Vec<String>,
    /// Condition keys of the request beyond the global ones.
    pub context: Context,
    /// The policy on the resource itself, where the service has one.
    pub resource_policy: Option<ResourcePolicy>,
    /// What must be allowed besides, such as passing a role.
    pub besides: Vec<Access>,
    /// The code of a denial, where it is not the service's own.
    pub denied: Option<&'static str>,
}

impl Access {
    /// The action named like the operation, on `*`.
    pub fn any(service: &str, request: &Request) -> Self {
        Self::on(format!("{service}:{}", request.operation), "*")
    }

    /// An action on a resource.
    pub fn on(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            resource: resource.into(),
            also: Vec::new(),
            context: Context::new(),
            resource_policy: None,
            besides: Vec::new(),
            denied: None,
        }
    }

    /// Passing a role to a service.
    pub fn pass_role(role: &str, to: &str) -> Self {
        Self { context: Context::new().with("iam:PassedToService", to), ..Self::on("iam:PassRole", role) }
    }

    /// The same, and more to be allowed besides.
    #[must_use]
    pub fn and(mut self, besides: impl IntoIterator<Item = Access>) -> Self {
        self.besides.extend(besides);
        self
    }

    /// The same, and another action on the same resource when the request asks for what it is about.
    #[must_use]
    pub fn also_when(self, asks: bool, action: &str) -> Self {
        let other = Self { context: self.context.clone(), ..Self::on(action, self.resource.clone()) };
        self.and(asks.then_some(other))
    }
}

/// A policy attached to a resource: bucket policy, key policy, trust policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourcePolicy {
    /// The account that owns the resource.
    pub owner: AccountId,
    /// The document; none when the resource has no policy.
    pub document: Option<String>,
    /// True when the policy must allow even a principal of the owner's own account (KMS keys, role trust).
    pub required: bool,
}

/// One AWS service.
pub struct Definition {
    /// The name in the signature's scope, for example `cloudtrail`; but for CloudWatch (`monitoring`) also in IAM actions.
    pub name: &'static str,
    /// The wire format.
    pub wire: Wire,
    /// The code of a denial: `AccessDeniedException` or `AccessDenied`.
    pub denied: &'static str,
    /// Finds the operation of a REST request; unused by the RPC formats.
    pub route: fn(&Http) -> Option<String>,
    /// What to ask the policies.
    pub access: fn(&Request, &World) -> Access,
    /// Serves the request.
    pub handle: fn(&Request, &mut World) -> Result<Reply, AwsError>,
}

/// A route of the RPC formats, which name their operation themselves.
pub fn no_route(_: &Http) -> Option<String> {
    None
}

/// Every served service.
pub const ALL: &[Definition] = &[
    account::SERVICE,
    cloudtrail::SERVICE,
    cloudwatch::SERVICE,
    events::SERVICE,
    config::SERVICE,
    ec2::SERVICE,
    iam::SERVICE,
    kms::SERVICE,
    logs::SERVICE,
    organizations::SERVICE,
    s3::SERVICE,
    s3control::SERVICE,
    securityhub::SERVICE,
    sns::SERVICE,
    sts::SERVICE,
    wafv2::SERVICE,
];

/// The service of this name in the signature's scope. S3 Control signs as `s3` and is told apart by its path.
pub fn find(signing_name: &str, http: &Http) -> Option<&'static Definition> {
    let name = match signing_name {
        "s3" if http.path.starts_with("/v20180820/") => "s3-control",
        other => other,
    };
    ALL.iter().find(|service| service.name == name)
}
