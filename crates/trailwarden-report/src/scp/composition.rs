//! Composed policies: `trailwarden.scp-composition/1`, and in words where each belongs, what was proved and what was left out.

use std::collections::BTreeMap;

use serde::Serialize;
use trailwarden_model::finding::Outcome;
use trailwarden_model::organization::Organization;
use trailwarden_policy::{Attachment, ComposedPolicy, Composition, Guarded, Limits};

use super::{Page, View};
use crate::ReportError;
use crate::names::Names;
use crate::paint::{count, join_and};

/// The format written by [`render_json`].
pub const FORMAT: &str = "trailwarden.scp-composition/1";

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
        let ComposedPolicy { name, attach_to, text, .. } = policy;
        let node = node(organization, attach_to);
        let attach_to_name = names.node_name(node);
        PolicyJson { name, attach_to: node, attach_to_name, characters: text.chars().count(), document: text }
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
        let size = format!("{} of {} characters", policy.characters(), limits.characters);
        text.push_str(&page.line(0, &format!("{}  attach to {at}  {size}", page.paint.bold(&policy.name))));
    }
    let proved = match set.policies.len() {
        0 => "the profile has nothing to guard here: no policy was composed".to_owned(),
        _ => format!(
            "proved: with FullAWSAccess beside them, these policies deny {} to {}",
            count(set.n_proved, "call"),
            whom(guarded)
        ),
    };
    text.push_str(&page.line(0, &format!("{} {proved}", page.paint.outcome(Outcome::Pass, "✓"))));
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

fn whom(guarded: &Guarded) -> String {
    match guarded.exceptions.len() {
        0 => "everybody, since no exceptions are declared".to_owned(),
        _ => {
            let exceptions: Vec<String> = guarded.exceptions.iter().cloned().collect();
            format!("everybody but the declared exceptions, whom they spare: {}", join_and(&exceptions))
        }
    }
}
