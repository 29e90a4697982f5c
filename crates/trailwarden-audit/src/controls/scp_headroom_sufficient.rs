//! scp-headroom-sufficient: where an account still lacks the tamper-denying policy, there is room for it.

use std::collections::BTreeMap;

use trailwarden_model::control::Severity;
use trailwarden_model::finding::Evidence;
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::organization::{NodeId, SERVICE_CONTROL_POLICY};
use trailwarden_model::snapshot::Need;
use trailwarden_policy::{Guarded, Limits, Profile, compose};

use crate::control::{Applies, Control, Judge, Judged};
use crate::cx::Cx;
use crate::verdict::{Tally, Verdict, enumerate, fact};

pub(super) static CONTROL: Control = Control {
    id: "scp-headroom-sufficient",
    title: "There is room for a tamper-denying policy",
    severity: Severity::Low,
    practice: None,
    needs: &[Need::Trails, Need::ServiceControlPolicies],
    rule: "Fails when the root, or an OU or account on the path of a member account, has as many service control policies \
           attached as scp_policies_per_node of the baseline allows, or when the policies of profile standard do not fit \
           at the root: in number, or each within scp_policy_characters. Nothing is needed where the core tamper calls \
           are denied already, so a node counts only while an account below it lacks that. Not applicable while service \
           control policies are disabled.",
    why: "A guard is attached in a hurry, after somebody tried to switch logging off. A node without a free place takes \
          none before existing policies are merged.",
    remedy: "Merge policies that are attached to the same node, or move them to the OU above or below it; where the policies \
             of profile standard are too long, declare fewer exceptions.",
    references: &["Organizations User Guide: Quotas and service limits for AWS Organizations"],
    frameworks: &[],
    applies: Applies::Always,
    judge: Judge::Organization(judge),
};

fn judge(cx: &Cx<'_>) -> Judged {
    let root = cx.snapshot.organization.root.get()?;
    if !root.enabled_policy_types.contains(SERVICE_CONTROL_POLICY) {
        return Ok(Verdict::not_applicable("Service control policies are disabled on the root"));
    }
    let places = Places::new(cx)?;
    let mut tally = Tally::default();
    let nodes = nodes(cx, &mut tally);
    for (node, below) in &nodes {
        if let Some(shortage) = places.shortage(cx, node, 1, "another") {
            judge_shortage(cx, below, shortage, &mut tally);
        }
    }
    let everybody = nodes.get(&root.id).map(Vec::as_slice).unwrap_or_default();
    match guard(cx) {
        Err(words) => judge_shortage(cx, everybody, Shortage { words, gap: None }, &mut tally),
        Ok(guard) => {
            tally.support(saw(cx, format!("profile standard takes {}", guard.words)));
            // That not even one fits was said above.
            if let Some(shortage) =
                places.shortage(cx, &root.id, guard.n_policies, &guard.words).filter(|_| guard.n_policies > 1)
            {
                judge_shortage(cx, everybody, shortage, &mut tally);
            }
        }
    }
    Ok(tally.settle(
        cx,
        || "Wherever a guard against tampering is missing, there is room for it".to_owned(),
        |failures| {
            let words: Vec<&str> = failures.iter().map(|failure| failure.fact.as_str()).collect();
            format!("There is no room for a guard against tampering: {}", enumerate(&words))
        },
    ))
}

fn saw(cx: &Cx<'_>, words: String) -> Evidence {
    fact(words, "organizations:ListTargetsForPolicy", &cx.snapshot.organization.management_account, None)
}

/// The members in scope by the nodes on their paths.
fn nodes(cx: &Cx<'_>, tally: &mut Tally) -> BTreeMap<NodeId, Vec<AccountId>> {
    let mut nodes: BTreeMap<NodeId, Vec<AccountId>> = BTreeMap::new();
    for account in cx.snapshot.accounts.keys().filter(|account| !cx.is_management(account)) {
        match cx.snapshot.organization.path_to(account) {
            Ok(path) => path.into_iter().for_each(|node| nodes.entry(node).or_default().push(account.clone())),
            Err(gap) => tally.gap(gap),
        }
    }
    nodes
}

/// A shortage counts while somebody below lacks the guard that has no room.
fn judge_shortage(cx: &Cx<'_>, below: &[AccountId], shortage: Shortage, tally: &mut Tally) {
    match (first_unguarded(cx, below), shortage.gap) {
        (Err(gap), _) | (Ok(Some(_)), Some(gap)) => tally.gap(gap),
        (Ok(None), _) => tally.support(saw(cx, format!("{}, and none is needed there", shortage.words))),
        (Ok(Some(account)), None) => {
            tally.fail(saw(cx, format!("{}, while {} has no guard", shortage.words, cx.name(account))));
        }
    }
}

fn first_unguarded<'a>(cx: &Cx<'_>, accounts: &'a [AccountId]) -> Result<Option<&'a AccountId>, Gap> {
    let mut unknown = None;
    for account in accounts {
        let guardrail = cx.guardrail(account)?;
        let proof = cx.prove(&guardrail.question(cx));
        if !proof.open.is_empty() {
            return Ok(Some(account));
        }
        unknown = unknown.or(proof.support(cx).err());
    }
    unknown.map_or(Ok(None), Err)
}

/// What profile standard takes at the root.
struct Guard {
    n_policies: usize,
    words: String,
}

/// Composes the policies of profile standard. The error says why they do not fit, however many places are free.
fn guard(cx: &Cx<'_>) -> Result<Guard, String> {
    let guarded = Guarded::from_snapshot(cx.snapshot, cx.baseline);
    let composed =
        compose(Profile::Standard, &guarded, Limits::from(cx.baseline)).map_err(|error| error.to_string())?;
    let n_policies = composed.policies.len();
    let lengths: Vec<String> = composed.policies.iter().map(|policy| policy.characters().to_string()).collect();
    let noun = if n_policies == 1 { "policy" } else { "policies" };
    Ok(Guard { n_policies, words: format!("{n_policies} {noun} of {} characters", lengths.join(" and ")) })
}

/// A node without the room for something, in words; a gap when it may have it.
struct Shortage {
    words: String,
    gap: Option<Gap>,
}

/// How many policies are attached where.
struct Places<'a> {
    limit: usize,
    attached: BTreeMap<&'a str, usize>,
    /// Why more may be attached anywhere.
    unread: Vec<&'a Gap>,
}

impl<'a> Places<'a> {
    fn new(cx: &Cx<'a>) -> Result<Self, Gap> {
        let limit = Limits::from(cx.baseline).policies_per_node;
        let mut places = Self { limit, attached: BTreeMap::new(), unread: Vec::new() };
        let organization = &cx.snapshot.organization;
        if let Observed::Gap(gap) = &organization.service_control_policies {
            return Err(gap.clone());
        }
        for policy in organization.service_control_policies.known().into_iter().flat_map(BTreeMap::values) {
            places.unread.extend(policy.targets.gap());
            for node in policy.targets.known().into_iter().flatten() {
                *places.attached.entry(node).or_default() += 1;
            }
        }
        Ok(places)
    }

    /// Why a node does not take this many policies more; none when it does.
    fn shortage(&self, cx: &Cx<'_>, node: &str, n_more: usize, what: &str) -> Option<Shortage> {
        let (limit, n_attached) = (self.limit, self.attached.get(node).copied().unwrap_or_default());
        let at_most = n_attached.saturating_add(self.unread.len());
        if at_most.saturating_add(n_more) <= limit {
            return None;
        }
        let node = cx.node_name(node);
        let words = format!("{node} has {n_attached} of {limit} service control policies, and no place for {what}");
        let gap = self.unread.first().filter(|_| n_attached.saturating_add(n_more) <= limit);
        Some(Shortage { words, gap: gap.map(|gap| (*gap).clone()) })
    }
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::{Finding, Outcome};
    use trailwarden_model::observed::Observed;

    use crate::testing::clean::{GUARD, ROOT, WORKLOADS_OU, guard};
    use crate::testing::{ARCHIVE, WORKLOAD, World, denied};

    const ID: &str = super::CONTROL.id;

    fn judge(world: &World) -> Finding {
        world.judge(ID).only().clone()
    }

    /// The clean world without a guard, with so many policies per node.
    fn unguarded(n_policies: u32) -> World {
        World::clean().guard(&guard(), &[]).baseline(|b| b.scp_policies_per_node = n_policies)
    }

    #[test]
    fn free_places_pass_and_say_what_the_guard_takes() {
        let finding = judge(&unguarded(10));
        assert_eq!(finding.outcome, Outcome::Pass, "{}", finding.reason);
        assert!(
            finding.evidence.iter().any(|seen| seen.fact.contains("profile standard takes 1 policy of ")),
            "{finding:#?}"
        );
    }

    #[test]
    fn a_full_node_above_an_account_without_a_guard_fails_and_names_both() {
        // The archive has the policy that allows everything and one of its own.
        let finding = judge(&unguarded(2));
        assert_eq!(finding.outcome, Outcome::Fail);
        let says = |text: &str| finding.reason.contains(text);
        assert!(
            says("log-archive (222222222222) has 2 of 2") && says("log-archive (222222222222) has no guard"),
            "{}",
            finding.reason
        );
        assert!(!says(ROOT), "{}", finding.reason);
        let everywhere = judge(&unguarded(1));
        for node in [ROOT, WORKLOADS_OU, ARCHIVE, WORKLOAD] {
            assert!(everywhere.evidence.iter().any(|seen| seen.fact.contains(node)), "{node}: {everywhere:#?}");
        }
    }

    #[test]
    fn a_full_node_needs_no_room_where_everything_is_denied_already() {
        let finding = judge(&World::clean().baseline(|b| b.scp_policies_per_node = 2));
        assert_eq!(finding.outcome, Outcome::Pass, "{}", finding.reason);
        assert!(finding.evidence.iter().any(|seen| seen.fact.contains("r-root has 2 of 2")), "{finding:#?}");
    }

    #[test]
    fn a_guard_that_is_too_long_fails_where_it_is_missing() {
        let small = |world: World| judge(&world.baseline(|b| b.scp_policy_characters = 100)).outcome;
        assert_eq!(small(unguarded(10)), Outcome::Fail);
        assert_eq!(small(World::clean()), Outcome::Pass);
    }

    #[test]
    fn a_guard_in_more_parts_than_the_root_has_places_fails() {
        let everything =
            r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
        let in_two_parts = |limit: u32| {
            let world = World::clean().guard(everything, &[ROOT]).baseline(|b| {
                b.scp_policy_characters = 330;
                b.scp_policies_per_node = limit;
                b.tamper_exceptions.insert("arn:aws:iam::*:role/automation".to_owned());
            });
            judge(&world)
        };
        let finding = in_two_parts(3);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(
            finding.reason.contains("r-root has 2 of 3") && finding.reason.contains("no place for 2 policies of"),
            "{}",
            finding.reason
        );
        assert_eq!(in_two_parts(4).outcome, Outcome::Pass);
    }

    #[test]
    fn disabled_policies_do_not_apply_and_gaps_are_unknown_where_they_matter() {
        assert_eq!(judge(&World::clean().disable_policies()).outcome, Outcome::NotApplicable);
        let unplaced = |world: World| {
            world.edit(|snapshot| {
                if let Observed::Known(policies) = &mut snapshot.organization.service_control_policies {
                    let guard = policies.get_mut(GUARD).expect("the guard");
                    guard.targets = Observed::Gap(denied("organizations:ListTargetsForPolicy"));
                }
            })
        };
        assert_eq!(judge(&unplaced(unguarded(10))).outcome, Outcome::Pass, "there is room for it and another");
        assert_eq!(judge(&unplaced(unguarded(3))).outcome, Outcome::Unknown);
        let unlisted = World::clean().edit(|snapshot| {
            let gap = denied("organizations:ListPolicies");
            snapshot.organization.service_control_policies = Observed::Gap(gap);
        });
        assert_eq!(judge(&unlisted).outcome, Outcome::Unknown);
    }

    #[test]
    fn accounts_left_out_of_the_tree_are_unknown() {
        let lost = World::clean().edit(|snapshot| {
            let account = snapshot.organization.accounts.values_mut().last().expect("an account");
            account.parent = Observed::Gap(denied("organizations:ListParents"));
        });
        assert_eq!(judge(&lost).outcome, Outcome::Unknown);
    }
}
