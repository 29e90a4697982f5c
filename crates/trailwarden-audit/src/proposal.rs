//! From a snapshot to what its baseline may want to say. Nothing here judges.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::baseline::{Baseline, DataEvents, Operations};
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::organization::{CLOUDTRAIL_PRINCIPAL, NodeId, Unit};
use trailwarden_model::proposal::Proposal;
use trailwarden_model::snapshot::{Need, Snapshot};
use trailwarden_model::storage::{BucketOwner, LogBucket};
use trailwarden_model::trail::{AdvancedSelector, BasicSelector, ReadWriteType, Selectors, Trail};

use crate::cx::Cx;

/// The reads that a proposal is made from.
pub const NEEDS: [Need; 7] = [
    Need::Trails,
    Need::EventSelectors,
    Need::Insights,
    Need::BucketOwner,
    Need::BucketLifecycle,
    Need::ServiceControlPolicies,
    Need::DelegatedAdministrators,
];

/// What an organization shows.
pub fn propose(snapshot: &Snapshot) -> Proposal {
    let baseline = Baseline::default();
    let cx = Cx::new(snapshot, &baseline);
    let accounts = &snapshot.organization.accounts;
    let mut proposal = Proposal {
        organization: snapshot.organization.id.clone(),
        names: accounts.iter().map(|(id, known)| (id.clone(), known.name.clone())).collect(),
        ..Proposal::default()
    };
    proposal.gaps.extend(snapshot.accounts.values().filter_map(|seen| seen.entered_as.gap().cloned()));
    add_administrators(&cx, &mut proposal);
    add_exemptions(&cx, &mut proposal);
    snapshot.buckets.values().for_each(|bucket| add_bucket(&cx, bucket, &mut proposal));
    snapshot.trails.values().for_each(|trail| add_trail(trail, &mut proposal));
    if let Some(units) = seen(&snapshot.organization.units, &mut proposal.gaps) {
        proposal.units = units.keys().map(|id| (id.clone(), path(units, id))).collect();
    }
    proposal
}

fn seen<'o, T>(fact: &'o Observed<T>, gaps: &mut BTreeSet<Gap>) -> Option<&'o T> {
    gaps.extend(fact.gap().cloned());
    fact.known()
}

fn add_administrators(cx: &Cx<'_>, proposal: &mut Proposal) {
    let listed = seen(&cx.snapshot.organization.delegated_administrators, &mut proposal.gaps);
    for administrator in listed.into_iter().flatten() {
        let services = seen(&administrator.services, &mut proposal.gaps);
        if services.is_some_and(|services| services.contains(CLOUDTRAIL_PRINCIPAL)) {
            proposal.delegated_administrators.insert(administrator.account.clone());
        }
    }
}

fn add_exemptions(cx: &Cx<'_>, proposal: &mut Proposal) {
    for account in cx.snapshot.accounts.keys().filter(|account| !cx.is_management(account)) {
        let guardrail = match cx.guardrail(account) {
            Ok(guardrail) => guardrail,
            Err(gap) => {
                proposal.gaps.insert(gap);
                continue;
            }
        };
        // What cannot be told is said by the audit; a proposal need not be complete.
        for exemption in cx.prover.exemptions(&guardrail.question(cx)).into_iter().flatten() {
            if exemption.arns.is_some() && exemption.value.starts_with("arn:") {
                let places = proposal.exemptions.entry(exemption.value.clone()).or_default();
                places.insert(exemption.place.to_string());
            }
        }
    }
}

fn add_bucket(cx: &Cx<'_>, bucket: &LogBucket, proposal: &mut Proposal) {
    let is_central = cx.trails_of_bucket(&bucket.name).iter().any(|trail| trail.is_organization);
    if let Some(BucketOwner::Account(owner)) = seen(&bucket.owner, &mut proposal.gaps)
        && is_central
        && !cx.is_management(owner)
    {
        proposal.log_archive_accounts.entry(owner.clone()).or_default().insert(bucket.name.clone());
    }
    let rules = seen(&bucket.lifecycle, &mut proposal.gaps).into_iter().flatten();
    let days = rules.filter(|rule| rule.enabled && !rule.has_tag_filter).filter_map(|rule| rule.expiration_days);
    if let Some(days) = days.min().and_then(|days| u32::try_from(days).ok()) {
        proposal.expiries.insert(bucket.name.clone(), days);
    }
}

fn add_trail(trail: &Trail, proposal: &mut Proposal) {
    for insight in seen(&trail.insights, &mut proposal.gaps).into_iter().flatten() {
        proposal.insights.entry(insight.clone()).or_default().insert(trail.name.clone());
    }
    let events: Vec<DataEvents> = match seen(&trail.selectors, &mut proposal.gaps) {
        Some(Selectors::Basic(selectors)) => selectors.iter().flat_map(of_basic).collect(),
        Some(Selectors::Advanced(selectors)) => selectors.iter().flat_map(of_advanced).collect(),
        None => vec![],
    };
    for selected in events {
        proposal.data_events.entry(selected).or_default().insert(trail.name.clone());
    }
}

fn of_basic(selector: &BasicSelector) -> Vec<DataEvents> {
    let operations = match selector.read_write {
        ReadWriteType::ReadOnly => Operations::Read,
        ReadWriteType::WriteOnly => Operations::Write,
        ReadWriteType::All | ReadWriteType::Other(_) => Operations::All,
    };
    let mut events = vec![];
    for resource in &selector.data_resources {
        events.extend(resource.values.iter().map(|value| DataEvents {
            resource_type: resource.resource_type.clone(),
            // `arn:aws:s3` stands for every resource of the type.
            arn_prefix: Some(value.clone()).filter(|value| value.splitn(6, ':').count() == 6),
            operations,
        }));
    }
    events
}

fn of_advanced(selector: &AdvancedSelector) -> Vec<DataEvents> {
    let field = |name: &str| selector.fields.iter().find(|field| field.field == name);
    let is = |name: &str, value: &str| field(name).is_some_and(|field| field.equals == [value]);
    let operations = match (is("readOnly", "true"), is("readOnly", "false")) {
        (true, _) => Operations::Read,
        (_, true) => Operations::Write,
        _ => Operations::All,
    };
    let types = field("resources.type").filter(|_| is("eventCategory", "Data"));
    let prefixes: Vec<Option<String>> = match field("resources.ARN") {
        Some(arns) if !arns.starts_with.is_empty() => arns.starts_with.iter().cloned().map(Some).collect(),
        _ => vec![None],
    };
    let mut events = vec![];
    for resource_type in types.into_iter().flat_map(|types| &types.equals) {
        events.extend(prefixes.iter().map(|prefix| DataEvents {
            resource_type: resource_type.clone(),
            arn_prefix: prefix.clone(),
            operations,
        }));
    }
    events
}

/// The names of an OU and of those above it, the uppermost first.
fn path(units: &BTreeMap<NodeId, Unit>, id: &NodeId) -> Vec<String> {
    let mut names = vec![];
    let mut at = units.get(id);
    while let Some(unit) = at.filter(|_| names.len() < units.len()) {
        names.push(unit.name.clone());
        at = units.get(&unit.parent);
    }
    names.reverse();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::clean::{ROOT, WORKLOADS_OU, guard_unless};
    use crate::testing::{ARCHIVE, World, account, denied};

    #[test]
    fn what_is_there_is_proposed() {
        let condition = serde_json::json!({"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/automation"]}});
        let world = World::clean().guard(&guard_unless(&condition), &[ROOT]);
        let proposal = propose(&world.snapshot);
        assert_eq!(proposal.log_archive_accounts.keys().collect::<Vec<_>>(), [&account(ARCHIVE)]);
        assert_eq!(proposal.exemptions.keys().collect::<Vec<_>>(), ["arn:aws:iam::*:role/automation"]);
        assert!(proposal.units.contains_key(WORKLOADS_OU), "{:?}", proposal.units);
        assert!(proposal.gaps.is_empty(), "{:?}", proposal.gaps);
    }

    #[test]
    fn what_could_not_be_read_is_said_and_not_proposed() {
        let world = World::clean().bucket(|bucket| bucket.owner = Observed::Gap(denied("s3:HeadBucket")));
        let proposal = propose(&world.snapshot);
        assert!(proposal.log_archive_accounts.is_empty());
        assert_eq!(proposal.gaps.iter().map(|gap| gap.call.as_str()).collect::<Vec<_>>(), ["s3:HeadBucket"]);
    }
}
