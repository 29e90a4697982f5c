//! Lifecycle rules: lengthened where they forget too early, added where none applies, never shortened.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailwarden_model::plan::{Aspect, Call, Hindrance, Rollback, Subject};

use super::{Bucket, Change};
use crate::bench::{Bench, Earlier, Findings, Phase};
use crate::facts::Stop;
use crate::requests::Source;

/// Days after which log files move to a cheaper class that is read at once.
const COLD_AFTER: u32 = 90;

impl Bench<'_> {
    /// The longest retention that an account requires whose events these trails write.
    pub(crate) fn retention_of(&self, sources: &BTreeSet<Source>) -> Result<u32, Stop> {
        let mut longest = None;
        for source in sources {
            longest = longest.max(Some(self.required_of(&source.owner, source.is_organization)?.retention_days));
        }
        Ok(longest.unwrap_or(self.inputs.baseline.required.retention_days))
    }

    /// Keeps log and digest files as long as is required, and moves them to a cheaper class.
    pub(crate) fn keep_long_enough(&mut self, bucket: &Bucket, findings: &Findings) -> Result<Option<Subject>, Stop> {
        let days = self.retention_of(&bucket.sources)?;
        let prefixes: BTreeSet<String> =
            bucket.sources.iter().map(|source| format!("{}AWSLogs/", source.prefix)).collect();
        let aspect = Aspect::BucketLifecycle { bucket: bucket.name.clone() };
        let before = match self.setting(bucket, aspect.clone())? {
            Earlier::Is(value) => value,
            Earlier::CreatedBy(_) => Value::Null,
        };
        if bucket.created.is_none() {
            let versioning = Aspect::BucketVersioning { bucket: bucket.name.clone() };
            let versioning = self.look(&bucket.account, &bucket.region, versioning)?;
            if versioning.get("MFADelete").is_some_and(|mfa| mfa == "Enabled") {
                let reason =
                    format!("bucket {} has MFA delete, which AWS does not allow beside lifecycle rules", bucket.name);
                return Err(Stop::new(Hindrance::Impossible, reason));
            }
        }
        let expire = self.inputs.options.expire_after.filter(|_| bucket.created.is_some());
        let rules = kept(&rules(&before), &prefixes, days, expire.map(|wanted| wanted.max(days)));
        let mut after = before.clone();
        match after.as_object_mut() {
            Some(members) => drop(members.insert("Rules".to_owned(), Value::Array(rules))),
            None => after = json!({ "Rules": rules }),
        }
        let minimum = after.get("TransitionDefaultMinimumObjectSize").and_then(Value::as_str).map(str::to_owned);
        let change = Change {
            phase: Phase::Admit,
            title: format!("keep log files in bucket {} for at least {days} days", bucket.name),
            aspect,
            call: put(&bucket.name, &after, minimum),
            after,
            back: |name, before| {
                let minimum =
                    before.get("TransitionDefaultMinimumObjectSize").and_then(Value::as_str).map(str::to_owned);
                Rollback::Undo(match before {
                    Value::Null => Call::DeleteBucketLifecycle { bucket: name.to_owned() },
                    before => put(name, before, minimum),
                })
            },
            cost: Some(
                "storage for longer, at the price of Glacier Instant Retrieval where a rule moves files".to_owned(),
            ),
        };
        self.change(bucket, change, findings)
    }
}

fn put(name: &str, configuration: &Value, minimum: Option<String>) -> Call {
    Call::PutBucketLifecycleConfiguration {
        bucket: name.to_owned(),
        lifecycle_configuration: json!({ "Rules": rules(configuration) }),
        transition_default_minimum_object_size: minimum,
    }
}

fn rules(configuration: &Value) -> Vec<Value> {
    configuration.get("Rules").and_then(Value::as_array).cloned().unwrap_or_default()
}

/// The rules, each lengthened where it removes log files before `days`, with one more where none applies to a prefix.
fn kept(present: &[Value], prefixes: &BTreeSet<String>, days: u32, expire: Option<u32>) -> Vec<Value> {
    let touches = |rule: &Value, log: &str| {
        is_enabled(rule) && !has_tags(rule) && (log.starts_with(prefix(rule)) || prefix(rule).starts_with(log))
    };
    let mut rules: Vec<Value> = present
        .iter()
        .filter_map(|rule| match prefixes.iter().any(|log| touches(rule, log)) {
            true => lengthened(rule.clone(), days),
            false => Some(rule.clone()),
        })
        .collect();
    let covers = |rule: &Value, log: &str| {
        is_enabled(rule) && !has_tags(rule) && !has_size(rule) && log.starts_with(prefix(rule))
    };
    let bare: Vec<&String> = prefixes.iter().filter(|log| !rules.iter().any(|rule| covers(rule, log))).collect();
    for log in bare {
        rules.push(new_rule(&rules, log, days, expire));
    }
    rules
}

fn new_rule(present: &[Value], log: &str, days: u32, expire: Option<u32>) -> Value {
    let taken = |id: &String| present.iter().any(|rule| rule.get("ID").is_some_and(|present| present == id));
    let ids =
        std::iter::once("trailwarden-logs".to_owned()).chain((2..).map(|number| format!("trailwarden-logs-{number}")));
    let id = ids.into_iter().find(|id| !taken(id)).unwrap_or_default();
    let mut rule = json!({"ID": id, "Status": "Enabled", "Filter": {"Prefix": log}});
    // S3 takes no move on or after the day on which files go.
    if expire.is_none_or(|expire| expire > COLD_AFTER)
        && let Some(members) = rule.as_object_mut()
    {
        let cold = json!([{"Days": COLD_AFTER, "StorageClass": "GLACIER_IR"}]);
        members.insert("Transitions".to_owned(), cold);
    }
    if let (Some(expire), Some(members)) = (expire, rule.as_object_mut()) {
        members.insert("Expiration".to_owned(), json!({"Days": expire}));
        members.insert("NoncurrentVersionExpiration".to_owned(), json!({"NoncurrentDays": days}));
    }
    rule
}

/// What a rule may do.
const ACTIONS: [&str; 5] = [
    "AbortIncompleteMultipartUpload",
    "Expiration",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionTransitions",
    "Transitions",
];

/// The rule, keeping current and noncurrent versions for at least so many days; none when nothing of it is left.
///
/// What expires on a date is kept instead: no number of days is sure to be longer.
fn lengthened(mut rule: Value, days: u32) -> Option<Value> {
    let is_short =
        |value: Option<&Value>| value.and_then(Value::as_u64).is_some_and(|present| present < u64::from(days));
    let is_dated = rule.pointer("/Expiration/Date").is_some();
    if let Some(members) = rule.as_object_mut().filter(|_| is_dated) {
        members.remove("Expiration");
    }
    if is_short(rule.pointer("/Expiration/Days"))
        && let Some(members) = rule.as_object_mut()
    {
        members.insert("Expiration".to_owned(), json!({ "Days": days }));
    }
    if is_short(rule.pointer("/NoncurrentVersionExpiration/NoncurrentDays"))
        && let Some(noncurrent) = rule.get_mut("NoncurrentVersionExpiration").and_then(Value::as_object_mut)
    {
        noncurrent.insert("NoncurrentDays".to_owned(), json!(days));
    }
    let does_something = ACTIONS.iter().any(|action| rule.get(action).is_some());
    (does_something || !is_dated).then_some(rule)
}

fn is_enabled(rule: &Value) -> bool {
    rule.get("Status").is_some_and(|status| status == "Enabled")
}

/// CloudTrail's objects carry no tags.
fn has_tags(rule: &Value) -> bool {
    rule.pointer("/Filter/Tag").is_some() || rule.pointer("/Filter/And/Tags").is_some()
}

fn has_size(rule: &Value) -> bool {
    ["ObjectSizeGreaterThan", "ObjectSizeLessThan"].iter().any(|member| {
        rule.pointer(&format!("/Filter/{member}")).is_some() || rule.pointer(&format!("/Filter/And/{member}")).is_some()
    })
}

fn prefix(rule: &Value) -> &str {
    ["/Filter/Prefix", "/Filter/And/Prefix", "/Prefix"]
        .iter()
        .find_map(|place| rule.pointer(place).and_then(Value::as_str))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logs() -> BTreeSet<String> {
        BTreeSet::from(["AWSLogs/".to_owned()])
    }

    #[test]
    fn a_rule_that_forgets_too_early_is_lengthened_and_keeps_the_rest() {
        let rule = json!({"ID": "thirty", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 7, "NewerNoncurrentVersions": 2},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3}});
        let kept = kept(&[rule], &logs(), 365, None);
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0]["Expiration"], json!({"Days": 365}));
        assert_eq!(
            kept[0]["NoncurrentVersionExpiration"],
            json!({"NoncurrentDays": 365, "NewerNoncurrentVersions": 2})
        );
        assert_eq!(kept[0]["AbortIncompleteMultipartUpload"], json!({"DaysAfterInitiation": 3}));
    }

    #[test]
    fn what_expires_on_a_date_is_kept_and_what_else_the_rule_does_stays() {
        let dated = |more: Value| {
            let mut rule = json!({"ID": "dated", "Status": "Enabled", "Filter": {"Prefix": ""},
                "Expiration": {"Date": "2099-01-01T00:00:00Z"}});
            rule.as_object_mut().expect("a rule").extend(more.as_object().expect("members").clone());
            kept(&[rule], &logs(), 365, None)
        };
        let transitions = json!({"Transitions": [{"Date": "2030-01-01T00:00:00Z", "StorageClass": "GLACIER"}]});
        let moved = dated(transitions.clone());
        assert_eq!((moved.len(), &moved[0]["Transitions"]), (1, &transitions["Transitions"]));
        assert!(moved[0].get("Expiration").is_none());
        let alone = dated(json!({}));
        assert_eq!((alone.len(), &alone[0]["ID"]), (1, &json!("trailwarden-logs")));
    }

    #[test]
    fn files_that_go_before_they_would_move_do_not_move() {
        let short = kept(&[], &logs(), 30, Some(60));
        assert_eq!(short[0]["Expiration"], json!({"Days": 60}));
        assert!(short[0].get("Transitions").is_none());
        assert!(kept(&[], &logs(), 30, Some(91))[0].get("Transitions").is_some());
    }

    #[test]
    fn longer_rules_rules_elsewhere_and_disabled_ones_stay() {
        for rule in [
            json!({"ID": "long", "Status": "Enabled", "Filter": {"Prefix": "AWSLogs/"}, "Expiration": {"Days": 2555}}),
            json!({"ID": "tmp", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}}),
            json!({"ID": "off", "Status": "Disabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}),
            json!({"ID": "tagged", "Status": "Enabled", "Filter": {"Tag": {"Key": "k", "Value": "v"}}, "Expiration": {"Days": 1}}),
        ] {
            assert_eq!(kept(std::slice::from_ref(&rule), &logs(), 365, None)[0], rule);
        }
    }

    #[test]
    fn where_no_rule_applies_one_is_added_that_removes_nothing() {
        let elsewhere = json!({"ID": "trailwarden-logs", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}});
        let kept = kept(&[elsewhere], &logs(), 365, None);
        assert_eq!(kept[1]["ID"], "trailwarden-logs-2");
        assert_eq!(kept[1]["Filter"], json!({"Prefix": "AWSLogs/"}));
        assert!(kept[1].get("Expiration").is_none());
    }
}
