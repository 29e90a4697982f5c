//! Random policies and requests in the whole language, close enough to each other that they often meet.

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::organization::ACCOUNT;

/// Calls that exist, with resources of the form their service authorizes.
const CALLS: &[(&str, &[&str])] = &[
    (
        "cloudtrail:StopLogging",
        &[
            "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main",
            "arn:aws:cloudtrail:us-east-1:999988887777:trail/org-Main",
        ],
    ),
    ("cloudtrail:DeleteTrail", &["arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"]),
    ("s3:PutBucketPolicy", &["arn:aws:s3:::logs", "arn:aws:s3:::logs-eu"]),
    ("s3:DeleteObject", &["arn:aws:s3:::logs/AWSLogs/111122223333/a.json", "arn:aws:s3:::logs/red/team"]),
    ("logs:DeleteLogGroup", &["arn:aws:logs:eu-west-1:111122223333:log-group:trail:log-stream:"]),
    ("kms:DisableKey", &["arn:aws:kms:eu-west-1:111122223333:key/11aa22bb-0000-0000-0000-000000000000"]),
    ("iam:DeleteRole", &["arn:aws:iam::111122223333:role/Audit", "arn:aws:iam::111122223333:role/team/red/Audit"]),
    ("sns:DeleteTopic", &["arn:aws:sns:eu-west-1:111122223333:red"]),
    ("organizations:LeaveOrganization", &["*"]),
    ("ec2:DescribeRegions", &["*"]),
];

const PRINCIPALS: &[(&str, &str)] = &[
    ("arn:aws:iam::111122223333:role/Audit", "arn:aws:iam::111122223333:role/Audit"),
    ("arn:aws:sts::111122223333:assumed-role/Admin/me", "arn:aws:iam::111122223333:role/team/red/Admin"),
    ("arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:user/alice"),
    ("arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:root"),
];

#[derive(Clone, Copy)]
enum Type {
    Text,
    Arn,
    Boolean,
    Number,
    Date,
    Address,
}

/// Condition keys of every type; the last ones have several values.
const KEYS: &[(&str, Type)] = &[
    ("aws:PrincipalTag/team", Type::Text),
    ("aws:RequestTag/team", Type::Text),
    ("aws:username", Type::Text),
    ("aws:RequestedRegion", Type::Text),
    ("aws:PrincipalOrgID", Type::Text),
    ("aws:PrincipalArn", Type::Arn),
    ("aws:SourceArn", Type::Arn),
    ("aws:SecureTransport", Type::Boolean),
    ("aws:MultiFactorAuthPresent", Type::Boolean),
    ("aws:MultiFactorAuthAge", Type::Number),
    ("aws:CurrentTime", Type::Date),
    ("aws:SourceIp", Type::Address),
];
const MULTIVALUED: &[&str] = &["aws:TagKeys", "aws:CalledVia"];

const TEXTS: &[&str] = &["red", "Red", "blue", "red-team", "r*d", "eu-west-1", "alice", "o-a1b2c3d4e5"];
const TEXT_PATTERNS: &[&str] = &[
    "*",
    "r*",
    "*d",
    "?ed",
    "r?d",
    "*e*",
    "RED",
    "r${*}d",
    "r${?}d",
    "${aws:username}",
    "${aws:PrincipalTag/team}",
    "${AWS:principaltag/team}*",
    "${aws:PrincipalTag/team, 'red'}",
    "${aws:TagKeys}",
    "${aws:RequestTag/none}",
    "eu-*",
    "??-*-?",
];
const ARNS: &[&str] = &[
    "arn:aws:iam::111122223333:role/Audit",
    "arn:aws:iam::111122223333:role/team/red/Admin",
    "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main",
];
const ARN_PATTERNS: &[&str] = &[
    "arn:aws:iam::*:role/*",
    "arn:aws:iam::*:role/A*",
    "arn:aws:iam::111122223333:role/*/Admin",
    "arn:aws:iam::*:role/team/${aws:PrincipalTag/team}/*",
    "arn:aws:iam::*:role/team/${aws:PrincipalTag/team, 'red'}/Admin",
    "arn:*:iam::*:user/${aws:username}",
    "arn:aws:*:*:*:trail/m??n",
    "arn:aws:iam::1111????3333:root",
    "arn:aws:iam:eu-west-1:*:role/*",
    "arn:aws:iam::*:ROLE/*",
    "arn:aws:iam::*:*",
];
const NUMBERS: &[&str] = &["0", "7", "7.5", "-3", "3600"];
const DATES: &[&str] =
    &["2026-11-20T00:00:00Z", "2026-11-20T01:30:00+02:00", "2025-01-01T00:00:00Z", "2027-06-30T23:59:59Z"];
const ADDRESSES: &[&str] = &["203.0.113.7", "10.1.2.3", "2001:db8::7"];
const BLOCKS: &[&str] =
    &["203.0.113.0/24", "10.0.0.0/8", "203.0.113.7", "203.0.113.8/31", "2001:db8::/32", "2001:db9::/32", "2001:db8::8"];

const OPERATORS: &[(&str, Type)] = &[
    ("StringEquals", Type::Text),
    ("StringNotEquals", Type::Text),
    ("StringEqualsIgnoreCase", Type::Text),
    ("StringNotEqualsIgnoreCase", Type::Text),
    ("StringLike", Type::Text),
    ("StringNotLike", Type::Text),
    ("ArnEquals", Type::Arn),
    ("ArnNotEquals", Type::Arn),
    ("ArnLike", Type::Arn),
    ("ArnNotLike", Type::Arn),
    ("Bool", Type::Boolean),
    ("NumericEquals", Type::Number),
    ("NumericNotEquals", Type::Number),
    ("NumericLessThan", Type::Number),
    ("NumericLessThanEquals", Type::Number),
    ("NumericGreaterThan", Type::Number),
    ("NumericGreaterThanEquals", Type::Number),
    ("DateEquals", Type::Date),
    ("DateNotEquals", Type::Date),
    ("DateLessThan", Type::Date),
    ("DateLessThanEquals", Type::Date),
    ("DateGreaterThan", Type::Date),
    ("DateGreaterThanEquals", Type::Date),
    ("IpAddress", Type::Address),
    ("NotIpAddress", Type::Address),
    ("BinaryEquals", Type::Text),
];

/// One path of three nodes and a few requests.
pub fn case(dice: &mut Dice) -> Value {
    let nodes: Vec<Value> = ["r-ab12", "ou-ab12-work", ACCOUNT].iter().map(|id| node(dice, id)).collect();
    json!({ "nodes": nodes, "requests": dice.times(3, 3, request) })
}

fn node(dice: &mut Dice, id: &str) -> Value {
    let mut policies = dice.times(0, 2, |dice| policy(dice, 35));
    if dice.percent(70) {
        policies.push(json!({
            "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}
        }));
    }
    if policies.is_empty() {
        policies.push(policy(dice, 100));
    }
    let policies = policies.into_iter().enumerate();
    let named = policies.map(|(n, policy)| json!({ "name": format!("p-{id}-{n}"), "policy": policy }));
    json!({ "id": id, "policies": named.collect::<Vec<_>>() })
}

pub fn policy(dice: &mut Dice, allows: usize) -> Value {
    let statements = dice.times(1, 3, |dice| statement(dice, allows));
    let alone = statements.len() == 1 && dice.percent(50);
    json!({
        "Version": "2012-10-17",
        "Statement": if alone { statements[0].clone() } else { Value::Array(statements) },
    })
}

/// One statement, which allows in so many of a hundred.
pub fn statement(dice: &mut Dice, allows: usize) -> Value {
    let mut statement = Map::new();
    statement.insert("Effect".into(), if dice.percent(allows) { "Allow" } else { "Deny" }.into());
    let name = if dice.percent(25) { "NotAction" } else { "Action" };
    statement.insert(name.into(), one_or_many(dice, 3, action_pattern));
    let name = if dice.percent(25) { "NotResource" } else { "Resource" };
    let everywhere = name == "Resource" && dice.percent(40);
    let resources = if everywhere { "*".into() } else { one_or_many(dice, 3, resource_pattern) };
    statement.insert(name.into(), resources);
    let mut conditions = Map::new();
    for _ in 0..dice.pick(&[&0_usize, &1, &1, &2, &3]).to_owned() {
        let (operator, values) = condition(dice);
        let keys = conditions.entry(operator).or_insert_with(|| json!({}));
        if let Some(keys) = keys.as_object_mut() {
            keys.extend(values);
        }
    }
    if !conditions.is_empty() {
        statement.insert("Condition".into(), conditions.into());
    }
    statement.into()
}

fn one_or_many(dice: &mut Dice, most: usize, make: impl FnMut(&mut Dice) -> Value) -> Value {
    let mut values = dice.times(1, most, make);
    if values.len() == 1 && dice.percent(60) { values.remove(0) } else { values.into() }
}

fn action_pattern(dice: &mut Dice) -> Value {
    let (action, _) = CALLS[dice.below(CALLS.len())];
    let (service, name) = action.split_once(':').expect("a service");
    let pattern = match dice.below(8) {
        0 => "*".to_owned(),
        1 => format!("{service}:*"),
        2 => format!("{service}:{}*", &name[..dice.between(1, name.len())]),
        3 => format!("{service}:*{}", &name[dice.below(name.len())..]),
        4 => format!("{service}:{}?{}", &name[..3], &name[4..]),
        5 => format!("{service}:?{}", name),
        _ => action.to_owned(),
    };
    recased(dice, &pattern).into()
}

fn recased(dice: &mut Dice, text: &str) -> String {
    match dice.below(6) {
        0 => text.to_ascii_lowercase(),
        1 => text.to_ascii_uppercase(),
        _ => text.to_owned(),
    }
}

fn resource_pattern(dice: &mut Dice) -> Value {
    let (_, resources) = CALLS[dice.below(CALLS.len())];
    let resource = dice.pick(resources);
    if resource == "*" {
        return dice.pick(&["*", "arn:aws:organizations::*:*/*"]).into();
    }
    let mut parts: Vec<String> = resource.splitn(6, ':').map(str::to_owned).collect();
    for part in [1, 3, 4] {
        if dice.percent(35) {
            let keep = dice.below(parts[part].len() + 1);
            // AWS refuses an ARN without a partition.
            let none = if part == 1 { "*" } else { "" };
            parts[part] = dice.pick(&["*", "?*", none, &format!("{}*", &parts[part][..keep])]).to_owned();
        }
    }
    parts[5] = resource_name(dice, &parts[5]);
    if dice.percent(4) {
        parts.truncate(dice.between(3, 5));
        parts.push("*".to_owned());
    }
    parts.join(":").into()
}

/// The last part of an ARN with wildcards and variables behind what names its kind.
fn resource_name(dice: &mut Dice, name: &str) -> String {
    let kind = name.find([':', '/']).map_or(0, |at| at + 1);
    let (kind, rest) = name.split_at(if name.starts_with("logs") { 0 } else { kind });
    let cut = dice.below(rest.len() + 1);
    match dice.below(10) {
        0 => "*".to_owned(),
        1 => format!("{kind}*"),
        2 => format!("{kind}{}*", &rest[..cut]),
        3 => format!("{kind}*{}", &rest[cut..]),
        4 => format!("{kind}{}?{}", &rest[..cut], rest.get(cut + 1..).unwrap_or_default()),
        5 => format!("{kind}{}", rest.replace("red", "${aws:PrincipalTag/team}")),
        6 => format!("{kind}{}", rest.replace("Audit", "${aws:username, 'Audit'}").replace("red", "*")),
        7 => format!("{kind}{}", recased(dice, rest)),
        8 => format!("{kind}{}${{aws:RequestTag/team}}*", &rest[..cut]),
        _ => name.to_owned(),
    }
}

fn condition(dice: &mut Dice) -> (String, Map<String, Value>) {
    let is_multivalued = dice.percent(20);
    let (key, of_key) = match is_multivalued {
        true => (MULTIVALUED[dice.below(MULTIVALUED.len())], Type::Text),
        false => KEYS[dice.below(KEYS.len())],
    };
    let key = recased(dice, key);
    if dice.percent(8) {
        let wanted = dice.pick(&[&json!("true"), &json!("false"), &json!(true), &json!(["false"])]).clone();
        return ("Null".to_owned(), Map::from_iter([(key, wanted)]));
    }
    // Mostly operators of the key's own type, sometimes any.
    let fits = |of_operator: Type| of_operator as u8 == of_key as u8;
    let strange = dice.percent(10);
    let operators: Vec<_> = OPERATORS.iter().filter(|(_, of)| strange || fits(*of)).collect();
    let (operator, of_operator) = operators[dice.below(operators.len())];
    let set = match dice.below(if is_multivalued { 5 } else { 12 }) {
        0 | 1 => "ForAnyValue:",
        2 | 3 => "ForAllValues:",
        _ => "",
    };
    let if_exists = if dice.percent(25) { "IfExists" } else { "" };
    let values = one_or_many(dice, 3, |dice| wanted(dice, *of_operator));
    (format!("{set}{operator}{if_exists}"), Map::from_iter([(key, values)]))
}

/// A value of a policy.
fn wanted(dice: &mut Dice, of: Type) -> Value {
    let text = match of {
        Type::Text if dice.percent(50) => dice.pick(TEXT_PATTERNS),
        Type::Arn if dice.percent(75) => dice.pick(ARN_PATTERNS),
        Type::Boolean if dice.percent(20) => return dice.percent(50).into(),
        Type::Number if dice.percent(20) => return dice.between(0, 8).into(),
        Type::Address => dice.pick(BLOCKS),
        other => present(dice, other),
    };
    text.into()
}

/// A value of a request.
fn present(dice: &mut Dice, of: Type) -> &'static str {
    dice.pick(match of {
        Type::Text => TEXTS,
        Type::Arn => ARNS,
        Type::Boolean => &["true", "false", "True", "FALSE"],
        Type::Number => NUMBERS,
        Type::Date => DATES,
        Type::Address => ADDRESSES,
    })
}

/// One request with its whole context.
pub fn request(dice: &mut Dice) -> Value {
    let (action, resources) = CALLS[dice.below(CALLS.len())];
    let (principal, identity) = PRINCIPALS[dice.below(PRINCIPALS.len())];
    let mut context = Map::new();
    for (key, of) in KEYS {
        if dice.percent(65) {
            context.insert(recased(dice, key), present(dice, *of).into());
        }
    }
    context.retain(|key, _| !key.eq_ignore_ascii_case("aws:PrincipalArn"));
    context.insert("aws:PrincipalArn".into(), identity.into());
    for key in MULTIVALUED {
        if dice.percent(65) {
            let values = dice.times(1, 3, |dice| Value::from(present(dice, Type::Text)));
            context.insert((*key).into(), values.into());
        }
    }
    json!({
        "principal": principal,
        "action": recased(dice, action),
        "resource": dice.pick(resources),
        "context": context,
    })
}
