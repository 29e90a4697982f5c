//! What the policies of one node deny by themselves, of the core set, in the accounts below it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use trailwarden_model::ids::AccountId;
use trailwarden_model::organization::Organization;

use crate::chain::{Chain, ChainNode};
use crate::document::Statement;
use crate::future::{Future, FutureKind, regions_of_partition};
use crate::prove::{Answer, Call, Prover, Question};
use crate::tamper;

/// To whom a node denies a call, of all accounts below it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// To everyone.
    Everyone,
    /// To everyone but these, by ARN pattern.
    AllBut(BTreeSet<String>),
    /// To some, or on some trails, or in some accounts.
    Partly,
    /// It cannot be told, for this reason.
    Undecided(String),
}

/// Asks about the nodes of an organization, one by one.
#[derive(Debug)]
pub struct Denials<'a> {
    organization: &'a str,
    partition: &'a str,
    prover: Prover,
}

impl<'a> Denials<'a> {
    /// Nothing is asked yet.
    pub fn new(organization: &'a Organization) -> Self {
        Self { organization: &organization.id, partition: organization.arn.partition(), prover: Prover::new() }
    }

    /// To whom each action of the core set is denied, in all of these accounts; actions that no policy of the node denies are
    /// left out.
    pub fn of(&self, node: &Arc<ChainNode>, members: &[&AccountId]) -> BTreeMap<String, Extent> {
        let mut denies: BTreeMap<String, Extent> = BTreeMap::new();
        if lets_all_through(node) {
            return denies;
        }
        for (index, account) in members.iter().enumerate() {
            let here = self.in_account(node, account);
            let others = denies.iter_mut().filter(|(action, extent)| here.get(*action) != Some(*extent));
            others.for_each(|(_, extent)| *extent = Extent::Partly);
            for (action, extent) in here {
                let is_first = index == 0;
                denies.entry(action).or_insert(if is_first { extent } else { Extent::Partly });
            }
        }
        denies
    }

    fn in_account(&self, node: &Arc<ChainNode>, account: &AccountId) -> BTreeMap<String, Extent> {
        let partition = self.partition;
        let chain = Chain {
            account: account.to_string(),
            organization: Some(self.organization.to_owned()),
            unbound: None,
            nodes: vec![Arc::clone(node)],
        };
        let future = Future { partition, account: account.as_str(), regions: &regions_of_partition(partition) };
        let trails = match future.arns(FutureKind::Trail, &chain) {
            Ok(trails) => trails,
            Err(reason) => return undecided(node, &reason.to_string()),
        };
        let mut calls: Vec<Call> = trails.iter().flat_map(|trail| tamper::on_trail(trail)).collect();
        calls.push(tamper::leave());
        let question = Question { chain: &chain, partition, calls: &calls, exceptions: &[] };
        let answers = self.prover.prove(&question);
        let exempt = match answers.iter().any(|answer| matches!(answer, Answer::Open(_))) {
            true => self.exempt(&question),
            false => Vec::new(),
        };
        let but_exempt = self.prover.prove(&Question { exceptions: &exempt, ..question });
        let extents = calls.iter().zip(answers.iter().zip(&but_exempt)).filter_map(|(call, answers)| {
            let extent = match answers {
                (Answer::Denied { .. }, _) => Extent::Everyone,
                (Answer::Undecided(reason), _) => Extent::Undecided(reason.clone()),
                (Answer::Open(_), _) if !node.may_deny(call) => return None,
                (Answer::Open(_), Answer::Denied { .. }) => Extent::AllBut(exempt.iter().cloned().collect()),
                (Answer::Open(_), Answer::Open(_) | Answer::Undecided(_)) => Extent::Partly,
            };
            Some((call.action.clone(), extent))
        });
        extents.fold(BTreeMap::new(), |mut denies, (action, extent)| {
            // Denied on some trails only, or to some.
            let known = denies.entry(action).or_insert_with(|| extent.clone());
            if *known != extent {
                *known = Extent::Partly;
            }
            denies
        })
    }

    /// Whom the policies spare, as patterns over ARNs.
    fn exempt(&self, question: &Question<'_>) -> Vec<String> {
        let found = self.prover.exemptions(question).unwrap_or_default();
        let arns: BTreeSet<String> = found.into_iter().filter(|e| e.arns.is_some()).map(|e| e.value).collect();
        arns.into_iter().collect()
    }
}

/// The actions of the core set that the node may deny, each undecided for this reason.
fn undecided(node: &ChainNode, reason: &str) -> BTreeMap<String, Extent> {
    let core = tamper::on_trail("*").into_iter().chain([tamper::leave()]).filter(|call| node.may_deny(call));
    core.map(|call| (call.action, Extent::Undecided(reason.to_owned()))).collect()
}

/// True when the node denies none of the core set for certain, as most accounts do: no Deny names it, and all is allowed.
fn lets_all_through(node: &ChainNode) -> bool {
    let core = tamper::on_trail("*").into_iter().chain([tamper::leave()]);
    node.gaps.is_empty()
        && node.statements().any(Statement::allows_everything)
        && core.into_iter().all(|call| !node.may_deny(&call))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::AttachedPolicy;
    use crate::document::{Document, Kind};

    const ALLOW: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

    /// What a node with these statements denies in two accounts.
    fn denied(statements: &[&str]) -> Vec<(String, Extent)> {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        let document = Document::parse(Kind::ServiceControl, &text);
        let policies = vec![Arc::new(AttachedPolicy { id: "p-x".to_owned(), name: "x".to_owned(), document })];
        let node = ChainNode { id: "ou-x".to_owned(), kind: Kind::ServiceControl, policies, gaps: Vec::new() };
        let members: [AccountId; 2] = ["111122223333", "444455556666"].map(|id| id.parse().expect("an id"));
        let denials = Denials { organization: "o-a1b2c3d4e5", partition: "aws", prover: Prover::new() };
        denials.of(&Arc::new(node), &members.each_ref()).into_iter().collect()
    }

    #[test]
    fn a_node_without_a_deny_denies_nothing() {
        assert_eq!(denied(&[ALLOW]), []);
    }

    #[test]
    fn a_deny_is_told_with_those_it_spares() {
        let stop = "cloudtrail:StopLogging".to_owned();
        let deny = r#"{"Effect":"Deny","Action":"cloudtrail:StopLogging","Resource":"*""#;
        let admin = "arn:aws:iam::*:role/TrailAdmin";
        let but_admin = format!(r#"{deny},"Condition":{{"ArnNotLike":{{"aws:PrincipalArn":"{admin}"}}}}}}"#);
        assert_eq!(denied(&[ALLOW, &format!("{deny}}}")]), [(stop.clone(), Extent::Everyone)]);
        let spared = BTreeSet::from([admin.to_owned()]);
        assert_eq!(denied(&[ALLOW, &but_admin]), [(stop, Extent::AllBut(spared))]);
    }

    #[test]
    fn what_holds_for_some_trails_or_some_accounts_is_denied_in_part() {
        for resource in ["arn:aws:cloudtrail:*:111122223333:trail/*", "arn:aws:cloudtrail:*:*:trail/main"] {
            let deny = format!(r#"{{"Effect":"Deny","Action":"cloudtrail:StopLogging","Resource":"{resource}"}}"#);
            let extents = denied(&[ALLOW, &deny]);
            assert!(matches!(extents.as_slice(), [(_, Extent::Partly)]), "{resource}: {extents:?}");
        }
    }
}
