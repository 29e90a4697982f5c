//! The proof in words for people: who can still do what to which trail, where, and why; then what is proved.

use std::collections::BTreeSet;

use trailwarden_model::finding::Outcome;
use trailwarden_policy::{Counterexample, LEAVE_ORGANIZATION, Values};

use super::groups::{Calls, Cause, Exempt, Group, Slip, Target, Text, groups};
use super::words::{deeds, question};
use super::{Found, Proof, Standing};
use crate::names::Names;
use crate::paint::{count, join_and};
use crate::scp::{Page, View};

/// Accounts, trails or nodes listed before the rest is only counted.
const MAX_LISTED: usize = 8;

/// Renders a proof for people, ending in a newline.
pub fn render(proof: &Proof<'_>, view: &View<'_>) -> String {
    let teller = Teller { proof, page: Page::new(view), names: Names { organization: proof.organization } };
    let mut text = teller.heading(view);
    for group in &groups(proof) {
        text.push('\n');
        text.push_str(&teller.group(group));
    }
    if !view.exit.is_empty() {
        text.push_str(&format!("\n{}\n", teller.page.paint.dim(view.exit)));
    }
    text
}

struct Teller<'a> {
    proof: &'a Proof<'a>,
    page: Page,
    names: Names<'a>,
}

impl Teller<'_> {
    fn heading(&self, view: &View<'_>) -> String {
        let Proof { organization, exceptions, collected_at, .. } = self.proof;
        let management = self.names.account(organization.management_account.as_str());
        let time = collected_at.strftime("%Y-%m-%d %H:%M UTC");
        let mut text = format!("{}\n", self.page.paint.bold("Who can still blind a trail?"));
        let whose = format!("organization {}, managed by {management}; read {time}", organization.id);
        text.push_str(&self.page.line(0, &whose));
        text.extend(view.notice.map(|notice| self.page.line(0, &format!("! {notice}"))));
        let asked: BTreeSet<&str> = self.asked().collect();
        text.push_str(&self.page.line(0, &question(&asked)));
        text.push('\n');
        for (standing, meaning) in [
            (Standing::Open, "somebody who is no declared exception can"),
            (Standing::Undecided, "nobody was found who can, but it is not certain that there is nobody"),
            (Standing::Proved, "nobody but the declared exceptions can, whatever rights they have in the account"),
            (Standing::Unbound, "the management account, which no service control policy binds"),
        ] {
            let n = count(self.proof.count(standing), "account");
            text.push_str(&self.page.line(2, &format!("{}  {n:<12}  {meaning}", self.label(standing))));
        }
        let declared = match exceptions.len() {
            0 => "none".to_owned(),
            _ => join_and(&exceptions.iter().cloned().collect::<Vec<_>>()),
        };
        text.push_str(&self.page.line(2, &format!("declared exceptions: {declared}")));
        text
    }

    fn asked(&self) -> impl Iterator<Item = &str> {
        let answers = self.proof.accounts.iter().filter_map(|account| match &account.found {
            Found::Answers(answers) => Some(answers),
            Found::Management | Found::Unread(_) => None,
        });
        answers.flat_map(|answers| &answers.calls).map(|(call, _)| call.action.as_str())
    }

    /// A symbol and a word, all of the same length.
    fn label(&self, standing: Standing) -> String {
        let (outcome, word) = match standing {
            Standing::Open => (Outcome::Fail, "✗ open     "),
            Standing::Undecided => (Outcome::Unknown, "? undecided"),
            Standing::Proved => (Outcome::Pass, "✓ proved   "),
            Standing::Unbound => (Outcome::NotApplicable, "– unbound  "),
        };
        self.page.paint.outcome(outcome, word)
    }

    fn group(&self, group: &Group<'_>) -> String {
        let label = self.label(group.common.standing);
        let accounts: Vec<String> =
            group.accounts.iter().map(|proof| self.names.account(proof.account.as_str())).collect();
        let n = self.page.paint.bold(&count(accounts.len(), "account"));
        let mut text = self.page.line(0, &format!("{}  {n}: {}", label.trim_end(), some(&accounts, "account")));
        if group.common.standing == Standing::Unbound {
            text.push_str(&self.field("why", UNBOUND));
        }
        if let Some(gap) = &group.common.gap {
            text.push_str(&self.field("not read", gap));
        }
        let strands = &group.common.strands;
        strands.iter().for_each(|(cause, calls)| text.push_str(&self.strand(group, cause, calls)));
        for ((key, value), exempt) in &group.exempt {
            text.extend(self.exemption(group, key, value, exempt).map(|line| self.field("exempt", &line)));
        }
        text
    }

    /// One exemption, whether it was declared, and whether somebody could choose a name to be in it. What was said of those who
    /// get through is not said again.
    fn exemption(&self, group: &Group<'_>, key: &str, value: &str, exempt: &Exempt<'_>) -> Option<String> {
        let was_said = group.common.strands.keys().any(|cause| match cause {
            Cause::Open { spared, .. } => spared.contains(&(key.to_owned(), value.to_owned())),
            Cause::Denied { .. } | Cause::Undecided(_) => false,
        });
        let declared = if exempt.is_declared { "declared in the baseline" } else { "not declared in the baseline" };
        let who = spared_caller(key, value);
        let exemption = format!("{who}, by {} {declared}", self.statement(group, &exempt.by));
        let joining = exempt.nameable.map(|name| {
            let kind = if name.contains(":user/") { "user" } else { "role" };
            format!("whoever may create a {kind} can join them by its name, for example {name}")
        });
        match (was_said, joining) {
            (true, joining) => joining,
            (false, Some(joining)) => Some(format!("{exemption}; {joining}")),
            (false, None) => Some(exemption),
        }
    }

    fn strand(&self, group: &Group<'_>, cause: &Cause, calls: &Calls) -> String {
        let word = if matches!(cause, Cause::Open { .. }) { "and" } else { "or" };
        let can = self.deeds(group, calls, word).join("; ");
        match cause {
            Cause::Open { missed_by, spared, close_at, .. } => {
                let mut text = self.field("who", &self.who(group, cause));
                text.push_str(&self.field("can", &can));
                self.reasons(group, missed_by, spared).iter().for_each(|why| text.push_str(&self.field("why", why)));
                text.push_str(&self.field("to close", &self.closing(group, close_at.as_deref(), spared)));
                let example = group.examples.get(cause);
                text.extend(example.map(|(_, example)| self.field("example", &describe(example))));
                text
            }
            Cause::Undecided(reason) => {
                self.field("unclear", &format!("whether somebody can {can}")) + &self.field("why", reason)
            }
            Cause::Denied { by, lacks_allow } => {
                let mut reasons: Vec<String> =
                    by.iter().map(|text| format!("{} denies it", self.statement(group, text))).collect();
                if *lacks_allow {
                    reasons.push("no policy allows it".to_owned());
                }
                let nobody = self.nobody(calls);
                self.field("proved", &format!("{nobody} can {can}")) + &self.field("because", &join_and(&reasons))
            }
        }
    }

    /// Nobody may leave; of all else, the exceptions are spared.
    fn nobody(&self, calls: &Calls) -> &'static str {
        let is_leaving = calls.values().flatten().all(|action| action == LEAVE_ORGANIZATION);
        if is_leaving || self.proof.exceptions.is_empty() { "nobody" } else { "nobody but the declared exceptions" }
    }

    /// A labelled paragraph.
    fn field(&self, label: &str, text: &str) -> String {
        let indent = " ".repeat(14);
        let first = format!("    {label:10}");
        crate::paint::wrap(self.page.width, text, &first, &indent)
    }

    /// Who gets through.
    fn who(&self, group: &Group<'_>, cause: &Cause) -> String {
        let Cause::Open { missed_by, spared, .. } = cause else { return String::new() };
        if !spared.is_empty() {
            let values: Vec<String> = spared.iter().map(|(key, value)| spared_caller(key, value)).collect();
            return format!("{}: the policies exempt them, and the baseline does not declare that", join_and(&values));
        }
        let deciding = group.examples.get(cause).map(|(_, example)| example.deciding.as_slice()).unwrap_or_default();
        let conditions: Vec<String> = deciding.iter().map(|(key, values)| circumstance(key, values)).collect();
        let is_conditional = missed_by.iter().any(|(_, slip)| matches!(slip, Slip::Condition(..)));
        match conditions.as_slice() {
            [] if is_conditional => format!("{PERMITTED} whom the conditions below do not catch"),
            [] => format!("{PERMITTED}, such as its administrators, and its root user"),
            // One way of several, perhaps: another region or tag may do as well.
            conditions => format!("{PERMITTED}, for example {}", join_and(conditions)),
        }
    }

    /// What they can do to what: the same deeds with all their targets, what matters most first.
    fn deeds(&self, group: &Group<'_>, calls: &Calls, word: &str) -> Vec<String> {
        let mut alike: Vec<(&BTreeSet<String>, Vec<&Target>)> = Vec::new();
        let is_refused = |target: &Target| matches!(target, Target::OrganizationTrail(_));
        for (target, actions) in calls {
            let same = alike.iter_mut().find(|(known, targets)| {
                *known == actions && targets.first().is_some_and(|first| is_refused(first) == is_refused(target))
            });
            match same {
                Some((_, targets)) => targets.push(target),
                None => alike.push((actions, vec![target])),
            }
        }
        let deed = |(actions, targets): (&BTreeSet<String>, Vec<&Target>)| {
            let on: Vec<String> = targets.iter().filter_map(|target| self.target(group, target)).collect();
            let on = join_and(&on);
            let text = deeds(actions, Some(on.as_str()).filter(|on| !on.is_empty()), word);
            if targets.iter().any(|target| is_refused(target)) { format!("{text} {BUT_REFUSED}") } else { text }
        };
        alike.into_iter().map(deed).collect()
    }

    /// None for what the action itself names.
    fn target(&self, group: &Group<'_>, target: &Target) -> Option<String> {
        let is_one = group.accounts.len() == 1;
        Some(match target {
            Target::Account => return None,
            Target::OwnTrails => {
                let names: Vec<String> = group.own_trails.iter().map(|name| (*name).to_owned()).collect();
                let whose = if is_one { "its own" } else { "their own" };
                let trails = if names.len() == 1 { "trail" } else { "trails" };
                format!("{whose} {trails} {}", some(&names, "trail"))
            }
            Target::FutureTrail => format!("any trail of {} own", if is_one { "its" } else { "their" }),
            Target::AnyTrail => format!("a trail that records {}", if is_one { "it" } else { "them" }),
            Target::AdministeredTrail(arn) | Target::OrganizationTrail(arn) => {
                format!("the organization trail {}", arn.rsplit('/').next().unwrap_or(arn))
            }
            Target::Resource(arn) => arn.clone(),
        })
    }

    fn reasons(
        &self,
        group: &Group<'_>,
        missed_by: &BTreeSet<(Text, Slip)>,
        spared: &BTreeSet<(String, String)>,
    ) -> Vec<String> {
        if group.common.is_disabled {
            return vec!["service control policies are disabled on the root of the organization".to_owned()];
        }
        if missed_by.is_empty() {
            let below = if group.accounts.len() == 1 { "the account" } else { "these accounts" };
            return vec![format!("no policy between the root and {below} denies it")];
        }
        let reason = |(statement, slip): &(Text, Slip)| {
            let because = match slip {
                Slip::Resource => "denies it on other resources only".to_owned(),
                Slip::Condition(operator, key) if spared.is_empty() => {
                    format!("denies it only under a condition that such a caller does not meet: {operator} on {key}")
                }
                Slip::Condition(operator, key) => format!("denies it to all others ({operator} on {key})"),
            };
            format!("{} {because}", self.statement(group, statement))
        };
        missed_by.iter().map(reason).collect()
    }

    fn closing(&self, group: &Group<'_>, close_at: Option<&str>, spared: &BTreeSet<(String, String)>) -> String {
        let node = close_at.map_or_else(|| "the root".to_owned(), |node| self.names.node(node));
        if group.common.is_disabled {
            "enable service control policies on the root, and deny these calls there".to_owned()
        } else if spared.is_empty() {
            format!("deny these calls at {node}, or further down")
        } else {
            format!(
                "declare the exemption in the baseline when it is meant; else take it out, or deny these calls at {node}"
            )
        }
    }

    /// `statement "X" of guard (p-…), attached to OU A (ou-…) and OU B (ou-…),`.
    fn statement(&self, group: &Group<'_>, text: &Text) -> String {
        let nodes: Vec<String> =
            group.nodes.get(text).into_iter().flatten().map(|node| self.names.node(node)).collect();
        format!("{}, attached to {},", self.names.statement(&text.0, &text.1), some(&nodes, "place"))
    }
}

const PERMITTED: &str = "anyone in the account with the rights for it";
const UNBOUND: &str = "whoever has enough rights in the management account can stop every trail that it owns, the organization \
                       trail included; no service control policy ever binds it. Keep people and workloads out of it.";
const BUT_REFUSED: &str = "(as far as policies go; CloudTrail itself refuses that to a member account)";

/// `whoever uses a role whose name begins with admin (arn:aws:iam::*:role/admin*)`.
fn spared_caller(key: &str, value: &str) -> String {
    if !key.eq_ignore_ascii_case("aws:PrincipalArn") {
        return format!("whoever has {key} {value}");
    }
    let is_plain = |name: &str| !name.contains(['*', '?', '$']);
    match value.splitn(6, ':').nth(5).and_then(|resource| resource.split_once('/')) {
        Some((kind @ ("role" | "user"), name)) if is_plain(name) => format!("whoever uses the {kind} {name} ({value})"),
        Some((kind @ ("role" | "user"), name)) => match name.strip_suffix('*') {
            Some(start) if is_plain(start) && !start.is_empty() => {
                format!("whoever uses a {kind} whose name begins with {start} ({value})")
            }
            _ => format!("whoever uses a {kind} with a name like {name} ({value})"),
        },
        _ => format!("whoever acts as {value}"),
    }
}

/// What a value of a condition key says of the caller, in words where the key is a common one.
fn circumstance(key: &str, values: &Values) -> String {
    let value = values.as_slice().join(", ");
    match key.to_ascii_lowercase().as_str() {
        "aws:requestedregion" => format!("calling in {value} ({key})"),
        "aws:sourceip" => format!("calling from {value} ({key})"),
        "aws:principalarn" => format!("acting as {value} ({key})"),
        lower if lower.starts_with("aws:principaltag/") => {
            format!("tagged {} = {value} ({key})", key.split_once('/').map_or(key, |(_, tag)| tag))
        }
        _ => format!("with {key} = {value} in the request"),
    }
}

fn describe(example: &Counterexample) -> String {
    let request = &example.request;
    let mut text = format!("{} calls {}", request.principal, request.action);
    if request.resource != "*" {
        text.push_str(&format!(" on {}", request.resource));
    }
    text
}

/// The first few, and how many more.
fn some(items: &[String], noun: &str) -> String {
    match items.get(..MAX_LISTED) {
        Some(first) if items.len() > MAX_LISTED => {
            format!("{} and {}", first.join(", "), count(items.len() - MAX_LISTED, &format!("more {noun}")))
        }
        _ => join_and(items),
    }
}
