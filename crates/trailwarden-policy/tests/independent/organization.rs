//! A case as JSON, which every oracle can read: the nodes of one path with their policies, and requests. And what the engine
//! says about it.

use std::sync::Arc;

use serde_json::Value;
use trailwarden_policy::{
    AttachedPolicy, Chain, ChainNode, ChainVerdict, Context, Document, Kind, Principal, Request, Values,
};

pub const ACCOUNT: &str = "111122223333";

/// The chain of `{"nodes": [{"id", "policies": [{"name", "policy"}]}]}`.
pub fn chain(case: &Value) -> Chain {
    let nodes = array(&case["nodes"]).iter().map(|node| {
        let policies = array(&node["policies"]).iter().map(|policy| {
            let document = Document::parse(Kind::ServiceControl, &policy["policy"].to_string());
            Arc::new(AttachedPolicy { id: text(&policy["name"]), name: text(&policy["name"]), document })
        });
        Arc::new(ChainNode {
            id: text(&node["id"]),
            policies: policies.collect(),
            gaps: Vec::new(),
            kind: Kind::ServiceControl,
        })
    });
    Chain { account: ACCOUNT.to_owned(), organization: None, unbound: None, nodes: nodes.collect() }
}

/// The request of `{"principal", "action", "resource", "context"}`.
pub fn request(value: &Value) -> Request {
    let mut context = Context::new();
    for (key, value) in value["context"].as_object().expect("a context") {
        match value {
            Value::Array(values) => context.set(key, Values::Many(values.iter().map(text).collect())),
            value => context.set(key, text(value)),
        }
    }
    Request {
        principal: Principal::Aws(text(&value["principal"])),
        action: text(&value["action"]),
        resource: text(&value["resource"]),
        context,
    }
}

/// What the engine says, in one word, and why when it cannot tell.
pub fn verdict(chain: &Chain, request: &Request) -> String {
    let refused = chain.nodes.iter().flat_map(|node| &node.policies).find_map(|policy| policy.document.as_ref().err());
    if let Some(refused) = refused {
        return format!("refused: {refused}");
    }
    match chain.evaluate(request) {
        ChainVerdict::NotBound(_) | ChainVerdict::Allowed(_) => "allowed".to_owned(),
        ChainVerdict::ExplicitDeny(_) => "explicitDeny".to_owned(),
        ChainVerdict::ImplicitDeny { .. } => "implicitDeny".to_owned(),
        ChainVerdict::Undecided(reason) => format!("undecided: {reason}"),
    }
}

pub fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The items of a list, or the one thing itself.
pub fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
