//! logs-centralized: management events of every region of an account reach a bucket in a log archive account.

use std::collections::BTreeSet;

use trailwarden_model::control::{BestPractice, Severity};
use trailwarden_model::finding::Evidence;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::BucketOwner;
use trailwarden_model::trail::Trail;

use super::multi_region_trail_enabled::all_unread;
use crate::control::{Accounts, Applies, Control, Judge, Judged};
use crate::coverage::{Event, EventClass, Share};
use crate::cx::Cx;
use crate::reach::Coverage;
use crate::verdict::{Tally, Verdict, enumerate, fact};

pub(super) static CONTROL: Control = Control {
    id: "logs-centralized",
    title: "Management events reach a log archive account",
    severity: Severity::High,
    practice: Some(BestPractice::Centralized),
    needs: &[Need::Trails, Need::TrailStatus, Need::EventSelectors, Need::BucketOwner, Need::Key],
    rule: "Passes when the management events of every region of the account reach a bucket that a log archive \
           account owns. Log archive accounts are those of the baseline; when it names none, the owners of the \
           buckets of organization trails, except the management account.",
    why: "Logs kept in the account they tell about fall with it: whoever takes over the account takes over its logs.",
    remedy: "Deliver to a bucket in a log archive account, best by an organization trail; name the account in the baseline \
             when it is not the owner of the organization trail's bucket.",
    references: &["AWS Security Reference Architecture: Log Archive account"],
    frameworks: &[
        ("aws-cloudtrail-best-practices", &["5"]),
        ("nist-800-53-r5", &["AU-6", "AU-9"]),
        ("pci-dss-4.0.1", &["10.3.3"]),
        ("iso-27001-2022", &["A.8.15"]),
    ],
    applies: Applies::Always,
    judge: Judge::Account(Accounts::Entered, judge),
};

fn judge(cx: &Cx<'_>, account: &AccountId) -> Judged {
    let archives = Archives::of(cx);
    let name = cx.name(account);
    if archives.known.is_empty() && archives.gap.is_none() {
        if let Some(gap) = all_unread(cx.entered(account)?) {
            return Err(gap);
        }
        let why = "the baseline names none, and no organization trail delivers to a member account";
        return Ok(Verdict::fail(format!("Events of {name} reach no log archive account: {why}"))
            .with(cx.organization_buckets()));
    }
    let mut tally = Tally::default();
    for region in cx.entered(account)?.regions.keys() {
        match region_reaches(cx, account, region, &archives) {
            Err(gap) => tally.gap(gap),
            Ok(None) => {
                tally.support(fact(
                    "management events reach a log archive account",
                    "cloudtrail:DescribeTrails",
                    account,
                    Some(region),
                ));
            }
            Ok(Some((class, event))) => {
                let text = format!("{class} reach no log archive account, for example {event}");
                tally.fail(fact(text, "cloudtrail:DescribeTrails", account, Some(region)));
            }
        }
    }
    let names: Vec<String> = archives.known.iter().map(|archive| cx.name(archive)).collect();
    Ok(tally.settle(
        cx,
        || format!("Management events of {name} reach {} from every region", enumerate(&names)),
        |failures| {
            let n_regions = failures.len();
            format!(
                "Management events of {n_regions} regions of {name} reach no log archive account: {}",
                Cx::regions(failures)
            )
        },
    ))
}

/// The first class of events that no log archive account gets; none when it gets them all.
fn region_reaches(
    cx: &Cx<'_>,
    account: &AccountId,
    region: &Region,
    archives: &Archives,
) -> Result<Option<(EventClass, Event)>, Gap> {
    let is_held = |trail: &Trail| archives.hold(cx, trail) == Ok(true);
    let whole = cx.contributions(account, region, EventClass::all_management(), is_held)?;
    if whole.iter().any(|one| one.share == Share::All) {
        return Ok(None);
    }
    let mut undecided = None;
    for class in EventClass::MANAGEMENT {
        match cx.covered(account, region, class.events(), &class, is_held)? {
            Coverage::Covered(_) => continue,
            Coverage::Undecided(gap) => undecided = undecided.or(Some(gap)),
            Coverage::Lost(event, _) => match maybe_covered(cx, account, region, class, archives)? {
                Some(gap) => undecided = undecided.or(Some(gap)),
                None => return Ok(Some((class, event))),
            },
        }
    }
    undecided.map_or(Ok(None), Err)
}

/// The gap that hides whether a trail which would cover the class delivers to a log archive account.
fn maybe_covered(
    cx: &Cx<'_>,
    account: &AccountId,
    region: &Region,
    class: EventClass,
    archives: &Archives,
) -> Result<Option<Gap>, Gap> {
    let mut hidden = None;
    let covered = cx.covered(account, region, class.events(), &class, |trail| match archives.hold(cx, trail) {
        Ok(_) => false,
        Err(gap) => {
            hidden.get_or_insert(gap);
            true
        }
    })?;
    Ok(match covered {
        Coverage::Lost(..) => None,
        Coverage::Covered(_) | Coverage::Undecided(_) => hidden,
    })
}

impl Cx<'_> {
    /// Where the organization trails deliver to, as evidence that it is no log archive account.
    fn organization_buckets(&self) -> Vec<Evidence> {
        let trails: Vec<&Trail> = self.snapshot.trails.values().filter(|trail| trail.is_organization).collect();
        if trails.is_empty() {
            let management = &self.snapshot.organization.management_account;
            return vec![fact("no organization trail is shown", "cloudtrail:DescribeTrails", management, None)];
        }
        let words = |trail: &Trail| format!("organization trail {} delivers to bucket {}", trail.name, trail.bucket);
        trails.into_iter().map(|trail| self.attribute(trail, words(trail))).collect()
    }
}

/// The log archive accounts, as far as they are known.
struct Archives {
    known: BTreeSet<AccountId>,
    /// Why there may be others.
    gap: Option<Gap>,
}

impl Archives {
    fn of(cx: &Cx<'_>) -> Self {
        match cx.log_archive_accounts() {
            Ok(known) => Self { known, gap: None },
            Err(gap) => Self { known: BTreeSet::new(), gap: Some(gap) },
        }
    }

    /// Whether the trail delivers to one of them.
    fn hold(&self, cx: &Cx<'_>, trail: &Trail) -> Result<bool, Gap> {
        match (cx.bucket(&trail.bucket)?.owner.get()?, &self.gap) {
            (BucketOwner::Account(owner), _) if self.known.contains(owner) => Ok(true),
            (BucketOwner::Account(_), Some(gap)) => Err(gap.clone()),
            _ => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::{GapKind, Observed};
    use trailwarden_model::storage::BucketOwner;
    use trailwarden_model::trail::ReadWriteType;

    use crate::testing::selectors::basic;
    use crate::testing::{ARCHIVE, HOME, LEADER, MANAGEMENT, ORG_TRAIL, WORKLOAD, World, account, denied};

    const ID: &str = super::CONTROL.id;

    fn owned_by(id: &str) -> World {
        World::clean().bucket(|bucket| bucket.owner = Observed::Known(BucketOwner::Account(account(id))))
    }

    #[test]
    fn a_bucket_in_a_member_account_centralizes_itself_included() {
        let findings = World::clean().judge(ID);
        assert_eq!(findings.outcomes(), [Outcome::Pass].into());
        assert!(findings.at(ARCHIVE).reason.contains("log-archive (222222222222)"));
    }

    #[test]
    fn where_no_trail_could_be_listed_the_archive_is_not_missing_but_unknown() {
        let world = World::bare().unread_region(WORKLOAD, HOME).unread_region(WORKLOAD, LEADER);
        assert_eq!(world.judge(ID).at(WORKLOAD).outcome, Outcome::Unknown);
        assert_eq!(world.judge(ID).at(ARCHIVE).outcome, Outcome::Fail);
    }

    #[test]
    fn a_bucket_in_the_management_account_is_no_archive_unless_declared() {
        assert_eq!(owned_by(MANAGEMENT).judge(ID).outcomes(), [Outcome::Fail].into());
        let declared = owned_by(MANAGEMENT).baseline(|b| {
            b.log_archive_accounts.insert(account(MANAGEMENT));
        });
        assert_eq!(declared.judge(ID).outcomes(), [Outcome::Pass].into());
    }

    #[test]
    fn an_undeclared_archive_fails() {
        let other = World::clean().baseline(|b| {
            b.log_archive_accounts.insert(account(WORKLOAD));
        });
        assert_eq!(other.judge(ID).outcomes(), [Outcome::Fail].into());
    }

    #[test]
    fn one_region_without_delivery_fails_and_is_named() {
        let findings = World::clean().hide(ORG_TRAIL, (WORKLOAD, LEADER)).judge(ID);
        assert_eq!(findings.at(WORKLOAD).outcome, Outcome::Fail);
        assert!(findings.at(WORKLOAD).reason.contains("us-east-1"), "{}", findings.at(WORKLOAD).reason);
        assert_eq!(findings.at(ARCHIVE).outcome, Outcome::Pass);
    }

    #[test]
    fn half_of_the_events_is_not_enough_but_two_halves_are() {
        let half = |trail: &mut trailwarden_model::trail::Trail, half| {
            trail.is_organization = true;
            trail.selectors = Observed::Known(basic(half, true));
        };
        let reads = World::bare().edit(|snapshot| snapshot.buckets = World::clean().snapshot.buckets).add_trail(
            "reads",
            MANAGEMENT,
            |trail| half(trail, ReadWriteType::ReadOnly),
        );
        assert_eq!(reads.judge(ID).outcomes(), [Outcome::Fail].into());
        let whole = reads.add_trail("writes", MANAGEMENT, |trail| half(trail, ReadWriteType::WriteOnly));
        assert_eq!(whole.judge(ID).outcomes(), [Outcome::Pass].into());
    }

    #[test]
    fn an_unread_owner_is_unknown_where_it_would_decide() {
        let hidden = World::clean().bucket(|bucket| bucket.owner = Observed::Gap(denied("s3:HeadBucket")));
        assert_eq!(hidden.judge(ID).outcomes(), [Outcome::Unknown].into());
        let stopped = hidden.status_everywhere(ORG_TRAIL, |status| status.is_logging = false);
        assert_eq!(stopped.judge(ID).outcomes(), [Outcome::Fail].into());
    }

    #[test]
    fn gaps_in_a_region_are_unknown() {
        let status = World::clean().status_gap(ORG_TRAIL, (WORKLOAD, HOME), GapKind::Throttled);
        assert_eq!(status.judge(ID).at(WORKLOAD).outcome, Outcome::Unknown);
        assert_eq!(World::clean().unread_region(WORKLOAD, HOME).judge(ID).at(WORKLOAD).outcome, Outcome::Unknown);
        assert_eq!(World::clean().unentered(WORKLOAD).judge(ID).at(WORKLOAD).outcome, Outcome::Unknown);
    }

    #[test]
    fn no_trail_no_archive() {
        assert_eq!(World::bare().judge(ID).at(WORKLOAD).outcome, Outcome::Fail);
    }
}
