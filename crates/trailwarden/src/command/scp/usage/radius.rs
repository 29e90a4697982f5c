//! The blast radius of a composed set: what places answer, judged with the organization as it would be.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};
use trailwarden_aws::{Selection, Session, UsageEffort, UsageQuery, changing_actions, collect_usage};
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::Gap;
use trailwarden_model::organization::{NodeId, Organization};
use trailwarden_model::partition::Partition;
use trailwarden_model::plan::{Affected, Becomes, Choice};
use trailwarden_model::usage::{FORMAT, Header, LogLocation, PlaceUsage};
use trailwarden_policy::usage::{Caller, Fate, OwnDenial, Unseen, Use, denied_to_own_roles, lookups, unseen, uses};
use trailwarden_policy::{Composition, Profile, Proposal};
use trailwarden_report::scp::usage::{OwnRoles, Pace, Usage};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::write_stderr;
use crate::terminal::Bar;
use crate::usage_file::UsageFile;

/// Answers that end longer ago are told to be old.
const OLD: SignedDuration = SignedDuration::from_hours(24);

/// What to find out.
#[derive(Clone, Copy)]
pub(crate) struct Ask<'a> {
    /// The organization with its tree, its policies and its delegated administrators.
    pub(crate) organization: &'a Organization,
    /// The policies that would be attached.
    pub(crate) set: &'a Composition,
    /// The nodes that those for the root would be attached to instead; the root when none are named.
    pub(crate) at: &'a BTreeSet<NodeId>,
    /// The declared exceptions.
    pub(crate) exceptions: &'a BTreeSet<String>,
    /// Which accounts and regions to ask.
    pub(crate) selection: &'a Selection,
    /// How far to look back.
    pub(crate) days: u32,
    /// The time that is looked back from.
    pub(crate) now: Timestamp,
    /// The log files to read instead of the event history.
    pub(crate) logs: Option<&'a LogLocation>,
    /// Where to keep the answers.
    pub(crate) keep: Option<&'a Path>,
    /// The role that applies plans in members.
    pub(crate) role: &'a str,
    /// The prefix of Landing Zone Accelerator.
    pub(crate) accelerator_prefix: &'a str,
}

/// What was found out.
pub(crate) struct Radius {
    organization: Organization,
    profile: Profile,
    exceptions: BTreeSet<String>,
    since: Timestamp,
    until: Timestamp,
    logs: Option<LogLocation>,
    places: Vec<PlaceUsage>,
    uses: Vec<Use>,
    unseen: Unseen,
    asks_leader: bool,
    role: String,
    denials: Vec<OwnDenial>,
    only_back: BTreeSet<&'static str>,
    /// What asking took.
    pub(crate) effort: UsageEffort,
}

impl Ask<'_> {
    /// Asks every place that has not answered before, and judges all answers. Ctrl-C ends it early with what there is.
    pub(crate) async fn radius(self, session: &Session, bar: &Bar) -> Result<Radius, Failure> {
        let proposal = Proposal::new(self.organization, self.set, self.at).map_err(unread)?;
        // What would stop the asking should leave no file behind.
        let in_scope = self.selection.in_scope(self.organization)?;
        let header = self.header(&proposal)?;
        let mut file = self.keep.map(|path| UsageFile::open(path, header.clone())).transpose()?;
        let header = file.as_ref().map_or(header, |file| file.header.clone());
        tell_age(&header, self.now);
        let mut answers = file.as_mut().map(|file| std::mem::take(&mut file.answered)).unwrap_or_default();
        let answered: BTreeSet<(AccountId, Region)> = answers.keys().cloned().collect();
        let query = UsageQuery {
            organization: self.organization,
            selection: self.selection,
            lookups: &header.lookups,
            since: header.since,
            until: header.until,
            answered: &answered,
            logs: self.logs,
        };
        let (mut places, effort) = asked(session, query, bar, file.as_mut()).await?;
        let regions = &self.selection.regions;
        answers.retain(|(account, region), _| {
            in_scope.contains(account) && (regions.is_empty() || regions.contains(region))
        });
        places.extend(answers.into_values());
        places.sort_by(|a, b| (&a.account, &a.region).cmp(&(&b.account, &b.region)));
        self.judge(session, &proposal, header, places, effort)
    }

    fn header(&self, proposal: &Proposal) -> Result<Header, Failure> {
        let hours = i64::from(self.days).saturating_mul(24);
        let since = self.now.checked_sub(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::UNIX_EPOCH);
        Ok(Header {
            format: FORMAT.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            organization: self.organization.id.clone(),
            days: self.days,
            since,
            until: self.now,
            lookups: lookups(proposal).map_err(unread)?,
            logs: self.logs.cloned(),
        })
    }

    fn judge(
        self,
        session: &Session,
        proposal: &Proposal,
        header: Header,
        places: Vec<PlaceUsage>,
        effort: UsageEffort,
    ) -> Result<Radius, Failure> {
        let (forward, only_back) = changing_actions();
        let actions = forward.union(&only_back).copied().collect();
        let uses = uses(self.organization, proposal, self.exceptions, self.accelerator_prefix, &places);
        let denials = denied_to_own_roles(
            self.organization,
            proposal,
            &own_roles(session, self.organization, self.role),
            &actions,
        );
        Ok(Radius {
            organization: self.organization.clone(),
            profile: self.set.profile,
            exceptions: self.exceptions.clone(),
            since: header.since,
            until: header.until,
            logs: header.logs,
            uses: uses.map_err(unread)?,
            places,
            unseen: unseen(proposal, self.asks_leader()),
            asks_leader: self.asks_leader(),
            role: self.role.to_owned(),
            denials: denials.map_err(unread)?,
            only_back,
            effort,
        })
    }

    /// Whether the region is asked in which global services record what is done.
    fn asks_leader(&self) -> bool {
        let leader = Partition::by_id(self.organization.arn.partition()).and_then(Partition::leader);
        let regions = &self.selection.regions;
        regions.is_empty() || leader.is_none_or(|leader| regions.contains(&leader))
    }
}

/// Who acts for this tool in each account: the caller in its own, the role in the others.
pub(crate) fn own_roles(session: &Session, organization: &Organization, role: &str) -> BTreeMap<AccountId, String> {
    let (caller, partition) = (session.caller(), organization.arn.partition());
    let accounts = organization.accounts.values().filter(|account| account.state.is_audited());
    let identity = |account: &AccountId| match *account == caller.account {
        true => Caller::behind(caller.arn.as_str()).to_string(),
        false => format!("arn:{partition}:iam::{account}:role/{}", role.trim_matches('/')),
    };
    accounts.map(|account| (account.id.clone(), identity(&account.id))).collect()
}

impl Radius {
    /// As it is reported.
    pub(crate) fn report(&self) -> Usage<'_> {
        let effort = &self.effort;
        Usage {
            tool_version: env!("CARGO_PKG_VERSION"),
            organization: &self.organization,
            profile: self.profile,
            since: self.since,
            until: self.until,
            logs: self.logs.as_ref(),
            places: &self.places,
            n_accounts: effort.n_accounts,
            n_places: effort.n_places,
            uses: &self.uses,
            unseen: &self.unseen,
            exceptions: &self.exceptions,
            own: OwnRoles { role: &self.role, denials: &self.denials, only_back: &self.only_back },
            pace: Pace {
                n_asked: effort.n_asked,
                n_requests: effort.n_requests,
                wall: effort.wall,
                floor_of_rate: effort.floor_of_rate(),
                floor_of_width: effort.floor_of_width(),
                in_flight: effort.in_flight,
            },
        }
    }

    /// Whom the policies would deny or spare what they did, for a plan.
    pub(crate) fn affected(&self) -> Vec<Affected> {
        let of = |used: &Use| {
            let becomes = match &used.fate {
                Fate::Denied { .. } => Becomes::Denied,
                Fate::Undecided(reason) => Becomes::Undecided(reason.clone()),
                Fate::Spared(exception) => Becomes::Spared(exception.clone()),
                Fate::DeniedToday(_) | Fate::Elsewhere | Fate::NotBound(_) | Fate::Service => return None,
            };
            Some(Affected {
                account: used.account.clone(),
                principal: used.caller.to_string(),
                known_as: used.automation.map(|automation| automation.name().to_owned()),
                action: used.action.clone(),
                n_times: used.n_succeeded + used.n_failed,
                first: used.first,
                last: used.last,
                becomes,
            })
        };
        self.uses.iter().filter_map(of).collect()
    }

    /// Nothing is planned on what an interrupted run has heard so far.
    pub(crate) fn refuse_interrupted(&self) -> Result<(), Failure> {
        let (n_places, n_heard) = (self.effort.n_places, self.places.len());
        if n_heard >= n_places {
            return Ok(());
        }
        let message =
            format!("interrupted: {n_heard} of {n_places} accounts and regions answered, and nothing is planned");
        Err(Failure::usage(message).hint("plan again; with --keep FILE what answered is not asked again"))
    }

    /// What was asked, and what did not answer, for a plan.
    pub(crate) fn asked(&self) -> Choice {
        let gaps: Vec<&Gap> = self.places.iter().filter_map(|place| place.gap.as_ref()).collect();
        let n_places = self.effort.n_places;
        let missing = gaps.first().map(|first| format!("; {} did not answer, for example {first}", gaps.len()));
        Choice {
            what: "who did lately what is denied".to_owned(),
            chosen: format!("asked {n_places} accounts and regions{}", missing.unwrap_or_default()),
            because: format!("{} tells it from {} to {}", self.report().source(), self.since, self.until),
            otherwise: None,
        }
    }

    /// How a run that found this ends.
    pub(super) fn exit(&self) -> Exit {
        let report = self.report();
        match () {
            () if report.denies_somebody() => Exit::FindingsFailed,
            () if report.is_undecided() || !self.asks_leader => Exit::FindingsUnknown,
            () => Exit::Ok,
        }
    }
}

/// Answers that were kept tell nothing of what was done since.
fn tell_age(header: &Header, now: Timestamp) {
    if now.duration_since(header.until) > OLD {
        write_stderr(&format!(
            "note: the answers that were kept end on {}; name another file with --keep to hear of what was done since\n",
            header.until
        ));
    }
}

/// Asks, and keeps each answer as it comes.
async fn asked(
    session: &Session,
    query: UsageQuery<'_>,
    bar: &Bar,
    mut file: Option<&mut UsageFile>,
) -> Result<(Vec<PlaceUsage>, UsageEffort), Failure> {
    let (mut places, mut failed) = (Vec::new(), None);
    let stop = AtomicBool::new(false);
    let mut keep = |place: PlaceUsage| {
        failed = file.as_mut().and_then(|file| file.keep(&place).err());
        places.push(place);
        match failed.is_some() || stop.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    };
    let effort = {
        let mut work = std::pin::pin!(collect_usage(session, query, bar, &mut keep));
        tokio::select! {
            effort = &mut work => effort?,
            _ = tokio::signal::ctrl_c() => {
                stop.store(true, Ordering::Relaxed);
                write_stderr("stopping: no further place is asked, and what answered is shown\n");
                work.await?
            }
        }
    };
    match failed {
        Some(failure) => Err(failure),
        None => Ok((places, effort)),
    }
}

/// Without the policies of today nobody knows what tomorrow's would change.
fn unread(gap: Gap) -> Failure {
    Failure::usage(format!("cannot tell whom new policies would bind without {gap}"))
        .hint("the permissions that a run needs are listed in policies/roles/audit.json; nothing was changed")
}
