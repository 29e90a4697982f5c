//! Who made a past call, as its record names them.

use std::fmt;

use trailwarden_model::history::PastEvent;

/// Who made a call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caller {
    /// A role, user or root user, by its ARN: for a session the role behind it.
    Identity(String),
    /// An AWS service of its own accord. What a service does for an identity is the identity's doing.
    Service(String),
    /// The record names nobody.
    Unnamed,
}

impl Caller {
    /// The identity behind an ARN: for a session its role, of which the ARN tells no path.
    pub fn behind(arn: &str) -> Self {
        Self::Identity(identity(arn))
    }

    pub(super) fn of(event: &PastEvent) -> Self {
        match (&event.session_issuer, &event.principal, &event.invoked_by) {
            (Some(issuer), ..) => Self::Identity(issuer.clone()),
            (None, Some(arn), _) => Self::Identity(identity(arn)),
            (None, None, Some(service)) => Self::Service(service.clone()),
            (None, None, None) => Self::Unnamed,
        }
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity(name) | Self::Service(name) => f.write_str(name),
            Self::Unnamed => f.write_str("somebody whom the record does not name"),
        }
    }
}

/// The role of a session whose record names no issuer; its path is lost. Other ARNs stay as they are.
fn identity(arn: &str) -> String {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let session = match parts.as_slice() {
        ["arn", partition, "sts", _, account, resource] => {
            resource.strip_prefix("assumed-role/").map(|session| (partition, account, session))
        }
        _ => None,
    };
    session.map_or_else(
        || arn.to_owned(),
        |(partition, account, session)| {
            let role = session.split('/').next().unwrap_or_default();
            format!("arn:{partition}:iam::{account}:role/{role}")
        },
    )
}
