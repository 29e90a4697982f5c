//! Documents that nobody would write: nothing panics, whatever is said about them points into them, and who is said to get
//! through does.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use trailwarden_policy::{
    Answer, AttachedPolicy, Call, Chain, ChainNode, Context, Document, Kind, Principal, Question, Request, Span,
    exemptions, lint, prove,
};

use super::dice::{Dice, number};
use super::organization::ACCOUNT;
use super::{hostile, random};

const KINDS: &[Kind] = &[Kind::ServiceControl, Kind::ResourceControl, Kind::Resource, Kind::Trust, Kind::Identity];
const CALLS: &[(&str, &str)] = &[
    ("cloudtrail:StopLogging", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"),
    ("s3:DeleteObject", "arn:aws:s3:::logs/red/team"),
    ("organizations:LeaveOrganization", "*"),
];

fn points_into(span: Span, text: &str) {
    assert!(text.get(span.start..span.end).is_some(), "{span:?} is not in {text:?}");
}

/// Does with a text whatever can be done with a policy.
fn try_everything(text: &str) {
    for kind in KINDS {
        match Document::parse(*kind, text) {
            Ok(document) => lint(&document).iter().for_each(|found| points_into(found.span, text)),
            Err(malformed) => points_into(malformed.span, text),
        }
    }
    let full = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let policy = |text: &str| {
        let document = Document::parse(Kind::ServiceControl, text);
        Arc::new(AttachedPolicy { id: "p-fuzz".to_owned(), name: "fuzz".to_owned(), document })
    };
    let node = |id: &str, policies| {
        Arc::new(ChainNode { id: id.to_owned(), kind: Kind::ServiceControl, policies, gaps: Vec::new() })
    };
    let nodes = vec![node("r-ab12", vec![policy(full)]), node(ACCOUNT, vec![policy(full), policy(text)])];
    let chain = Chain { account: ACCOUNT.to_owned(), organization: None, unbound: None, nodes };
    for (action, resource) in CALLS {
        let context = Context::new().with("aws:PrincipalArn", "arn:aws:iam::111122223333:role/Audit");
        let principal = Principal::Aws("arn:aws:iam::111122223333:role/Audit".to_owned());
        chain.evaluate(&Request { principal, action: (*action).to_owned(), resource: (*resource).to_owned(), context });
    }
    let calls: Vec<Call> = CALLS
        .iter()
        .map(|(action, resource)| Call { action: (*action).to_owned(), resource: (*resource).to_owned() })
        .collect();
    let exceptions = ["arn:aws:iam::*:role/A*".to_owned()];
    let question = Question { chain: &chain, partition: "aws", calls: &calls, exceptions: &exceptions };
    for answer in prove(&question) {
        if let Answer::Open(found) = answer {
            assert!(chain.evaluate(&found.request).lets_through(), "{:?} does not get through {text}", found.request);
        }
    }
    drop(exemptions(&question));
}

#[test]
fn hostile_documents_are_answered() {
    for (name, text) in hostile::documents() {
        assert!(text.len() <= hostile::LIMIT, "{name} is longer than an SCP may be");
        try_everything(&text);
    }
}

/// Texts that stand somewhere in a policy, or nearly.
const SPLICES: &[&str] = &[
    "*",
    "?",
    "${",
    "}",
    "${*}",
    "${aws:username}",
    "${aws:PrincipalTag/t, 'a'}",
    "${a, '",
    ":",
    "arn:",
    "arn:aws:s3:::",
    "::::::",
    "IfExists",
    "ForAllValues:",
    "Not",
    "Null",
    "Bool",
    "NumericLessThan",
    "DateEquals",
    "IpAddress",
    "0.0.0.0/0",
    "::/0",
    "1e999",
    "-",
    "2012-10-17",
    "2008-10-17",
    "",
    " ",
    "é",
    "\u{1F600}",
    "\u{0}",
    "\\u0000",
    "true",
    "9999-12-31T23:59:59Z",
];

/// Changes one place of a policy.
fn mutate(dice: &mut Dice, value: &mut Value) {
    match value {
        Value::Array(items) if !items.is_empty() && dice.percent(30) => {
            let at = dice.below(items.len());
            match dice.below(3) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                _ => items[at] = replacement(dice),
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let at = dice.below(items.len());
            mutate(dice, &mut items[at]);
        }
        Value::Object(members) if !members.is_empty() => {
            let keys: Vec<String> = members.keys().cloned().collect();
            let key = &keys[dice.below(keys.len())];
            match dice.below(8) {
                0 => drop(members.remove(key)),
                1 => drop(members.insert(spliced(dice, key), members[key].clone())),
                2 => drop(members.insert(key.clone(), replacement(dice))),
                3 => {
                    let other = &keys[dice.below(keys.len())];
                    drop(members.insert(key.clone(), members[other].clone()));
                }
                _ => mutate(dice, &mut members[key]),
            }
        }
        Value::String(text) => *text = spliced(dice, text),
        other => *other = replacement(dice),
    }
}

fn spliced(dice: &mut Dice, text: &str) -> String {
    let cuts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let (one, other) = (cuts[dice.below(cuts.len())], cuts[dice.below(cuts.len())]);
    format!("{}{}{}", &text[..one], dice.pick(SPLICES), &text[other..])
}

fn replacement(dice: &mut Dice) -> Value {
    match dice.below(8) {
        0 => Value::Null,
        1 => true.into(),
        2 => json!(1e300),
        3 => json!([]),
        4 => json!({}),
        5 => json!([["*"]]),
        6 => random::statement(dice, 50),
        _ => dice.pick(SPLICES).into(),
    }
}

#[test]
fn mutated_policies_are_answered() {
    let mut dice = Dice::new(number("TRAILWARDEN_TEST_SEED", 1) as u64);
    let mut n_read = 0;
    for _ in 0..number("TRAILWARDEN_TEST_CASES", 300) {
        let mut policy = random::policy(&mut dice, 35);
        for _ in 0..dice.between(1, 4) {
            mutate(&mut dice, &mut policy);
        }
        let text = policy.to_string();
        n_read += usize::from(Document::parse(Kind::ServiceControl, &text).is_ok());
        try_everything(&text);
        let cut = spliced(&mut dice, &text);
        try_everything(&cut);
    }
    assert!(n_read > 0, "every mutation was refused");
}

fn any_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "Version",
        "Statement",
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "Condition",
        "StringLike",
        "Null",
        "aws:PrincipalArn",
        "AWS",
        "x",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(SPLICES.to_vec()).prop_map(Value::from),
        prop::sample::select(vec!["Allow", "Deny", "*", "s3:*", "2012-10-17"]).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..6).prop_map(|members| members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<Value>()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        try_everything(&text);
    }

    #[test]
    fn any_bytes_that_look_like_json_are_answered(text in r#"[\[\]{}:,"0-9eE.+\-truefalsn \\/u*?$a]{0,200}"#) {
        try_everything(&text);
    }

    #[test]
    fn any_json_is_answered(value in any_json()) {
        try_everything(&value.to_string());
    }

    #[test]
    fn any_text_where_a_text_belongs_is_answered(action in any::<String>(), resource in any::<String>(), key in any::<String>(), value in any::<String>()) {
        try_everything(&json!({
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Deny", "Action": format!("s3:{action}"), "Resource": "*"},
            ],
        }).to_string());
        try_everything(&json!({
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Deny", "Action": "*", "Resource": format!("arn:aws:{resource}"), "Condition": {"StringLike": {key: value.clone()}}},
                {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": format!("arn:{value}")}}},
            ],
        }).to_string());
    }
}
