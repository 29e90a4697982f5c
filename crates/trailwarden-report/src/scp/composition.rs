//! Composed policies: `trailwarden.scp-composition/1.1`, and in words where each belongs, what was proved and what was left out.

use std::collections::BTreeMap;

use serde::Serialize;
use trailwarden_model::finding::Outcome;
use trailwarden_model::organization::{Organization, RESOURCE_CONTROL_POLICY};
use trailwarden_policy::{Attachment, ComposedPolicy, Composition, Guarded, Kind, Limits};

use super::{Page, View};
use crate::ReportError;
use crate::names::Names;
use crate::paint::{count, join_and};

/// The format written by [`render_json`]. Since 1.1 each policy has a kind; before, all were SCPs.
pub const FORMAT: &str = "trailwarden.scp-composition/1.1";

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    profile: &'static str,
    organization: &'a str,
    policies: Vec<PolicyJson<'a>>,
    n_proved: usize,
    left_out: Vec<LeftOutJson<'a>>,
}

#[derive(Serialize)]
struct PolicyJson<'a> {
    /// `scp` or `rcp`.
    kind: &'static str,
    name: &'a str,
    attach_to: &'a str,
    attach_to_name: Option<&'a str>,
    characters: usize,
    /// The document as it should be sent, as text.
    document: &'a str,
}

#[derive(Serialize)]
struct LeftOutJson<'a> {
    resource: &'a str,
    reason: &'a str,
}

/// Renders the policies as pretty-printed JSON with a newline at the end.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn render_json<'a>(organization: &'a Organization, set: &'a Composition) -> Result<String, ReportError> {
    let names = Names { organization };
    let policy = |policy: &'a ComposedPolicy| {
        let ComposedPolicy { kind, name, attach_to, text } = policy;
        let kind = if *kind == Kind::ResourceControl { "rcp" } else { "scp" };
        let node = node(organization, attach_to);
        let attach_to_name = names.node_name(node);
        PolicyJson { kind, name, attach_to: node, attach_to_name, characters: text.chars().count(), document: text }
    };
    let document = Document {
        format: FORMAT,
        profile: set.profile.as_str(),
        organization: &organization.id,
        policies: set.policies.iter().map(policy).collect(),
        n_proved: set.n_proved,
        left_out: set
            .left_out
            .iter()
            .map(|left| LeftOutJson { resource: &left.resource, reason: &left.reason })
            .collect(),
    };
    crate::json::write(FORMAT, &document)
}

fn node<'a>(organization: &'a Organization, attach_to: &'a Attachment) -> &'a str {
    match attach_to {
        Attachment::Root => organization.root.known().map_or("the root", |root| root.id.as_str()),
        Attachment::Account(account) => account.as_str(),
    }
}

/// Renders for people what is to be done with the policies, ending in a newline.
pub fn render(
    organization: &Organization,
    set: &Composition,
    guarded: &Guarded,
    limits: Limits,
    view: &View<'_>,
) -> String {
    let page = Page::new(view);
    let names = Names { organization };
    let mut text = view.notice.map(|notice| page.line(0, &format!("! {notice}"))).unwrap_or_default();
    for policy in &set.policies {
        let at = match &policy.attach_to {
            Attachment::Root => names.node(node(organization, &policy.attach_to)),
            Attachment::Account(account) => names.node(account.as_str()),
        };
        let size = format!("{} of {} characters", policy.characters(), limits.characters_of(policy.kind));
        let kind = if policy.kind == Kind::ResourceControl { "  resource control policy" } else { "" };
        text.push_str(&page.line(0, &format!("{}  attach to {at}  {size}{kind}", page.paint.bold(&policy.name))));
    }
    for proved in proved(set, guarded) {
        text.push_str(&page.line(0, &format!("{} {proved}", page.paint.outcome(Outcome::Pass, "✓"))));
    }
    if has_resource_controls(set) && lacks_resource_controls(organization) {
        let first =
            "! first enable the policy type RESOURCE_CONTROL_POLICY: until then no resource control policy is in force";
        text.push_str(&page.line(0, first));
    }
    let mut left_out: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for left in &set.left_out {
        let account = left.resource.strip_prefix("account ");
        let resource = account.map_or_else(|| left.resource.clone(), |account| names.node(account));
        left_out.entry(&left.reason).or_default().push(resource);
    }
    for (reason, resources) in left_out {
        let what = page.paint.outcome(Outcome::Unknown, "! left out");
        text.push_str(&page.line(0, &format!("{what}  {}: {reason}", resources.join(", "))));
    }
    text
}

/// What was proved of the SCPs, and what of the RCPs.
fn proved(set: &Composition, guarded: &Guarded) -> Vec<String> {
    if set.policies.is_empty() {
        return vec!["the profile has nothing to guard here: no policy was composed".to_owned()];
    }
    let calls = count(set.n_proved, "call");
    let mut proved =
        vec![format!("proved: with FullAWSAccess beside them, these policies deny {calls} to {}", whom(guarded))];
    if has_resource_controls(set) {
        proved.push(format!(
            "proved: whatever is attached beside them, the resource control policies deny every call on the log buckets and \
             trail keys they name to whoever is outside {}, and to AWS services that act for an account outside; they stop \
             neither members nor CloudTrail's own delivery",
            guarded.organization
        ));
    }
    proved
}

fn has_resource_controls(set: &Composition) -> bool {
    set.policies.iter().any(|policy| policy.kind == Kind::ResourceControl)
}

/// True when it is known that the policy type is not enabled.
fn lacks_resource_controls(organization: &Organization) -> bool {
    organization.root.known().is_some_and(|root| !root.enabled_policy_types.contains(RESOURCE_CONTROL_POLICY))
}

fn whom(guarded: &Guarded) -> String {
    match guarded.exceptions.len() {
        0 => "everybody, since no exceptions are declared".to_owned(),
        _ => {
            let exceptions: Vec<String> = guarded.exceptions.iter().cloned().collect();
            format!("everybody but the declared exceptions, whom they spare: {}", join_and(&exceptions))
        }
    }
}
