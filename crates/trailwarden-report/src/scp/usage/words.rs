//! The words that text and Markdown share: sections by fate, and callers that differ in nothing but their account as one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use trailwarden_policy::Unbound;
use trailwarden_policy::usage::{Automation, Caller, Fate, Use};

use super::Usage;
use crate::names::Names;
use crate::paint::count;
use crate::plain::plain;

/// Accounts and regions named where there are more.
const SHOWN: usize = 3;

/// The sections, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    Denied,
    Undecided,
    Spared,
    DeniedToday,
    Elsewhere,
    NotBound,
}

impl Section {
    pub(super) const ALL: [Self; 6] =
        [Self::Denied, Self::Undecided, Self::Spared, Self::DeniedToday, Self::Elsewhere, Self::NotBound];

    fn of(fate: &Fate) -> Self {
        match fate {
            Fate::Denied { .. } => Self::Denied,
            Fate::Undecided(_) => Self::Undecided,
            Fate::Spared(_) => Self::Spared,
            Fate::DeniedToday(_) => Self::DeniedToday,
            Fate::Elsewhere => Self::Elsewhere,
            Fate::NotBound(_) | Fate::Service => Self::NotBound,
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Denied => "Would be denied",
            Self::Undecided => "Cannot be told",
            Self::Spared => "Spared by a declared exception",
            Self::DeniedToday => "Denied already today",
            Self::Elsewhere => "Done to something that the policies do not name",
            Self::NotBound => "Not bound by service control policies",
        }
    }
}

/// Uses that differ in nothing but their account.
pub(super) struct Group<'a> {
    pub(super) action: &'a str,
    pub(super) caller: String,
    pub(super) remark: Option<String>,
    pub(super) automation: Option<Automation>,
    pub(super) accounts: BTreeSet<&'a str>,
    pub(super) regions: BTreeSet<&'a str>,
    pub(super) via: BTreeSet<&'a str>,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    pub(super) n_succeeded: usize,
    pub(super) n_failed: usize,
}

/// The groups of one section, in the order of their first use.
pub(super) fn groups<'a>(usage: &'a Usage<'_>, section: Section) -> Vec<Group<'a>> {
    let mut places: BTreeMap<(&str, String, Option<String>), usize> = BTreeMap::new();
    let mut groups: Vec<Group<'a>> = Vec::new();
    for used in usage.uses.iter().filter(|used| Section::of(&used.fate) == section) {
        let (caller, remark) = (caller(used), remark(used));
        let at = *places.entry((&used.action, caller.clone(), remark.clone())).or_insert(groups.len());
        if at == groups.len() {
            groups.push(Group {
                action: &used.action,
                caller,
                remark,
                automation: used.automation,
                accounts: BTreeSet::new(),
                regions: BTreeSet::new(),
                via: BTreeSet::new(),
                first: used.first,
                last: used.last,
                n_succeeded: 0,
                n_failed: 0,
            });
        }
        if let Some(group) = groups.get_mut(at) {
            group.accounts.insert(used.account.as_str());
            group.regions.extend(used.regions.iter().map(|region| region.as_str()));
            group.via.extend(used.via.iter().map(String::as_str));
            group.first = group.first.min(used.first);
            group.last = group.last.max(used.last);
            group.n_succeeded += used.n_succeeded;
            group.n_failed += used.n_failed;
        }
    }
    groups
}

/// The caller, with its account left open where that is the account it acted in.
fn caller(used: &Use) -> String {
    match &used.caller {
        Caller::Identity(arn) => plain(&arn.replace(&format!("::{}:", used.account), "::‹account›:")),
        other => plain(&other.to_string()),
    }
}

/// What is to be said of a fate besides its section.
fn remark(used: &Use) -> Option<String> {
    match &used.fate {
        Fate::Denied { today: Some(by), .. } => Some(format!(
            "{by} denies it today, though it succeeded: before that was attached, or under conditions that no record tells"
        )),
        Fate::Denied { today: None, .. } | Fate::Elsewhere => None,
        Fate::Undecided(reason) => Some(reason.clone()),
        Fate::Spared(pattern) => Some(format!("exception {pattern}")),
        Fate::DeniedToday(by) => Some(format!("by {by}")),
        Fate::NotBound(unbound) => Some(not_bound(*unbound).to_owned()),
        Fate::Service => Some("an AWS service, of its own accord".to_owned()),
    }
    .map(|remark| plain(&remark))
}

fn not_bound(unbound: Unbound) -> &'static str {
    match unbound {
        Unbound::ManagementAccount => "the management account",
        Unbound::ServiceLinkedRole => "a service-linked role",
        Unbound::OtherAccount => "of an account outside the organization",
        Unbound::TypeDisabled => "service control policies are disabled",
        Unbound::NotCovered => "not covered",
    }
}

impl Group<'_> {
    /// `payments-prod (523908114477)`, or how many and the first of them.
    pub(super) fn at(&self, names: Names<'_>) -> String {
        let named: Vec<String> = self.accounts.iter().take(SHOWN).map(|id| plain(&names.account(id))).collect();
        match self.accounts.len() {
            0..=SHOWN => named.join(", "),
            n => format!("{n} accounts ({}, …)", named.join(", ")),
        }
    }

    /// `last 2026-11-25, first 2026-11-03: 4 succeeded, 1 failed, in eu-central-1`.
    pub(super) fn when(&self) -> String {
        let first = (day(self.first) != day(self.last)).then(|| format!(", first {}", day(self.first)));
        let failed = (self.n_failed > 0).then(|| format!("{} failed", self.n_failed));
        let succeeded = (self.n_succeeded > 0).then(|| format!("{} succeeded", self.n_succeeded));
        let counts: Vec<String> = succeeded.into_iter().chain(failed).collect();
        format!("last {}{}: {}, in {}", day(self.last), first.unwrap_or_default(), counts.join(", "), self.regions())
    }

    fn regions(&self) -> String {
        let named: Vec<&str> = self.regions.iter().take(SHOWN).copied().collect();
        match self.regions.len() {
            0..=SHOWN => named.join(", "),
            n => format!("{n} regions ({}, …)", named.join(", ")),
        }
    }

    /// What else there is to say: whose role it is and what comes of denying it, through which service, why.
    pub(super) fn remarks(&self, section: Section) -> Vec<String> {
        let automation = self.automation.map(|automation| match section {
            Section::Denied => format!("{}: {}", automation.name(), automation.consequence()),
            _ => automation.name().to_owned(),
        });
        let via: Vec<&str> = self.via.iter().copied().collect();
        let via = (!via.is_empty()).then(|| plain(&format!("through {}", via.join(", "))));
        automation.into_iter().chain(via).chain(self.remark.clone()).collect()
    }
}

pub(super) fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

/// The sentence that says what was asked.
pub(super) fn asked(usage: &Usage<'_>) -> String {
    let partial = if usage.is_partial() { "PARTIAL: " } else { "" };
    let minute = |time: Timestamp| time.strftime("%Y-%m-%d %H:%M UTC").to_string();
    format!(
        "{partial}{} from {} to {} of {}: {} of {} answered",
        usage.logs.map_or("event history".to_owned(), |_| plain(&usage.source())),
        minute(usage.since),
        minute(usage.until),
        count(usage.n_accounts, "account"),
        usage.n_answered(),
        count(usage.n_places, "account-region"),
    )
}

/// What was asked and how fast, in one sentence.
pub(super) fn pace(usage: &Usage<'_>) -> String {
    let pace = &usage.pace;
    if pace.n_requests == 0 {
        return "everything had answered before: no request was made".to_owned();
    }
    let seconds = |duration: std::time::Duration| format!("{:.1} s", duration.as_secs_f64());
    let n_requests = usize::try_from(pace.n_requests).unwrap_or(usize::MAX);
    let ratio = pace.ratio().map(|ratio| format!(", {ratio:.2} times the higher floor")).unwrap_or_default();
    if usage.logs.is_some() {
        let (requests, places) = (count(n_requests, "request"), count(pace.n_asked, "account-region"));
        return format!("{requests} for the log files of {places} in {}", seconds(pace.wall));
    }
    format!(
        "{} to {} in {}{ratio}; at two a second in each, side by side, the busiest cannot take less than {}, and {} calls in \
         flight at the speed of these answers not less than {}",
        count(n_requests, "request"),
        count(pace.n_asked, "account-region"),
        seconds(pace.wall),
        seconds(pace.floor_of_rate),
        pace.in_flight,
        seconds(pace.floor_of_width),
    )
}

/// What one role would be denied.
#[derive(Default)]
struct Lost<'a> {
    accounts: BTreeSet<&'a str>,
    forward: BTreeSet<&'a str>,
    back: BTreeSet<&'a str>,
}

/// What this tool would be denied, one sentence for each role.
pub(super) fn own(usage: &Usage<'_>) -> Vec<String> {
    let mut by_role: BTreeMap<String, Lost<'_>> = BTreeMap::new();
    for denial in usage.own.denials {
        let role = denial.role.replace(&format!("::{}:", denial.account), "::‹account›:");
        let lost = by_role.entry(plain(&role)).or_default();
        lost.accounts.insert(denial.account.as_str());
        let is_back = usage.own.only_back.contains(denial.action.as_str());
        if is_back { &mut lost.back } else { &mut lost.forward }.insert(denial.action.as_str());
    }
    let list = |who: &str, actions: BTreeSet<&str>| {
        let actions: Vec<&str> = actions.into_iter().collect();
        (!actions.is_empty()).then(|| format!("{who} need {}", actions.join(", ")))
    };
    let sentence = |(role, lost): (String, Lost<'_>)| {
        let both: Vec<String> = list("plans", lost.forward).into_iter().chain(list("rollbacks", lost.back)).collect();
        format!("{role} in {}: {}", count(lost.accounts.len(), "account"), both.join("; "))
    };
    by_role.into_iter().map(sentence).collect()
}

/// What to do about it.
pub(super) fn own_hint(usage: &Usage<'_>) -> String {
    let partition = usage.organization.arn.partition();
    format!(
        "declare arn:{partition}:iam::*:role/{} in tamper_exceptions of the baseline, or apply plans with another role",
        plain(usage.own.role.trim_matches('/'))
    )
}
