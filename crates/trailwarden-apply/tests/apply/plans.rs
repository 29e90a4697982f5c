//! A plan of thirty steps in four accounts, and the organization it is made for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::{Value, json};
use trailwarden_model::plan::{
    Aspect, Before, Call, FORMAT, Guard, KmsTag, Place, Plan, Rollback, Step, Subject, TrailInput, seal,
};

pub const ORGANIZATION: &str = "o-example";
pub const MANAGEMENT: &str = "111111111111";
pub const ARCHIVE: &str = "222222222222";
pub const MEMBERS: [&str; 2] = ["333333333333", "444444444444"];
const LOGS: &str = "central-logs";
const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";

fn place(account: &str) -> Place {
    Place { account: account.parse().unwrap(), region: "eu-west-1".parse().unwrap() }
}

pub fn subject(account: &str, aspect: Aspect) -> Subject {
    Subject { place: place(account), aspect }
}

/// The ARN of a trail.
pub fn arn(account: &str, name: &str) -> String {
    format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/{name}")
}

/// A plan without steps.
pub fn empty() -> Plan {
    Plan {
        format: FORMAT.to_owned(),
        digest: "0".repeat(64),
        tool_version: "0.1.0".to_owned(),
        organization: ORGANIZATION.to_owned(),
        management_account: MANAGEMENT.parse().unwrap(),
        partition: "aws".to_owned(),
        snapshot: "00".to_owned(),
        collected_at: "2026-11-28T00:00:00Z".parse().unwrap(),
        accounts: BTreeMap::new(),
        choices: vec![],
        steps: vec![],
        stages: vec![],
        unreached: Default::default(),
        unplanned: vec![],
    }
}

/// A step without needs and guards.
pub fn step(at: Subject, call: Call, before: Before, after: Value, rollback: Rollback) -> Step {
    Step {
        id: String::new(),
        title: call.operation(),
        subject: at,
        call,
        before,
        after,
        guards: vec![],
        needs: BTreeSet::new(),
        findings: BTreeSet::new(),
        rollback,
        actions: BTreeSet::new(),
        cost: None,
    }
}

/// The plan sealed: read back, and its text.
pub fn sealed(mut plan: Plan) -> (Plan, String) {
    for (step, n) in plan.steps.iter_mut().zip(1..) {
        step.id = format!("s{n:03}");
    }
    let (text, digest) = seal(&plan).unwrap();
    plan.digest = digest;
    (plan, text)
}

/// With these needs.
pub fn needing(mut step: Step, needs: &[&str]) -> Step {
    step.needs = needs.iter().map(|need| (*need).to_owned()).collect();
    step
}

fn archive() -> Vec<Step> {
    let bucket = LOGS.to_owned();
    let policy = json!({"Statement": {"Action": "s3:PutObject", "Resource": "${aws:PrincipalOrgID}"}});
    let ownership = json!({"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]});
    let created = |id: &str| Before::CreatedBy(id.to_owned());
    let at = |aspect| subject(ARCHIVE, aspect);
    vec![
        step(
            at(Aspect::TaggedKey { tag: "trail".to_owned() }),
            Call::CreateKey {
                description: "logs".to_owned(),
                policy: "{}".to_owned(),
                tags: vec![KmsTag { tag_key: "trailwarden:key".to_owned(), tag_value: "trail".to_owned() }],
            },
            Before::Is(Value::Null),
            json!({"Arn": "${s001.Arn}", "KeyId": "${s001.KeyId}", "KeyState": "Enabled"}),
            Rollback::Undo(Call::ScheduleKeyDeletion {
                key_id: "${s001.KeyId}".to_owned(),
                pending_window_in_days: 30,
            }),
        ),
        step(
            at(Aspect::KeyAlias { name: "alias/trail".to_owned() }),
            Call::CreateAlias { alias_name: "alias/trail".to_owned(), target_key_id: "${s001.KeyId}".to_owned() },
            Before::Is(Value::Null),
            json!({"TargetKeyId": "${s001.KeyId}"}),
            Rollback::Undo(Call::DeleteAlias { alias_name: "alias/trail".to_owned() }),
        ),
        step(
            at(Aspect::KeyRotation { key: "${s001.Arn}".to_owned() }),
            Call::EnableKeyRotation { key_id: "${s001.Arn}".to_owned() },
            created("s001"),
            json!(true),
            Rollback::Undo(Call::DisableKeyRotation { key_id: "${s001.Arn}".to_owned() }),
        ),
        step(
            at(Aspect::Bucket { bucket: bucket.clone() }),
            Call::CreateBucket {
                bucket: bucket.clone(),
                create_bucket_configuration: None,
                object_lock_enabled_for_bucket: None,
            },
            Before::Is(Value::Null),
            json!({"Region": "eu-west-1"}),
            Rollback::Undo(Call::DeleteBucket { bucket: bucket.clone() }),
        ),
        step(
            at(Aspect::BucketVersioning { bucket: bucket.clone() }),
            Call::PutBucketVersioning {
                bucket: bucket.clone(),
                versioning_configuration: json!({"Status": "Enabled"}),
            },
            created("s004"),
            json!({"Status": "Enabled"}),
            Rollback::Keep("versions do no harm".to_owned()),
        ),
        step(
            at(Aspect::BucketOwnership { bucket: bucket.clone() }),
            Call::PutBucketOwnershipControls { bucket: bucket.clone(), ownership_controls: ownership.clone() },
            created("s004"),
            ownership,
            Rollback::Undo(Call::DeleteBucketOwnershipControls { bucket: bucket.clone() }),
        ),
        step(
            at(Aspect::BucketPolicy { bucket: bucket.clone() }),
            Call::PutBucketPolicy { bucket: bucket.clone(), policy: policy.to_string() },
            created("s004"),
            policy,
            Rollback::Undo(Call::DeleteBucketPolicy { bucket }),
        ),
    ]
}

fn management() -> Vec<Step> {
    let service = CLOUDTRAIL.to_owned();
    let trail = arn(MANAGEMENT, "org");
    let at = |aspect| subject(MANAGEMENT, aspect);
    let input = TrailInput {
        name: "org".to_owned(),
        s3_bucket_name: Some(LOGS.to_owned()),
        kms_key_id: Some("${s001.Arn}".to_owned()),
        is_organization_trail: Some(true),
        ..TrailInput::default()
    };
    let mut shown = serde_json::to_value(&input).unwrap();
    shown["TrailARN"] = json!(trail);
    let group = "cloudtrail".to_owned();
    vec![
        step(
            at(Aspect::TrustedAccess { service: service.clone() }),
            Call::EnableAwsServiceAccess { service_principal: service.clone() },
            Before::Is(json!(false)),
            json!(true),
            Rollback::Undo(Call::DisableAwsServiceAccess { service_principal: service }),
        ),
        needing(
            step(
                at(Aspect::Trail { trail: trail.clone() }),
                Call::CreateTrail(input),
                Before::Is(Value::Null),
                shown,
                Rollback::Undo(Call::DeleteTrail { name: trail.clone() }),
            ),
            &["s007", "s008"],
        ),
        step(
            at(Aspect::TrailLogging { trail: trail.clone() }),
            Call::StartLogging { name: trail.clone() },
            Before::CreatedBy("s009".to_owned()),
            json!(true),
            Rollback::Undo(Call::StopLogging { name: trail }),
        ),
        step(
            at(Aspect::LogGroup { group: group.clone() }),
            Call::CreateLogGroup { log_group_name: group.clone(), kms_key_id: None, tags: BTreeMap::new() },
            Before::Is(Value::Null),
            json!({"logGroupClass": "STANDARD"}),
            Rollback::Keep("it may hold logs".to_owned()),
        ),
        step(
            at(Aspect::LogGroupRetention { group: group.clone() }),
            Call::PutRetentionPolicy { log_group_name: group.clone(), retention_in_days: 365 },
            Before::CreatedBy("s011".to_owned()),
            json!({"retentionInDays": 365}),
            Rollback::Undo(Call::DeleteRetentionPolicy { log_group_name: group }),
        ),
    ]
}

/// Nine steps in a member: seven log groups, its trail, and the trail that the organization trail makes superfluous.
fn member(account: &str) -> Vec<Step> {
    let groups = (0..7).map(|n| format!("app-{n}")).map(|group| {
        step(
            subject(account, Aspect::LogGroupRetention { group: group.clone() }),
            Call::PutRetentionPolicy { log_group_name: group.clone(), retention_in_days: 365 },
            Before::Is(json!({})),
            json!({"retentionInDays": 365}),
            Rollback::Undo(Call::DeleteRetentionPolicy { log_group_name: group }),
        )
    });
    let trail = arn(account, "own");
    let update = |is: bool| {
        let input = TrailInput { name: trail.clone(), enable_log_file_validation: Some(is), ..TrailInput::default() };
        Call::UpdateTrail(input)
    };
    let shown = |is: bool| json!({"TrailARN": trail, "EnableLogFileValidation": is});
    let mended = step(
        subject(account, Aspect::Trail { trail: trail.clone() }),
        update(true),
        Before::Is(shown(false)),
        shown(true),
        Rollback::Undo(update(false)),
    );
    let second = arn(account, "second");
    let mut stopped = step(
        subject(account, Aspect::TrailLogging { trail: second.clone() }),
        Call::StopLogging { name: second.clone() },
        Before::Is(json!(true)),
        json!(false),
        Rollback::Undo(Call::StartLogging { name: second }),
    );
    stopped.guards = vec![Guard {
        subject: subject(MANAGEMENT, Aspect::TrailLogging { trail: arn(MANAGEMENT, "org") }),
        is: json!(true),
        because: "nothing else would record this account".to_owned(),
    }];
    groups.chain([mended, stopped]).collect()
}

/// The plan: s001–s007 in the log archive, s008–s012 in the management account, then nine in each member.
pub fn thirty() -> (Plan, String) {
    static PLAN: OnceLock<(Plan, String)> = OnceLock::new();
    let plan = PLAN.get_or_init(|| {
        let members = MEMBERS.iter().flat_map(|account| member(account));
        let steps: Vec<Step> = archive().into_iter().chain(management()).chain(members).collect();
        assert_eq!(steps.len(), 30);
        sealed(Plan { steps, ..empty() })
    });
    plan.clone()
}

/// Whether every member is recorded: by its own second trail, or by the organization trail.
pub fn is_covered(logging: impl Fn(&Subject) -> bool) -> bool {
    let of = |account: &str, name: &str| logging(&subject(account, Aspect::TrailLogging { trail: arn(account, name) }));
    of(MANAGEMENT, "org") || MEMBERS.iter().all(|account| of(account, "second"))
}

/// What exists before the plan.
pub fn initial() -> Vec<(Subject, Value)> {
    let mut world = vec![(subject(MANAGEMENT, Aspect::TrustedAccess { service: CLOUDTRAIL.to_owned() }), json!(false))];
    for account in MEMBERS {
        let at = |aspect| subject(account, aspect);
        let group = json!({"logGroupClass": "STANDARD", "isAccountRetention": false});
        world.extend((0..7).map(|n| (at(Aspect::LogGroup { group: format!("app-{n}") }), group.clone())));
        for (name, trail) in [("own", arn(account, "own")), ("second", arn(account, "second"))] {
            let mut shown = json!({"TrailARN": trail});
            if name == "own" {
                shown["EnableLogFileValidation"] = json!(false);
            }
            world.push((at(Aspect::Trail { trail: trail.clone() }), shown));
            world.push((at(Aspect::TrailLogging { trail }), json!(true)));
        }
    }
    world
}
