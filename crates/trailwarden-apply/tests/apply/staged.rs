//! A plan of seven steps in three stages: a policy for all and one for a single account, attached to an OU, another and the root.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use trailwarden_model::plan::{Aspect, Before, Call, Plan, Rollback, Stage, Step, Subject, Tag, normal_document};

use crate::bench::{Bench, Ended};
use crate::plans::{self, MANAGEMENT, needing, sealed, step, subject};

const SCP: &str = "SERVICE_CONTROL_POLICY";
/// The names of the stages.
pub const STAGES: [&str; 3] = ["OU Canary", "OU Production", "the root"];
const CONTENT: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;

fn created(id: &str, name: &str) -> Step {
    let own = format!("${{{id}.Id}}");
    let after = json!({"Id": own, "Content": normal_document(CONTENT), "Description": "ours", "Tags": {"owner": "us"}});
    step(
        subject(MANAGEMENT, Aspect::AuthorizationPolicy { policy_type: SCP.to_owned(), name: name.to_owned() }),
        Call::CreatePolicy {
            name: name.to_owned(),
            description: "ours".to_owned(),
            content: CONTENT.to_owned(),
            r#type: SCP.to_owned(),
            tags: vec![Tag { key: "owner".to_owned(), value: "us".to_owned() }],
        },
        Before::Is(Value::Null),
        after,
        Rollback::Undo(Call::DeletePolicy { policy_id: own }),
    )
}

fn attached(policy: &str, target: &str) -> Step {
    let policy = || format!("${{{policy}.Id}}");
    let target = || target.to_owned();
    step(
        subject(
            MANAGEMENT,
            Aspect::PolicyAttachment { policy_type: SCP.to_owned(), policy: policy(), target: target() },
        ),
        Call::AttachPolicy { policy_id: policy(), target_id: target() },
        Before::Is(json!(false)),
        json!(true),
        Rollback::Undo(Call::DetachPolicy { policy_id: policy(), target_id: target() }),
    )
}

fn stage(name: &str, steps: &[&str], soak: Duration) -> Stage {
    Stage {
        name: name.to_owned(),
        targets: BTreeSet::new(),
        accounts: BTreeSet::new(),
        steps: steps.iter().map(|step| (*step).to_owned()).collect(),
        affected: vec![],
        denials: vec![],
        enclosure: None,
        probes: vec![],
        soak_seconds: soak.as_secs(),
    }
}

/// The plan. Both policies come first, as a planner puts them, although the second is of the last stage.
pub fn plan(soak: Duration) -> (Plan, String) {
    let enabled = step(
        subject(MANAGEMENT, Aspect::PolicyType { policy_type: SCP.to_owned() }),
        Call::EnablePolicyType { root_id: "r-ab12".to_owned(), policy_type: SCP.to_owned() },
        Before::Is(json!(false)),
        json!(true),
        Rollback::Keep("it denies nothing".to_owned()),
    );
    let steps = vec![
        enabled,
        needing(created("s002", "for-all"), &["s001"]),
        needing(created("s003", "for-one"), &["s001"]),
        attached("s002", "ou-canary"),
        needing(attached("s002", "ou-production"), &["s004"]),
        needing(attached("s002", "r-ab12"), &["s005"]),
        needing(attached("s003", "333333333333"), &["s005"]),
    ];
    let stages = vec![
        stage(STAGES[0], &["s001", "s002", "s004"], soak),
        stage(STAGES[1], &["s005"], soak),
        stage(STAGES[2], &["s003", "s006", "s007"], soak),
    ];
    sealed(Plan { steps, stages, ..plans::empty() })
}

/// A bench with the plan, in an organization where the policy type is disabled.
pub fn bench(soak: Duration) -> Bench {
    Bench::new(plan(soak), &[])
}

fn policy_type() -> Subject {
    subject(MANAGEMENT, Aspect::PolicyType { policy_type: SCP.to_owned() })
}

/// The run ended applied: both policies are there once, and attached where the plan has them.
pub fn assert_applied(bench: &Bench, ended: Ended) {
    let report = ended.expect("not killed").expect("applies");
    assert_eq!(report.outcome, trailwarden_model::journal::Outcome::Applied, "{report:?}");
    assert_after(bench);
}

/// The world is as after a run that nothing disturbed.
pub fn assert_after(bench: &Bench) {
    bench.check();
    let truth = bench.world.truth();
    let run = bench.files().run;
    let id = |step: &str| run.bindings[step]["Id"].as_str().expect("an id").to_owned();
    let attachment = |policy: String, target: &str| {
        subject(MANAGEMENT, Aspect::PolicyAttachment { policy_type: SCP.to_owned(), policy, target: target.to_owned() })
    };
    let attached = [
        attachment(id("s002"), "ou-canary"),
        attachment(id("s002"), "ou-production"),
        attachment(id("s002"), "r-ab12"),
        attachment(id("s003"), "333333333333"),
    ];
    assert!(attached.iter().all(|subject| truth.get(subject) == Some(&json!(true))), "{truth:#?}");
    assert_eq!(truth.len(), 7, "{truth:#?}");
    assert_eq!(bench.world.with(|state| state.n_policies), 2);
}

/// The run ended rolled back: nothing is there but the policy type, which is kept once it is enabled.
pub fn assert_rolled_back(bench: &Bench, ended: Ended) {
    let report = ended.expect("not killed").expect("rolls back");
    assert_eq!(report.outcome, trailwarden_model::journal::Outcome::RolledBack, "{report:?}");
    bench.check();
    let mut truth = bench.world.truth();
    truth.remove(&policy_type());
    assert_eq!(truth, [].into());
}
