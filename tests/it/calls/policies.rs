//! Policies of the organization: their type enabled, one written, changed, attached, detached and removed.

use serde_json::{Value, json};
use trailwarden_apply::Certainty;
use trailwarden_model::plan::{Aspect, Call, Tag};

use super::{Desk, MANAGEMENT, MEMBER, place, text};

const SCP: &str = "SERVICE_CONTROL_POLICY";
const ROOT: &str = "r-bl4k";
const NAME: &str = "guard";

fn document(action: &str) -> Value {
    json!({ "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": action, "Resource": "*" } })
}

fn attachment(policy: &str, target: &str) -> Aspect {
    Aspect::PolicyAttachment { policy_type: SCP.to_owned(), policy: policy.to_owned(), target: target.to_owned() }
}

pub fn service_control(desk: &Desk) {
    let here = place(MANAGEMENT);
    let of_type = Aspect::PolicyType { policy_type: SCP.to_owned() };
    let enable = Call::EnablePolicyType { root_id: ROOT.to_owned(), policy_type: SCP.to_owned() };
    desk.change(&here, &of_type, &json!(false), &enable, &json!(true));

    let aspect = Aspect::AuthorizationPolicy { policy_type: SCP.to_owned(), name: NAME.to_owned() };
    let own = Tag { key: "trailwarden".to_owned(), value: "rollout".to_owned() };
    let other = Tag { key: "owner".to_owned(), value: "security".to_owned() };
    let create = Call::CreatePolicy {
        name: NAME.to_owned(),
        description: "guards".to_owned(),
        content: text(&document("cloudtrail:StopLogging")),
        r#type: SCP.to_owned(),
        tags: vec![own, other],
    };
    assert_eq!(desk.look(&here, &aspect), Value::Null);
    desk.done(&here, &create);
    let id = desk.look(&here, &aspect)["Id"].as_str().expect("an id").to_owned();
    let seen = |action: &str, description: &str| {
        json!({ "Id": id, "Content": document(action), "Description": description,
                "Tags": { "trailwarden": "rollout" } })
    };
    assert_eq!(desk.look(&here, &aspect), seen("cloudtrail:StopLogging", "guards"));
    let twice = desk.perform(&here, &create).expect_err("its name is taken");
    assert_eq!((twice.code.as_str(), twice.certainty), ("DuplicatePolicyException", Certainty::NothingChanged));
    let update = Call::UpdatePolicy {
        policy_id: id.clone(),
        description: "guards more".to_owned(),
        content: text(&document("cloudtrail:*")),
    };
    let before = seen("cloudtrail:StopLogging", "guards");
    desk.change(&here, &aspect, &before, &update, &seen("cloudtrail:*", "guards more"));

    let delete = Call::DeletePolicy { policy_id: id.clone() };
    for target in [MEMBER, ROOT] {
        let attach = Call::AttachPolicy { policy_id: id.clone(), target_id: target.to_owned() };
        desk.change(&here, &attachment(&id, target), &json!(false), &attach, &json!(true));
        let used = desk.perform(&here, &delete).expect_err("it is attached");
        assert_eq!((used.code.as_str(), used.certainty), ("PolicyInUseException", Certainty::NothingChanged));
        let detach = Call::DetachPolicy { policy_id: id.clone(), target_id: target.to_owned() };
        desk.change(&here, &attachment(&id, target), &json!(true), &detach, &json!(false));
    }
    assert_eq!(desk.look(&here, &attachment(&id, "ou-bl4k-nowhere1")), Value::Null, "there is no such OU");
    desk.change(&here, &aspect, &seen("cloudtrail:*", "guards more"), &delete, &Value::Null);
}
