//! The Condition block.

use serde_json::Value;

use super::pattern::{matches, substitute};
use super::{Context, one_or_many};

/// True when every operator and every key of the block holds. An operator that is not known never holds.
pub fn holds(block: Option<&Value>, context: &Context) -> bool {
    let Some(Value::Object(operators)) = block else { return block.is_none() };
    operators.iter().all(|(operator, keys)| {
        keys.as_object().is_some_and(|keys| {
            keys.iter().all(|(key, wanted)| {
                let wanted: Vec<String> = one_or_many(Some(wanted)).into_iter().map(scalar).collect();
                key_holds(operator, context.get(key), &wanted, context)
            })
        })
    })
}

fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn key_holds(operator: &str, values: Option<&[String]>, wanted: &[String], context: &Context) -> bool {
    if operator == "Null" {
        return wanted.iter().any(|wanted| (wanted == "true") == values.is_none());
    }
    if let Some(operator) = operator.strip_prefix("ForAllValues:") {
        return values.unwrap_or_default().iter().all(|value| one_holds(operator, value, wanted, context));
    }
    if let Some(operator) = operator.strip_prefix("ForAnyValue:") {
        return values.unwrap_or_default().iter().any(|value| one_holds(operator, value, wanted, context));
    }
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    match values.and_then(<[String]>::first) {
        Some(value) => one_holds(operator, value, wanted, context),
        None => if_exists || operator.contains("Not"),
    }
}

/// One value against the list: any of them for a positive operator, none of them for a negated one.
fn one_holds(operator: &str, value: &str, wanted: &[String], context: &Context) -> bool {
    let positive = operator.replacen("Not", "", 1);
    let negated = positive != operator;
    let hit = wanted.iter().any(|wanted| {
        substitute(wanted, context).is_some_and(|wanted| compare(&positive, value, &wanted).unwrap_or(false))
    });
    compare(&positive, value, value).is_some() && hit != negated
}

/// Compares by a positive operator; none when the operator is not known.
fn compare(operator: &str, value: &str, wanted: &str) -> Option<bool> {
    let number = |test: fn(f64, f64) -> bool| {
        Some(matches!((value.parse(), wanted.parse()), (Ok(value), Ok(wanted)) if test(value, wanted)))
    };
    let date = |test: fn(jiff::Timestamp, jiff::Timestamp) -> bool| {
        Some(matches!((value.parse(), wanted.parse()), (Ok(value), Ok(wanted)) if test(value, wanted)))
    };
    match operator {
        "StringEquals" | "BinaryEquals" => Some(value == wanted),
        "StringEqualsIgnoreCase" => Some(value.eq_ignore_ascii_case(wanted)),
        "StringLike" => Some(matches(wanted, value)),
        "ArnEquals" | "ArnLike" => Some(arn_like(wanted, value)),
        "Bool" => Some(value.eq_ignore_ascii_case(wanted)),
        "NumericEquals" => number(|a, b| a == b),
        "NumericLessThan" => number(|a, b| a < b),
        "NumericLessThanEquals" => number(|a, b| a <= b),
        "NumericGreaterThan" => number(|a, b| a > b),
        "NumericGreaterThanEquals" => number(|a, b| a >= b),
        "DateEquals" => date(|a, b| a == b),
        "DateLessThan" => date(|a, b| a < b),
        "DateLessThanEquals" => date(|a, b| a <= b),
        "DateGreaterThan" => date(|a, b| a > b),
        "DateGreaterThanEquals" => date(|a, b| a >= b),
        "IpAddress" => Some(in_block(value, wanted)),
        _ => None,
    }
}

/// ARNs are compared part by part, each part by wildcards.
fn arn_like(pattern: &str, arn: &str) -> bool {
    let patterns: Vec<&str> = pattern.splitn(6, ':').collect();
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    patterns.len() == parts.len() && patterns.iter().zip(&parts).all(|(pattern, part)| matches(pattern, part))
}

fn in_block(address: &str, block: &str) -> bool {
    let (network, length) = block.split_once('/').unwrap_or((block, "32"));
    let parsed: (Result<std::net::Ipv4Addr, _>, Result<std::net::Ipv4Addr, _>, Result<u32, _>) =
        (address.parse(), network.parse(), length.parse());
    let (Ok(address), Ok(network), Ok(length)) = parsed else { return false };
    let mask = u32::MAX.checked_shl(32_u32.saturating_sub(length)).unwrap_or(0);
    u32::from(address) & mask == u32::from(network) & mask
}
