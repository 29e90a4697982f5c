//! Every rule of the language as a row: an element of a statement, a request, and whether the one speaks of the other.
//! Source: IAM user guide (action, resource, condition, condition operators, single-valued and multivalued context keys, policy
//! variables) and the Service Authorization Reference.

#[cfg(test)]
mod language {
    use serde_json::{Value, json};
    use trailwarden_policy::{
        Context, Document, Kind, Principal, Request, Values, Verdict, evaluate_identity_policies,
    };

    const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";

    fn context(entries: &Value) -> Context {
        let mut context = Context::new();
        for (key, value) in entries.as_object().expect("keys") {
            match value {
                Value::Array(many) => {
                    let texts = many.iter().map(|one| one.as_str().expect("a text").to_owned());
                    context.set(key, Values::Many(texts.collect()));
                }
                one => context.set(key, one.as_str().expect("a text")),
            }
        }
        context
    }

    /// `yes`, `no`, or `?` where no document settles it.
    fn speaks(statement: &Value, action: &str, resource: &str, keys: &Value) -> &'static str {
        let text = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
        let document = match Document::parse(Kind::Identity, &text) {
            Ok(document) => document,
            Err(malformed) => panic!("{text}: {malformed}"),
        };
        let request = Request {
            principal: Principal::Aws("arn:aws:iam::111122223333:role/Developer".to_owned()),
            action: action.to_owned(),
            resource: resource.to_owned(),
            context: context(keys),
        };
        match evaluate_identity_policies(&[document], &request) {
            Verdict::Allowed(_) => "yes",
            Verdict::ImplicitDeny => "no",
            Verdict::Undecided(_) => "?",
            Verdict::ExplicitDeny(place) => panic!("{text}: denied by {place}"),
        }
    }

    #[test]
    fn actions() {
        let rows = [
            ("Action", json!("cloudtrail:StopLogging"), "yes"),
            ("Action", json!("CLOUDTRAIL:stoplogging"), "yes"),
            ("Action", json!("cloudtrail:Stop*"), "yes"),
            ("Action", json!("cloudtrail:*Logging"), "yes"),
            ("Action", json!("cloudtrail:Stop?ogging"), "yes"),
            ("Action", json!("cloudtrail:Stop?Logging"), "no"),
            ("Action", json!("cloudtrail:Stop"), "no"),
            ("Action", json!("*"), "yes"),
            ("Action", json!("*:*"), "?"),
            ("NotAction", json!("*:*"), "?"),
            ("Action", json!(["*:*", "cloudtrail:*"]), "yes"),
            ("Action", json!(["s3:*", "cloudtrail:*"]), "yes"),
            ("Action", json!(["s3:*", "cloudtrail-data:*"]), "no"),
            ("NotAction", json!(["s3:*", "cloudtrail:*"]), "no"),
            ("NotAction", json!(["s3:*", "iam:*"]), "yes"),
            ("NotAction", json!("*"), "no"),
        ];
        for (element, patterns, expected) in rows {
            let statement = json!({ "Effect": "Allow", element: patterns, "Resource": "*" });
            for action in ["cloudtrail:StopLogging", "CloudTrail:stoplogging"] {
                assert_eq!(speaks(&statement, action, TRAIL, &json!({})), expected, "{statement} of {action}");
            }
        }
    }

    #[test]
    fn resources() {
        let group = "arn:aws:logs:eu-west-1:111122223333:log-group:trail:log-stream:";
        let object = "arn:aws:s3:::logs/AWSLogs/x";
        let rows = [
            (json!("*"), TRAIL, "yes"),
            (json!("*"), "*", "yes"),
            (json!("arn:aws:cloudtrail:*:*:*"), "*", "no"),
            (json!("arn:aws:cloudtrail:*:111122223333:trail/*"), TRAIL, "yes"),
            (json!("arn:aws:cloudtrail:*:*:trail/m??n"), TRAIL, "yes"),
            (json!("arn:*:cloudtrail:eu-*:1111*:trail/main"), TRAIL, "yes"),
            (json!("arn:aws:cloudtrail:eu-west-1:111122223333:trail/Main"), TRAIL, "no"),
            (json!("arn:aws:cloudtrail:::trail/*"), TRAIL, "no"),
            (json!("arn:aws-cn:cloudtrail:*:*:trail/*"), TRAIL, "no"),
            (json!("arn:aws:cloudtrail:us-east-1:*:trail/*"), TRAIL, "no"),
            (json!("arn:aws:cloudtrail:*:999988887777:trail/*"), TRAIL, "no"),
            (json!("arn:aws:cloudtrail:*:*:trail"), TRAIL, "no"),
            (json!("arn:aws:cloudtrail:*"), TRAIL, "yes"),
            (json!("arn:aws:s3:::logs"), object, "no"),
            (json!("arn:aws:s3:::logs/*"), object, "yes"),
            (json!("arn:aws:s3:::logs*"), object, "yes"),
            (json!("arn:aws:s3:::*/x"), object, "yes"),
            (json!("arn:aws:s3:::logs/?/x"), object, "no"),
            (json!("arn:aws:s3:::LOGS/*"), object, "no"),
            (json!(["arn:aws:s3:::other", "arn:aws:s3:::logs/AWSLogs/*"]), object, "yes"),
            (json!("arn:aws:logs:*:*:log-group:trail"), group, "no"),
            (json!("arn:aws:logs:*:*:log-group:trail:*"), group, "yes"),
            (json!("arn:aws:logs:*:log-group:trail:*"), group, "yes"),
        ];
        for (patterns, resource, expected) in rows {
            let mut statement = json!({ "Effect": "Allow", "Action": "*", "Resource": patterns });
            assert_eq!(speaks(&statement, "a:B", resource, &json!({})), expected, "{patterns} of {resource}");
            // NotResource is the very opposite.
            statement = json!({ "Effect": "Allow", "Action": "*", "NotResource": patterns });
            let opposite = if expected == "yes" { "no" } else { "yes" };
            assert_eq!(speaks(&statement, "a:B", resource, &json!({})), opposite, "not {patterns} of {resource}");
        }
    }

    #[test]
    fn variables_in_resources() {
        let rows = [
            ("trail/${aws:PrincipalTag/team}", json!({"aws:PrincipalTag/team": "main"}), "yes"),
            ("trail/${AWS:principaltag/TEAM}", json!({"aws:PrincipalTag/team": "main"}), "yes"),
            ("trail/${aws:PrincipalTag/team}*", json!({"aws:PrincipalTag/team": "ma"}), "yes"),
            ("trail/${aws:PrincipalTag/team}", json!({"aws:PrincipalTag/team": "m*"}), "no"),
            ("trail/${aws:PrincipalTag/team}", json!({}), "no"),
            ("trail/${aws:PrincipalTag/team, 'main'}", json!({}), "yes"),
            ("trail/${aws:PrincipalTag/team, 'main'}", json!({"aws:PrincipalTag/team": "other"}), "no"),
            ("trail/${aws:PrincipalTag/team, 'ma*'}", json!({}), "no"),
            ("trail/m${*}", json!({}), "no"),
            ("trail/${aws:TagKeys}", json!({"aws:TagKeys": ["main"]}), "?"),
            ("trail/${aws:PrincipalTag/team,'main'}", json!({}), "?"),
            ("trail/${aws:username", json!({}), "?"),
        ];
        for (name, keys, expected) in rows {
            let resource = format!("arn:aws:cloudtrail:*:*:{name}");
            let statement = json!({ "Effect": "Allow", "Action": "*", "Resource": resource });
            assert_eq!(speaks(&statement, "a:B", TRAIL, &keys), expected, "{name} with {keys}");
        }
    }

    /// Under each operator: what the policy wants, what the request has (null for nothing), whether it holds.
    fn holds(rows: &[(&str, Value, Value, &str)]) {
        for (operator, wanted, has, expected) in rows {
            let statement = json!({
                "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator.to_owned(): {"aws:Key": wanted}},
            });
            let keys = if has.is_null() { json!({}) } else { json!({ "AWS:KEY": has }) };
            assert_eq!(speaks(&statement, "a:B", TRAIL, &keys), *expected, "{operator} {wanted} of {has}");
        }
    }

    #[test]
    fn texts() {
        holds(&[
            ("StringEquals", json!("red"), json!("red"), "yes"),
            ("StringEquals", json!("red"), json!("Red"), "no"),
            ("StringEquals", json!(["red", "blue"]), json!("blue"), "yes"),
            ("StringEquals", json!("r*"), json!("red"), "no"),
            ("StringEquals", json!("r*"), json!("r*"), "yes"),
            ("StringEquals", json!(""), json!(""), "yes"),
            ("StringNotEquals", json!("red"), json!("blue"), "yes"),
            ("StringNotEquals", json!(["red", "blue"]), json!("blue"), "no"),
            ("StringEqualsIgnoreCase", json!("RED"), json!("red"), "yes"),
            ("StringNotEqualsIgnoreCase", json!("RED"), json!("red"), "no"),
            ("StringLike", json!("r*"), json!("red"), "yes"),
            ("StringLike", json!("r?"), json!("red"), "no"),
            ("StringLike", json!("R*"), json!("red"), "no"),
            ("StringLike", json!("*"), json!(""), "yes"),
            ("StringLike", json!("arn:*role*"), json!("arn:aws:iam::1:role/x"), "yes"),
            ("StringNotLike", json!("r*"), json!("red"), "no"),
            ("StringNotLike", json!(["b*", "g*"]), json!("red"), "yes"),
            ("StringEquals", json!(7), json!("7"), "yes"),
            ("StringEquals", json!(true), json!("true"), "yes"),
            ("BinaryEquals", json!("QmFzZTY0"), json!("QmFzZTY0"), "yes"),
            ("BinaryEquals", json!("QmFzZTY0"), json!("qmfzzty0"), "no"),
        ]);
    }

    #[test]
    fn arns() {
        let role = json!("arn:aws:iam::111122223333:role/team/Admin");
        holds(&[
            ("ArnEquals", json!("arn:aws:iam::*:role/*"), role.clone(), "yes"),
            ("ArnLike", json!("arn:aws:iam::*:role/*/Admin"), role.clone(), "yes"),
            ("ArnLike", json!("arn:aws:iam::*:role/Admin"), role.clone(), "no"),
            ("ArnLike", json!("arn:aws:iam::*:role/team/admin"), role.clone(), "no"),
            ("ArnLike", json!("arn:aws:iam:*:*:role/*"), role.clone(), "yes"),
            ("ArnLike", json!("arn:aws:iam:?*:*:role/*"), role.clone(), "no"),
            ("ArnNotLike", json!("arn:*:iam::*:role/team/*"), role.clone(), "no"),
            ("ArnNotEquals", json!("arn:aws:iam::*:role/A*"), role.clone(), "yes"),
            ("ArnLike", json!("arn:aws:iam::*"), role.clone(), "?"),
            ("ArnLike", json!("arn:aws:sts::*"), role.clone(), "no"),
            ("StringEquals", json!("arn:aws:iam::*:role/team/Admin"), role.clone(), "no"),
            ("StringLike", json!("arn:aws:iam::*:role/team/Admin"), role, "yes"),
            ("ArnLike", json!("arn:aws:s3:::logs/*"), json!("arn:aws:s3:::logs/a:b/c"), "yes"),
            ("ArnNotLike", json!("arn:aws:iam::*:role/*"), json!("no ARN"), "yes"),
        ]);
    }

    #[test]
    fn numbers_dates_booleans_and_addresses() {
        holds(&[
            ("NumericEquals", json!("7"), json!("7.0"), "yes"),
            ("NumericNotEquals", json!([7, 8]), json!("8"), "no"),
            ("NumericLessThan", json!("30"), json!("30"), "no"),
            ("NumericLessThanEquals", json!("30"), json!("30"), "yes"),
            ("NumericGreaterThan", json!("30"), json!("31"), "yes"),
            ("NumericGreaterThanEquals", json!("30"), json!("-31"), "no"),
            ("NumericLessThan", json!("30"), json!("many"), "?"),
            ("DateLessThan", json!("2026-11-20T00:00:00Z"), json!("2026-11-19T23:00:00-01:00"), "no"),
            ("DateLessThanEquals", json!("2026-11-20T00:00:00Z"), json!("2026-11-19T23:00:00-01:00"), "yes"),
            ("DateGreaterThan", json!("1795132800"), json!("2026-11-20T00:00:01Z"), "yes"),
            ("DateGreaterThanEquals", json!("2026-11-20"), json!("2026-11-20T00:00:00Z"), "yes"),
            ("DateEquals", json!("2026-11-20T00:00:00Z"), json!("1795132800"), "yes"),
            ("DateNotEquals", json!("2026-11-20T00:00:00Z"), json!("1795132801"), "yes"),
            ("Bool", json!("true"), json!("True"), "yes"),
            ("Bool", json!(false), json!("true"), "no"),
            ("Bool", json!("true"), json!("AES256"), "no"),
            ("Bool", json!("AES256"), json!("AES256"), "no"),
            ("IpAddress", json!(["10.0.0.0/8", "192.0.2.7"]), json!("192.0.2.7"), "yes"),
            ("IpAddress", json!("192.0.2.0/24"), json!("192.0.3.1"), "no"),
            ("NotIpAddress", json!("192.0.2.0/24"), json!("192.0.3.1"), "yes"),
            ("IpAddress", json!("2001:db8::/32"), json!("2001:db8::1"), "yes"),
            ("NotIpAddress", json!("2001:db8::/32"), json!("192.0.2.1"), "yes"),
            ("IpAddress", json!("192.0.2.0/99"), json!("192.0.2.1"), "?"),
        ]);
    }

    #[test]
    fn absent_keys() {
        let positive = [
            "StringEquals",
            "StringEqualsIgnoreCase",
            "StringLike",
            "ArnEquals",
            "ArnLike",
            "NumericEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
            "DateEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
            "Bool",
            "BinaryEquals",
            "IpAddress",
        ];
        let negated = [
            "StringNotEquals",
            "StringNotEqualsIgnoreCase",
            "StringNotLike",
            "ArnNotEquals",
            "ArnNotLike",
            "NumericNotEquals",
            "DateNotEquals",
            "NotIpAddress",
        ];
        for (operators, expected) in [(positive.as_slice(), "no"), (negated.as_slice(), "yes")] {
            for operator in operators {
                let wanted = json!("1");
                let row = |name: String, expected: &'static str| {
                    for has in [Value::Null, json!([])] {
                        holds(&[(name.as_str(), wanted.clone(), has, expected)]);
                    }
                };
                row((*operator).to_owned(), expected);
                row(format!("{operator}IfExists"), "yes");
                row(format!("ForAllValues:{operator}"), "yes");
                row(format!("ForAllValues:{operator}IfExists"), "yes");
                row(format!("ForAnyValue:{operator}"), "no");
                row(format!("ForAnyValue:{operator}IfExists"), "?");
            }
        }
        holds(&[
            ("Null", json!("true"), Value::Null, "yes"),
            ("Null", json!("true"), json!([]), "yes"),
            ("Null", json!("true"), json!("x"), "no"),
            ("Null", json!(false), json!("x"), "yes"),
            ("Null", json!("FALSE"), Value::Null, "no"),
            ("Null", json!(["true", "false"]), json!("x"), "yes"),
            ("Null", json!("maybe"), json!("x"), "?"),
            ("StringEqualsIfExists", json!("a"), json!("b"), "no"),
            ("StringNotEqualsIfExists", json!("a"), json!("a"), "no"),
            ("BoolIfExists", json!("false"), json!("true"), "no"),
        ]);
    }

    #[test]
    fn keys_of_several_values() {
        holds(&[
            ("ForAllValues:StringEquals", json!(["a", "b"]), json!(["a", "b"]), "yes"),
            ("ForAllValues:StringEquals", json!(["a", "b"]), json!(["a", "c"]), "no"),
            ("ForAllValues:StringLike", json!("a*"), json!("ab"), "yes"),
            ("ForAllValues:StringNotEquals", json!("a"), json!(["b", "c"]), "yes"),
            ("ForAllValues:StringNotEquals", json!("a"), json!(["a", "c"]), "no"),
            ("ForAnyValue:StringEquals", json!(["a", "b"]), json!(["c", "b"]), "yes"),
            ("ForAnyValue:StringEquals", json!("a"), json!(["b", "c"]), "no"),
            ("ForAnyValue:StringEquals", json!("a"), json!("a"), "yes"),
            ("ForAnyValue:StringNotEquals", json!("a"), json!(["a", "c"]), "yes"),
            ("ForAnyValue:StringNotEquals", json!("a"), json!(["a", "a"]), "no"),
            ("ForAnyValue:ArnLike", json!("arn:aws:iam::*:role/*"), json!(["x", "arn:aws:iam::1:role/y"]), "yes"),
            ("ForAnyValue:StringEqualsIfExists", json!("a"), json!(["b"]), "no"),
            ("StringEquals", json!("a"), json!(["b", "c"]), "no"),
            ("StringEquals", json!("a"), json!(["a"]), "?"),
            ("StringNotEquals", json!("a"), json!(["b"]), "?"),
        ]);
    }

    #[test]
    fn variables_in_conditions() {
        let condition = |operator: &str, wanted: &str, keys: Value| {
            let statement = json!({
                "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {"aws:ResourceTag/team": wanted}},
            });
            speaks(&statement, "a:B", TRAIL, &keys)
        };
        let both = json!({"aws:ResourceTag/team": "red", "aws:PrincipalTag/team": "red"});
        let other = json!({"aws:ResourceTag/team": "red", "aws:PrincipalTag/team": "blue"});
        let none = json!({"aws:ResourceTag/team": "red"});
        let own = "${aws:PrincipalTag/team}";
        assert_eq!(condition("StringEquals", own, both.clone()), "yes");
        assert_eq!(condition("StringEquals", own, other.clone()), "no");
        assert_eq!(condition("StringNotEquals", own, other), "yes");
        assert_eq!(condition("StringEquals", own, none.clone()), "no", "nothing equals a variable without a value");
        assert_eq!(condition("StringNotEquals", own, none.clone()), "yes");
        assert_eq!(condition("StringLike", "${aws:PrincipalTag/team, 'red'}", none.clone()), "yes");
        assert_eq!(
            condition("StringLike", "${aws:PrincipalTag/team, 'r*'}", none.clone()),
            "no",
            "a value has no wildcard"
        );
        assert_eq!(condition("StringLike", "${Team}", none), "no");
        assert_eq!(condition("StringEquals", own, json!({"aws:PrincipalTag/team": "red"})), "no");
        assert_eq!(condition("StringEquals", "r${*}d", json!({"aws:ResourceTag/team": "r*d"})), "yes");
        assert_eq!(condition("StringLike", "r${*}d", json!({"aws:ResourceTag/team": "rxd"})), "no");
    }

    #[test]
    fn conditions_are_joined_by_and() {
        let condition = |block: Value, keys: Value| {
            let statement = json!({ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": block });
            speaks(&statement, "a:B", TRAIL, &keys)
        };
        let two_keys = json!({"StringEquals": {"aws:a": "1", "aws:b": "2"}});
        assert_eq!(condition(two_keys.clone(), json!({"aws:a": "1", "aws:b": "2"})), "yes");
        assert_eq!(condition(two_keys, json!({"aws:a": "1"})), "no");
        let two_operators = json!({"StringEquals": {"aws:a": "1"}, "StringNotEquals": {"aws:a": "2"}});
        assert_eq!(condition(two_operators, json!({"aws:a": "1"})), "yes");
        assert_eq!(condition(json!({}), json!({})), "yes");
        let settled = json!({"NumericEquals": {"aws:a": "many"}, "StringEquals": {"aws:b": "2"}});
        assert_eq!(condition(settled, json!({"aws:a": "1"})), "no", "one condition fails for certain");
    }
}
