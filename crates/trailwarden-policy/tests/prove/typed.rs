//! Numbers, dates, addresses and booleans: every gap between the values named is a class of its own.

use super::{assert_denied, deny, one, opened, stop};

fn conditions(of: &[&str]) -> String {
    let all: Vec<String> = of.iter().map(|one| deny(&format!(r#","Condition":{{{one}}}"#))).collect();
    all.join(",")
}

#[test]
fn a_number_between_two_others_is_found() {
    let age = "aws:MultiFactorAuthAge";
    let below = format!(r#""NumericLessThanEqualsIfExists":{{"{age}":"3600"}}"#);
    let above = format!(r#""NumericGreaterThanEquals":{{"{age}":"3602"}}"#);
    let found = opened(stop(&conditions(&[&below, &above]), &[]));
    assert_eq!(one(&found, age).as_deref(), Some("3601"));
    assert_denied(&stop(
        &conditions(&[&below, &above.replace("3602", "3600.5"), &below.replace("3600", "3600.5")]),
        &[],
    ));
    let below_half = conditions(&[&below, &above.replace("3602", "3600.5")]);
    assert!(!stop(&below_half, &[]).is_denied(), "AWS may count in fractions");
}

#[test]
fn a_moment_between_two_others_is_found() {
    let before = r#""DateLessThanEquals":{"aws:CurrentTime":"2026-11-20T00:00:00Z"}"#;
    let after = r#""DateGreaterThanEquals":{"aws:CurrentTime":"2026-11-21"}"#;
    let found = opened(stop(&conditions(&[before, after]), &[]));
    assert!(one(&found, "aws:CurrentTime").is_some_and(|time| time.starts_with("2026-11-20T")));
    assert_denied(&stop(&conditions(&[before, &after.replace("21", "20")]), &[]));
}

#[test]
fn addresses_of_both_versions_count() {
    let inside = r#""IpAddress":{"aws:SourceIp":["10.0.0.0/8","0.0.0.0/0"]}"#;
    let outside = r#""NotIpAddressIfExists":{"aws:SourceIp":"10.0.0.0/8"}"#;
    let found = opened(stop(&conditions(&[inside]), &[]));
    assert!(one(&found, "aws:SourceIp").is_none_or(|address| address.contains(':')));
    let found = opened(stop(&conditions(&[inside, r#""Null":{"aws:SourceIp":"true"}"#]), &[]));
    assert!(one(&found, "aws:SourceIp").is_some_and(|address| address.contains(':')), "{found:?}");
    assert_denied(&stop(&conditions(&[inside, outside, r#""Null":{"aws:SourceIp":"true"}"#]), &[]));
    let nested = [r#""NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#, r#""IpAddress":{"aws:SourceIp":"10.1.0.0/16"}"#];
    let found = opened(stop(&conditions(&nested), &[]));
    assert!(
        one(&found, "aws:SourceIp").is_some_and(|address| address.starts_with("10.") && !address.starts_with("10.1."))
    );
}

#[test]
fn a_boolean_key_has_two_values_and_any_other_key_has_more() {
    let both = |key: &str| {
        let one = |value: &str| format!(r#""BoolIfExists":{{"{key}":"{value}"}}"#);
        conditions(&[&one("true"), &one("false")])
    };
    assert_denied(&stop(&both("aws:MultiFactorAuthPresent"), &[]));
    opened(stop(&both("s3:x-amz-server-side-encryption"), &[]));
}

#[test]
fn text_and_numbers_on_one_key_prove_nothing_together() {
    let mixed = conditions(&[
        r#""StringLike":{"s3:max-keys":"36*"}"#,
        r#""NumericLessThan":{"s3:max-keys":"100"}"#,
        r#""NumericGreaterThanEqualsIfExists":{"s3:max-keys":"100"}"#,
    ]);
    assert!(!stop(&mixed, &[]).is_denied());
}
