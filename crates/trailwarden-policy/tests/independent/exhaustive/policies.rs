//! Random organizations in the part of the language that brute force can judge.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::dice::Dice;
use crate::organization::{ACCOUNT, array, items, text};

/// Whether variables occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Plain,
    Variables,
}

const TAG: &str = "aws:PrincipalTag/t";

/// Keys that callers may choose; a case uses two of them.
const FREE: &[&str] = &[
    TAG,
    "aws:RequestTag/u",
    "aws:CalledVia",
    "aws:MultiFactorAuthPresent",
    "aws:MultiFactorAuthAge",
    "aws:SourceIp",
    "aws:ViaAWSService",
];
const SETTLED: &[&str] = &[
    "aws:PrincipalArn",
    "aws:PrincipalArn",
    "aws:PrincipalArn",
    "aws:PrincipalType",
    "aws:RequestedRegion",
    "aws:username",
    "aws:SourceArn",
];

/// Makes a value for a condition.
type Wanted = fn(&mut Dice, Language) -> String;

/// One to three nodes.
pub fn organization(dice: &mut Dice, language: Language) -> Value {
    let free = [*dice.pick(&FREE.iter().collect::<Vec<_>>()), *dice.pick(&FREE.iter().collect::<Vec<_>>())];
    let free = if language == Language::Variables { [TAG, free[0]] } else { free };
    let ids = &["r-ab12", "ou-ab12-work", ACCOUNT][dice.below(3)..];
    let nodes = ids.iter().map(|id| {
        let mut policies = dice.times(0, 2, |dice| {
            json!({ "Version": "2012-10-17", "Statement": dice.times(1, 3, |dice| statement(dice, free, language)) })
        });
        if dice.percent(80) || policies.is_empty() {
            policies.push(json!({
                "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}
            }));
        }
        let policies = policies.into_iter().enumerate();
        let named = policies.map(|(n, policy)| json!({ "name": format!("p-{n}"), "policy": policy }));
        json!({ "id": id, "policies": named.collect::<Vec<_>>() })
    });
    json!({ "nodes": nodes.collect::<Vec<_>>() })
}

/// The keys that the policies read, in lower case.
pub fn keys(organization: &Value) -> Vec<String> {
    let mut keys = BTreeSet::new();
    for policy in array(&organization["nodes"]).iter().flat_map(|node| array(&node["policies"])) {
        for statement in items(&policy["policy"]["Statement"]) {
            let conditions = statement["Condition"].as_object().into_iter().flatten();
            keys.extend(
                conditions.flat_map(|(_, keys)| keys.as_object().into_iter().flatten()).map(|(key, _)| key.clone()),
            );
            for variable in text(statement).split("${").skip(1) {
                keys.extend(variable.split(['}', ',']).next().map(str::to_owned));
            }
        }
    }
    keys.into_iter().map(|key| key.to_ascii_lowercase()).collect::<BTreeSet<_>>().into_iter().collect()
}

pub fn exception(dice: &mut Dice) -> String {
    let name = letters(dice, "ab*?", 1, 2);
    dice.pick(&[
        &format!("arn:aws:iam::*:role/{name}") as &str,
        &format!("arn:aws:iam::{ACCOUNT}:role/a/{name}"),
        &format!("*:user/{name}"),
        "arn:aws:iam::*:root",
    ])
    .to_owned()
}

fn letters(dice: &mut Dice, from: &str, least: usize, most: usize) -> String {
    let from: Vec<char> = from.chars().collect();
    dice.times(least, most, |dice| from[dice.below(from.len())]).into_iter().collect()
}

fn statement(dice: &mut Dice, free: [&str; 2], language: Language) -> Value {
    let mut statement = Map::new();
    statement.insert("Effect".into(), if dice.percent(30) { "Allow" } else { "Deny" }.into());
    let (name, actions) = match dice.percent(20) {
        true => ("NotAction", ["s3:*", "iam:*", "cloudtrail:Stop*", "organizations:*"].as_slice()),
        false => (
            "Action",
            ["*", "*", "cloudtrail:*", "cloudtrail:stop*", "organizations:*", "cloudtrail:?eleteTrail"].as_slice(),
        ),
    };
    statement.insert(name.into(), dice.times(1, 2, |dice| dice.pick(actions)).into());
    let (name, everywhere) = if dice.percent(20) { ("NotResource", 0) } else { ("Resource", 60) };
    let resources = match dice.percent(everywhere) {
        true => "*".into(),
        false => Value::from(dice.times(1, 2, |dice| resource(dice, language))),
    };
    statement.insert(name.into(), resources);
    let mut conditions: Map<String, Value> = Map::new();
    for _ in 0..dice.between(0, 2) {
        let key = if dice.percent(40) { dice.pick(SETTLED) } else { dice.pick(&free) };
        let (operator, wanted) = condition(dice, key, language);
        let keys = conditions.entry(operator).or_insert_with(|| json!({}));
        keys[key] = wanted;
    }
    if !conditions.is_empty() {
        statement.insert("Condition".into(), conditions.into());
    }
    statement.into()
}

fn resource(dice: &mut Dice, language: Language) -> String {
    let name = pattern(dice, language);
    let region = dice.pick(&["*", "eu-*", "us-east-1"]);
    let account = dice.pick(&["*", ACCOUNT, "9999????7777"]);
    match dice.percent(10) {
        true => format!("arn:aws:s3:::{name}"),
        false => format!("arn:aws:cloudtrail:{region}:{account}:trail/{name}"),
    }
}

/// A pattern over a few letters, or a variable.
fn pattern(dice: &mut Dice, language: Language) -> String {
    if language == Language::Variables && dice.percent(35) {
        let variable = dice.pick(&[
            "${aws:PrincipalTag/t}",
            "${aws:PrincipalTag/t, 'a'}",
            "${aws:username}",
            "${AWS:principaltag/T}",
        ]);
        return match dice.below(3) {
            0 => format!("a{variable}"),
            1 => format!("{variable}*"),
            _ => variable.to_owned(),
        };
    }
    letters(dice, "ab*?", 1, 2)
}

fn condition(dice: &mut Dice, key: &str, language: Language) -> (String, Value) {
    if dice.percent(12) {
        return ("Null".into(), dice.pick(&["true", "false"]).into());
    }
    let (operators, set_forms, wanted): (&[&str], usize, Wanted) = match key {
        "aws:PrincipalArn" | "aws:SourceArn" if dice.percent(70) => {
            (&["ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals"], 0, principal)
        }
        "aws:PrincipalArn" | "aws:SourceArn" => (&["StringLike", "StringNotLike"], 0, |dice, _| {
            let name = letters(dice, "ab*?", 1, 2);
            dice.pick(&[&format!("*:role/{name}") as &str, &format!("*{name}"), "arn:aws:iam::111122223333:*", "*/a*"])
                .to_owned()
        }),
        "aws:PrincipalType" => (&["StringEquals", "StringNotEquals"], 0, |dice, _| {
            dice.pick(&["Account", "User", "AssumedRole", "FederatedUser", "Anonymous"]).to_owned()
        }),
        "aws:RequestedRegion" => (&["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"], 0, |dice, _| {
            dice.pick(&["eu-west-1", "us-east-1", "eu-*", "?s-*"]).to_owned()
        }),
        "aws:MultiFactorAuthPresent" | "aws:ViaAWSService" => {
            (&["Bool"], 0, |dice, _| dice.pick(&["true", "false"]).to_owned())
        }
        "aws:MultiFactorAuthAge" => (
            &[
                "NumericEquals",
                "NumericNotEquals",
                "NumericLessThan",
                "NumericLessThanEquals",
                "NumericGreaterThan",
                "NumericGreaterThanEquals",
            ],
            0,
            |dice, _| dice.below(4).to_string(),
        ),
        "aws:SourceIp" => (&["IpAddress", "NotIpAddress"], 0, |dice, _| {
            dice.pick(&["10.0.0.0/8", "10.0.0.0/16", "10.0.0.9", "0.0.0.0/0", "2001:db8::/32", "::/0", "10.1.0.0/32"])
                .to_owned()
        }),
        "aws:CalledVia" => (&["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"], 100, pattern),
        _ => (
            &[
                "StringEquals",
                "StringNotEquals",
                "StringLike",
                "StringNotLike",
                "StringEqualsIgnoreCase",
                "StringNotEqualsIgnoreCase",
                "Bool",
            ],
            0,
            pattern,
        ),
    };
    let operator = dice.pick(operators);
    let set_form = if dice.percent(set_forms) { dice.pick(&["ForAllValues:", "ForAnyValue:"]) } else { "" };
    let if_exists = if dice.percent(25) && set_form != "ForAnyValue:" { "IfExists" } else { "" };
    let wanted = match operator {
        "Bool" => dice.pick(&["true", "false"]).into(),
        _ => Value::from(dice.times(1, 2, |dice| wanted(dice, language))),
    };
    (format!("{set_form}{operator}{if_exists}"), wanted)
}

/// A pattern over the ARNs of callers.
fn principal(dice: &mut Dice, language: Language) -> String {
    let name = pattern(dice, language);
    dice.pick(&[
        &format!("arn:aws:iam::*:role/{name}") as &str,
        &format!("arn:aws:iam::*:role/{name}"),
        &format!("arn:aws:iam::{ACCOUNT}:user/{name}"),
        &format!("arn:aws:iam::1*:role/a/{name}"),
        &format!("arn:*:sts::*:federated-user/{name}"),
        &format!("arn:aws:iam::*:*{name}"),
        "arn:aws:iam::*:root",
    ])
    .to_owned()
}
