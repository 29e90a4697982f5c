//! `scp-cases/1`: organizations with their policies, and requests, in one file. Every policy is read once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use trailwarden_policy::{
    AttachedPolicy, Chain, ChainNode, Context, Document, Kind, Principal, Request, Unbound, Values,
};

/// The format that is read.
pub(super) const FORMAT: &str = "scp-cases/1";

/// The file. What it holds besides is not needed for a verdict.
#[derive(Deserialize)]
pub(super) struct CaseFile {
    policies: BTreeMap<String, Policy>,
    organizations: BTreeMap<String, Organization>,
    /// The cases in order.
    pub(super) cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Policy {
    #[serde(default)]
    name: String,
    /// As stored, so that places and repeated members stay what they are.
    document: Option<Box<RawValue>>,
    /// Why AWS refuses it; such a policy is attached nowhere.
    malformed: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Organization {
    id: String,
    management_account: String,
    root: Node,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    #[serde(default)]
    policies: Vec<String>,
    #[serde(default)]
    children: Vec<Node>,
}

/// One case.
#[derive(Deserialize)]
pub(super) struct Case {
    /// Its id.
    pub(super) id: String,
    /// What it is about, in one word.
    #[serde(default)]
    pub(super) category: String,
    organization: String,
    request: CaseRequest,
    /// The verdict it ought to have.
    pub(super) expected: Option<String>,
}

#[derive(Deserialize)]
struct CaseRequest {
    principal: String,
    action: String,
    resource: String,
    #[serde(default)]
    context: BTreeMap<String, serde_json::Value>,
}

/// The accounts of every organization with the nodes above them.
pub(super) struct Organizations<'a> {
    file: &'a CaseFile,
    nodes: HashMap<&'a str, HashMap<&'a str, Vec<Arc<ChainNode>>>>,
}

impl<'a> Organizations<'a> {
    /// Reads every policy and walks every tree. The error names what the file refers to and does not hold.
    pub(super) fn new(file: &'a CaseFile) -> Result<Self, String> {
        let in_force = file.policies.iter().filter(|(_, policy)| policy.malformed.is_none());
        let policies: HashMap<&str, Arc<AttachedPolicy>> =
            in_force.map(|(id, policy)| (id.as_str(), Arc::new(policy.attached(id)))).collect();
        let mut nodes = HashMap::new();
        for (key, organization) in &file.organizations {
            let mut accounts = HashMap::new();
            walk(file, &policies, &organization.root, &[], &mut accounts)
                .map_err(|reason| format!("organization {key:?}: {reason}"))?;
            nodes.insert(key.as_str(), accounts);
        }
        Ok(Self { file, nodes })
    }

    /// The policies that bind the caller of a case.
    pub(super) fn chain(&self, case: &Case, request: &Request) -> Result<Chain, String> {
        let key = case.organization.as_str();
        let (Some(organization), Some(accounts)) = (self.file.organizations.get(key), self.nodes.get(key)) else {
            return Err(format!("case {:?} is about organization {key:?}, which the file does not hold", case.id));
        };
        let account = request.principal.account().unwrap_or_default();
        let nodes = accounts.get(account);
        let unbound = match nodes {
            _ if account == organization.management_account => Some(Unbound::ManagementAccount),
            None => Some(Unbound::OtherAccount),
            Some(_) => None,
        };
        Ok(Chain {
            account: account.to_owned(),
            organization: Some(organization.id.clone()),
            unbound,
            nodes: nodes.cloned().unwrap_or_default(),
        })
    }
}

/// Notes the way down to every account; what stands at the end of a way is an account or an empty OU.
fn walk<'a>(
    file: &CaseFile,
    policies: &HashMap<&str, Arc<AttachedPolicy>>,
    node: &'a Node,
    above: &[Arc<ChainNode>],
    accounts: &mut HashMap<&'a str, Vec<Arc<ChainNode>>>,
) -> Result<(), String> {
    let unknown = node.policies.iter().find(|id| !file.policies.contains_key(*id));
    if let Some(id) = unknown {
        return Err(format!("{} has policy {id:?} attached, which the file does not hold", node.id));
    }
    let attached = node.policies.iter().filter_map(|id| policies.get(id.as_str()).cloned()).collect();
    let mut path = above.to_vec();
    path.push(Arc::new(ChainNode {
        id: node.id.clone(),
        kind: Kind::ServiceControl,
        policies: attached,
        gaps: Vec::new(),
    }));
    if node.children.is_empty() {
        accounts.insert(&node.id, path);
        return Ok(());
    }
    node.children.iter().try_for_each(|child| walk(file, policies, child, &path, accounts))
}

impl Policy {
    fn attached(&self, id: &str) -> AttachedPolicy {
        let text = self.document.as_ref().map_or("null", |document| document.get());
        AttachedPolicy {
            id: id.to_owned(),
            name: self.name.clone(),
            document: Document::parse(Kind::ServiceControl, text),
        }
    }
}

impl Case {
    /// The request of the case. A context that is not understood is told.
    pub(super) fn request(&self) -> Result<Request, String> {
        let CaseRequest { principal, action, resource, context } = &self.request;
        let mut complete = Context::new();
        for (key, value) in context {
            let values = values(value).ok_or_else(|| {
                format!("case {:?}: the value of {key} is neither a text nor a list of texts", self.id)
            })?;
            complete.set(key, values);
        }
        let principal = match principal.starts_with("arn:") {
            true => Principal::Aws(principal.clone()),
            false => Principal::Service(principal.clone()),
        };
        Ok(Request { principal, action: action.clone(), resource: resource.clone(), context: complete })
    }
}

fn values(value: &serde_json::Value) -> Option<Values> {
    match value {
        serde_json::Value::Array(many) => many.iter().map(text).collect::<Option<_>>().map(Values::Many),
        one => text(one).map(Values::One),
    }
}

/// A value as AWS compares it: numbers and truths are texts too.
fn text(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}
