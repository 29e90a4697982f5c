//! Declared exceptions that policies deny all the same.

use std::collections::BTreeMap;

use crate::chain::ChainVerdict;
use crate::context::Context;
use crate::pattern::{ArnPattern, Pattern, witness};
use crate::prove::{Call, Question};
use crate::request::{Principal, Request};

/// A call that a declared exception may make, and that is not let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFrom {
    /// The exception, as declared.
    pub exception: String,
    /// One of its principals.
    pub principal: String,
    /// The call.
    pub action: String,
    /// On what.
    pub resource: String,
    /// What keeps it.
    pub by: String,
}

/// The first declared exception of a question that is kept from one of its calls; each action is tried on one resource, since what
/// spares a principal is written once for all.
pub fn kept_from(question: &Question<'_>) -> Option<KeptFrom> {
    let Question { chain, partition, calls, exceptions } = *question;
    let of_account = Pattern::parse(&format!("arn:{partition}:*::{}:?*", chain.account));
    let by_action: BTreeMap<&str, &Call> = calls.iter().map(|call| (call.action.as_str(), call)).collect();
    exceptions.iter().find_map(|exception| {
        let exempt = ArnPattern::parse(exception);
        let principal = witness(&[exempt.widest(), &of_account], &[]).ok().flatten()?;
        by_action.values().find_map(|Call { action, resource }| {
            let request = Request {
                principal: Principal::Aws(principal.clone()),
                action: action.clone(),
                resource: resource.clone(),
                context: Context::new().with("aws:PrincipalArn", principal.as_str()),
            };
            let by = match chain.evaluate(&request) {
                verdict if verdict.lets_through() => return None,
                ChainVerdict::ExplicitDeny(place) => place.to_string(),
                ChainVerdict::ImplicitDeny { node } => format!("nothing at {node} allows it and so"),
                verdict => format!("{verdict:?}"),
            };
            let (action, resource) = (action.clone(), resource.clone());
            Some(KeptFrom { exception: exception.clone(), principal: principal.clone(), action, resource, by })
        })
    })
}
