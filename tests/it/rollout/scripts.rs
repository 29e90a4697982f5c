//! Plans for organizations with one thing in the way, recorded as people read them. Each is `clean` with three of its accounts and
//! without its own guards, changed behind the back of AWS's rules.

use std::fs;

use serde_json::Value;
use trailwarden_model::plan::{Hindrance, Plan, open};
use trailwarden_sandbox::world::World;

use super::{apply, attach, baseline, changed, detach_full_access, disable, kept, organization};
use crate::remedy::{Desk, Planned};
use crate::support::Run;

pub(super) const MANAGEMENT: &str = "116622338844";
pub(super) const ARCHIVE: &str = "227733449955";
pub(super) const SHOP: &str = "550066772288";
pub(super) const ROOT: &str = "r-cl3n";
pub(super) const SECURITY: &str = "ou-cl3n-security";
pub(super) const WORKLOADS: &str = "ou-cl3n-workload";

/// What AWS's guidance denies, as a statement.
pub(super) const STOPPING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["cloudtrail:StopLogging","cloudtrail:DeleteTrail"],"Resource":"*"}]}"#;

/// The organization without anybody's guards.
pub(super) fn unguarded(change: impl FnOnce(&mut World)) -> Desk {
    changed("clean", |world| {
        let kept = [MANAGEMENT, ARCHIVE, SHOP];
        let organization = organization(world);
        organization.accounts.retain(|account, _| kept.contains(&account.as_str()));
        for guard in ["p-cl3narchv", "p-cleang1d"] {
            organization.policies.remove(guard);
            organization.attachments.values_mut().for_each(|attached| attached.retain(|policy| policy != guard));
        }
        change(world);
    })
}

/// A plan, and how people read it.
pub(super) struct Told {
    pub(super) planned: Planned,
    pub(super) text: String,
}

pub(super) fn told(desk: &Desk, arguments: &[&str]) -> Told {
    let file = desk.folder.path().join("plan.json");
    let output = format!("json:{}", file.display());
    let command = ["scp", "plan", "--no-usage", "-o", "table", "-o", &output];
    let run = super::run(desk, &[&command, arguments].concat());
    assert!(matches!(run.code, Some(0 | 21)), "{run:?}");
    let plan = open(&fs::read_to_string(&file).expect("the plan")).expect("it opens");
    let planned = Planned { file, plan };
    Told { text: normal(&run.stdout, desk, &planned.plan), planned }
}

/// Without what no two runs share: digests, times, folders, and the ids that AWS gives to policies.
pub(super) fn normal(text: &str, desk: &Desk, plan: &Plan) -> String {
    let folder = desk.folder.path().display().to_string();
    let mut text = text.replace(&folder, "FOLDER").replace(&plan.digest, "DIGEST");
    text = text.replace(&plan.digest[..12], "DIGEST").replace(&plan.snapshot, "SNAPSHOT");
    for (id, policy) in &desk.world().organization.expect("an organization").policies {
        if policy.name.starts_with("trailwarden-") {
            text = text.replace(id, &format!("p-ID-OF-{}", policy.name));
        }
    }
    let timeless = |word: &str| match (word.starts_with("20"), word.find(['Z', '\x1b'])) {
        (true, Some(end)) if word.contains('T') => format!("TIME{}", &word[end + 1..]),
        _ => word.to_owned(),
    };
    let lines = text.lines().map(|line| line.split(' ').map(timeless).collect::<Vec<_>>().join(" "));
    let lasting = lines.filter(|line| !line.contains(" UTC") && !line.contains("API calls in"));
    // The last words of a run are broken where the length of the folder has it.
    let mut is_last = false;
    let kept = lasting.filter(|line| {
        is_last = (is_last || line.starts_with("run FOLDER")) && !line.starts_with("---");
        !is_last
    });
    kept.collect::<Vec<_>>().join("\n")
}

pub(super) fn refusal(run: &Run) -> String {
    let lines: Vec<&str> = run.stderr.lines().filter(|line| !line.contains("API calls in")).collect();
    format!("exit code {:?}\n{}", run.code, lines.join("\n"))
}

pub(super) fn operations(told: &Told) -> Vec<String> {
    super::operations(&told.planned)
}

/// Whether something is left for this reason.
pub(super) fn is_left(told: &Told, hindrance: Hindrance, words: &str) -> bool {
    told.planned.plan.unplanned.iter().any(|left| left.hindrance == hindrance && left.reason.contains(words))
}

pub(super) fn is_chosen(told: &Told, words: &str) -> bool {
    told.planned.plan.choices.iter().any(|choice| format!("{}: {}", choice.what, choice.chosen).contains(words))
}

/// Applies a plan that begins from here, all of it, and takes it back.
pub(super) fn applied_and_back(desk: &Desk, told: &Told) {
    let before = kept(desk);
    let run = apply(desk, &told.planned, &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_ne!(kept(desk), before);
    assert_eq!(desk.roll_back(&told.planned).code, Some(30));
    assert_eq!(kept(desk), before);
}

#[test]
fn a_disabled_policy_type_is_enabled_first() {
    let desk = unguarded(disable);
    let told = told(&desk, &["--profile", "standard", "--stages", SHOP]);
    insta::assert_snapshot!(told.text);
    assert_eq!(operations(&told), ["EnablePolicyType", "CreatePolicy", "AttachPolicy", "AttachPolicy"]);
}

#[test]
fn policies_that_were_written_before_the_type_was_disabled_are_found_by_name() {
    let desk = unguarded(|world| {
        attach(world, ("p-oldone01", "trailwarden-minimal-1"), STOPPING, &[]);
        disable(world);
    });
    let told = told(&desk, &["--profile", "minimal"]);
    insta::assert_snapshot!(told.text);
    assert_eq!(operations(&told), ["EnablePolicyType", "AttachPolicy"]);
    assert!(told.planned.plan.steps[1].needs.contains("s001"), "AWS attaches nothing while the type is disabled");
}

#[test]
fn with_consolidated_billing_there_are_no_policies() {
    let desk = unguarded(|world| {
        let organization = organization(world);
        organization.feature_set = "CONSOLIDATED_BILLING".to_owned();
        organization.policy_types.clear();
        organization.policies.clear();
        organization.attachments.clear();
    });
    let told = told(&desk, &["--profile", "standard"]);
    insta::assert_snapshot!(told.text);
    assert!(is_left(&told, Hindrance::Impossible, "consolidated billing"));
}

#[test]
fn an_ou_with_an_allow_list_keeps_it() {
    let desk = unguarded(|world| {
        detach_full_access(world, WORKLOADS);
        let allowed = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["cloudtrail:*","s3:*","sts:*"],"Resource":"*"}]}"#;
        attach(world, ("p-allowed01", "allow-list"), allowed, &[WORKLOADS]);
    });
    let told = told(&desk, &["--profile", "standard", "--soak", "0s", "--stages", WORKLOADS]);
    insta::assert_snapshot!(told.text);
    assert!(operations(&told).iter().all(|operation| operation != "DetachPolicy"));
    applied_and_back(&desk, &told);
}

#[test]
fn an_ou_whose_allow_list_has_no_trails_needs_nothing() {
    let desk = unguarded(|world| {
        detach_full_access(world, WORKLOADS);
        let allowed =
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","ec2:*"],"Resource":"*"}]}"#;
        attach(world, ("p-allowed02", "allow-list"), allowed, &[WORKLOADS]);
    });
    let told = told(&desk, &["--profile", "standard", "--target", WORKLOADS]);
    insta::assert_snapshot!(told.text);
    assert_eq!(operations(&told), [""; 0]);
}

#[test]
fn a_stricter_policy_of_somebody_else_leaves_nothing_to_do() {
    let desk = unguarded(|world| {
        let strict = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["cloudtrail:*","organizations:LeaveOrganization"],"Resource":"*"}]}"#;
        attach(world, ("p-strict001", "company-strict"), strict, &[ROOT]);
    });
    let told = told(&desk, &["--profile", "standard"]);
    insta::assert_snapshot!(told.text);
    assert_eq!(operations(&told), [""; 0]);
    assert!(is_chosen(&told, "denied already: nothing"));
}

#[test]
fn a_stricter_policy_in_one_ou_leaves_the_others() {
    let desk = unguarded(|world| {
        let strict = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["cloudtrail:*","organizations:LeaveOrganization"],"Resource":"*"}]}"#;
        attach(world, ("p-strict001", "company-strict"), strict, &[SECURITY]);
    });
    let declared = baseline(&desk, "tamper_exceptions = [\"arn:aws:iam::*:role/incident-response\"]\n");
    let target = format!("{SECURITY},{WORKLOADS}");
    let told = told(&desk, &["--profile", "standard", "--baseline", &declared, "--target", &target]);
    insta::assert_snapshot!(told.text);
    assert_eq!(operations(&told), ["CreatePolicy", "AttachPolicy"]);
}

#[test]
fn a_policy_of_the_same_name_is_somebody_elses_without_our_tag() {
    let desk = unguarded(|world| attach(world, ("p-samename", "trailwarden-standard-1"), STOPPING, &[ROOT]));
    let told = told(&desk, &["--profile", "standard"]);
    insta::assert_snapshot!(told.text);
    assert_eq!(operations(&told), [""; 0]);
    assert!(is_left(&told, Hindrance::OwnedElsewhere, "does not bear our tag"));
}

#[test]
fn a_policy_of_the_same_name_is_adopted_on_request() {
    let desk = unguarded(|world| attach(world, ("p-samename", "trailwarden-standard-1"), STOPPING, &[ROOT]));
    let told = told(&desk, &["--profile", "standard", "--adopt", "p-samename"]);
    insta::assert_snapshot!(told.text);
    assert_eq!(operations(&told), ["UpdatePolicy"]);
    assert_eq!(told.planned.plan.promised().len(), 4, "what it mends is promised, and verified afterwards");
    applied_and_back(&desk, &told);
}

#[test]
fn our_own_policy_that_says_too_little_is_replaced() {
    let desk = unguarded(|world| {
        attach(world, ("p-ownpolic", "trailwarden-standard-1"), STOPPING, &[SECURITY]);
        let own = [("trailwarden".to_owned(), "rollout".to_owned())].into();
        organization(world).tags.insert("p-ownpolic".to_owned(), own);
    });
    let told = told(&desk, &["--profile", "standard"]);
    insta::assert_snapshot!(told.text);
    assert_eq!(operations(&told), ["UpdatePolicy", "AttachPolicy"]);
    applied_and_back(&desk, &told);
}

#[test]
fn a_deny_that_spares_too_many_is_named_with_those_it_spares() {
    let desk = unguarded(|world| {
        let loose = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Guard","Effect":"Deny","Action":["cloudtrail:StopLogging","cloudtrail:DeleteTrail"],"Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/Admin*","arn:aws:iam::*:role/incident-response"]}}}]}"#;
        attach(world, ("p-loose001", "company-guard"), loose, &[ROOT]);
    });
    let declared = baseline(&desk, "tamper_exceptions = [\"arn:aws:iam::*:role/incident-response\"]\n");
    let told = told(&desk, &["--profile", "minimal", "--baseline", &declared]);
    insta::assert_snapshot!(told.text);
    assert!(is_chosen(
        &told,
        "arn:aws:iam::*:role/Admin*, whom company-guard (p-loose001) at the root (r-cl3n) spares: denied"
    ));
    assert!(!is_chosen(&told, "role/incident-response, whom"));
}

#[test]
fn control_tower_and_its_guardrail_are_kept() {
    let desk = unguarded(|world| {
        organization(world)
            .trusted_services
            .insert("controltower.amazonaws.com".to_owned(), jiff::Timestamp::UNIX_EPOCH);
        let guardrail = r#"{"Version":"2012-10-17","Statement":[{"Sid":"GRCLOUDTRAILENABLED","Effect":"Deny","Action":["cloudtrail:DeleteTrail","cloudtrail:PutEventSelectors","cloudtrail:StopLogging","cloudtrail:UpdateTrail"],"Resource":["arn:aws:cloudtrail:*:*:trail/aws-controltower-*"],"Condition":{"ArnNotLike":{"aws:PrincipalARN":"arn:aws:iam::*:role/AWSControlTowerExecution"}}}]}"#;
        attach(world, ("p-guardr01", "aws-guardrails-AbCdEf"), guardrail, &[SECURITY, WORKLOADS]);
    });
    let told = told(&desk, &["--profile", "standard"]);
    insta::assert_snapshot!(told.text);
    assert!(is_chosen(&told, "AWSControlTowerExecution"));
    applied_and_back(&desk, &told);
    let declared = baseline(&desk, "tamper_exceptions = [\"arn:aws:iam::*:role/AWSControlTowerExecution\"]\n");
    let told = super::scripts::told(&desk, &["--profile", "standard", "--baseline", &declared]);
    assert!(!is_chosen(&told, "AWSControlTowerExecution"), "{}", told.text);
}

#[test]
fn every_stage_is_told_with_whom_it_reaches_and_what_must_be_shown() {
    let desk = unguarded(|_| {});
    let declared = baseline(&desk, "tamper_exceptions = [\"arn:aws:iam::*:role/incident-response\"]\n");
    let stages = ["--stages", SHOP, SECURITY];
    let told =
        told(&desk, &[&["--profile", "strict", "--deny-own-role", "--baseline", &declared], &stages[..]].concat());
    insta::assert_snapshot!(told.text);
    assert_eq!(told.planned.plan.stages.len(), 3);
    assert!(told.planned.plan.stages.iter().all(|stage| !stage.denials.is_empty() || stage.name.contains("root")));
    let written: Value = serde_json::to_value(&told.planned.plan.stages).expect("writes");
    assert_eq!(written[0]["soak_seconds"], 86_400);
}
