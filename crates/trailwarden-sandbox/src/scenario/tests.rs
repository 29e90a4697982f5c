//! Every scenario is what it says it is.

use super::*;
use crate::world::organizations::SCP;

const NAMES: [&str; 5] = ["acme", "clean", "blank", "lapsed", "fleet:30"];

#[test]
fn every_listed_scenario_has_a_world_and_a_truth_about_the_same_24_controls() {
    let ids = |name: &str| truth(name).expect("a truth").controls.into_keys().collect::<Vec<_>>();
    for name in NAMES {
        world(name).expect("a world");
        assert_eq!(ids(name).len(), 24, "{name}");
        assert_eq!(ids(name), ids("acme"), "{name}");
    }
    assert!(
        list().iter().all(|(listed, _)| NAMES.iter().any(|name| name.split(':').next() == listed.split(':').next()))
    );
}

#[test]
fn policies_of_scenarios_are_json_and_attach_to_nodes_that_exist() {
    for name in NAMES {
        let world = world(name).expect("a world");
        let organization = world.organization.as_ref().expect("an organization");
        let nodes = organization.nodes();
        for (node, ids) in &organization.attachments {
            assert!(nodes.contains(node), "{name}: {node}");
            assert!(ids.iter().all(|id| organization.policies.contains_key(id)), "{name}: {node}");
        }
        let buckets =
            world.s3.values().flat_map(|s3| s3.buckets.values()).filter_map(|bucket| bucket.policy.as_deref());
        let keys = world.kms.values().flat_map(|kms| &kms.keys).filter_map(|key| key.policy.as_deref());
        let roles = world.iam.values().flat_map(|iam| iam.roles.values());
        let roles = roles.flat_map(|role| role.inline.values().map(String::as_str).chain([role.trust.as_str()]));
        let scps = organization.policies.values().filter(|p| p.kind == SCP).map(|policy| policy.content.as_str());
        for document in buckets.chain(keys).chain(roles).chain(scps) {
            let value: serde_json::Value = serde_json::from_str(document).expect("a policy");
            assert!(value["Statement"].is_array(), "{name}: {document}");
        }
    }
}

#[test]
fn every_unit_and_account_hangs_below_the_root() {
    for name in NAMES {
        let organization = world(name).expect("a world").organization.expect("an organization");
        for account in organization.accounts.keys() {
            assert_eq!(organization.path(account).first(), Some(&organization.root), "{name}: {account}");
        }
    }
}

#[test]
fn a_fleet_has_as_many_accounts_as_asked_and_no_fewer_than_three() {
    assert_eq!(world("fleet:100").expect("a world").accounts.len(), 100);
    for name in ["fleet:2", "fleet:x", "fleet:", "Acme", ""] {
        assert!(matches!(world(name), Err(SandboxError::UnknownScenario { .. })), "{name}");
    }
}

#[test]
fn a_world_survives_the_state_file() {
    for name in NAMES {
        let world = world(name).expect("a world");
        let text = serde_json::to_string(&world).expect("written");
        assert_eq!(serde_json::from_str::<World>(&text).expect("read"), world, "{name}");
    }
}

#[test]
fn each_control_fails_somewhere_and_acme_fails_all_that_can_stand_beside_a_working_organization_trail() {
    use trailwarden_model::finding::Outcome;
    let fails = |name: &str, control: &str| {
        let truth = truth(name).expect("a truth");
        let expected = &truth.controls[control];
        expected.default == Outcome::Fail || expected.except.iter().any(|e| e.outcome == Outcome::Fail)
    };
    for control in truth("acme").expect("a truth").controls.keys() {
        let elsewhere = ["trusted-access-enabled", "scp-policy-type-enabled"].contains(&control.as_str());
        assert!(fails(if elsewhere { "lapsed" } else { "acme" }, control), "{control}");
        assert!(!fails("clean", control), "{control}");
    }
}
