//! Policies made to hurt: each of at most 10,240 characters, as large as an SCP may be, and each after something that may
//! take exponential time or deep recursion. Named by what they try.

/// The length of the longest SCP.
pub const LIMIT: usize = 10_240;

const HEAD: &str = r#"{"Version":"2012-10-17","Statement":["#;
const TAIL: &str = "]}";

/// A document of as many statements as fit; `make` is given their number.
fn of_statements(make: impl Fn(usize) -> String) -> String {
    let mut text = String::from(HEAD);
    for n in 0.. {
        let statement = make(n);
        if text.len() + statement.len() + TAIL.len() + 1 > LIMIT {
            break;
        }
        if n > 0 {
            text.push(',');
        }
        text.push_str(&statement);
    }
    text + TAIL
}

fn deny(resource: &str, conditions: &str) -> String {
    format!(r#"{{"Effect":"Deny","Action":"*","Resource":{resource},"Condition":{{{conditions}}}}}"#)
}

/// A document of one statement in which as many things as fit stand between `before` and `after`.
fn of_items(before: &str, make: impl Fn(usize) -> String, separator: &str, after: &str) -> String {
    let mut text = format!("{HEAD}{before}");
    for n in 0.. {
        let item = make(n);
        if text.len() + item.len() + after.len() + TAIL.len() + separator.len() > LIMIT {
            break;
        }
        if n > 0 {
            text.push_str(separator);
        }
        text.push_str(&item);
    }
    text + after + TAIL
}

const DENY_ON: &str = r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"#;

fn letter(n: usize) -> char {
    char::from(b'a' + (n % 26) as u8)
}

/// One long pattern in a condition.
fn pattern(operator: &str, key: &str, piece: impl Fn(usize) -> String) -> String {
    of_items(&format!(r#"{DENY_ON}"{operator}":{{"{key}":""#), piece, "", r#""}}}"#)
}

/// Many patterns in one condition.
fn patterns(operator: &str, key: &str, one: impl Fn(usize) -> String) -> String {
    of_items(&format!(r#"{DENY_ON}"{operator}":{{"{key}":["#), |n| format!("{:?}", one(n)), ",", "]}}}")
}

/// That no two pigeons share a hole, and each has one: a caller whose tags say so gets through, and there is none.
fn pigeons(n_holes: usize) -> String {
    let mut clauses = Vec::new();
    let tag = |pigeon: usize, hole: usize| format!(r#""aws:PrincipalTag/{}{hole}":"1""#, letter(pigeon));
    for pigeon in 0..=n_holes {
        let homeless: Vec<String> = (0..n_holes).map(|hole| tag(pigeon, hole)).collect();
        clauses.push(deny(r#""*""#, &format!(r#""StringNotEquals":{{{}}}"#, homeless.join(","))));
        for (other, hole) in (0..pigeon).flat_map(|other| (0..n_holes).map(move |hole| (other, hole))) {
            let both = format!("{},{}", tag(pigeon, hole), tag(other, hole));
            clauses.push(deny(r#""*""#, &format!(r#""StringEquals":{{{both}}}"#)));
        }
    }
    of_statements(|n| clauses.get(n).cloned().unwrap_or_else(|| " ".repeat(LIMIT)))
}

type Named = (&'static str, String);

/// The documents, named.
pub fn documents() -> Vec<Named> {
    [long_patterns(), many_values(), many_keys(), many_statements(), elements(), shapes()].concat()
}

fn role(name: &str) -> String {
    format!("arn:aws:iam::*:role/{name}")
}

fn long_patterns() -> Vec<Named> {
    vec![
        ("a pattern of stars and letters", pattern("StringLike", "aws:PrincipalTag/t", |n| format!("*{}", letter(n)))),
        ("a pattern of one letter and stars", pattern("StringNotLike", "aws:PrincipalArn", |_| "*a".to_owned())),
        (
            "a star before question marks",
            pattern("StringNotLike", "aws:PrincipalArn", |n| if n == 0 { "*a" } else { "?" }.to_owned()),
        ),
        (
            "an ARN of stars",
            pattern("ArnNotLike", "aws:PrincipalArn", |n| if n == 0 { role("*") } else { "*a?".to_owned() }),
        ),
        (
            "a variable after another",
            pattern("StringLike", "aws:PrincipalTag/t", |n| format!("${{aws:PrincipalTag/{n}}}*")),
        ),
        ("defaults", pattern("StringLike", "aws:PrincipalTag/t", |n| format!("*${{aws:PrincipalTag/{n}, '*a'}}"))),
    ]
}

fn many_values() -> Vec<Named> {
    vec![
        (
            "patterns that overlap",
            patterns("ArnNotLike", "aws:PrincipalArn", |n| role(&format!("*{}*{}*", letter(n), letter(n / 26)))),
        ),
        (
            "patterns with question marks",
            patterns("StringLike", "aws:PrincipalTag/t", |n| format!("*{}{}", letter(n), "?".repeat(n % 12))),
        ),
        ("exact values", patterns("StringEquals", "aws:PrincipalTag/t", |n| format!("v{n}"))),
        (
            "several values of a key",
            patterns("ForAnyValue:StringLike", "aws:CalledVia", |n| format!("*{}*", letter(n))),
        ),
        ("all values of a key", patterns("ForAllValues:StringNotLike", "aws:TagKeys", |n| format!("{}*", letter(n)))),
        (
            "address blocks",
            patterns("NotIpAddress", "aws:SourceIp", |n| format!("10.{}.{}.0/{}", n / 256, n % 256, n % 33)),
        ),
        ("numbers", patterns("NumericNotEquals", "aws:MultiFactorAuthAge", |n| format!("{n}e{}", n % 300))),
        ("dates", patterns("DateNotEquals", "aws:CurrentTime", |n| format!("{}", n as i64 * 9_999_999))),
    ]
}

fn many_keys() -> Vec<Named> {
    vec![
        (
            "a condition for each key",
            of_items(
                &format!(r#"{DENY_ON}"StringNotEquals":{{"#),
                |n| format!(r#""aws:PrincipalTag/{n}":"v""#),
                ",",
                "}}}",
            ),
        ),
        (
            "an absent key for each",
            of_items(&format!(r#"{DENY_ON}"Null":{{"#), |n| format!(r#""aws:RequestTag/{n}":"true""#), ",", "}}}"),
        ),
    ]
}

fn many_statements() -> Vec<Named> {
    let any = r#""*""#;
    vec![
        (
            "statements on different keys",
            of_statements(|n| deny(any, &format!(r#""StringNotEquals":{{"aws:PrincipalTag/{n}":"v"}}"#))),
        ),
        (
            "statements on one key",
            of_statements(|n| {
                deny(any, &format!(r#""StringLike":{{"aws:PrincipalTag/t":"*{}*{}*"}}"#, letter(n), letter(n / 3)))
            }),
        ),
        (
            "statements on the caller",
            of_statements(|n| {
                deny(any, &format!(r#""ArnNotLike":{{"aws:PrincipalArn":"{}"}}"#, role(&format!("*{}*", letter(n)))))
            }),
        ),
        (
            "statements that compare keys",
            of_statements(|n| {
                deny(any, &format!(r#""StringNotEquals":{{"aws:PrincipalTag/{n}":"${{aws:PrincipalTag/{}}}"}}"#, n + 1))
            }),
        ),
        (
            "statements on two keys each",
            of_statements(|n| {
                let (one, other) = (n % 7, n % 5);
                deny(
                    any,
                    &format!(
                        r#""StringLike":{{"aws:PrincipalTag/{one}":"*{}*","aws:RequestTag/{other}":"{}*"}}"#,
                        letter(n),
                        letter(n / 2)
                    ),
                )
            }),
        ),
        (
            "statements without conditions",
            of_statements(|_| r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#.to_owned()),
        ),
        ("four pigeons in three holes", pigeons(3)),
        ("five pigeons in four holes", pigeons(4)),
        ("six pigeons in five holes", pigeons(5)),
    ]
}

fn elements() -> Vec<Named> {
    vec![
        (
            "actions",
            of_items(
                r#"{"Effect":"Deny","NotAction":["#,
                |n| format!(r#""a:*{}*{}*{}""#, letter(n), letter(n / 26), letter(n / 2)),
                ",",
                r#"],"Resource":"*"}"#,
            ),
        ),
        (
            "one long action",
            of_items(
                r#"{"Effect":"Deny","Action":"cloudtrail:"#,
                |n| format!("*{}", letter(n)),
                "",
                r#"","Resource":"*"}"#,
            ),
        ),
        (
            "resources",
            of_items(
                r#"{"Effect":"Deny","Action":"*","NotResource":["#,
                |n| format!(r#""arn:aws:*:*{n}:*:*a*b{n}*""#),
                ",",
                "]}",
            ),
        ),
        (
            "one long resource",
            of_items(
                r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:cloudtrail:*:*:trail/"#,
                |n| format!("*{}?", letter(n)),
                "",
                r#""}"#,
            ),
        ),
        (
            "a resource of variables",
            of_items(
                r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:cloudtrail:*:*:trail/"#,
                |n| format!("*${{aws:PrincipalTag/{n}}}"),
                "",
                r#""}"#,
            ),
        ),
        (
            "a resource of one variable",
            of_items(
                r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:cloudtrail:*:*:trail/"#,
                |_| "*${aws:PrincipalTag/t}".to_owned(),
                "",
                r#""}"#,
            ),
        ),
    ]
}

fn shapes() -> Vec<Named> {
    vec![
        ("brackets", "[".repeat(LIMIT)),
        ("braces", r#"{"a":"#.repeat(LIMIT / 5)),
        (
            "nested lists",
            format!(r#"{{"Version":"2012-10-17","Statement":{}{}}}"#, "[".repeat(5_000), "]".repeat(5_000)),
        ),
        ("one long string", format!(r#"{{"Version":"{}"}}"#, "\\u0041".repeat(1_700))),
        ("spaces", format!("{}{}", " ".repeat(LIMIT - 2), "{}")),
        ("members", of_items("{", |n| format!(r#""k{n}":0"#), ",", "}")),
    ]
}
