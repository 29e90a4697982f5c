//! The lifecycle configuration: put replaces the whole of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::buckets::{malformed, time};
use super::settings::NAMESPACE;
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::s3::{Bucket, LifecycleRule, Transition};
use crate::xml::Element;

mod check;

const MOST_RULES: usize = 1000;
/// The header that says how small an object may be and still move, and what it says unless told otherwise.
const SMALLEST: &str = "x-amz-transition-default-minimum-object-size";
const DEFAULT_SMALLEST: &str = "all_storage_classes_128K";
const CLASSES: &[&str] = &["GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"];

/// `GetBucketLifecycleConfiguration`.
pub fn get(bucket: &Bucket, name: &str) -> Result<Reply, AwsError> {
    if bucket.lifecycle.is_empty() {
        let error = AwsError::missing("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist");
        return Err(error.field("BucketName", name));
    }
    let root = Element::new("LifecycleConfiguration").attribute("xmlns", NAMESPACE);
    Ok(Reply::xml(root.all(bucket.lifecycle.iter().map(show)))
        .header(SMALLEST, bucket.smallest_transition.as_deref().unwrap_or(DEFAULT_SMALLEST)))
}

fn show(rule: &LifecycleRule) -> Element {
    let shown = Element::new("Rule").leaf("ID", &rule.id);
    let shown = if rule.legacy_prefix { shown.leaf("Prefix", &rule.prefix) } else { shown.with(show_filter(rule)) };
    let expires = rule.expiration_days.is_some() || rule.expiration_date.is_some() || rule.expired_object_delete_marker;
    let expiration = expires.then(|| {
        Element::new("Expiration")
            .maybe("Days", rule.expiration_days)
            .maybe("Date", rule.expiration_date.map(time))
            .maybe("ExpiredObjectDeleteMarker", rule.expired_object_delete_marker.then_some(true))
    });
    let noncurrent = rule.noncurrent_days.map(|days| {
        Element::new("NoncurrentVersionExpiration")
            .leaf("NoncurrentDays", days)
            .maybe("NewerNoncurrentVersions", rule.newer_noncurrent_versions)
    });
    let abort = rule
        .abort_multipart_days
        .map(|days| Element::new("AbortIncompleteMultipartUpload").leaf("DaysAfterInitiation", days));
    let transition = |t: &Transition| {
        Element::new("Transition")
            .maybe("Days", t.days)
            .maybe("Date", t.date.map(time))
            .leaf("StorageClass", &t.storage_class)
    };
    let noncurrent_transition = |t: &Transition| {
        Element::new("NoncurrentVersionTransition")
            .maybe("NoncurrentDays", t.days)
            .leaf("StorageClass", &t.storage_class)
            .maybe("NewerNoncurrentVersions", t.newer_noncurrent_versions)
    };
    shown
        .leaf("Status", if rule.disabled { "Disabled" } else { "Enabled" })
        .all(rule.transitions.iter().map(transition))
        .all(expiration)
        .all(rule.noncurrent_transitions.iter().map(noncurrent_transition))
        .all(noncurrent)
        .all(abort)
}

fn show_filter(rule: &LifecycleRule) -> Element {
    let tags: Vec<Element> =
        rule.tags.iter().map(|(key, value)| Element::new("Tag").leaf("Key", key).leaf("Value", value)).collect();
    let sizes = [("ObjectSizeGreaterThan", rule.size_greater_than), ("ObjectSizeLessThan", rule.size_less_than)];
    let sizes: Vec<Element> =
        sizes.iter().filter_map(|(name, size)| size.map(|size| Element::text(*name, size))).collect();
    let prefix = Element::text("Prefix", &rule.prefix);
    let n_conditions = tags.len() + sizes.len();
    let filter = Element::new("Filter");
    match n_conditions {
        0 => filter.with(prefix),
        1 if rule.prefix.is_empty() => filter.all(tags).all(sizes),
        _ => {
            let and = Element::new("And");
            let and = if rule.prefix.is_empty() { and } else { and.with(prefix) };
            filter.with(and.all(tags).all(sizes))
        }
    }
}

/// `PutBucketLifecycleConfiguration`.
pub fn put(request: &Request, bucket: &mut Bucket) -> Result<Reply, AwsError> {
    let root = std::str::from_utf8(&request.http.body).ok().and_then(Element::parse).ok_or_else(malformed)?;
    if root.name != "LifecycleConfiguration" {
        return Err(malformed());
    }
    let rules = root.children_named("Rule").enumerate().map(|(index, rule)| read(index, rule));
    let rules = rules.collect::<Result<Vec<_>, _>>()?;
    let ids: BTreeSet<&String> = rules.iter().map(|rule| &rule.id).collect();
    if rules.is_empty() || rules.len() > MOST_RULES {
        return Err(malformed());
    }
    if ids.len() < rules.len() {
        return Err(invalid("Rule ID must be unique. Found same ID for more than one rule"));
    }
    check::together(&rules)?;
    let smallest = request.header(SMALLEST).unwrap_or(DEFAULT_SMALLEST);
    if ![DEFAULT_SMALLEST, "varies_by_storage_class"].contains(&smallest) {
        return Err(AwsError::bad(
            "InvalidRequest",
            format!("Invalid transition default minimum object size: {smallest}"),
        ));
    }
    if bucket.mfa_delete == Some(true) {
        let message = "Lifecycle configuration cannot be put on a bucket with MFA delete enabled";
        return Err(AwsError::new(409, "InvalidBucketState", message));
    }
    bucket.lifecycle = rules;
    bucket.smallest_transition = Some(smallest.to_owned()).filter(|smallest| smallest != DEFAULT_SMALLEST);
    Ok(Reply::empty().header(SMALLEST, smallest))
}

/// `DeleteBucketLifecycle`.
pub fn delete(bucket: &mut Bucket) -> Reply {
    bucket.lifecycle.clear();
    bucket.smallest_transition = None;
    Reply::empty().status(204)
}

fn invalid(message: &str) -> AwsError {
    AwsError::bad("InvalidArgument", message)
}

fn number(element: &Element, name: &str) -> Result<Option<i64>, AwsError> {
    element.child_text(name).map(|text| text.trim().parse().map_err(|_| malformed())).transpose()
}

fn days(element: &Element, name: &str) -> Result<Option<i64>, AwsError> {
    match number(element, name)? {
        Some(days) if days < 0 => Err(invalid(&format!("'{name}' must be a positive integer"))),
        days => Ok(days),
    }
}

fn date(element: &Element) -> Result<Option<Timestamp>, AwsError> {
    let date: Option<Timestamp> = element.child_text("Date").map(str::parse).transpose().map_err(|_| malformed())?;
    if date.is_some_and(|date| date.as_second() % 86_400 != 0) {
        return Err(invalid("'Date' must be at midnight GMT"));
    }
    Ok(date)
}

fn transition(element: &Element, days_name: &str) -> Result<Transition, AwsError> {
    let own = if days_name == "Days" { "Date" } else { "NewerNoncurrentVersions" };
    only(element, &["StorageClass", days_name, own])?;
    let storage_class = element.child_text("StorageClass").unwrap_or_default().to_owned();
    if !CLASSES.contains(&storage_class.as_str()) {
        return Err(malformed());
    }
    let (days, date) = (days(element, days_name)?, date(element)?);
    if days.is_some() == date.is_some() {
        return Err(malformed());
    }
    let newer_noncurrent_versions = number(element, "NewerNoncurrentVersions")?;
    Ok(Transition { days, date, storage_class, newer_noncurrent_versions })
}

/// Refuses elements that the schema does not have here.
fn only(element: &Element, known: &[&str]) -> Result<(), AwsError> {
    if element.children.iter().all(|child| known.contains(&child.name.as_str())) { Ok(()) } else { Err(malformed()) }
}

/// The elements of a rule.
const RULE: &[&str] = &[
    "ID",
    "Prefix",
    "Filter",
    "Status",
    "Transition",
    "Expiration",
    "NoncurrentVersionTransition",
    "NoncurrentVersionExpiration",
    "AbortIncompleteMultipartUpload",
];

fn read(index: usize, element: &Element) -> Result<LifecycleRule, AwsError> {
    only(element, RULE)?;
    let mut rule = LifecycleRule {
        id: element.child_text("ID").map_or_else(|| format!("rule-{index}"), str::to_owned),
        disabled: match element.child_text("Status") {
            Some("Enabled") => false,
            Some("Disabled") => true,
            _ => return Err(malformed()),
        },
        ..LifecycleRule::default()
    };
    match (element.child("Filter"), element.child_text("Prefix")) {
        (Some(filter), None) => read_filter(filter, &mut rule)?,
        (None, Some(prefix)) => (rule.prefix, rule.legacy_prefix) = (prefix.to_owned(), true),
        _ => return Err(malformed()),
    }
    if let Some(expiration) = element.child("Expiration") {
        only(expiration, &["Days", "Date", "ExpiredObjectDeleteMarker"])?;
        rule.expiration_days = days(expiration, "Days")?;
        rule.expiration_date = date(expiration)?;
        rule.expired_object_delete_marker = expiration.child_text("ExpiredObjectDeleteMarker") == Some("true");
        let n_ways = usize::from(rule.expiration_days.is_some())
            + usize::from(rule.expiration_date.is_some())
            + usize::from(rule.expired_object_delete_marker);
        if n_ways != 1 {
            return Err(malformed());
        }
        if rule.expiration_days == Some(0) {
            return Err(invalid("'Days' for Expiration action must be a positive integer"));
        }
    }
    if let Some(noncurrent) = element.child("NoncurrentVersionExpiration") {
        only(noncurrent, &["NoncurrentDays", "NewerNoncurrentVersions"])?;
        rule.noncurrent_days = days(noncurrent, "NoncurrentDays")?;
        rule.newer_noncurrent_versions = number(noncurrent, "NewerNoncurrentVersions")?;
    }
    if let Some(abort) = element.child("AbortIncompleteMultipartUpload") {
        rule.abort_multipart_days = days(abort, "DaysAfterInitiation")?;
    }
    let transitions = element.children_named("Transition").map(|t| transition(t, "Days"));
    rule.transitions = transitions.collect::<Result<_, _>>()?;
    let noncurrent = element.children_named("NoncurrentVersionTransition").map(|t| transition(t, "NoncurrentDays"));
    rule.noncurrent_transitions = noncurrent.collect::<Result<_, _>>()?;
    check::rule(&rule)?;
    Ok(rule)
}

fn read_filter(filter: &Element, rule: &mut LifecycleRule) -> Result<(), AwsError> {
    if filter.children.len() > 1 {
        // Several conditions stand inside And.
        return Err(malformed());
    }
    let and = filter.child("And");
    if and.is_some_and(|and| and.children.len() < 2) {
        return Err(malformed());
    }
    let inside = and.unwrap_or(filter);
    only(inside, &["Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan"])?;
    rule.prefix = inside.child_text("Prefix").unwrap_or_default().to_owned();
    rule.size_greater_than = number(inside, "ObjectSizeGreaterThan")?;
    rule.size_less_than = number(inside, "ObjectSizeLessThan")?;
    let tags: Option<BTreeMap<String, String>> = inside
        .children_named("Tag")
        .map(|tag| tag.child_text("Key").map(str::to_owned).zip(tag.child_text("Value").map(str::to_owned)))
        .collect();
    rule.tags = tags.ok_or_else(malformed)?;
    Ok(())
}
