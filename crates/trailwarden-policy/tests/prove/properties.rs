//! Of any guard: what gets past it really does, and what it closes stays closed to everyone.

use proptest::prelude::*;
use trailwarden_policy::{Answer, Call, ChainVerdict, Question, Values, prove};

use super::{ACCOUNT, FULL, TRAIL, ask, calls, chain};

const KEYS: &[(&str, &str)] = &[
    ("ArnNotLike", "aws:PrincipalArn"),
    ("ArnLike", "aws:PrincipalArn"),
    ("StringNotLikeIfExists", "aws:PrincipalArn"),
    ("StringEquals", "aws:PrincipalTag/team"),
    ("StringNotEqualsIfExists", "aws:ResourceAccount"),
    ("StringNotLike", "aws:PrincipalTag/team"),
    ("Null", "aws:PrincipalTag/team"),
    ("BoolIfExists", "aws:MultiFactorAuthPresent"),
    ("ForAnyValue:StringLike", "aws:CalledVia"),
    ("ForAllValues:StringNotEquals", "aws:CalledVia"),
    ("NumericLessThan", "aws:MultiFactorAuthAge"),
];

fn conditions() -> impl Strategy<Value = String> {
    let values = [
        "arn:aws:iam::*:role/A*",
        "arn:aws:iam::*:user/*",
        "*:root",
        "true",
        "3600",
        "a*",
        "ab",
        ACCOUNT,
        "${aws:username}",
    ];
    let one = prop::sample::select(values.to_vec());
    (prop::sample::subsequence(KEYS, 0..=2), prop::collection::vec(one, 2)).prop_map(|(keys, values)| {
        let conditions = keys.iter().zip(values);
        let texts = conditions.map(|((operator, key), value)| format!(r#""{operator}":{{"{key}":"{value}"}}"#));
        texts.collect::<Vec<_>>().join(",")
    })
}

fn statement(effect: &'static str) -> impl Strategy<Value = String> {
    let resource = prop::sample::select(vec![
        "*",
        "arn:aws:cloudtrail:*:*:trail/m*",
        "arn:aws:cloudtrail:us-*:*:trail/*",
        "arn:aws:cloudtrail:*:*:trail/${aws:PrincipalTag/team}",
    ]);
    let action = prop::sample::select(vec!["*", "cloudtrail:Stop*", "cloudtrail:Delete*"]);
    (action, resource, conditions()).prop_map(move |(action, resource, conditions)| {
        format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}","Condition":{{{conditions}}}}}"#)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_counterexample_gets_through_and_calls_are_answered_together_as_they_are_apart(
        denies in prop::collection::vec(statement("Deny"), 0..3),
    ) {
        let chain = chain(&denies.into_iter().chain([FULL.to_owned()]).collect::<Vec<_>>().join(","));
        let exceptions = ["arn:aws:iam::*:role/A*".to_owned()];
        let ask = |calls: &[Call]| prove(&Question { chain: &chain, partition: "aws", calls, exceptions: &exceptions });
        let together = ask(&calls());
        for answer in &together {
            let Answer::Open(found) = answer else { continue };
            prop_assert!(matches!(chain.evaluate(&found.request), ChainVerdict::Allowed(_)));
            prop_assert!(!found.request.principal.to_string().contains("role/A"));
        }
        prop_assert_eq!(together, calls().chunks(1).flat_map(ask).collect::<Vec<_>>());
    }

    #[test]
    fn another_deny_never_opens(denies in prop::collection::vec(statement("Deny"), 0..3), more in statement("Deny")) {
        let before = chain(&denies.iter().cloned().chain([FULL.to_owned()]).collect::<Vec<_>>().join(","));
        let after = chain(&denies.into_iter().chain([FULL.to_owned(), more]).collect::<Vec<_>>().join(","));
        if ask(&before, "cloudtrail:StopLogging", TRAIL, &[]).is_denied() {
            prop_assert!(ask(&after, "cloudtrail:StopLogging", TRAIL, &[]).is_denied());
        }
    }

    #[test]
    fn what_is_denied_stays_denied_for_any_caller(
        denies in prop::collection::vec(statement("Deny"), 1..4),
        name in prop::sample::select(vec!["role/A", "role/B", "role/p/A", "user/A", "root"]),
        tag in prop::option::of("[ab*m]{0,3}|main"),
        mfa in prop::option::of(any::<bool>()),
        age in prop::option::of(3590_u32..3610),
        via in prop::option::of(prop::collection::vec("ab|a|b", 1..3)),
    ) {
        let chain = chain(&denies.into_iter().chain([FULL.to_owned()]).collect::<Vec<_>>().join(","));
        let is_root = name == "root";
        if ask(&chain, "cloudtrail:StopLogging", TRAIL, &[]).is_denied() {
            let arn = format!("arn:aws:iam::{ACCOUNT}:{name}");
            let mut context = trailwarden_policy::Context::new().with("aws:PrincipalArn", arn.as_str());
            if let Some(tag) = tag.filter(|_| !is_root) { context.set("aws:PrincipalTag/team", tag); }
            if let Some(mfa) = mfa { context.set("aws:MultiFactorAuthPresent", mfa.to_string()); }
            if let Some(age) = age { context.set("aws:MultiFactorAuthAge", age.to_string()); }
            if let Some(via) = via { context.set("aws:CalledVia", Values::Many(via)); }
            let request = trailwarden_policy::Request {
                principal: trailwarden_policy::Principal::Aws(arn),
                action: "cloudtrail:StopLogging".to_owned(),
                resource: TRAIL.to_owned(),
                context,
            };
            prop_assert!(!chain.evaluate(&request).lets_through(), "{request:?}");
        }
    }
}
