//! What the policies say about one request: `trailwarden.scp-simulation/1`, and the same in words.

use std::collections::BTreeSet;

use serde::Serialize;
use trailwarden_model::finding::Outcome;
use trailwarden_model::ids::AccountId;
use trailwarden_model::organization::Organization;
use trailwarden_policy::{ChainVerdict, Place, Request, Unbound};

use super::place::{PlaceJson, RequestJson};
use super::{Page, View};
use crate::ReportError;
use crate::names::Names;

/// The format written by [`render_json`].
pub const FORMAT: &str = "trailwarden.scp-simulation/1";

/// One request and what came of it.
#[derive(Debug)]
pub struct Simulation<'a> {
    /// Whose policies.
    pub organization: &'a Organization,
    /// The request as it was put.
    pub request: &'a Request,
    /// Condition keys that were filled in as AWS would.
    pub filled_in: &'a BTreeSet<String>,
    /// The verdict of the service control policies on the caller's path.
    pub service_control: ChainVerdict,
    /// The verdict of the resource control policies on the path of the account that owns the resource, where such policies are
    /// enabled and that account is known.
    pub resource_control: Option<(AccountId, ChainVerdict)>,
}

impl Simulation<'_> {
    /// True when it cannot be told whether the policies let the request through.
    pub fn is_undecided(&self) -> bool {
        let mut verdicts = self.verdicts();
        let is_denied = |verdict: &ChainVerdict| {
            matches!(verdict, ChainVerdict::ExplicitDeny(_) | ChainVerdict::ImplicitDeny { .. })
        };
        !self.verdicts().any(is_denied) && verdicts.any(|verdict| matches!(verdict, ChainVerdict::Undecided(_)))
    }

    fn verdicts(&self) -> impl Iterator<Item = &ChainVerdict> {
        std::iter::once(&self.service_control).chain(self.resource_control.iter().map(|(_, verdict)| verdict))
    }
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    request: RequestJson<'a>,
    filled_in: &'a BTreeSet<String>,
    service_control_policies: VerdictJson<'a>,
    resource_control_policies: Option<VerdictJson<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "verdict", rename_all = "camelCase")]
enum VerdictJson<'a> {
    Allowed { by: Vec<PlaceJson<'a>> },
    ExplicitDeny { by: PlaceJson<'a> },
    ImplicitDeny { node: &'a str, node_name: Option<&'a str> },
    NotBound { reason: String },
    Undecided { reason: &'a str },
}

/// Renders the verdict as pretty-printed JSON with a newline at the end.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn render_json(simulation: &Simulation<'_>) -> Result<String, ReportError> {
    let names = Names { organization: simulation.organization };
    let document = Document {
        format: FORMAT,
        request: RequestJson::new(simulation.request),
        filled_in: simulation.filled_in,
        service_control_policies: verdict_json(
            Speaker::service_control(names, simulation),
            &simulation.service_control,
        ),
        resource_control_policies: simulation
            .resource_control
            .as_ref()
            .map(|(owner, verdict)| verdict_json(Speaker::resource_control(names, simulation, owner), verdict)),
    };
    crate::json::write(FORMAT, &document)
}

fn verdict_json<'a>(speaker: Speaker<'a>, verdict: &'a ChainVerdict) -> VerdictJson<'a> {
    let names = speaker.names;
    match verdict {
        ChainVerdict::Allowed(places) => VerdictJson::Allowed { by: PlaceJson::all(names, places) },
        ChainVerdict::ExplicitDeny(place) => VerdictJson::ExplicitDeny { by: PlaceJson::new(names, place) },
        ChainVerdict::ImplicitDeny { node } => VerdictJson::ImplicitDeny { node, node_name: names.node_name(node) },
        ChainVerdict::NotBound(unbound) => VerdictJson::NotBound { reason: speaker.why_unbound(*unbound) },
        ChainVerdict::Undecided(reason) => VerdictJson::Undecided { reason },
    }
}

/// Renders the verdict for people, ending in a newline.
pub fn render(simulation: &Simulation<'_>, view: &View<'_>) -> String {
    let page = Page::new(view);
    let names = Names { organization: simulation.organization };
    let mut text = view.notice.map(|notice| page.line(0, &format!("! {notice}"))).unwrap_or_default();
    text.push_str(&Speaker::service_control(names, simulation).tell(&page, &simulation.service_control));
    if let Some((owner, verdict)) = &simulation.resource_control {
        text.push_str(&Speaker::resource_control(names, simulation, owner).tell(&page, verdict));
    }
    text.push_str("\nThe request\n");
    let request = simulation.request;
    for (name, value) in
        [("caller", &request.principal.to_string()), ("action", &request.action), ("resource", &request.resource)]
    {
        text.push_str(&page.line(2, &format!("{name:9} {value}")));
    }
    for (key, values) in request.context.iter() {
        let origin = if simulation.filled_in.contains(key) { "  (filled in as AWS would)" } else { "" };
        text.push_str(&page.line(2, &format!("{key} = {}{origin}", values.as_slice().join(", "))));
    }
    text
}

/// Who speaks of the request: the policies of one kind, on the path of one account.
struct Speaker<'a> {
    names: Names<'a>,
    /// `service control policies`.
    policies: &'static str,
    /// The account at the end of the path: of the caller, or of the resource.
    account: String,
    organization: &'a str,
}

impl<'a> Speaker<'a> {
    fn service_control(names: Names<'a>, simulation: &Simulation<'a>) -> Self {
        let account = simulation.request.principal.account().unwrap_or("the caller");
        Self::new(names, simulation, "service control policies", account)
    }

    fn resource_control(names: Names<'a>, simulation: &Simulation<'a>, owner: &AccountId) -> Self {
        Self::new(names, simulation, "resource control policies", owner.as_str())
    }

    fn new(names: Names<'a>, simulation: &Simulation<'a>, policies: &'static str, account: &str) -> Self {
        Self { names, policies, account: names.account(account), organization: &simulation.organization.id }
    }

    fn tell(&self, page: &Page, verdict: &ChainVerdict) -> String {
        let Self { names, policies, .. } = self;
        let heading = |outcome, label: &str, rest: &str| {
            page.line(0, &format!("{}  {rest}", page.paint.outcome(outcome, &page.paint.bold(label))))
        };
        match verdict {
            ChainVerdict::Allowed(places) => {
                let rest = format!("{policies} let it through; an IAM policy must still allow it");
                heading(Outcome::Fail, "ALLOWED", &rest) + &self.allows(page, places)
            }
            ChainVerdict::ExplicitDeny(place) => {
                let by = format!("{}; {} of the policy", names.place(place), place.statement.span);
                heading(Outcome::Pass, "DENIED", &format!("{policies} deny it")) + &page.line(2, &by)
            }
            ChainVerdict::ImplicitDeny { node } => {
                let rest = format!("none of the {policies} attached to {} allows it", names.node(node));
                heading(Outcome::Pass, "DENIED", &rest)
            }
            ChainVerdict::NotBound(unbound) => {
                heading(Outcome::Fail, "ALLOWED", &format!("{policies} do not apply: {}", self.why_unbound(*unbound)))
            }
            ChainVerdict::Undecided(reason) => heading(Outcome::Unknown, "NOT KNOWN", &format!("{policies}: {reason}")),
        }
    }

    fn allows(&self, page: &Page, places: &[Place]) -> String {
        let line = |place: &Place| {
            let statement = self.names.statement(&place.policy, &place.statement);
            page.line(2, &format!("at {}: {statement} allows", self.names.node(&place.node)))
        };
        places.iter().map(line).collect()
    }

    fn why_unbound(&self, unbound: Unbound) -> String {
        let Self { account, organization, .. } = self;
        match unbound {
            Unbound::ManagementAccount => {
                format!("{account} is the management account, which they never bind, whatever is attached to it")
            }
            Unbound::TypeDisabled => "they are disabled on the root of the organization".to_owned(),
            Unbound::OtherAccount => format!("{account} is no account of organization {organization}"),
            Unbound::ServiceLinkedRole => {
                "the caller is a service-linked role (its path is aws-service-role/), which they never bind".to_owned()
            }
            Unbound::NotCovered => "AWS applies them to no such action".to_owned(),
        }
    }
}
