//! What the file may say, and where a mistake is.

use super::*;
use crate::toml_file::testing::shown;

fn read(text: &str) -> Baseline {
    parse(text).unwrap_or_else(|mistake| panic!("{:?}", shown(&mistake, text))).0
}

fn refused(text: &str) -> (String, Option<String>) {
    match parse(text) {
        Ok(_) => panic!("accepted: {text}"),
        Err(mistake) => shown(&mistake, text),
    }
}

#[test]
fn the_published_example_is_the_default() {
    let text = include_str!("../../../../policies/baseline.toml");
    assert_eq!(read(text), Baseline::default());
    // What the example shows in comments holds as well.
    let uncommented: String =
        text.lines().map(|line| line.strip_prefix("#: ").unwrap_or(line).to_owned() + "\n").collect();
    assert_ne!(read(&uncommented), Baseline::default());
}

#[test]
fn the_published_example_names_every_setting() {
    let text = include_str!("../../../../policies/baseline.toml");
    let (message, _) = refused("nonsense = 1\n");
    for key in message.split('`').skip(3).step_by(2) {
        assert!(text.contains(key), "{key} is not shown");
    }
}

#[test]
fn every_setting_reaches_the_baseline() {
    let text = r#"
        delegated_administrators = ["111122223333"]
        tamper_history_days = 90
        alarm_patterns = "exact"
        approved_snapshot = "approved.json"
        scp_policies_per_node = 5
        rcp_policies_per_node = 4
        rcp_policy_characters = 4096
        network_activity_sources = ["s3.amazonaws.com"]
        insights = [{ kind = "ApiErrorRateInsight" }, { kind = "ApiCallRateInsight", category = "Data" }]
        tamper_event_routing = true
        [[data_events]]
        resource_type = "AWS::S3::Object"
        arn_prefix = "arn:aws:s3:::payments-"
        operations = "write"
        [override.ou-ac7f-prodprod]
        retention_days = 2555
        log_bucket_replication = true
        [override.444455556666]
        data_events = []
    "#;
    let (baseline, approved) = parse(text).unwrap_or_else(|mistake| panic!("{:?}", shown(&mistake, text)));
    assert!(matches!(approved, Some(Approved::Snapshot(file)) if file == Path::new("approved.json")));
    assert_eq!((baseline.tamper_history_days, baseline.alarm_patterns), (90, AlarmPatterns::Exact));
    assert_eq!((baseline.scp_policies_per_node, baseline.delegated_administrators.len()), (5, 1));
    assert_eq!((baseline.rcp_policies_per_node, baseline.rcp_policy_characters), (4, 4096));
    assert_eq!((baseline.required.insights.len(), baseline.required.tamper_event_routing), (2, true));
    let path = |nodes: &[&str]| nodes.iter().map(|&node| node.to_owned()).collect::<Vec<_>>();
    let prod = baseline.required_at(&path(&["r-ac7f", "ou-ac7f-prodprod", "444455556666"]));
    assert_eq!((prod.retention_days, prod.log_bucket_replication, prod.data_events.len()), (2555, true, 0));
    let elsewhere = baseline.required_at(&path(&["r-ac7f", "777788889999"]));
    assert_eq!((elsewhere.retention_days, elsewhere.data_events.len()), (365, 1));
}

#[test]
fn a_mistake_is_named_with_line_and_column() {
    for (text, position, word) in [
        ("retention_days = 90\nretention = 3\n", "2:1:", "unknown field `retention`"),
        ("retention_days = 0\n", "1:18:", "at least 1"),
        ("\nfreshness_hours = -24\n", "2:19:", "-24"),
        ("tamper_history_days = 91\n", "1:23:", "at most 90"),
        ("log_archive_accounts = [\"111122223333\",\n  \"123\"]\n", "2:3:", "twelve digits"),
        ("delegated_administrators = [\"x\"]\n", "1:29:", "twelve digits"),
        ("tamper_exceptions = [\n  \"*\",\n]\n", "2:3:", "principal pattern"),
        ("scp_policies_per_node = 0\n", "1:25:", "at least 1"),
        ("rcp_policy_characters = 0\n", "1:25:", "at least 1"),
        ("retention_days = \n", "1:18:", ""),
        ("alarm_patterns = \"strict\"\n", "1:18:", "unknown variant `strict`"),
        ("insights = [{ kind = \"ApiRateInsight\" }]\n", "1:22:", "ApiCallRateInsight"),
        ("insights = [{ kind = \"ApiCallRateInsight\", category = \"data\" }]\n", "1:55:", "Management"),
        ("network_activity_sources = [\"s3\"]\n", "1:29:", "event source"),
        ("data_events = [{ resource_type = \"S3\" }]\n", "1:34:", "resource type"),
        ("[[data_events]]\nresource_type = \"AWS::S3::Object\"\narn_prefix = \"arn:aws:lambda:\"\n", "3:14:", "\"s3\""),
        ("[[data_events]]\nresource_type = \"AWS::S3::Object\"\narn_prefix = \"payments/\"\n", "3:14:", "prefix"),
        (
            "[[data_events]]\nresource_type = \"AWS::S3::Object\"\narn_prefix = \"arn:aws:s3:::a*\"\n",
            "3:14:",
            "wildcards",
        ),
        (
            "approved_snapshot = \"a\"\n[approved_trails]\nfile = \"b\"\nsha256 = \"\"\nrun = \"\"\nsnapshot = \"\"\n\
             approved_by = \"\"\napproved_at = 2026-11-28T10:00:00Z\n",
            "1:21:",
            "named twice",
        ),
        ("[override.ou-prod]\nretention_days = 1\n", "1:11:", "\"ou-prod\""),
        ("[override.ou-ac7f-prodprod]\nfreshness_hours = 1\n", "2:1:", "unknown field"),
        ("[override.ou-ac7f-prodprod]\n[override.ou-ac7f-prodprod]\n", "2:", "duplicate"),
    ] {
        let (message, _) = refused(text);
        assert!(message.starts_with(position), "{text}: {message}");
        assert!(message.contains(word), "{text}: {message}");
    }
}

#[test]
fn a_misspelt_key_is_answered_with_the_nearest() {
    for (text, near) in [
        ("retentoin_days = 1\n", "retention_days"),
        ("log_archive_account = []\n", "log_archive_accounts"),
        ("alarm_patterns = \"meanings\"\n", "meaning"),
        ("[override.444455556666]\nretention_day = 1\n", "retention_days"),
    ] {
        assert_eq!(refused(text).1, Some(format!("did you mean {near}?")), "{text}");
    }
}
