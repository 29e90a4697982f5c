//! What iam-simulate is known to judge otherwise than the AWS documentation says, statement by statement. Citations name
//! pages of the IAM user guide.

use serde_json::Value;

use crate::organization::{array, items, text};

/// Every limit; the test fails when one of them no longer shows.
pub const ALL: &[&str] =
    &[SEVERAL, NO_VALUE, NO_VALUE_NOT_RESOURCE, SHORT_NOT_RESOURCE, NO_ARN, UNREADABLE, ESCAPE, FAMILY, RESOURCE_TYPE];

/// "Multivalued context keys require a condition set operator" is all that is documented (single-valued and multivalued
/// keys). iam-simulate never matches; we decide where every reading agrees.
const SEVERAL: &str = "a key of several values without a set form";
/// Nothing equals a variable without a value, so a negated operator holds (policy variables with no value). There it does not.
const NO_VALUE: &str = "a negated operator with a variable that has no value";
/// A pattern with such a variable matches nothing (the same page), so every resource is outside it. There none is.
const NO_VALUE_NOT_RESOURCE: &str = "NotResource with a variable that has no value";
/// `arn:aws:s3:*` stands for all that begins so, in NotResource too (resource element). There a miss counts as a match.
const SHORT_NOT_RESOURCE: &str = "NotResource with an ARN of fewer than six parts that ends in a star";
/// A value that is no ARN matches no pattern, so a negated operator holds (condition operators). There it never does.
const NO_ARN: &str = "a negated ARN operator on a value that is no ARN";
/// Not documented: we leave it undecided. There it never holds, and a number is read as far as it goes (`10.1.2.3` is 10).
const UNREADABLE: &str = "a number, date or address that is none";
/// `${*}` stands for a star wherever a variable may stand (policy variables). There only where the operator has wildcards.
const ESCAPE: &str = "an escaped wildcard under an operator without wildcards";
/// An IPv6 address is none of an IPv4 address, so `NotIpAddress` holds (condition operators). There only for blocks with `/`.
const FAMILY: &str = "NotIpAddress of one address on an address of the other family";
/// A wildcard or variable before the first `/` or `:` of the last part. The EC2 user guide's own examples rely on it
/// (`arn:aws:ec2:region:account:*/*`). There that much is compared literally, but for S3 without region and account.
const RESOURCE_TYPE: &str = "a resource pattern with a wildcard where the type of the resource stands";

/// The limit that makes iam-simulate misjudge a statement for this request, when there is one.
pub fn limit(statement: &Value, request: &Value) -> Option<&'static str> {
    let context = &request["context"];
    let listed = || items(&statement["Resource"]).iter().chain(items(&statement["NotResource"]));
    if listed().any(|pattern| has_open_type(&text(pattern))) {
        return Some(RESOURCE_TYPE);
    }
    let outside =
        |fits: &dyn Fn(&str) -> bool| items(&statement["NotResource"]).iter().any(|pattern| fits(&text(pattern)));
    if outside(&|pattern| !variables_have_values(pattern, context)) {
        return Some(NO_VALUE_NOT_RESOURCE);
    }
    if outside(&|pattern| pattern != "*" && pattern.split(':').count() < 6) {
        return Some(SHORT_NOT_RESOURCE);
    }
    let operators = statement["Condition"].as_object().into_iter().flatten();
    let conditions = operators.flat_map(|(operator, keys)| {
        keys.as_object().into_iter().flatten().map(move |(key, values)| (operator.as_str(), key.as_str(), values))
    });
    conditions.filter_map(|(operator, key, wanted)| condition_limit(operator, key, wanted, context)).next()
}

fn has_open_type(pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let Some(name) = parts.get(5) else { return false };
    let is_bucket = parts[2..5] == ["s3", "", ""];
    let kind = name.find(['/', ':']).map(|at| &name[..at]);
    !is_bucket && kind.is_some_and(|kind| kind.contains(['*', '?', '$']))
}

fn condition_limit(operator: &str, key: &str, wanted: &Value, context: &Value) -> Option<&'static str> {
    let present = present(context, key)?;
    let is_set_form = operator.starts_with("For");
    let is_negated = operator.contains("Not");
    if present.is_array() && !is_set_form && operator != "Null" {
        return Some(SEVERAL);
    }
    let takes_variables = operator.contains("String") || operator.contains("Arn");
    if is_negated && takes_variables && !items(wanted).iter().all(|one| variables_have_values(&text(one), context)) {
        return Some(NO_VALUE);
    }
    let is_escape = |value: &Value| ["${*}", "${?}", "${$}"].iter().any(|escape| text(value).contains(escape));
    if operator.contains("Equals") && items(wanted).iter().any(is_escape) {
        return Some(ESCAPE);
    }
    let is_arn = |value: &Value| text(value).split(':').count() >= 6;
    if is_negated && operator.contains("Arn") && !items(present).iter().all(is_arn) {
        return Some(NO_ARN);
    }
    let is_other_address = |one: &Value| {
        let is_v6 = |value: &Value| text(value).contains("::");
        !text(one).contains('/') && items(present).iter().any(|address| is_v6(address) != is_v6(one))
    };
    if operator.contains("NotIp") && items(wanted).iter().any(is_other_address) {
        return Some(FAMILY);
    }
    let reads: fn(&str) -> bool = match operator {
        operator if operator.contains("Numeric") => |text| text.parse::<f64>().is_ok(),
        operator if operator.contains("Date") => |text| text.contains("T") && text.contains(":"),
        operator if operator.contains("Ip") => |text| text.contains(".") || text.contains("::"),
        _ => |_| true,
    };
    if !items(present).iter().chain(items(wanted)).all(|value| reads(&text(value))) {
        return Some(UNREADABLE);
    }
    None
}

fn present<'a>(context: &'a Value, key: &str) -> Option<&'a Value> {
    let mut entries = context.as_object()?.iter();
    entries
        .find(|(name, value)| name.eq_ignore_ascii_case(key) && (!value.is_array() || !array(value).is_empty()))
        .map(|(_, value)| value)
}

/// Whether every variable of a text has one value, or a default.
fn variables_have_values(text: &str, context: &Value) -> bool {
    text.split("${").skip(1).all(|rest| {
        let inner = rest.split('}').next().unwrap_or_default();
        let (key, default) = inner.split_once(',').map_or((inner, None), |(key, default)| (key, Some(default)));
        matches!(inner, "*" | "?" | "$")
            || default.is_some()
            || present(context, key.trim()).is_some_and(Value::is_string)
    })
}
