//! management-event-sources-not-excluded: no account and region loses the management events of a source that selectors may
//! leave out.

use std::sync::LazyLock;

use trailwarden_model::control::Severity;
use trailwarden_model::finding::Evidence;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Need;

use crate::control::{Applies, Control, Judge, Judged, Regions};
use crate::coverage::{Event, EventClass, Field, Words};
use crate::cx::Cx;
use crate::demand::Demand;
use crate::reach::Coverage;
use crate::verdict::{Verdict, fact};

pub(super) static CONTROL: Control = Control {
    id: "management-event-sources-not-excluded",
    title: "Management events of KMS and the RDS Data API are recorded like all others",
    severity: Severity::High,
    practice: None,
    needs: &[Need::Trails, Need::TrailStatus, Need::EventSelectors, Need::BucketOwner, Need::Key],
    rule: "Fails when the trails that are logging in this account and region, taken together, record the read or the write \
           half of management events, but not those of AWS KMS or the RDS Data API in the same half. Excluded by one trail \
           and recorded by another passes. The evidence says whether write events of KMS, such as DisableKey and \
           ScheduleKeyDeletion, are lost too. A half that is not recorded at all is a matter of \
           management-events-recorded and not judged twice; where neither half is recorded this does not apply.",
    why: "Who leaves KMS out to save space also loses who disabled a key, scheduled its deletion or opened its policy: \
          calls that make data unreadable, the logs themselves included. Calls through the RDS Data API read and change \
          the data of a database.",
    remedy: "Take kms.amazonaws.com and rdsdata.amazonaws.com out of the excluded sources of one trail that reaches the \
             account and region. Where the volume of Encrypt, Decrypt and GenerateDataKey is the reason, at least let one \
             write-only trail keep the write events of KMS.",
    references: &[
        "CloudTrail User Guide: Logging management events (Logging AWS KMS events, Amazon RDS Data API events)",
    ],
    frameworks: &[
        ("aws-fsbp-1.0.0", &["CloudTrail.1"]),
        ("nist-800-53-r5", &["AU-2", "AU-12"]),
        ("pci-dss-4.0.1", &["10.2.1", "10.2.1.7"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("mitre-attack", &["T1562.008"]),
    ],
    applies: Applies::Always,
    judge: Judge::AccountRegion(Regions::WithTrails, judge),
};

/// One half of the management events of one source.
struct Half {
    demand: Demand,
    /// The same half of all other sources, without which nothing was left out by source.
    of: EventClass,
}

static KMS_WRITE: LazyLock<Half> =
    LazyLock::new(|| Half { demand: EventClass::KmsWrite.into(), of: EventClass::ManagementWrite });

/// The other halves of the sources that selectors may exclude.
static OTHERS: LazyLock<[Half; 3]> = LazyLock::new(|| {
    let rds_data = |of: EventClass, half: &str, read_only: &str| {
        let events = EventClass::RdsData.events().clone().with(Field::ReadOnly, &Words::is(read_only));
        Half { demand: Demand { events, words: format!("management {half} events of rdsdata.amazonaws.com") }, of }
    };
    [
        Half { demand: EventClass::KmsRead.into(), of: EventClass::ManagementRead },
        rds_data(EventClass::ManagementWrite, "write", "false"),
        rds_data(EventClass::ManagementRead, "read", "true"),
    ]
});

/// What became of the halves.
#[derive(Default)]
struct Sum {
    lost: Vec<(&'static str, Event)>,
    undecided: Option<Gap>,
    recorded: Vec<Evidence>,
    shortfalls: Vec<Evidence>,
}

fn judge(cx: &Cx<'_>, account: &AccountId, region: &Region) -> Judged {
    let place = format!("{} in {region}", cx.name(account));
    let words = "management events of kms.amazonaws.com and rdsdata.amazonaws.com";
    match cx.covered(account, region, EventClass::all_excludable(), &words, |_| true)? {
        Coverage::Covered(recorded) => Ok(pass(&place, recorded)),
        Coverage::Undecided(_) | Coverage::Lost(..) => judge_halves(cx, account, region, &place),
    }
}

fn pass(place: &str, recorded: Vec<Evidence>) -> Verdict {
    Verdict::pass(format!("No source is left out of the management events of {place}")).with(recorded)
}

fn judge_halves(cx: &Cx<'_>, account: &AccountId, region: &Region, place: &str) -> Judged {
    let mut sum = Sum::default();
    let kms_write = sum.add(cx, account, region, &KMS_WRITE)?;
    for half in OTHERS.iter() {
        sum.add(cx, account, region, half)?;
    }
    let Sum { lost, undecided, mut recorded, mut shortfalls } = sum;
    let Some((_, example)) = lost.first() else {
        let nothing = || format!("No management events of {place} are recorded at all; see management-events-recorded");
        recorded.dedup();
        return match (undecided, recorded.is_empty()) {
            (Some(gap), _) => Err(gap),
            (None, true) => Ok(Verdict::not_applicable(nothing())),
            (None, false) => Ok(pass(place, recorded)),
        };
    };
    let words: Vec<&str> = lost.iter().map(|(words, _)| *words).collect();
    let reason = format!("{place} loses {}; for example {example} would not be recorded", words.join(" and "));
    shortfalls.dedup();
    Ok(Verdict::fail(reason)
        .with([fact(kms_write, "cloudtrail:GetEventSelectors", account, Some(region))])
        .with(shortfalls))
}

impl Sum {
    /// Counts one half, and says in words what became of it.
    fn add(&mut self, cx: &Cx<'_>, account: &AccountId, region: &Region, half: &'static Half) -> Result<String, Gap> {
        let Demand { events, words } = &half.demand;
        let end = match cx.covered(account, region, events, words, |_| true)? {
            Coverage::Covered(recorded) => {
                self.recorded.extend(recorded);
                "are recorded"
            }
            Coverage::Undecided(gap) => {
                self.undecided.get_or_insert(gap);
                "may be lost"
            }
            Coverage::Lost(event, shortfalls) => {
                match cx.covered(account, region, half.of.events(), &half.of, |_| true)? {
                    Coverage::Covered(_) => {
                        self.lost.push((words, event));
                        self.shortfalls.extend(shortfalls);
                    }
                    Coverage::Undecided(gap) => self.undecided = self.undecided.take().or(Some(gap)),
                    Coverage::Lost(..) => {}
                }
                "are lost"
            }
        };
        Ok(format!("{words} {end}"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use trailwarden_model::finding::{Finding, Outcome};
    use trailwarden_model::observed::{GapKind, Observed};
    use trailwarden_model::trail::{BasicSelector, ReadWriteType, Selectors};

    use crate::testing::selectors::{advanced, basic, equals, not_equals};
    use crate::testing::{HOME, ORG_TRAIL, WORKLOAD, World, denied};

    const ID: &str = super::CONTROL.id;

    fn but(read_write: ReadWriteType, sources: &[&str]) -> Selectors {
        Selectors::Basic(vec![BasicSelector {
            read_write,
            include_management_events: true,
            exclude_management_event_sources: sources.iter().map(|&source| source.to_owned()).collect::<BTreeSet<_>>(),
            data_resources: vec![],
        }])
    }

    fn recording(selectors: Selectors) -> World {
        World::clean().trail(ORG_TRAIL, |trail| trail.selectors = Observed::Known(selectors))
    }

    fn without_kms() -> World {
        recording(but(ReadWriteType::All, &["kms.amazonaws.com"]))
    }

    fn here(world: &World) -> Finding {
        world.judge(ID).at_region(WORKLOAD, HOME).clone()
    }

    fn facts(finding: &Finding) -> String {
        finding.evidence.iter().map(|seen| seen.fact.as_str()).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn nothing_excluded_passes() {
        assert_eq!(World::clean().judge(ID).outcomes(), [Outcome::Pass].into());
    }

    #[test]
    fn kms_excluded_everywhere_fails_and_says_that_writes_are_lost() {
        let finding = here(&without_kms());
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("kms.amazonaws.com ScheduleKeyDeletion"), "{}", finding.reason);
        let said = facts(&finding);
        assert!(said.contains("management write events of kms.amazonaws.com are lost"), "{said}");
        let advanced = advanced(vec![vec![
            equals("eventCategory", "Management"),
            not_equals("eventSource", "rdsdata.amazonaws.com"),
        ]]);
        let finding = here(&recording(advanced));
        assert_eq!(finding.outcome, Outcome::Fail);
        let said = facts(&finding);
        assert!(said.contains("management write events of kms.amazonaws.com are recorded"), "{said}");
    }

    #[test]
    fn a_second_trail_that_records_what_the_first_leaves_out_makes_a_whole() {
        let world = without_kms().add_trail("own", WORKLOAD, |trail| {
            trail.selectors = Observed::Known(but(ReadWriteType::All, &["rdsdata.amazonaws.com"]));
        });
        assert_eq!(here(&world).outcome, Outcome::Pass);
        let stopped = world.status("own", (WORKLOAD, HOME), |status| status.is_logging = false);
        assert_eq!(here(&stopped).outcome, Outcome::Fail);
    }

    #[test]
    fn a_write_only_trail_beside_keeps_the_writes_of_kms_alone() {
        let world = without_kms().add_trail("writes", WORKLOAD, |trail| {
            trail.selectors = Observed::Known(basic(ReadWriteType::WriteOnly, true));
        });
        let finding = here(&world);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("loses management read events of kms.amazonaws.com;"), "{}", finding.reason);
        assert!(facts(&finding).contains("management write events of kms.amazonaws.com are recorded"));
    }

    #[test]
    fn a_half_that_is_not_recorded_at_all_is_not_judged_here() {
        assert_eq!(World::bare().judge(ID).outcomes(), [Outcome::NotApplicable].into());
        assert_eq!(here(&recording(basic(ReadWriteType::WriteOnly, true))).outcome, Outcome::Pass);
        let writes = here(&recording(but(ReadWriteType::WriteOnly, &["kms.amazonaws.com"])));
        assert_eq!(writes.outcome, Outcome::Fail);
        assert!(!writes.reason.contains("read"), "{}", writes.reason);
    }

    #[test]
    fn selectors_or_a_status_that_were_not_read_are_unknown_unless_another_trail_decides() {
        let unread = World::clean().trail(ORG_TRAIL, |trail| {
            trail.selectors = Observed::Gap(denied("cloudtrail:GetEventSelectors"));
        });
        assert_eq!(here(&unread).outcome, Outcome::Unknown);
        let blind = without_kms().status_gap(ORG_TRAIL, (WORKLOAD, HOME), GapKind::Throttled);
        assert_eq!(here(&blind).outcome, Outcome::Unknown, "it may not be logging at all");
        let sure = blind.add_trail("own", WORKLOAD, |trail| {
            trail.selectors = Observed::Known(but(ReadWriteType::All, &["kms.amazonaws.com"]));
        });
        assert_eq!(here(&sure).outcome, Outcome::Fail);
    }
}
