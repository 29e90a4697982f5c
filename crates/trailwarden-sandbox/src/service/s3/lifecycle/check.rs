//! What S3 refuses in lifecycle rules that are well formed.

use std::collections::BTreeSet;

use super::invalid;
use crate::error::AwsError;
use crate::world::s3::{LifecycleRule, Transition};

/// Days that objects stay in infrequent access before they may move on, and stay anywhere before they may move there.
const INFREQUENT: i64 = 30;

fn refuse(message: impl Into<String>) -> Result<(), AwsError> {
    Err(AwsError::bad("InvalidRequest", message))
}

/// Refuses rules that do not go together: with and without the old place of the prefix.
pub fn together(rules: &[LifecycleRule]) -> Result<(), AwsError> {
    let n_old = rules.iter().filter(|rule| rule.legacy_prefix).count();
    if n_old > 0 && n_old < rules.len() {
        return refuse("Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.");
    }
    Ok(())
}

/// Refuses a rule that does nothing, that contradicts itself, or that asks of a filter what it cannot do.
pub fn rule(rule: &LifecycleRule) -> Result<(), AwsError> {
    acts(rule)?;
    filter(rule)?;
    transitions(&rule.transitions, rule.expiration_days, "Expiration")?;
    transitions(&rule.noncurrent_transitions, rule.noncurrent_days, "NoncurrentVersionExpiration")?;
    let dates = rule.expiration_date.is_some() || rule.transitions.iter().any(|transition| transition.date.is_some());
    let days = rule.expiration_days.is_some() || rule.transitions.iter().any(|transition| transition.days.is_some());
    if dates && days {
        return refuse("Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule");
    }
    if rule.id.len() > 255 {
        return Err(invalid("ID length should not exceed allowed limit of 255"));
    }
    let kept = rule.noncurrent_transitions.iter().map(|transition| transition.newer_noncurrent_versions);
    if kept.chain([rule.newer_noncurrent_versions]).flatten().any(|versions| !(1..=100).contains(&versions)) {
        return Err(invalid("'NewerNoncurrentVersions' must be between 1 and 100"));
    }
    for (days, action) in [
        (rule.noncurrent_days, "NoncurrentDays' for NoncurrentVersionExpiration"),
        (rule.abort_multipart_days, "DaysAfterInitiation' for AbortIncompleteMultipartUpload"),
    ] {
        if days == Some(0) {
            return Err(invalid(&format!("'{action} action must be a positive integer")));
        }
    }
    Ok(())
}

fn acts(rule: &LifecycleRule) -> Result<(), AwsError> {
    let acts = rule.expiration_days.is_some()
        || rule.expiration_date.is_some()
        || rule.expired_object_delete_marker
        || rule.noncurrent_days.is_some()
        || rule.abort_multipart_days.is_some()
        || !rule.transitions.is_empty()
        || !rule.noncurrent_transitions.is_empty();
    if acts { Ok(()) } else { Err(invalid("At least one action needs to be specified in a rule")) }
}

/// Delete markers and unfinished uploads have neither tags nor sizes; the old form of a rule knows nothing newer.
fn filter(rule: &LifecycleRule) -> Result<(), AwsError> {
    let (has_tags, has_size) =
        (!rule.tags.is_empty(), rule.size_greater_than.is_some() || rule.size_less_than.is_some());
    for (is_there, action) in [
        (rule.abort_multipart_days.is_some(), "AbortIncompleteMultipartUpload"),
        (rule.expired_object_delete_marker, "ExpiredObjectDeleteMarker"),
    ] {
        if is_there && has_tags {
            return refuse(format!("{action} cannot be specified with Tags."));
        }
        if is_there && has_size {
            return refuse(format!("{action} cannot be specified with Object Size."));
        }
    }
    let sizes = rule.size_greater_than.zip(rule.size_less_than);
    if sizes.is_some_and(|(least, most)| least >= most) {
        return refuse("'ObjectSizeGreaterThan' has to be a value smaller than 'ObjectSizeLessThan'.");
    }
    Ok(())
}

/// Each class once, infrequent access not too early nor left too soon, and what expires later than it moves.
fn transitions(transitions: &[Transition], expires: Option<i64>, expiration: &str) -> Result<(), AwsError> {
    let classes: BTreeSet<&str> = transitions.iter().map(|transition| transition.storage_class.as_str()).collect();
    if classes.len() < transitions.len() {
        return refuse("'StorageClass' must be different for 'Transition' actions in same 'Rule'");
    }
    let moves = || transitions.iter().filter_map(|transition| Some((transition, transition.days?)));
    let infrequent = || moves().filter(|(transition, _)| transition.storage_class.ends_with("_IA"));
    if infrequent().any(|(_, days)| days < INFREQUENT) {
        return Err(invalid("'Days' in Transition action must be greater than or equal to 30 for infrequent access"));
    }
    for (from, since) in infrequent() {
        let soon = moves()
            .find(|(to, days)| to.storage_class != from.storage_class && (since..since + INFREQUENT).contains(days));
        if let Some((to, _)) = soon {
            let (to, from) = (&to.storage_class, &from.storage_class);
            let message = format!(
                "'Days' in the 'Transition' action for StorageClass '{to}' must be 30 days more than in the 'Transition' action for StorageClass '{from}'"
            );
            return Err(invalid(&message));
        }
    }
    if expires.is_some_and(|expires| moves().any(|(_, days)| days >= expires)) {
        let message = format!("'Days' in the {expiration} action must be greater than 'Days' in the Transition action");
        return Err(invalid(&message));
    }
    Ok(())
}
