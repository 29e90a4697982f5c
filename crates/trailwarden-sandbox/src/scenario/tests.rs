//! Every scenario is what it says it is.

use super::*;
use crate::service::organizations::policies::check_content;
use crate::world::organizations::POLICY_TYPES;

const NAMES: [&str; 5] = ["acme", "clean", "blank", "lapsed", "fleet:30"];

#[test]
fn every_listed_scenario_has_a_world_and_a_truth_about_the_same_controls() {
    let ids = |name: &str| truth(name).expect("a truth").controls.into_keys().collect::<Vec<_>>();
    for name in NAMES {
        world(name).expect("a world");
        assert_eq!(ids(name).len(), 51, "{name}");
        assert_eq!(ids(name), ids("acme"), "{name}");
    }
    assert!(
        list().iter().all(|(listed, _)| NAMES.iter().any(|name| name.split(':').next() == listed.split(':').next()))
    );
}

#[test]
fn policies_of_scenarios_are_json_and_those_of_the_organization_attach_to_nodes_that_exist() {
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
        for document in buckets.chain(keys).chain(roles) {
            let value: serde_json::Value = serde_json::from_str(document).expect("a policy");
            assert!(value["Statement"].is_array(), "{name}: {document}");
        }
    }
}

#[test]
fn organizations_would_accept_every_policy_of_a_scenario_where_it_is_attached() {
    for name in NAMES {
        let organization = world(name).expect("a world").organization.expect("an organization");
        for of in POLICY_TYPES.iter().filter(|of| organization.policy_types.contains_key(of.name)) {
            for policy in organization.policies.values().filter(|policy| policy.kind == of.name && !policy.aws_managed)
            {
                check_content(of, &policy.content).unwrap_or_else(|error| panic!("{name}: {}: {error:?}", policy.name));
            }
            for node in organization.nodes() {
                let n_attached = organization.attached(&node, of.name).count();
                assert!((1..=of.most_attached).contains(&n_attached), "{name}: {node} has {n_attached} {}", of.name);
            }
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
        // Asked for by a baseline only, or true of every organization that has policies.
        let nowhere = [
            "all-features-enabled",
            "data-events-recorded",
            "insights-enabled",
            "log-bucket-replicated",
            "network-activity-events-recorded",
            "tamper-events-routed",
            "trails-match-baseline",
        ];
        let elsewhere = ["trusted-access-enabled", "scp-policy-type-enabled"].contains(&control.as_str());
        let is_planted = fails(if elsewhere { "lapsed" } else { "acme" }, control);
        assert_eq!(is_planted, !nowhere.contains(&control.as_str()), "{control}");
        assert!(!fails("clean", control), "{control}");
    }
}

#[test]
fn every_metric_filter_of_clean_raises_an_alarm_that_somebody_hears() {
    use crate::world::cloudwatch::Watches;
    use crate::world::sns::SubscriptionState;
    let world = world("clean").expect("a world");
    let filters = world.logs.values().flat_map(|logs| &logs.groups).flat_map(|group| &group.metric_filters);
    let alarms: Vec<_> = world.cloudwatch.values().flat_map(|held| &held.alarms).collect();
    let heard = |action: &String| {
        let topic = world.topic(&action.parse().expect("an ARN"));
        topic.is_some_and(|(_, topic)| topic.subscriptions.iter().any(|s| s.state == SubscriptionState::Confirmed))
    };
    let mut n_filters = 0;
    for (name, filter) in filters {
        n_filters += 1;
        assert!(filter.pattern.len() <= 1_024, "{name}");
        let metric = &filter.transformations[0];
        let raised = alarms.iter().find(|alarm| match &alarm.watches {
            Watches::Metric(settings) => {
                settings.metric_name.as_deref() == metric["metricName"].as_str()
                    && settings.namespace.as_deref() == metric["metricNamespace"].as_str()
            }
            Watches::Rule(_) => false,
        });
        assert!(raised.is_some_and(|alarm| alarm.actions_enabled && alarm.alarm_actions.iter().any(heard)), "{name}");
    }
    assert_eq!(n_filters, 16);
}

#[test]
fn what_is_everywhere_is_in_every_enabled_region_but_the_excepted_ones() {
    let world = world("acme").expect("a world");
    let with_flow_log = |account: &str| {
        let account = account.parse().expect("an account");
        let logs = world.ec2.get(&account).map(|held| held.flow_logs.as_slice()).unwrap_or_default();
        let of_default = |log: &&crate::world::ec2::FlowLog| {
            world.vpcs(&account, &log.region).iter().any(|(_, vpc)| vpc.is_default && vpc.id == log.resource)
        };
        (logs.iter().filter(of_default).count(), world.enabled_regions(&account).len())
    };
    // data-platform-prod has opted in to a region, orders-test has deleted three default VPCs, sandbox-ci is excepted.
    assert_eq!(with_flow_log("545661209833"), (18, 18));
    assert_eq!(with_flow_log("611208734455"), (14, 17));
    assert_eq!(with_flow_log("724480195536"), (0, 17));
    let n_recorders = |account: &str| world.config[&account.parse().expect("an account")].recorders.len();
    assert_eq!((n_recorders("512340987611"), n_recorders("622915380764")), (17, 1));
}

#[test]
fn planted_events_have_ids_of_their_own() {
    let world = world("acme").expect("a world");
    let ids: Vec<&String> = world.cloudtrail.values().flat_map(|held| &held.history).map(|event| &event.id).collect();
    let distinct: std::collections::BTreeSet<&&String> = ids.iter().collect();
    assert!(ids.len() > 5 && distinct.len() == ids.len() && ids.iter().all(|id| id.len() == 36), "{ids:?}");
}

#[test]
fn what_only_a_baseline_asks_for_passes_and_fails_in_acme_under_the_demanding_one() {
    use trailwarden_model::finding::Outcome;
    let (_, demanding) = demanding().expect("a truth");
    let by_default = truth("acme").expect("a truth");
    for (control, expected) in &demanding.controls {
        assert_ne!(Some(expected), by_default.controls.get(control), "{control}");
        let outcomes = || expected.except.iter().map(|exception| exception.outcome).chain([expected.default]);
        assert!(outcomes().any(|outcome| matches!(outcome, Outcome::Pass | Outcome::Fail)), "{control}");
    }
}

const SMALL: &str = r#"
[organization]
id = "o-small12345"
root = "r-sm4l"
management = "111111111111"

[[account]]
id = "111111111111"
name = "management"
email = "a@b.example"
joined = "2026-01-01T00:00:00Z"

[[cloudtrail.111111111111.trails]]
name = "everything"
home_region = "eu-west-1"
bucket = "small-logs"
tags = { ManagedBy = "terraform" }

[s3.111111111111.buckets.small-logs]
region = "eu-west-1"
tags = { "aws:cloudformation:stack-name" = "logs" }

[[kms.111111111111.keys]]
id = "11111111-2222-4333-8444-555555555555"
region = "eu-west-1"
tags = { a = "b" }

[[logs.111111111111.groups]]
name = "trail"
region = "eu-west-1"
tags = { a = "b" }

[[sns.111111111111.topics]]
name = "alerts"
region = "eu-west-1"
tags = { a = "b" }

[iam.111111111111.roles.to-logs]
trust = '{"Version": "2012-10-17", "Statement": []}'
tags = { a = "b" }
"#;

#[test]
fn a_scenario_of_ones_own_says_whose_each_thing_is() {
    let world = parse("small.toml", SMALL).expect("a world");
    let account: trailwarden_model::ids::AccountId = "111111111111".parse().expect("an account");
    assert_eq!(world.cloudtrail[&account].trails[0].tags["ManagedBy"], "terraform");
    assert_eq!(world.s3[&account].buckets["small-logs"].tags["aws:cloudformation:stack-name"], "logs");
    assert_eq!(world.iam[&account].roles["to-logs"].tags["a"], "b");
}

#[test]
fn a_mistake_in_a_scenario_is_named_with_its_line() {
    let said = |text: &str| parse("small.toml", text).expect_err("refused").to_string();
    let unknown = said(&SMALL.replace("tags = { ManagedBy", "tag = { ManagedBy"));
    assert!(unknown.starts_with("scenario small.toml: line 17: ") && unknown.contains("tag"), "{unknown}");
    let broken = said(&SMALL.replace("root = \"r-sm4l\"", "root = "));
    assert!(broken.contains("line 4: "), "{broken}");
    assert!(
        said(&SMALL.replace("management = \"111111111111\"", "management = \"222222222222\"")).contains("222222222222")
    );
    assert!(said(&SMALL.replace("joined", "unit = \"ou-none\"\njoined")).contains("ou-none"));
}
