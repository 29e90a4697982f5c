//! event-data-stores-protected: event data stores of CloudTrail Lake are encrypted, kept long enough, and hard to delete.

use trailwarden_model::control::Severity;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::log_source::EventDataStore;
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::snapshot::Need;

use crate::control::{Applies, Control, Judge, Judged, Regions};
use crate::cx::Cx;
use crate::verdict::{Tally, Verdict, enumerate, fact};

pub(super) static CONTROL: Control = Control {
    id: "event-data-stores-protected",
    title: "Event data stores are encrypted, kept and protected from deletion",
    severity: Severity::Medium,
    practice: None,
    needs: &[Need::EventDataStores],
    rule: "Passes when every event data store homed in the account and region is encrypted with a customer managed key, has \
           termination protection, and keeps events for the retention of the baseline (365 days). Fails as well on one that \
           is pending deletion or whose ingestion was stopped. A store of the organization is judged in the management \
           account. Does not apply where there is no store.",
    why: "An event data store is a second copy of the record. Unprotected it is deleted in one call, and with a short \
          retention it is empty when an investigation begins.",
    remedy: "Switch termination protection on, extend the retention, and give the store a customer managed key; a key cannot \
             be changed later, so a store with the wrong one needs a successor. Restore a store that is pending deletion, and \
             start ingestion again, unless it is given up on purpose.",
    references: &[
        "CloudTrail User Guide: Event data stores, event data store lifecycle",
        "CloudTrail API Reference: GetEventDataStore, UpdateEventDataStore, RestoreEventDataStore, StartEventDataStoreIngestion",
    ],
    frameworks: &[
        ("aws-fsbp-1.0.0", &["CloudTrail.10"]),
        ("nist-800-53-r5", &["AU-9", "AU-11", "SI-7"]),
        ("pci-dss-4.0.1", &["10.3.2", "10.5.1"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("mitre-attack", &["T1485"]),
    ],
    applies: Applies::Always,
    judge: Judge::AccountRegion(Regions::All, judge),
};

fn judge(cx: &Cx<'_>, account: &AccountId, region: &Region) -> Judged {
    let missing = || Gap::not_collected("cloudtrail:ListEventDataStores", Some(account), Some(region));
    let here = cx.entered(account)?.regions.get(region).ok_or_else(missing)?;
    let stores = here.event_data_stores.get()?;
    let place = format!("{} in {region}", cx.name(account));
    if stores.is_empty() {
        return Ok(Verdict::not_applicable(format!("There is no event data store in {place}")));
    }
    let required = cx.required(account).map(|required| required.retention_days);
    let mut tally = Tally::default();
    let mut names = Vec::new();
    for store in stores {
        let seen = |text: String| fact(text, "cloudtrail:GetEventDataStore", account, Some(region));
        match life(store, account, region) {
            Life::Ending(word) => tally.fail(seen(format!("event data store {} is {word}", store.name))),
            Life::NotKnown(gap) => tally.gap(gap),
            Life::Fine => {}
        }
        let flaws = flaws(store, required.as_ref().ok().copied());
        if flaws.is_empty() {
            tally.support(seen(format!("event data store {} is encrypted, kept and protected", store.name)));
        } else {
            tally.fail(seen(format!("event data store {} {}", store.name, flaws.join(" and "))));
        }
        names.push(&store.name);
    }
    if let Err(gap) = required {
        tally.gap(gap);
    }
    Ok(tally.settle(
        cx,
        || format!("The event data stores of {place} are encrypted, kept and protected: {}", enumerate(&names)),
        |failures| {
            let facts: Vec<&str> = failures.iter().map(|seen| seen.fact.as_str()).collect();
            format!("Events kept in {place} are not protected: {}", facts.join("; "))
        },
    ))
}

/// Whether a store still takes events in.
enum Life {
    Fine,
    Ending(&'static str),
    NotKnown(Gap),
}

/// Source: CloudTrail API Reference, `EventDataStore`, `Status`.
fn life(store: &EventDataStore, account: &AccountId, region: &Region) -> Life {
    match store.status.as_str() {
        "CREATED" | "ENABLED" | "STARTING_INGESTION" => Life::Fine,
        "PENDING_DELETION" => Life::Ending("pending deletion"),
        "STOPPING_INGESTION" | "STOPPED_INGESTION" => Life::Ending("stopped: it takes no events in"),
        other => Life::NotKnown(Gap {
            kind: GapKind::Unexpected,
            call: "cloudtrail:GetEventDataStore".to_owned(),
            account: Some(account.clone()),
            region: Some(region.clone()),
            code: "UnknownStatus".to_owned(),
            reason: format!("event data store {} has status {other}, which this version does not know", store.name),
        }),
    }
}

/// What a store lacks; its retention only where the required one is known.
fn flaws(store: &EventDataStore, required_days: Option<u32>) -> Vec<String> {
    let is_short = required_days.is_some_and(|required| i64::from(store.retention_days) < i64::from(required));
    [
        store.kms_key.is_none().then(|| "has no customer managed key".to_owned()),
        (!store.termination_protection).then(|| "has no termination protection".to_owned()),
        is_short.then(|| format!("keeps events for {} days only", store.retention_days)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use trailwarden_model::baseline::Override;
    use trailwarden_model::finding::{Finding, Outcome};
    use trailwarden_model::log_source::EventDataStore;
    use trailwarden_model::observed::Observed;
    use trailwarden_model::snapshot::RegionSnapshot;

    use crate::testing::{HOME, LEADER, WORKLOAD, World, account, arn, denied, region};

    const ID: &str = super::CONTROL.id;

    fn with(stores: Observed<Vec<EventDataStore>>) -> World {
        World::clean().edit(|snapshot| here_in(snapshot).event_data_stores = stores)
    }

    fn here_in(snapshot: &mut trailwarden_model::snapshot::Snapshot) -> &mut RegionSnapshot {
        let seen = snapshot.accounts.get_mut(&account(WORKLOAD)).expect("in scope");
        seen.regions.get_mut(&region(HOME)).expect("a region")
    }

    fn store(change: impl FnOnce(&mut EventDataStore)) -> World {
        let mut store = EventDataStore {
            arn: arn("arn:aws:cloudtrail:eu-west-1:333333333333:eventdatastore/0a"),
            name: "lake".to_owned(),
            status: "ENABLED".to_owned(),
            is_organization: false,
            is_multi_region: true,
            termination_protection: true,
            retention_days: 366,
            kms_key: Some("arn:aws:kms:eu-west-1:333333333333:key/0b".to_owned()),
            region: region(HOME),
        };
        change(&mut store);
        with(Observed::Known(vec![store]))
    }

    fn here(world: &World) -> Finding {
        world.judge(ID).at_region(WORKLOAD, HOME).clone()
    }

    #[test]
    fn no_store_does_not_apply_and_a_protected_one_passes() {
        assert_eq!(World::clean().judge(ID).outcomes(), [Outcome::NotApplicable].into());
        let world = store(|_| {});
        assert_eq!(here(&world).outcome, Outcome::Pass);
        assert_eq!(world.judge(ID).at_region(WORKLOAD, LEADER).outcome, Outcome::NotApplicable);
    }

    #[test]
    fn each_missing_protection_fails_with_its_word() {
        type Flaw = fn(&mut EventDataStore);
        let cases: [(Flaw, &str); 5] = [
            (|store| store.kms_key = None, "no customer managed key"),
            (|store| store.termination_protection = false, "no termination protection"),
            (|store| store.retention_days = 90, "90 days only"),
            (|store| store.status = "PENDING_DELETION".to_owned(), "pending deletion"),
            (|store| store.status = "STOPPED_INGESTION".to_owned(), "stopped"),
        ];
        for (flaw, word) in cases {
            let finding = here(&store(flaw));
            assert_eq!(finding.outcome, Outcome::Fail, "{word}");
            assert!(finding.reason.contains(word), "{}", finding.reason);
        }
    }

    #[test]
    fn the_retention_is_that_of_the_account() {
        let seven_years = Override { retention_days: Some(2555), ..Override::default() };
        let world = store(|_| {}).baseline(|baseline| {
            baseline.overrides.insert(WORKLOAD.to_owned(), seven_years);
        });
        assert_eq!(here(&world).outcome, Outcome::Fail);
    }

    #[test]
    fn a_status_of_the_future_is_unknown_unless_something_fails() {
        assert_eq!(here(&store(|store| store.status = "MIGRATING".to_owned())).outcome, Outcome::Unknown);
        let both = store(|store| {
            store.status = "MIGRATING".to_owned();
            store.kms_key = None;
        });
        assert_eq!(here(&both).outcome, Outcome::Fail);
    }

    #[test]
    fn a_listing_that_was_refused_is_unknown_and_trails_do_not_matter() {
        let refused = with(Observed::Gap(denied("cloudtrail:ListEventDataStores")));
        assert_eq!(here(&refused).outcome, Outcome::Unknown);
        assert_eq!(here(&store(|_| {}).unread_region(WORKLOAD, HOME)).outcome, Outcome::Pass);
    }
}
