//! log-delivery-role-valid: CloudTrail may assume the delivery role, and the role may write the trail's log streams.

use std::collections::BTreeSet;

use trailwarden_model::control::Severity;
use trailwarden_model::ids::{AccountId, Arn};
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::{DeliveryRole, LogGroup};
use trailwarden_model::trail::Trail;
use trailwarden_policy::{Context, Document, Kind, Principal, Request, evaluate_identity_policies};

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::service::{Answer, answer, ask, parse};
use crate::verdict::{Tally, Verdict, fact};

const GET_ROLE: &str = "iam:GetRole";
const GET_POLICIES: &str = "iam:GetRolePolicy";

/// What CloudTrail does with the role.
const ACTIONS: [&str; 2] = ["logs:CreateLogStream", "logs:PutLogEvents"];

pub(super) static CONTROL: Control = Control {
    id: "log-delivery-role-valid",
    title: "The delivery role lets CloudTrail write the log streams",
    severity: Severity::Medium,
    practice: None,
    needs: &[Need::Trails, Need::LogGroup, Need::DeliveryRole],
    rule: "Fails when the role does not exist, its trust policy does not admit CloudTrail, or its policies do not \
           let it create and write the log streams of the trail; an organization trail also needs the streams \
           that begin with the organization's id.",
    why: "CloudTrail writes to a log group only through a role. When the role, its trust or its permissions are gone, \
          events stop and the alarms on them stay silent.",
    remedy: "Give the trail a role that trusts cloudtrail.amazonaws.com and may create and write the streams of the \
             account and, for an organization trail, those that begin with the organization id.",
    references: &["CloudTrail User Guide: Role policy document for CloudTrail to use CloudWatch Logs for monitoring"],
    frameworks: &[("nist-800-53-r5", &["AU-5"]), ("iso-27001-2022", &["A.8.15"]), ("mitre-attack", &["T1562.008"])],
    applies: Applies::Always,
    judge: Judge::LogGroup(Trailless::NotApplicable, judge),
};

fn judge(cx: &Cx<'_>, group: &LogGroup) -> Judged {
    let mut tally = Tally::default();
    for trail in cx.trails_of_group(&group.arn) {
        if let Err(gap) = judge_trail(cx, group, trail, &mut tally) {
            tally.gap(gap);
        }
    }
    let name = group.arn.resource();
    if tally.is_empty() {
        return Ok(Verdict::not_applicable(format!("No trail delivers to {name}")));
    }
    Ok(tally.settle(
        cx,
        || format!("The delivery roles of {name} let CloudTrail write its streams"),
        |failures| {
            let words: Vec<&str> = failures.iter().map(|failure| failure.fact.as_str()).collect();
            format!("CloudTrail cannot write to {name}: {}", crate::verdict::enumerate(&words))
        },
    ))
}

fn judge_trail(cx: &Cx<'_>, group: &LogGroup, trail: &Trail, tally: &mut Tally) -> Result<(), Gap> {
    let Some(arn) = &trail.log_role else {
        tally.fail(cx.attribute(trail, format!("trail {} names no delivery role", trail.name)));
        return Ok(());
    };
    let missing = || Gap::not_collected(GET_ROLE, arn.account().as_ref(), None);
    let account = arn.account().unwrap_or_else(|| trail.owner.clone());
    let Some(role) = group.roles.get(arn).ok_or_else(missing)?.get()? else {
        tally.fail(fact(format!("role {arn} does not exist"), GET_ROLE, &account, None));
        return Ok(());
    };
    match trusts(cx, trail, arn, role, &account) {
        Err(gap) => tally.gap(gap),
        Ok(Answer::Allowed) => tally.support(fact(format!("role {arn} trusts CloudTrail"), GET_ROLE, &account, None)),
        Ok(Answer::Refused(by)) => {
            tally.fail(fact(format!("sts:AssumeRole on {arn} is {by} for CloudTrail"), GET_ROLE, &account, None));
        }
    }
    judge_permissions(cx, group, trail, (arn, role), tally)
}

fn trusts(cx: &Cx<'_>, trail: &Trail, arn: &Arn, role: &DeliveryRole, account: &AccountId) -> Result<Answer, Gap> {
    let trust = parse(Kind::Trust, &role.trust_policy, GET_ROLE, Some(account))?;
    let [named, nameless] = cx.assume_requests(trail, arn);
    let (named, nameless) =
        (ask(&trust, &named, GET_ROLE, Some(account))?, ask(&trust, &nameless, GET_ROLE, Some(account))?);
    if (named == Answer::Allowed) == (nameless == Answer::Allowed) {
        return Ok(named);
    }
    Err(Gap {
        kind: GapKind::Unexpected,
        call: GET_ROLE.to_owned(),
        account: Some(account.clone()),
        region: None,
        code: "UndecidedPolicy".to_owned(),
        reason: format!("the trust policy of {arn} depends on the source of the request, which is not documented here"),
    })
}

fn judge_permissions(
    cx: &Cx<'_>,
    group: &LogGroup,
    trail: &Trail,
    (arn, role): (&Arn, &DeliveryRole),
    tally: &mut Tally,
) -> Result<(), Gap> {
    let account = arn.account().unwrap_or_else(|| trail.owner.clone());
    let documents: Vec<Document> = role
        .policies
        .iter()
        .map(|text| parse(Kind::Identity, text, GET_POLICIES, Some(&account)))
        .collect::<Result<_, _>>()?;
    for stream in streams(cx, trail) {
        for action in ACTIONS {
            let request = Request {
                principal: Principal::Aws(arn.to_string()),
                action: action.to_owned(),
                resource: format!("{}:log-stream:{stream}", group.arn),
                context: Context::new().with("aws:PrincipalArn", arn.as_str()).with("aws:SecureTransport", "true"),
            };
            match answer(evaluate_identity_policies(&documents, &request), GET_POLICIES, Some(&account)) {
                Err(gap) => tally.gap(gap),
                Ok(Answer::Allowed) => {}
                Ok(Answer::Refused(by)) => {
                    tally.fail(fact(format!("{action} on stream {stream} is {by}"), GET_POLICIES, &account, None));
                }
            }
        }
    }
    Ok(())
}

/// The streams CloudTrail writes: the owner's, and for an organization trail those of each account that shows it.
fn streams(cx: &Cx<'_>, trail: &Trail) -> Vec<String> {
    let (region, organization) = (&trail.home_region, &cx.snapshot.organization.id);
    let own = format!("{}_CloudTrail_{region}", trail.owner);
    let members: BTreeSet<&AccountId> = cx.sightings(trail).iter().map(|sighting| sighting.account).collect();
    let of_organization = members
        .into_iter()
        .filter(|_| trail.is_organization)
        .map(|account| format!("{organization}_{account}_CloudTrail_{region}"));
    std::iter::once(own).chain(of_organization).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;
    use trailwarden_model::storage::DeliveryRole;

    use crate::testing::clean::{ORGANIZATION, ROLE_ARN, role};
    use crate::testing::{ORG_TRAIL, WORKLOAD, World, arn, denied};

    const ID: &str = super::CONTROL.id;

    fn with_role(role: Observed<Option<DeliveryRole>>) -> World {
        World::clean().group(|group| {
            group.roles.insert(arn(ROLE_ARN), role);
        })
    }

    fn trusting(principal: &serde_json::Value, condition: &serde_json::Value) -> World {
        let trust = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}});
        with_role(Observed::Known(Some(DeliveryRole { trust_policy: trust.to_string(), ..role(ORGANIZATION) })))
    }

    fn outcome(world: &World) -> Outcome {
        world.judge(ID).only().outcome
    }

    #[test]
    fn the_documented_role_passes() {
        assert_eq!(outcome(&World::clean()), Outcome::Pass);
    }

    #[test]
    fn a_missing_role_fails_even_where_the_group_is_missing_too() {
        let missing = with_role(Observed::Known(None));
        assert_eq!(outcome(&missing), Outcome::Fail);
        assert_eq!(outcome(&missing.group(|group| group.detail = Observed::Known(None))), Outcome::Fail);
        assert_eq!(outcome(&World::clean().trail(ORG_TRAIL, |trail| trail.log_role = None)), Outcome::Fail);
    }

    #[test]
    fn a_role_that_trusts_others_fails() {
        assert_eq!(outcome(&trusting(&json!({"Service": "ec2.amazonaws.com"}), &json!({}))), Outcome::Fail);
    }

    #[test]
    fn a_trust_that_depends_on_the_source_is_unknown() {
        let condition = json!({"StringEquals": {"aws:SourceAccount": "111111111111"}});
        let world = trusting(&json!({"Service": "cloudtrail.amazonaws.com"}), &condition);
        assert_eq!(outcome(&world), Outcome::Unknown);
    }

    #[test]
    fn an_organization_trail_needs_the_organization_streams() {
        let own_only = with_role(Observed::Known(Some(role("o-another"))));
        assert_eq!(outcome(&own_only), Outcome::Fail);
        assert!(own_only.judge(ID).only().reason.contains("o-exampleorg_"), "{}", own_only.judge(ID).only().reason);
    }

    #[test]
    fn a_role_without_policies_fails() {
        let bare = DeliveryRole { policies: [].into(), ..role(ORGANIZATION) };
        assert_eq!(outcome(&with_role(Observed::Known(Some(bare)))), Outcome::Fail);
    }

    #[test]
    fn an_unread_role_is_unknown() {
        assert_eq!(outcome(&with_role(Observed::Gap(denied("iam:GetRole")))), Outcome::Unknown);
        assert_eq!(outcome(&World::clean().group(|group| group.roles.clear())), Outcome::Unknown);
    }

    #[test]
    fn without_a_trail_there_is_nothing_to_judge() {
        assert_eq!(World::bare().judge(ID).at(WORKLOAD).outcome, Outcome::NotApplicable);
    }
}
