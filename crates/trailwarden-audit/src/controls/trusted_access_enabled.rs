//! trusted-access-enabled: CloudTrail may work in all accounts, and no organization trail has turned into a plain one.

use trailwarden_model::control::Severity;
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::organization::CLOUDTRAIL_PRINCIPAL;
use trailwarden_model::snapshot::Need;
use trailwarden_model::trail::Trail;
use trailwarden_policy::Kind;

use crate::control::{Applies, Control, Judge, Judged};
use crate::cx::Cx;
use crate::gone;
use crate::service::{Answer, FOLDERS, ask, parse};
use crate::verdict::{Tally, Verdict, fact};

const LIST_SERVICES: &str = "organizations:ListAWSServiceAccessForOrganization";
const GET_POLICY: &str = "s3:GetBucketPolicy";

pub(super) static CONTROL: Control = Control {
    id: "trusted-access-enabled",
    title: "CloudTrail has trusted access to the organization",
    severity: Severity::Critical,
    practice: None,
    needs: &[Need::Trails, Need::TrustedAccess, Need::BucketOwner, Need::BucketPolicy],
    rule: "Fails when cloudtrail.amazonaws.com has no trusted access, or when no organization trail is left and a \
           plain trail of the management account still has the bucket policy of one: switching trusted access off \
           turns organization trails into plain ones, and switching it on again does not bring them back.",
    why: "Without trusted access an organization trail records the management account alone. Switching it off turns every \
          organization trail into a plain one, and switching it on again does not turn it back.",
    remedy: "Enable trusted access for cloudtrail.amazonaws.com in AWS Organizations, then update the trail as an \
             organization trail once more.",
    references: &["Organizations User Guide: AWS CloudTrail and AWS Organizations"],
    frameworks: &[("nist-800-53-r5", &["AU-12"]), ("iso-27001-2022", &["A.8.15"]), ("mitre-attack", &["T1562.008"])],
    applies: Applies::Always,
    judge: Judge::Organization(judge),
};

fn judge(cx: &Cx<'_>) -> Judged {
    let management = &cx.snapshot.organization.management_account;
    if !cx.snapshot.organization.trusted_services.get()?.contains(CLOUDTRAIL_PRINCIPAL) {
        let seen = fact("cloudtrail.amazonaws.com is not listed", LIST_SERVICES, management, None);
        return Ok(Verdict::fail("CloudTrail has no trusted access to the organization").with([seen]));
    }
    let mut tally = Tally::default();
    tally.support(fact("cloudtrail.amazonaws.com is listed", LIST_SERVICES, management, None));
    if !cx.snapshot.trails.values().any(|trail| trail.is_organization) {
        judge_plain_trails(cx, management, &mut tally);
    }
    Ok(tally.settle(
        cx,
        || "CloudTrail has trusted access to the organization".to_owned(),
        |failures| match failures.first() {
            Some(first) => format!("An organization trail has turned into a plain trail: {}", first.fact),
            None => "An organization trail has turned into a plain trail".to_owned(),
        },
    ))
}

/// A trail of the management account, and of it alone, for which the bucket keeps the organization's prefix.
fn judge_plain_trails(cx: &Cx<'_>, management: &AccountId, tally: &mut Tally) {
    for gap in unread(cx, management) {
        tally.gap(gap);
    }
    for trail in cx.snapshot.trails.values().filter(|trail| trail.owner == *management) {
        match was_of_organization(cx, trail) {
            Ok(false) => {}
            Ok(true) => {
                let text = format!(
                    "IsOrganizationTrail of {} is false, but its bucket {} lets it write the prefix of the organization",
                    trail.name, trail.bucket
                );
                tally.fail(fact(text, GET_POLICY, management, Some(&trail.home_region)));
            }
            Err(gap) => tally.gap(gap),
        }
    }
}

/// Gaps that may hide such a trail.
fn unread(cx: &Cx<'_>, management: &AccountId) -> Vec<Gap> {
    match cx.snapshot.accounts.get(management) {
        None => vec![Gap::not_collected("cloudtrail:DescribeTrails", Some(management), None)],
        Some(seen) => match &seen.entered_as {
            Observed::Gap(gap) => vec![gap.clone()],
            Observed::Known(_) => seen.regions.values().filter_map(|here| here.trails.gap().cloned()).collect(),
        },
    }
}

fn was_of_organization(cx: &Cx<'_>, trail: &Trail) -> Result<bool, Gap> {
    let bucket = cx.bucket(&trail.bucket)?;
    if gone::bucket(bucket)?.is_some() {
        return Ok(false);
    }
    let Some(text) = bucket.policy.get()? else { return Ok(false) };
    let document = parse(Kind::Resource, text, GET_POLICY, None)?;
    let mut as_organization = trail.clone();
    as_organization.is_organization = true;
    let prefix = cx.log_prefix(&as_organization, &trail.owner);
    for folder in FOLDERS {
        let own = cx.write_request(trail, &prefix, folder);
        let foreign = cx.as_stranger(own.clone(), trail);
        let is_allowed = |request| ask(&document, request, GET_POLICY, None).map(|answer| answer == Answer::Allowed);
        if is_allowed(&own)? && !is_allowed(&foreign)? {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;

    use crate::testing::{HOME, MANAGEMENT, ORG_TRAIL, World, account, denied};

    const ID: &str = super::CONTROL.id;

    /// The organization trail, turned plain: its bucket policy still speaks of the organization.
    fn turned() -> World {
        World::clean().trail(ORG_TRAIL, |trail| trail.is_organization = false)
    }

    #[test]
    fn without_the_management_account_in_scope_a_plain_trail_may_hide() {
        let out_of_scope = |world: World| {
            world.edit(|snapshot| {
                snapshot.accounts.remove(&account(MANAGEMENT));
            })
        };
        assert_eq!(out_of_scope(World::bare()).judge(ID).only().outcome, Outcome::Unknown);
        assert_eq!(out_of_scope(World::clean()).judge(ID).only().outcome, Outcome::Pass, "a member shows the trail");
    }

    #[test]
    fn trusted_passes_and_untrusted_fails() {
        assert_eq!(World::clean().judge(ID).only().outcome, Outcome::Pass);
        let untrusted =
            World::clean().edit(|snapshot| snapshot.organization.trusted_services = Observed::Known([].into()));
        assert_eq!(untrusted.judge(ID).only().outcome, Outcome::Fail);
    }

    #[test]
    fn an_organization_trail_turned_plain_fails() {
        assert_eq!(turned().judge(ID).only().outcome, Outcome::Fail);
        assert!(turned().judge(ID).only().reason.contains("org-trail"));
    }

    #[test]
    fn another_organization_trail_heals_it() {
        let healed = turned().add_trail("new", MANAGEMENT, |trail| trail.is_organization = true);
        assert_eq!(healed.judge(ID).only().outcome, Outcome::Pass);
    }

    #[test]
    fn a_plain_trail_that_never_was_one_is_fine() {
        let plain = turned().bucket(|bucket| bucket.policy = Observed::Known(None));
        assert_eq!(plain.judge(ID).only().outcome, Outcome::Pass);
    }

    #[test]
    fn gaps_are_unknown_where_they_could_hide_it() {
        let unlisted = World::clean().edit(|snapshot| {
            let gap = denied("organizations:ListAWSServiceAccessForOrganization");
            snapshot.organization.trusted_services = Observed::Gap(gap);
        });
        assert_eq!(unlisted.judge(ID).only().outcome, Outcome::Unknown);
        let policy = turned().bucket(|bucket| bucket.policy = Observed::Gap(denied("s3:GetBucketPolicy")));
        assert_eq!(policy.judge(ID).only().outcome, Outcome::Unknown);
        assert_eq!(World::bare().unread_region(MANAGEMENT, HOME).judge(ID).only().outcome, Outcome::Unknown);
        assert_eq!(World::clean().unread_region(MANAGEMENT, HOME).judge(ID).only().outcome, Outcome::Pass);
    }
}
