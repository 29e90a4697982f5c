//! The grammar of policy documents, which every service checks before it keeps one.

use serde_json::{Map, Value};

use super::{one_or_many, texts};

/// What a document is attached to, and so which elements its statements have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attached {
    /// To a principal, or to a node of the organization: no principal, a resource.
    ToPrincipal,
    /// To a resource that the statements name: a principal and a resource.
    ToResource,
    /// To a key, which the statements may leave out: a principal.
    ToKey,
    /// To a role, which its trust policy must not name: a principal, no resource.
    ToRole,
}

const STATEMENT: &[&str] =
    &["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];
const OPERATORS: &[&str] = &[
    "arnequals",
    "arnlike",
    "arnnotequals",
    "arnnotlike",
    "binaryequals",
    "bool",
    "dateequals",
    "dategreaterthan",
    "dategreaterthanequals",
    "datelessthan",
    "datelessthanequals",
    "datenotequals",
    "ipaddress",
    "notipaddress",
    "null",
    "numericequals",
    "numericgreaterthan",
    "numericgreaterthanequals",
    "numericlessthan",
    "numericlessthanequals",
    "numericnotequals",
    "stringequals",
    "stringequalsignorecase",
    "stringlike",
    "stringnotequals",
    "stringnotequalsignorecase",
    "stringnotlike",
];

/// The statements of a document, or what is wrong with it, as a sentence.
pub fn statements(document: &str, attached: Attached) -> Result<Vec<Value>, String> {
    let document: Value = serde_json::from_str(document).map_err(|_| "Policies must be valid JSON".to_owned())?;
    let document = document.as_object().ok_or("Policies must be a JSON object")?;
    only(document, &["Version", "Id", "Statement"])?;
    let version = document.get("Version").map(Value::as_str);
    if version.is_some_and(|version| !matches!(version, Some("2012-10-17" | "2008-10-17"))) {
        return Err("The policy has an unknown Version".to_owned());
    }
    let statements = one_or_many(document.get("Statement"));
    if statements.is_empty() {
        return Err("Missing required field Statement".to_owned());
    }
    for statement in &statements {
        check(statement.as_object().ok_or("Statement must be an object")?, attached)?;
    }
    Ok(statements.into_iter().cloned().collect())
}

fn only(object: &Map<String, Value>, known: &[&str]) -> Result<(), String> {
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!("Unknown field {key}")),
        None => Ok(()),
    }
}

fn check(statement: &Map<String, Value>, attached: Attached) -> Result<(), String> {
    only(statement, STATEMENT)?;
    if statement.get("Sid").is_some_and(|sid| !sid.is_string()) {
        return Err("Sid must be a text".to_owned());
    }
    if !matches!(statement.get("Effect").and_then(Value::as_str), Some("Allow" | "Deny")) {
        return Err("Missing required field Effect".to_owned());
    }
    let actions = either(statement, "Action", "NotAction")?.ok_or("Missing required field Action")?;
    list(actions, "action", is_action)?;
    match (either(statement, "Principal", "NotPrincipal")?, attached) {
        (Some(_), Attached::ToPrincipal) => return Err("Policy document should not specify a principal.".to_owned()),
        (None, Attached::ToPrincipal) => {}
        (Some(principal), _) => check_principal(principal)?,
        (None, _) => return Err("Missing required field Principal".to_owned()),
    }
    match (either(statement, "Resource", "NotResource")?, attached) {
        (Some(_), Attached::ToRole) => return Err("Has prohibited field Resource".to_owned()),
        (Some(resources), _) => list(resources, "resource", |text| text == "*" || text.starts_with("arn:"))?,
        (None, Attached::ToKey | Attached::ToRole) => {}
        (None, _) => return Err("Missing required field Resource".to_owned()),
    }
    statement.get("Condition").map_or(Ok(()), check_condition)
}

/// One of two elements that exclude each other.
fn either<'a>(statement: &'a Map<String, Value>, name: &str, not: &str) -> Result<Option<&'a Value>, String> {
    match (statement.get(name), statement.get(not)) {
        (Some(_), Some(_)) => Err(format!("{name} and {not} exclude each other")),
        (one, other) => Ok(one.or(other)),
    }
}

/// A text or a list of texts, not empty, each of which fits.
fn list(value: &Value, what: &str, fits: impl Fn(&str) -> bool) -> Result<(), String> {
    let n_wanted = one_or_many(Some(value)).len();
    let n_fitting = texts(Some(value)).filter(|text| fits(text)).count();
    if n_wanted > 0 && n_fitting == n_wanted { Ok(()) } else { Err(format!("Policy has invalid {what}")) }
}

/// `*`, or a service and an action with a colon between.
fn is_action(text: &str) -> bool {
    text == "*"
        || text.split_once(':').is_some_and(|(service, action)| {
            !action.is_empty() && !service.is_empty() && service.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        })
}

fn check_principal(principal: &Value) -> Result<(), String> {
    if principal.as_str() == Some("*") {
        return Ok(());
    }
    let invalid = || "Invalid principal in policy".to_owned();
    let kinds = principal.as_object().filter(|kinds| !kinds.is_empty()).ok_or_else(invalid)?;
    kinds.iter().try_for_each(|(kind, named)| {
        let fits = |text: &str| match kind.as_str() {
            "AWS" => {
                let is_account = text.len() == 12 && text.bytes().all(|digit| digit.is_ascii_digit());
                text == "*"
                    || is_account
                    || text.starts_with("arn:") && (text.contains(":iam::") || text.contains(":sts::"))
            }
            "Service" => text.contains(".amazonaws."),
            "Federated" | "CanonicalUser" => !text.is_empty(),
            _ => false,
        };
        list(named, "principal", fits).map_err(|_| invalid())
    })
}

fn check_condition(condition: &Value) -> Result<(), String> {
    let operators = condition.as_object().ok_or("Condition must be an object")?;
    for (operator, keys) in operators {
        let plain = operator.to_ascii_lowercase();
        let plain = ["forallvalues:", "foranyvalue:"].iter().find_map(|set| plain.strip_prefix(set)).unwrap_or(&plain);
        let plain = plain.strip_suffix("ifexists").unwrap_or(plain);
        if !OPERATORS.contains(&plain) {
            return Err(format!("Invalid condition operator: {operator}"));
        }
        let keys = keys.as_object().ok_or_else(|| format!("Condition {operator} must be an object"))?;
        let is_plain = |value: &Value| !value.is_object() && !value.is_array() && !value.is_null();
        if !keys.values().all(|values| one_or_many(Some(values)).into_iter().all(is_plain)) {
            return Err(format!("Condition {operator} has an invalid value"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn says(member: &str, value: Value, attached: Attached) -> Result<usize, String> {
        let mut statement = json!({ "Effect": "Deny", "Action": "s3:*", "Resource": "*" });
        statement[member] = value;
        let document = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        statements(&document, attached).map(|statements| statements.len())
    }

    #[test]
    fn what_is_not_in_the_grammar_is_refused() {
        for (member, value) in [
            ("Effect", json!("deny")),
            ("Action", json!("foo")),
            ("Action", json!([])),
            ("Action", json!(5)),
            ("NotAction", json!("s3:*")),
            ("Resource", json!("foo")),
            ("Resource", json!([])),
            ("Principal", json!("*")),
            ("Condition", json!("x")),
            ("Condition", json!({ "StringEquals": "x" })),
            ("Condition", json!({ "StringNear": { "aws:userid": "x" } })),
            ("Condition", json!({ "StringEquals": { "aws:userid": { "a": 1 } } })),
            ("Sid", json!(5)),
            ("Extra", json!(1)),
        ] {
            assert!(says(member, value.clone(), Attached::ToPrincipal).is_err(), "{member}: {value}");
        }
        for document in ["[]", "{", "{}", r#"{"Statement":[]}"#, r#"{"Version":"2020-01-01","Statement":{}}"#] {
            assert!(statements(document, Attached::ToPrincipal).is_err(), "{document}");
        }
        let condition =
            json!({ "ForAnyValue:StringLikeIfExists": { "aws:userid": ["x", "y"] }, "Bool": { "a:b": true } });
        assert_eq!(says("Condition", condition, Attached::ToPrincipal), Ok(1));
    }

    #[test]
    fn resource_policies_name_principals_that_can_exist() {
        for principal in
            [json!("*"), json!({ "AWS": ["111122223333", "*"] }), json!({ "Service": "logs.eu-west-1.amazonaws.com" })]
        {
            assert_eq!(says("Principal", principal, Attached::ToResource), Ok(1));
        }
        for principal in
            [json!("me"), json!({ "AWS": "me" }), json!({ "Service": "cloudtrail" }), json!({ "Who": "*" }), json!({})]
        {
            assert!(says("Principal", principal.clone(), Attached::ToResource).is_err(), "{principal}");
        }
        assert!(says("Sid", json!("a"), Attached::ToKey).is_err(), "no principal");
    }
}
