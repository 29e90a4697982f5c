//! What a finding was judged by besides its evidence: the settings that apply there, and the trails it is about.

use std::collections::BTreeSet;

use trailwarden_model::baseline::{AlarmPatterns, Baseline, Override, Required};
use trailwarden_model::finding::{Finding, Input};
use trailwarden_model::ids::AccountId;
use trailwarden_model::snapshot::Snapshot;
use trailwarden_model::trail::Trail;

/// A setting that parts of the organization may override.
struct Overridable {
    name: &'static str,
    /// The controls that judge by it.
    controls: &'static [&'static str],
    value: fn(&Required) -> String,
    is_overridden: fn(&Override) -> bool,
}

/// A setting of the whole organization.
struct Setting {
    name: &'static str,
    controls: &'static [&'static str],
    value: fn(&Baseline) -> String,
}

const OVERRIDABLE: &[Overridable] = &[
    Overridable {
        name: "retention_days",
        controls: &[
            "event-data-stores-protected",
            "log-bucket-retention-sufficient",
            "log-bucket-versioned-and-locked",
            "log-group-retained-and-encrypted",
        ],
        value: |required| required.retention_days.to_string(),
        is_overridden: |change| change.retention_days.is_some(),
    },
    Overridable {
        name: "data_events",
        controls: &["data-events-recorded"],
        value: |required| list(required.data_events.iter().map(|events| &events.resource_type)),
        is_overridden: |change| change.data_events.is_some(),
    },
    Overridable {
        name: "network_activity_sources",
        controls: &["network-activity-events-recorded"],
        value: |required| list(&required.network_activity_sources),
        is_overridden: |change| change.network_activity_sources.is_some(),
    },
    Overridable {
        name: "insights",
        controls: &["insights-enabled"],
        value: |required| {
            let words = required.insights.iter().map(|insight| format!("{} ({})", insight.kind, insight.category));
            list(&words.collect::<Vec<_>>())
        },
        is_overridden: |change| change.insights.is_some(),
    },
    Overridable {
        name: "log_bucket_replication",
        controls: &["log-bucket-replicated"],
        value: |required| required.log_bucket_replication.to_string(),
        is_overridden: |change| change.log_bucket_replication.is_some(),
    },
    Overridable {
        name: "tamper_event_routing",
        controls: &["tamper-events-routed"],
        value: |required| required.tamper_event_routing.to_string(),
        is_overridden: |change| change.tamper_event_routing.is_some(),
    },
];

const SETTINGS: &[Setting] = &[
    Setting {
        name: "freshness_hours",
        controls: &["cloudwatch-logs-delivery-healthy", "digest-delivery-healthy", "log-delivery-healthy"],
        value: |baseline| baseline.freshness_hours.to_string(),
    },
    Setting {
        name: "log_archive_accounts",
        controls: &["logs-centralized"],
        value: |baseline| {
            list(baseline.log_archive_accounts.iter().map(ToString::to_string).collect::<Vec<_>>().iter())
        },
    },
    Setting {
        name: "tamper_exceptions",
        controls: &["no-recent-tampering", "scp-exceptions-declared", "tampering-denied-by-scp"],
        value: |baseline| list(&baseline.tamper_exceptions),
    },
    Setting {
        name: "delegated_administrators",
        controls: &["delegated-administrator-expected"],
        value: |baseline| {
            list(baseline.delegated_administrators.iter().map(ToString::to_string).collect::<Vec<_>>().iter())
        },
    },
    Setting {
        name: "tamper_history_days",
        controls: &["no-recent-tampering"],
        value: |baseline| baseline.tamper_history_days.to_string(),
    },
    Setting {
        name: "alarm_patterns",
        controls: &["management-account-guarded", "tamper-alarms-actionable"],
        value: |baseline| match baseline.alarm_patterns {
            AlarmPatterns::Meaning => "meaning".to_owned(),
            AlarmPatterns::Exact => "exact".to_owned(),
        },
    },
    Setting {
        name: "approved_snapshot",
        controls: &["trails-match-baseline"],
        value: |baseline| match &baseline.approved_trails {
            Some(approved) => format!("{} approved trails", approved.len()),
            None => "none".to_owned(),
        },
    },
    Setting {
        name: "scp_policies_per_node",
        controls: &["scp-headroom-sufficient"],
        value: |baseline| baseline.scp_policies_per_node.to_string(),
    },
    Setting {
        name: "scp_policy_characters",
        controls: &["scp-headroom-sufficient"],
        value: |baseline| baseline.scp_policy_characters.to_string(),
    },
    // No control judges by these: they bound what is composed.
    Setting {
        name: "rcp_policies_per_node",
        controls: &[],
        value: |baseline| baseline.rcp_policies_per_node.to_string(),
    },
    Setting {
        name: "rcp_policy_characters",
        controls: &[],
        value: |baseline| baseline.rcp_policy_characters.to_string(),
    },
];

/// The settings that a finding was judged by, then the trails that it is about.
pub fn inputs(snapshot: &Snapshot, baseline: &Baseline, finding: &Finding) -> Vec<Input> {
    let overridable = OVERRIDABLE.iter().filter(|setting| setting.controls.contains(&finding.control.as_str()));
    let settings = SETTINGS.iter().filter(|setting| setting.controls.contains(&finding.control.as_str()));
    overridable
        .map(|setting| overridden(snapshot, baseline, &finding.account, setting))
        .chain(settings.map(|setting| Input {
            name: setting.name.to_owned(),
            value: (setting.value)(baseline),
            source: "baseline".to_owned(),
        }))
        .chain(trails(snapshot, finding).into_iter().map(attributes))
        .collect()
}

/// The value of a setting in an account, and which part of the baseline gives it.
fn overridden(snapshot: &Snapshot, baseline: &Baseline, account: &AccountId, setting: &Overridable) -> Input {
    let name = setting.name.to_owned();
    match snapshot.organization.path_to(account) {
        Ok(path) => {
            let overrides = |node: &&String| baseline.overrides.get(*node).is_some_and(setting.is_overridden);
            let source = match path.iter().rev().find(overrides) {
                Some(node) => format!("override of {node} in the baseline"),
                None => "baseline".to_owned(),
            };
            Input { name, value: (setting.value)(&baseline.required_at(&path)), source }
        }
        Err(gap) if baseline.overrides.values().any(setting.is_overridden) => {
            Input { name, value: "not known".to_owned(), source: gap.to_string() }
        }
        Err(_) => Input { name, value: (setting.value)(&baseline.required), source: "baseline".to_owned() },
    }
}

/// The trail that is judged, those that use the resource that is, or those shown in the account and region.
fn trails<'s>(snapshot: &'s Snapshot, finding: &Finding) -> Vec<&'s Trail> {
    let Some(resource) = &finding.resource else {
        let Some(seen) = snapshot.accounts.get(&finding.account) else { return vec![] };
        let regions =
            seen.regions.iter().filter(|(region, _)| finding.region.as_ref().is_none_or(|only| only == *region));
        let shown: BTreeSet<_> =
            regions.filter_map(|(_, here)| here.trails.known()).flat_map(|trails| trails.keys()).collect();
        return shown.into_iter().filter_map(|arn| snapshot.trails.get(arn)).collect();
    };
    let is_bucket = |trail: &Trail| resource.strip_suffix(&trail.bucket).is_some_and(|rest| rest.ends_with(":s3:::"));
    let uses = |trail: &&Trail| {
        let arns = [Some(&trail.arn), trail.kms_key.as_ref(), trail.log_group.as_ref()];
        is_bucket(trail) || arns.into_iter().flatten().any(|arn| arn.as_str() == resource)
    };
    snapshot.trails.values().filter(uses).collect()
}

fn attributes(trail: &Trail) -> Input {
    let words = [
        Some(if trail.is_organization { "organization trail" } else { "trail of one account" }.to_owned()),
        Some(if trail.is_multi_region { "all regions" } else { "one region" }.to_owned()),
        Some(format!("home region {}", trail.home_region)),
        Some(format!("bucket {}", trail.bucket)),
        trail.prefix.as_ref().map(|prefix| format!("prefix {prefix}")),
        trail.kms_key.as_ref().map(|key| format!("key {key}")),
        trail.log_group.as_ref().map(|group| format!("log group {group}")),
        trail.sns_topic.as_ref().map(|topic| format!("topic {topic}")),
        Some(format!("log file validation {}", if trail.log_file_validation { "on" } else { "off" })),
    ];
    let place = if trail.read_at_home { "at home" } else { "from a shadow" };
    Input {
        name: format!("trail {}", trail.arn),
        value: words.into_iter().flatten().collect::<Vec<_>>().join(", "),
        source: format!("cloudtrail:DescribeTrails, {place}"),
    }
}

fn list<'a>(words: impl IntoIterator<Item = &'a String>) -> String {
    let words: Vec<&str> = words.into_iter().map(String::as_str).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::clean::WORKLOADS_OU;
    use crate::testing::{ORG_TRAIL, WORKLOAD, World};

    fn inputs_of(world: &World, control: &str, at: impl Fn(&crate::testing::Findings) -> Finding) -> Vec<Input> {
        inputs(&world.snapshot, &world.baseline, &at(&world.judge(control)))
    }

    #[test]
    fn a_bucket_is_judged_by_the_retention_and_by_the_trails_that_use_it() {
        let world = World::clean();
        let found = inputs_of(&world, "log-bucket-retention-sufficient", |findings| findings.only().clone());
        assert_eq!((found[0].name.as_str(), found[0].value.as_str()), ("retention_days", "365"));
        assert!(found[1].name.ends_with(ORG_TRAIL), "{found:?}");
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn an_override_is_named() {
        let world = World::clean().baseline(|baseline| {
            let change = Override { tamper_event_routing: Some(true), ..Override::default() };
            baseline.overrides.insert(WORKLOADS_OU.to_owned(), change);
        });
        let setting = OVERRIDABLE.iter().find(|known| known.name == "tamper_event_routing").expect("a setting");
        let of = |id: &str| overridden(&world.snapshot, &world.baseline, &crate::testing::account(id), setting);
        assert_eq!(of(WORKLOAD).value, "true");
        assert!(of(WORKLOAD).source.contains(WORKLOADS_OU), "{:?}", of(WORKLOAD));
        assert_eq!((of("111111111111").value.as_str(), of("111111111111").source.as_str()), ("false", "baseline"));
    }

    #[test]
    fn no_setting_of_the_baseline_is_forgotten() {
        let keys = |value: serde_json::Value| -> BTreeSet<String> {
            value.as_object().expect("an object").keys().cloned().collect()
        };
        let known: BTreeSet<String> =
            OVERRIDABLE.iter().map(|it| it.name).chain(SETTINGS.iter().map(|it| it.name)).map(str::to_owned).collect();
        let baseline = keys(serde_json::to_value(Baseline::default()).expect("JSON"));
        let required = keys(serde_json::to_value(Required::default()).expect("JSON"));
        for name in baseline.iter().chain(&required).filter(|name| !["required", "overrides"].contains(&name.as_str()))
        {
            let name = if name == "approved_trails" { "approved_snapshot" } else { name };
            assert!(known.contains(name), "{name}");
        }
    }
}
