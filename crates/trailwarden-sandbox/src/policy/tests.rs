//! What the evaluator must say to well-known policies.

use super::*;

fn asker() -> Asker {
    Asker::Principal {
        account: "111122223333".parse().expect("valid"),
        arn: "arn:aws:iam::111122223333:role/admin".to_owned(),
        session_arn: "arn:aws:sts::111122223333:assumed-role/admin/me".to_owned(),
    }
}

fn identity(document: &str, action: &str, resource: &str, context: &Context) -> Decision {
    decide(document, Kind::Identity, &Question { asker: &asker(), action, resource, context })
}

#[test]
fn a_deny_wins_and_actions_ignore_case() {
    let document = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":["cloudtrail:stop*"],"Resource":"arn:aws:cloudtrail:*:*:trail/org"}]}"#;
    let context = Context::new();
    let trail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org";
    assert_eq!(identity(document, "cloudtrail:StopLogging", trail, &context), Decision::Denied);
    assert_eq!(
        identity(document, "cloudtrail:StopLogging", &trail.replace("org", "other"), &context),
        Decision::Allowed
    );
}

#[test]
fn a_negated_operator_holds_without_its_key_and_a_positive_one_does_not() {
    let deny = |operator: &str| {
        format!(
            r#"{{"Statement":{{"Effect":"Deny","Action":"*","Resource":"*",
            "Condition":{{"{operator}":{{"aws:PrincipalArn":"arn:aws:iam::*:role/breakglass"}}}}}}}}"#
        )
    };
    let none = Context::new();
    let exempt = Context::new().with("aws:PrincipalARN", "arn:aws:iam::111122223333:role/breakglass");
    assert_eq!(identity(&deny("ArnNotLike"), "s3:GetObject", "*", &none), Decision::Denied);
    assert_eq!(identity(&deny("ArnNotLike"), "s3:GetObject", "*", &exempt), Decision::Silent);
    assert_eq!(identity(&deny("ArnLike"), "s3:GetObject", "*", &none), Decision::Silent);
    assert_eq!(
        identity(&deny("StringNotEquals"), "s3:GetObject", "*", &exempt),
        Decision::Denied,
        "the star is literal"
    );
    assert_eq!(identity(&deny("NoSuchOperator"), "s3:GetObject", "*", &exempt), Decision::Silent);
}

#[test]
fn a_resource_policy_tells_the_account_from_the_principal_and_the_service() {
    let document = |principal: &str| {
        format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"s3:PutObject","Resource":"*",
            "Condition":{{"StringEquals":{{"aws:SourceArn":["a","b"]}}}}}}]}}"#
        )
    };
    let context = Context::new().with("aws:SourceArn", "b");
    let ask = |principal: &str, asker: &Asker| {
        decide(
            &document(principal),
            Kind::Resource,
            &Question { asker, action: "s3:PutObject", resource: "arn:aws:s3:::b/k", context: &context },
        )
    };
    let service = Asker::Service("cloudtrail.amazonaws.com".to_owned());
    assert_eq!(ask(r#"{"Service":"cloudtrail.amazonaws.com"}"#, &service), Decision::Allowed);
    assert_eq!(ask(r#"{"Service":"config.amazonaws.com"}"#, &service), Decision::Silent);
    assert_eq!(ask(r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, &service), Decision::Silent);
    assert_eq!(ask(r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, &asker()), Decision::AllowedToAccount);
    assert_eq!(ask(r#"{"AWS":"arn:aws:iam::111122223333:role/admin"}"#, &asker()), Decision::Allowed);
    assert_eq!(ask(r#""*""#, &asker()), Decision::Allowed);
}

#[test]
fn variables_without_a_value_match_no_resource() {
    let document =
        r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:PrincipalAccount}-logs"}}"#;
    let context = Context::new().with("aws:PrincipalAccount", "111122223333");
    assert_eq!(identity(document, "s3:GetObject", "arn:aws:s3:::111122223333-logs", &context), Decision::Allowed);
    assert_eq!(identity(document, "s3:GetObject", "arn:aws:s3:::111122223333-logs", &Context::new()), Decision::Silent);
}

#[test]
fn wildcards_cross_slashes_and_colons() {
    assert!(matches("arn:aws:s3:::*/AWSLogs/*", "arn:aws:s3:::b/p/AWSLogs/x"));
    assert!(matches("a?c*", "abc"));
    assert!(!matches("a?c", "ac"));
    assert!(matches("**", ""));
}

#[test]
fn null_and_sets_follow_the_documented_edges() {
    let allow = |condition: &str| {
        format!(r#"{{"Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}}}"#)
    };
    let none = Context::new();
    let holds =
        |condition: &str, context: &Context| identity(&allow(condition), "a:b", "*", context) == Decision::Allowed;
    assert!(holds(r#"{"ForAllValues:StringEquals":{"k":"v"}}"#, &none));
    assert!(!holds(r#"{"ForAnyValue:StringNotEquals":{"k":"v"}}"#, &none));
    assert!(holds(r#"{"Null":{"k":"true"}}"#, &none));
    assert!(holds(r#"{"StringEqualsIfExists":{"k":"v"}}"#, &none));
    assert!(holds(r#"{"Bool":{"aws:SecureTransport":false}}"#, &Context::new().with("aws:securetransport", "false")));
    assert!(holds(r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#, &Context::new().with("aws:SourceIp", "10.9.8.7")));
}
