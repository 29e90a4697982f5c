//! The service control policies that bind an account, and the calls with which it could blind its trails.

use std::collections::BTreeSet;

use trailwarden_model::baseline::Baseline;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Snapshot;
use trailwarden_policy::{Call, Chain, Question, TRAIL_TAMPER_ACTIONS, tamper};

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

    /// The first region whose trails could not be listed, as the gap of the read, with the guardrail of a trail of the account
    /// there; none when every region was read.
    pub fn of_hidden_trail(&self, account: &AccountId) -> Result<Option<(Gap, Guardrail)>, Gap> {
        let Some((region, gap)) = self.cx.unread_region(account) else { return Ok(None) };
        Ok(Some((gap.clone(), self.cx.guardrail_of_hidden_trail(account, region)?)))
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
        Ok(Guardrail {
            chain: chains.of(account)?,
            calls: tamper_calls(&self.trails_at_stake(account)),
            exceptions: self.baseline.tamper_exceptions.iter().cloned().collect(),
        })
    }

    /// The first region of an account whose trails could not be listed, and why.
    pub(crate) fn unread_region(&self, account: &AccountId) -> Option<(&Region, &Gap)> {
        let seen = self.snapshot.accounts.get(account)?;
        seen.regions.iter().find_map(|(region, here)| Some((region, here.trails.gap()?)))
    }

    /// The guardrail of a trail that an account may have in a region whose trails could not be listed.
    pub(crate) fn guardrail_of_hidden_trail(&self, account: &AccountId, region: &Region) -> Result<Guardrail, Gap> {
        let hidden = BTreeSet::from([self.own_trail(account, region.as_str())]);
        Ok(Guardrail { calls: tamper_calls(&hidden), ..self.guardrail(account)? })
    }

    /// The ARNs of the trails an account shows. One that shows none is asked about a trail it might create; one that
    /// could not be entered, about the organization's trails besides.
    fn trails_at_stake(&self, account: &AccountId) -> BTreeSet<String> {
        let shown: BTreeSet<&Arn> = match self.snapshot.accounts.get(account) {
            Some(seen) => {
                seen.regions.values().filter_map(|here| here.trails.known()).flat_map(|trails| trails.keys()).collect()
            }
            None => BTreeSet::new(),
        };
        let own_trail = || {
            let leader = self.leader_region();
            self.own_trail(account, leader.as_ref().map_or("us-east-1", Region::as_str))
        };
        let mut trails: BTreeSet<String> = shown.into_iter().map(ToString::to_string).collect();
        if self.entered(account).is_err() {
            let of_organization = self.snapshot.trails.values().filter(|trail| trail.is_organization);
            trails.extend(of_organization.map(|trail| trail.arn.to_string()));
            trails.insert(own_trail());
        }
        if trails.is_empty() {
            trails.insert(own_trail());
        }
        trails
    }

    fn own_trail(&self, account: &AccountId, region: &str) -> String {
        format!("arn:{}:cloudtrail:{region}:{account}:trail/any-trail", self.partition())
    }
}

/// Each core action on each trail, and leaving the organization.
fn tamper_calls(trails: &BTreeSet<String>) -> Vec<Call> {
    let on_trails = TRAIL_TAMPER_ACTIONS.iter().flat_map(|action| {
        trails.iter().map(move |trail| Call { action: (*action).to_owned(), resource: trail.clone() })
    });
    on_trails.chain([tamper::leave()]).collect()
}
