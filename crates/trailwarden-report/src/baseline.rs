//! The baseline file that `trailwarden init` writes: TOML with comments, from what an organization shows.

use std::collections::BTreeSet;

use trailwarden_model::baseline::{Baseline, DataEvents, Operations};
use trailwarden_model::ids::AccountId;
use trailwarden_model::proposal::Proposal;

/// Renders a proposal as a baseline file, ending in a newline. What gives somebody power over the trails is only suggested,
/// in comments: it takes a person to accept it.
pub fn render(proposal: &Proposal) -> String {
    [
        head(proposal),
        retention(proposal),
        archives(proposal),
        exceptions(proposal),
        administrators(proposal),
        events(proposal),
        rest(),
        overrides(proposal),
    ]
    .join("\n")
}

/// Text from outside inside a comment: never more than its line.
fn comment(text: &str) -> String {
    let line: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    format!("# {}\n", line.join(" "))
}

/// A string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn name(proposal: &Proposal, account: &AccountId) -> String {
    proposal.names.get(account).cloned().unwrap_or_default()
}

fn list<'a>(items: impl IntoIterator<Item = &'a String>) -> String {
    items.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn head(proposal: &Proposal) -> String {
    let mut text = comment(&format!("What organization {} requires of its trails.", proposal.organization));
    text.push_str(
        "# Written by `trailwarden init` from what was found: read it, change it, keep it under version control.\n",
    );
    text.push_str("# Use it with: trailwarden audit --baseline FILE\n");
    for gap in &proposal.gaps {
        text.push_str(&comment(&format!("Not known, so not considered here: {gap}")));
    }
    text
}

fn retention(proposal: &Proposal) -> String {
    let default = Baseline::default().required.retention_days;
    let mut text = "# Days that log files, digest files and log group events must be kept.\n".to_owned();
    for (bucket, days) in &proposal.expiries {
        let verdict = if *days < default { ": fails until that changes" } else { "" };
        text.push_str(&comment(&format!("Lifecycle rules of {bucket} remove objects after {days} days{verdict}.")));
    }
    // What is kept already is not to become less; what is kept too short is not to become right by being written down.
    let shortest = proposal.expiries.values().copied().min().unwrap_or(default);
    text.push_str(&format!("retention_days = {}\n", shortest.max(default)));
    text
}

fn archives(proposal: &Proposal) -> String {
    let mut text = "# Accounts that may own the central log bucket.\n".to_owned();
    if proposal.log_archive_accounts.is_empty() {
        text.push_str("# None was found: no organization trail delivers to a bucket of a member account.\n");
        text.push_str("log_archive_accounts = []\n");
        return text;
    }
    text.push_str("log_archive_accounts = [\n");
    for (account, buckets) in &proposal.log_archive_accounts {
        let about = comment(&format!("{}: owns {}", name(proposal, account), list(buckets)));
        text.push_str(&format!("    \"{account}\", {about}"));
    }
    text.push_str("]\n");
    text
}

fn exceptions(proposal: &Proposal) -> String {
    let mut text = "# Principals that the service control policies may exempt from the Deny of tampering.\n".to_owned();
    if !proposal.exemptions.is_empty() {
        text.push_str(
            "# The policies in force exempt the following. Uncomment only who is meant to be able to stop trails.\n",
        );
    }
    let suggested = proposal.exemptions.iter().map(|(pattern, places)| (quoted(pattern), list(places)));
    text + &suggestions("tamper_exceptions", suggested)
}

fn administrators(proposal: &Proposal) -> String {
    let mut text = "# The accounts that administer CloudTrail for the organization.\n".to_owned();
    if !proposal.delegated_administrators.is_empty() {
        text.push_str("# These do now. Uncomment only those that are meant to.\n");
    }
    let suggested = proposal.delegated_administrators.iter();
    text + &suggestions(
        "delegated_administrators",
        suggested.map(|account| (quoted(account.as_str()), name(proposal, account))),
    )
}

fn events(proposal: &Proposal) -> String {
    let insights = proposal.insights.iter().map(|(insight, trails)| {
        let entry = format!("{{ kind = {}, category = {} }}", quoted(&insight.kind), quoted(&insight.category));
        (entry, format!("on in {}", list(trails)))
    });
    let selected = proposal.data_events.iter();
    let selected = selected.map(|(events, trails)| (entry(events), format!("selected by {}", list(trails))));
    let found = if proposal.data_events.is_empty() { "No trail selects any." } else { "Trails select these:" };
    format!(
        "# Insights that must be on.\n{}\n# Data events that must be recorded. {found}\n{}",
        suggestions("insights", insights),
        suggestions("data_events", selected),
    )
}

/// A list that is empty but for comments: each entry with what is known about it.
fn suggestions(key: &str, entries: impl Iterator<Item = (String, String)>) -> String {
    let lines: String = entries.map(|(entry, about)| format!("    # {entry}, {}", comment(&about))).collect();
    if lines.is_empty() { format!("{key} = []\n") } else { format!("{key} = [\n{lines}]\n") }
}

fn entry(events: &DataEvents) -> String {
    let prefix = events.arn_prefix.as_ref().map(|prefix| format!(", arn_prefix = {}", quoted(prefix)));
    let operations = match events.operations {
        Operations::All => "",
        Operations::Read => ", operations = \"read\"",
        Operations::Write => ", operations = \"write\"",
    };
    format!("{{ resource_type = {}{}{operations} }}", quoted(&events.resource_type), prefix.unwrap_or_default())
}

/// What nothing in the organization tells.
fn rest() -> String {
    let Baseline {
        freshness_hours,
        tamper_history_days,
        scp_policies_per_node,
        scp_policy_characters,
        rcp_policies_per_node,
        rcp_policy_characters,
        ..
    } = Baseline::default();
    format!(
        "# Hours after which the last delivery is too old.\nfreshness_hours = {freshness_hours}\n\n\
         # Days of event history that are searched for tamper events. 1 to 90.\n\
         tamper_history_days = {tamper_history_days}\n\n\
         # Quotas of AWS Organizations: policies attached to one node, and characters of one policy.\n\
         scp_policies_per_node = {scp_policies_per_node}\nscp_policy_characters = {scp_policy_characters}\n\
         rcp_policies_per_node = {rcp_policies_per_node}\nrcp_policy_characters = {rcp_policy_characters}\n\n\
         # More settings: alarm_patterns, approved_snapshot, network_activity_sources, log_bucket_replication and\n\
         # tamper_event_routing, as policies/baseline.toml of the source explains.\n"
    )
}

fn overrides(proposal: &Proposal) -> String {
    let mut text = "# What an OU (with everything below it) or an account requires instead.\n".to_owned();
    let units: BTreeSet<(&Vec<String>, &String)> = proposal.units.iter().map(|(id, names)| (names, id)).collect();
    for (names, id) in units {
        text.push_str(&format!("# [override.{id}] {}", comment(&names.join(" / "))));
    }
    text.push_str("# retention_days = 2555\n");
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use trailwarden_model::trail::Insight;

    use super::*;

    #[test]
    fn what_was_found_is_written_with_its_source() {
        let set = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<BTreeSet<String>>();
        let account = |id: &str| id.parse::<AccountId>().expect("an account");
        let proposal = Proposal {
            organization: "o-acme123456".to_owned(),
            names: BTreeMap::from([
                (account("222222222222"), "log\narchive".to_owned()),
                (account("333333333333"), "security".to_owned()),
            ]),
            log_archive_accounts: BTreeMap::from([(account("222222222222"), set(&["acme-logs"]))]),
            delegated_administrators: BTreeSet::from([account("333333333333")]),
            exemptions: BTreeMap::from([("arn:aws:iam::*:role/\"x".to_owned(), set(&["statement 1 of guard"]))]),
            expiries: BTreeMap::from([("acme-logs".to_owned(), 2555), ("own-logs".to_owned(), 30)]),
            data_events: BTreeMap::from([(
                DataEvents {
                    resource_type: "AWS::S3::Object".to_owned(),
                    arn_prefix: Some("arn:aws:s3:::pay".to_owned()),
                    operations: Operations::Write,
                },
                set(&["org-trail"]),
            )]),
            insights: BTreeMap::from([(
                Insight { kind: "ApiCallRateInsight".to_owned(), category: "Management".to_owned() },
                set(&["org-trail"]),
            )]),
            units: BTreeMap::from([("ou-ac7f-prodprod".to_owned(), vec!["Workloads".to_owned(), "Prod".to_owned()])]),
            gaps: BTreeSet::new(),
        };
        insta::assert_snapshot!(render(&proposal));
    }
}
