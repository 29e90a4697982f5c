//! Policies on which trying every combination would never end, or that were made to be hard.

use super::{Answer, assert_denied, chain, deny, opened, stop};
use trailwarden_policy::{Call, Question, prove};

/// A condition on one of many keys with six classes of values.
fn six_classes(key: usize, operator: &str) -> String {
    let values: Vec<String> = ["a*", "ab*", "*z", "b?", "c"].map(|value| format!(r#""{value}""#)).to_vec();
    format!(r#""{operator}":{{"aws:PrincipalTag/key{key}":[{}]}}"#, values.join(","))
}

#[test]
fn eight_keys_of_six_classes_are_decided() {
    let spared: Vec<String> =
        (0..8).map(|key| deny(&format!(r#","Condition":{{{}}}"#, six_classes(key, "StringNotLike")))).collect();
    let found = opened(stop(&spared.join(","), &[]));
    assert_eq!(found.deciding.iter().filter(|(key, _)| key.contains("PrincipalTag")).count(), 8);
    let last = deny(&format!(r#","Condition":{{{}}}"#, six_classes(7, "StringLike")));
    assert_denied(&stop(&format!("{},{last}", spared.join(",")), &[]));
}

#[test]
fn keys_that_must_all_agree_are_decided() {
    // One statement per pair: no two of the keys may have the same class.
    let mut statements = Vec::new();
    for key in 0..8 {
        for value in ["a", "b", "c"] {
            let other = (key + 1) % 8;
            let pair = format!(
                r#","Condition":{{"StringEquals":{{"aws:PrincipalTag/k{key}":"{value}","aws:PrincipalTag/k{other}":"{value}"}}}}"#
            );
            statements.push(deny(&pair));
        }
        statements
            .push(deny(&format!(r#","Condition":{{"StringNotEquals":{{"aws:PrincipalTag/k{key}":["a","b","c"]}}}}"#)));
    }
    opened(stop(&statements.join(","), &[]));
    for value in ["b", "c"] {
        statements.push(deny(&format!(r#","Condition":{{"StringEquals":{{"aws:PrincipalTag/k0":"{value}"}}}}"#)));
    }
    for value in ["a", "c"] {
        statements.push(deny(&format!(r#","Condition":{{"StringEquals":{{"aws:PrincipalTag/k2":"{value}"}}}}"#)));
    }
    statements.push(deny(r#","Condition":{"StringNotEquals":{"aws:PrincipalTag/k1":["a","b"]}}"#));
    assert_denied(&stop(&statements.join(","), &[]));
}

/// What landing zones attach, in one document.
fn real_looking(exempt: &str) -> String {
    let mut statements: Vec<String> = (0..26)
        .map(|number| {
            format!(
                r#"{{"Sid":"S{number}","Effect":"Deny","NotAction":["iam:*","sts:*","cloudtrail:Describe*"],"Resource":"*",
                "Condition":{{"StringNotEquals":{{"aws:RequestedRegion":["eu-west-1","eu-central-{number}"],"aws:PrincipalOrgID":"o-{number}"}},
                "ArnNotLike":{{"aws:PrincipalArn":["arn:aws:iam::*:role/deploy-{number}-*","arn:aws:iam::*:role/stacksets-exec-*"]}},
                "StringNotLikeIfExists":{{"aws:PrincipalTag/unit":"u{number}*","aws:SourceIdentity":"*@example.com"}}}}}}"#
            )
        })
        .collect();
    statements.push(deny(r#","Condition":{"Bool":{"aws:ViaAWSService":"true"}}"#));
    statements.push(deny(r#","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"},"NumericGreaterThanIfExists":{"aws:MultiFactorAuthAge":"3600"}}"#));
    statements.push(deny(r#","Condition":{"NotIpAddressIfExists":{"aws:SourceIp":["192.0.2.0/24","2001:db8::/32"]},"StringNotEqualsIfExists":{"aws:SourceVpc":"vpc-1"}}"#));
    statements.push(deny(&format!(r#","Condition":{{"ArnNotLike":{{"aws:PrincipalArn":"{exempt}"}}}}"#)));
    statements.join(",")
}

#[test]
fn thirty_statements_of_a_landing_zone_are_decided() {
    let exempt = "arn:aws:iam::*:role/security/Trails";
    assert_denied(&stop(&real_looking(exempt), &[exempt]));
    let found = opened(stop(&real_looking(exempt), &[]));
    assert!(found.request.principal.to_string().ends_with("role/security/Trails"), "{found:?}");
}

/// Fills a document up to its limit with hard patterns.
fn filled(statement: impl Fn(usize) -> String) -> String {
    let mut statements = String::new();
    for number in 0.. {
        let next = statement(number);
        if statements.len() + next.len() > 10_000 {
            break;
        }
        if !statements.is_empty() {
            statements.push(',');
        }
        statements.push_str(&next);
    }
    statements
}

#[test]
fn hard_patterns_end_in_an_answer() {
    let letters = |number: usize, glue: &str| -> String {
        let letter = |at: usize| char::from(b'a' + u8::try_from((number * 7 + at * 3) % 26).expect("small"));
        (0..6).map(|at| format!("{glue}{}", letter(at))).collect()
    };
    let shapes: [Box<dyn Fn(usize) -> String>; 5] = [
        Box::new(|number| {
            deny(&format!(r#","Condition":{{"StringNotLike":{{"aws:PrincipalArn":"{}*"}}}}"#, letters(number, "*")))
        }),
        Box::new(|number| {
            deny(&format!(
                r#","Condition":{{"StringLike":{{"aws:PrincipalTag/t":"{}{}"}}}}"#,
                letters(number, "*"),
                "?".repeat(20)
            ))
        }),
        Box::new(|number| {
            deny(&format!(
                r#","Condition":{{"StringNotLike":{{"aws:PrincipalTag/t{number}":"{}*","aws:username":"*{}"}}}}"#,
                letters(number, "*"),
                number
            ))
        }),
        Box::new(|number| {
            deny(&format!(
                r#","Condition":{{"StringEquals":{{"aws:PrincipalTag/t{number}":"${{aws:PrincipalTag/t{}}}","aws:PrincipalTag/u{number}":"{}"}}}}"#,
                number + 1,
                letters(number, "")
            ))
        }),
        Box::new(|number| {
            deny(&format!(
                r#","Condition":{{"ForAllValues:StringLike":{{"aws:TagKeys":["{}*","*{number}"]}}}}"#,
                letters(number, "*")
            ))
        }),
    ];
    for (number, shape) in shapes.iter().enumerate() {
        let chain = chain(&filled(shape));
        let calls = [Call { action: "cloudtrail:StopLogging".to_owned(), resource: super::TRAIL.to_owned() }];
        let answers = prove(&Question { chain: &chain, partition: "aws", calls: &calls, exceptions: &[] });
        assert!(matches!(answers.as_slice(), [Answer::Open(_) | Answer::Undecided(_)]), "shape {number}");
    }
}

#[test]
fn a_hundred_exempt_roles_are_told_apart() {
    let roles = |numbers: std::ops::Range<usize>| -> String {
        let role = |number: usize| match number % 4 {
            0 => format!(r#""arn:aws:iam::*:role/team-{number}-*""#),
            1 => format!(r#""arn:aws:iam::*:role/*/Deploy{number}""#),
            2 => format!(r#""arn:aws:iam::111122223333:role/Admin{number}""#),
            _ => format!(r#""arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_P{number}_*""#),
        };
        numbers.map(role).collect::<Vec<_>>().join(",")
    };
    let spares = |roles: &str| deny(&format!(r#","Condition":{{"ArnNotLike":{{"aws:PrincipalArn":[{roles}]}}}}"#));
    let overlapping = format!("{},{}", spares(&roles(0..60)), spares(&roles(59..120)));
    opened(stop(&overlapping, &[]));
    let named = |numbers: std::ops::Range<usize>| -> String {
        numbers.map(|number| format!(r#""arn:aws:iam::*:role/Deploy{number}""#)).collect::<Vec<_>>().join(",")
    };
    assert_denied(&stop(&format!("{},{}", spares(&named(0..60)), spares(&named(60..120))), &[]));
}
