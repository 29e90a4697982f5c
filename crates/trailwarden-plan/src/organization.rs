//! The organization trail: upgraded where there is one, converted from a plain trail where that does, created otherwise.

use std::collections::BTreeSet;

use serde_json::json;
use trailwarden_model::ids::Region;
use trailwarden_model::organization::{CLOUDTRAIL_PRINCIPAL, FeatureSet};
use trailwarden_model::plan::{Aspect, Call, Choice, Hindrance, Rollback};
use trailwarden_model::trail::{Selectors, Trail};

use crate::archive;
use crate::asks::{Asks, TrailWant, want};
use crate::bench::{Bench, Draft, Earlier, Findings, Phase, subject};
use crate::facts::Stop;
use crate::inputs::Group;
use crate::trails::bucket_place;

mod new;

pub(crate) use new::NewTrail;

/// Plans the organization trail. What an existing trail must become is added to what is wanted of trails; a new one is
/// returned, for the alarms on it.
pub(crate) fn plan(bench: &mut Bench<'_>, asks: &mut Asks) -> Option<NewTrail> {
    let mut findings: Findings = asks.organization.union(&asks.centralization).cloned().collect();
    findings.extend(asks.events.values().flatten().cloned());
    if findings.is_empty() {
        return None;
    }
    let management = bench.management().clone();
    if !bench.inputs.options.takes(Group::Organization) {
        bench.leave(&management, None, &findings, crate::asks::left_out());
        return None;
    }
    let mut made = None;
    bench.target(&management, None, &findings, |bench| {
        check_organization(bench)?;
        let present = present(bench)?;
        // Without it no trail becomes one of the organization, whatever asks for that.
        if present.is_none_or(|trail| !trail.is_organization) {
            trust(bench, &findings)?;
        } else if !asks.organization.is_empty() {
            trust(bench, &asks.organization)?;
        }
        match present {
            Some(trail) => upgrade(bench, trail, asks),
            None => made = Some(new::create(bench, &findings)?),
        }
        Ok(())
    });
    made
}

fn check_organization(bench: &Bench<'_>) -> Result<(), Stop> {
    let snapshot = bench.inputs.snapshot;
    if snapshot.organization.feature_set != FeatureSet::All {
        let reason = "organization trails need all features, and the organization has consolidated billing only";
        return Err(Stop::new(Hindrance::Manual, reason));
    }
    let management = &snapshot.organization.management_account;
    let Some(seen) = snapshot.accounts.get(management) else {
        let reason = format!("the management account {management} was left out, where the organization trail belongs");
        return Err(Stop::new(Hindrance::Manual, reason).hint("plan with the management account in scope"));
    };
    seen.entered_as.get()?;
    for region in seen.regions.values() {
        region.trails.get()?;
    }
    Ok(())
}

/// Trusted access, without which nothing reaches the members.
fn trust(bench: &mut Bench<'_>, findings: &Findings) -> Result<(), Stop> {
    let (management, leader) = (bench.management().clone(), bench.leader()?);
    let service = CLOUDTRAIL_PRINCIPAL.to_owned();
    let aspect = Aspect::TrustedAccess { service: service.clone() };
    let before = bench.look(&management, &leader, aspect.clone())?;
    if before == json!(true) {
        return Ok(());
    }
    bench.step(Draft {
        phase: Phase::Trust,
        title: "give CloudTrail trusted access to the organization".to_owned(),
        subject: subject(&management, &leader, aspect),
        call: Call::EnableAwsServiceAccess { service_principal: service.clone() },
        before: Earlier::Is(before),
        after: json!(true),
        guards: vec![],
        needs: BTreeSet::new(),
        findings: findings.clone(),
        rollback: Rollback::Undo(Call::DisableAwsServiceAccess { service_principal: service }),
        cost: None,
    })?;
    Ok(())
}

/// The trail that is, or is to become, the organization trail.
fn present<'a>(bench: &mut Bench<'a>) -> Result<Option<&'a Trail>, Stop> {
    let snapshot = bench.inputs.snapshot;
    let management = &snapshot.organization.management_account;
    let own: Vec<&Trail> = snapshot.trails.values().filter(|trail| trail.owner == *management).collect();
    let best = own.iter().filter(|trail| trail.is_organization).max_by_key(|trail| trail.is_multi_region);
    if let Some(trail) = best {
        return Ok(Some(trail));
    }
    let is_archived =
        |trail: &&&Trail| bucket_place(snapshot, &trail.bucket).is_some_and(|(owner, _)| owner != *management);
    let candidate = own.iter().filter(is_archived).max_by_key(|trail| trail.is_multi_region).copied();
    let Some(trail) = candidate else { return Ok(None) };
    match bench.check_owner(&trail.owner, &trail.home_region, trail.arn.as_str(), &trail.name) {
        Ok(()) => {}
        // Somebody else's trail stays; ours comes beside it.
        Err(Stop::Hindered { .. }) => return Ok(None),
        Err(stop) => return Err(stop),
    }
    bench.choose(Choice {
        what: "organization trail".to_owned(),
        chosen: trail.name.clone(),
        because: "the management account has it already, and its bucket is in a member account".to_owned(),
        otherwise: None,
    });
    Ok(Some(trail))
}

/// What a trail that is there lacks to serve the findings.
fn upgrade(bench: &mut Bench<'_>, trail: &Trail, asks: &mut Asks) {
    let archives = archive::candidate(bench).map(|(account, _)| account);
    let holder = bucket_place(bench.inputs.snapshot, &trail.bucket).map(|(owner, _)| owner);
    let mut wants: Vec<(TrailWant, Findings)> = Vec::new();
    let lacks = [
        (TrailWant::Organization, !trail.is_organization),
        (TrailWant::MultiRegion, !trail.is_multi_region),
        (TrailWant::GlobalEvents, !trail.includes_global_service_events),
        (TrailWant::Logging, !is_logging(bench, trail)),
        (TrailWant::Management, !takes_management(trail)),
    ];
    for (one, _) in lacks.into_iter().filter(|(_, is_lacking)| *is_lacking) {
        wants.push((one, asks.organization.union(&asks.centralization).cloned().collect()));
    }
    let is_elsewhere = holder.is_some() && archives.as_ref().ok() != holder.as_ref();
    if !asks.centralization.is_empty() && is_elsewhere {
        if bench.inputs.options.move_bucket {
            wants.push((TrailWant::Archive, asks.centralization.clone()));
        } else {
            let reason = format!(
                "trail {} delivers to bucket {}, which no log archive account owns; whoever reads that bucket would miss new files",
                trail.name, trail.bucket
            );
            let stop = Stop::new(Hindrance::OnRequest, reason).hint("plan with --move-bucket");
            bench.leave(&trail.owner, Some(trail.arn.to_string()), &asks.centralization.clone(), stop);
        }
    }
    wants.extend(asks.events.iter().map(|(one, findings)| (*one, findings.clone())));
    let is_complete = wants.iter().all(|(one, _)| asks.events.contains_key(one));
    let mut open = asks.organization.clone();
    if !is_elsewhere {
        open.extend(asks.centralization.iter().cloned());
    }
    if is_complete && !open.is_empty() {
        let reason = format!(
            "trail {} records the organization as far as it is in its hands; AWS makes the replicas of new accounts and regions",
            trail.name
        );
        let stop = Stop::new(Hindrance::Manual, reason);
        let stop = stop.hint("wait some hours for a replica; where none appears, ask AWS support");
        bench.leave(&trail.owner, Some(trail.arn.to_string()), &open, stop);
    }
    let of_trail = asks.trails.entry(trail.arn.clone()).or_default();
    for (one, findings) in wants {
        findings.into_iter().for_each(|finding| want(of_trail, one, finding));
    }
}

/// Whether a trail is logging at home, as far as is known.
pub(crate) fn is_logging(bench: &Bench<'_>, trail: &Trail) -> bool {
    let owner = bench.inputs.snapshot.accounts.get(&trail.owner);
    let home = owner.and_then(|owner| owner.regions.get(&trail.home_region));
    let status = home.and_then(|home| home.trails.known()?.get(&trail.arn)?.known());
    status.is_none_or(|status| status.is_logging)
}

/// Whether some selector takes management events at all; which of them are missed is told by findings of their own.
pub(crate) fn takes_management(trail: &Trail) -> bool {
    match trail.selectors.known() {
        Some(Selectors::Basic(selectors)) => {
            selectors.is_empty() || selectors.iter().any(|selector| selector.include_management_events)
        }
        Some(Selectors::Advanced(selectors)) => selectors.iter().flat_map(|selector| &selector.fields).any(|field| {
            field.field == "eventCategory" && field.equals.iter().any(|category| category == "Management")
        }),
        None => true,
    }
}

impl Bench<'_> {
    /// The leader region of the partition, where global services are called.
    pub(crate) fn leader(&self) -> Result<Region, Stop> {
        let partition = trailwarden_model::partition::Partition::by_id(self.partition());
        let unknown = || Stop::new(Hindrance::Impossible, format!("partition {} is not known", self.partition()));
        partition.and_then(trailwarden_model::partition::Partition::leader).ok_or_else(unknown)
    }
}
