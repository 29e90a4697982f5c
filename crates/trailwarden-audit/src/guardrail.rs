//! The service control policies that bind an account, and the calls with which it could blind its trails.

use std::collections::BTreeSet;

use trailwarden_model::baseline::Baseline;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Snapshot;
use trailwarden_policy::{
    Call, Chain, Future, FutureKind, Question, TRAIL_TAMPER_ACTIONS, regions_of_partition, tamper,
};

use crate::cx::Cx;

/// What binds an account, and the calls of the core set on the trails that record it.
pub struct Guardrail {
    /// The service control policies from the root to the account.
    pub chain: Chain,
    /// The calls that should be denied.
    pub calls: Vec<Call>,
    /// Principals that may make them: patterns over ARNs, from the baseline.
    pub exceptions: Vec<String>,
}

/// The guardrails of all accounts of a snapshot, for those who ask about them outside an audit.
pub struct Guardrails<'a> {
    cx: Cx<'a>,
}

impl<'a> Guardrails<'a> {
    /// Reads the policies of a snapshot, each once.
    pub fn new(snapshot: &'a Snapshot, baseline: &'a Baseline) -> Self {
        Self { cx: Cx::new(snapshot, baseline) }
    }

    /// The guardrail of an account. Fails when the policies or the tree could not be read.
    pub fn of(&self, account: &AccountId) -> Result<Guardrail, Gap> {
        self.cx.guardrail(account)
    }

    /// Why trails of an account may have gone unseen, with the guardrail of those that it may have there; none when all were
    /// listed.
    pub fn of_hidden_trails(&self, account: &AccountId) -> Result<Option<(Gap, Guardrail)>, Gap> {
        self.cx.guardrail_of_hidden_trails(account)
    }
}

impl Guardrail {
    /// The question whether somebody can still make the calls.
    pub(crate) fn question<'q>(&'q self, cx: &Cx<'q>) -> Question<'q> {
        Question { chain: &self.chain, partition: cx.partition(), calls: &self.calls, exceptions: &self.exceptions }
    }
}

impl Cx<'_> {
    /// The guardrail of an account. Fails when the policies or the tree could not be read.
    pub(crate) fn guardrail(&self, account: &AccountId) -> Result<Guardrail, Gap> {
        let chains = self.chains.as_ref().map_err(Clone::clone)?;
        let chain = chains.of(account)?;
        let calls = tamper_calls(&self.trails_at_stake(account, &chain)?);
        Ok(Guardrail { chain, calls, exceptions: self.baseline.tamper_exceptions.iter().cloned().collect() })
    }

    /// The gap of an account that could not be entered, or of its first region whose trails could not be listed, with the
    /// guardrail of the trails that it may have there; none when all trails were listed.
    pub(crate) fn guardrail_of_hidden_trails(&self, account: &AccountId) -> Result<Option<(Gap, Guardrail)>, Gap> {
        let (gap, regions) = match self.entered(account) {
            Err(gap) => (gap, self.regions_of(account)),
            Ok(seen) => {
                let unread = seen.regions.iter().find_map(|(region, here)| Some((region, here.trails.gap()?)));
                let Some((region, gap)) = unread else { return Ok(None) };
                (gap.clone(), vec![region.as_str()])
            }
        };
        let guardrail = self.guardrail(account)?;
        let trails = self.own_trails(&guardrail.chain, &regions)?;
        Ok(Some((gap, Guardrail { calls: tamper_calls(&trails.into_iter().collect()), ..guardrail })))
    }

    /// The ARNs of the trails an account shows. One that shows none is asked about the trails it might create; one that
    /// could not be entered, about the organization's trails besides.
    fn trails_at_stake(&self, account: &AccountId, chain: &Chain) -> Result<BTreeSet<String>, Gap> {
        let seen = self.snapshot.accounts.get(account);
        let here = seen.iter().flat_map(|seen| seen.regions.values()).filter_map(|here| here.trails.known());
        let mut trails: BTreeSet<String> = here.flat_map(|trails| trails.keys()).map(ToString::to_string).collect();
        if self.entered(account).is_err() {
            let of_organization = self.snapshot.trails.values().filter(|trail| trail.is_organization);
            trails.extend(of_organization.map(|trail| trail.arn.to_string()));
            trails.insert(self.future(chain, &self.regions_of(account)).usual(FutureKind::Trail));
        } else if trails.is_empty() {
            trails.extend(self.own_trails(chain, &self.regions_of(account))?);
        }
        Ok(trails)
    }

    /// The regions in which an account may make trails, the leader region first; those of its partition when it could not be
    /// entered.
    fn regions_of(&self, account: &AccountId) -> Vec<&str> {
        let everywhere = regions_of_partition(self.partition());
        let enabled = self.snapshot.accounts.get(account).into_iter().flat_map(|seen| seen.regions.keys());
        let mut regions: Vec<&str> = enabled.map(Region::as_str).collect();
        if regions.is_empty() {
            return everywhere;
        }
        regions.sort_by_key(|region| everywhere.first() != Some(region));
        regions
    }

    /// Trails that stand for all that the account of a chain may make in some regions.
    fn own_trails(&self, chain: &Chain, regions: &[&str]) -> Result<Vec<String>, Gap> {
        let trails = self.future(chain, regions).arns(FutureKind::Trail, chain);
        trails.map_err(|reason| self.undecided_policies(reason.to_string()))
    }

    fn future<'f>(&'f self, chain: &'f Chain, regions: &'f [&'f str]) -> Future<'f> {
        Future { partition: self.partition(), account: &chain.account, regions }
    }
}

/// Each core action on each trail, and leaving the organization.
fn tamper_calls(trails: &BTreeSet<String>) -> Vec<Call> {
    let on_trails = TRAIL_TAMPER_ACTIONS.iter().flat_map(|action| {
        trails.iter().map(move |trail| Call { action: (*action).to_owned(), resource: trail.clone() })
    });
    on_trails.chain([tamper::leave()]).collect()
}
