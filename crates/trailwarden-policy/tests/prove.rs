//! Who can still blind a trail: ways past an SCP that a reader of policies has seen, and ways that are really closed.

#[cfg(test)]
mod prove {
    mod callers;
    mod exempt;
    mod explosion;
    mod facts;
    mod properties;
    mod several_values;
    mod shared;
    mod typed;
    mod variables;

    use std::sync::Arc;

    use trailwarden_policy::{
        Answer, AttachedPolicy, Call, Chain, ChainNode, Counterexample, Document, Kind, LEAVE_ORGANIZATION, Missing,
        Pattern, Question, Unbound, Values, prove,
    };

    const ACCOUNT: &str = "111122223333";
    const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";
    const ORG_TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:999988887777:trail/org";
    const FULL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

    fn policy(id: &str, statements: &str) -> Arc<AttachedPolicy> {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let document = Document::parse(Kind::ServiceControl, &text);
        Arc::new(AttachedPolicy { id: id.to_owned(), name: id.to_owned(), document })
    }

    fn node(id: &str, policies: Vec<Arc<AttachedPolicy>>) -> Arc<ChainNode> {
        Arc::new(ChainNode { id: id.to_owned(), kind: Kind::ServiceControl, policies, gaps: Vec::new() })
    }

    /// Root, OU and account; everything is allowed everywhere, and the statement is attached to the OU.
    fn chain(statement: &str) -> Chain {
        let full = || policy("p-FullAWSAccess", FULL);
        Chain {
            account: ACCOUNT.to_owned(),
            organization: Some("o-a1b2c3d4e5".to_owned()),
            unbound: None,
            nodes: vec![
                node("r-ab12", vec![full()]),
                node("ou-ab12-guarded", vec![full(), policy("p-guard", statement)]),
                node(ACCOUNT, vec![full()]),
            ],
        }
    }

    fn call(action: &str, resource: &str) -> Call {
        Call { action: action.to_owned(), resource: resource.to_owned() }
    }

    fn calls() -> Vec<Call> {
        let calls = [
            ("cloudtrail:StopLogging", TRAIL),
            ("cloudtrail:StopLogging", ORG_TRAIL),
            ("cloudtrail:DeleteTrail", TRAIL),
            (LEAVE_ORGANIZATION, "*"),
            ("cloudtrail:UpdateTrail", ORG_TRAIL),
        ];
        calls.map(|(action, resource)| call(action, resource)).into()
    }

    fn ask(chain: &Chain, action: &str, resource: &str, exceptions: &[&str]) -> Answer {
        let calls = [call(action, resource)];
        let exceptions: Vec<String> = exceptions.iter().map(|text| (*text).to_owned()).collect();
        prove(&Question { chain, partition: "aws", calls: &calls, exceptions: &exceptions }).remove(0)
    }

    fn stop(statement: &str, exceptions: &[&str]) -> Answer {
        ask(&chain(statement), "cloudtrail:StopLogging", TRAIL, exceptions)
    }

    fn opened(answer: Answer) -> Counterexample {
        match answer {
            Answer::Open(found) => found,
            other => panic!("expected a counterexample, got {other:?}"),
        }
    }

    #[track_caller]
    fn assert_denied(answer: &Answer) {
        assert!(answer.is_denied(), "{answer:?}");
    }

    fn one(counterexample: &Counterexample, key: &str) -> Option<String> {
        counterexample.request.context.get(key).map(|values| match values {
            Values::One(value) => value.clone(),
            Values::Many(values) => values.join(","),
        })
    }

    fn deny(more: &str) -> String {
        format!(r#"{{"Effect":"Deny","Action":"cloudtrail:StopLogging","Resource":"*"{more}}}"#)
    }

    fn deny_unless(operator: &str, key: &str, value: &str) -> String {
        deny(&format!(r#","Condition":{{"{operator}":{{"{key}":{value}}}}}"#))
    }

    #[test]
    fn a_plain_deny_closes_the_call() {
        assert_denied(&stop(&deny(""), &[]));
        assert_denied(&stop(
            r#"{"Effect":"Deny","Action":"cloudtrail:Stop*","Resource":"arn:aws:cloudtrail:*:*:trail/*"}"#,
            &[],
        ));
    }

    #[test]
    fn nothing_denies_an_action_that_no_statement_names() {
        let found = opened(ask(&chain(&deny("")), "cloudtrail:UpdateTrail", TRAIL, &[]));
        assert_eq!(found.request.principal.to_string(), "arn:aws:iam::111122223333:role/Developer");
        assert_eq!(found.close_at.as_deref(), Some("r-ab12"));
        assert!(found.missed_by.is_empty());
    }

    #[test]
    fn a_deny_in_one_region_leaves_the_others_open() {
        let elsewhere =
            r#"{"Effect":"Deny","Action":"cloudtrail:*","Resource":"arn:aws:cloudtrail:us-east-1:*:trail/*"}"#;
        let found = opened(stop(elsewhere, &[]));
        assert_eq!(found.missed_by[0].because, Missing::Resource);
        assert!(!stop(&deny_unless("StringEquals", "aws:RequestedRegion", r#""us-east-1""#), &[]).is_denied());
        assert_denied(&stop(&deny_unless("StringEquals", "aws:RequestedRegion", r#""eu-west-1""#), &[]));
    }

    #[test]
    fn a_deny_on_the_members_arns_misses_the_organization_trail() {
        let own = r#"{"Effect":"Deny","Action":"cloudtrail:*","Resource":"arn:aws:cloudtrail:*:111122223333:trail/*"}"#;
        assert_denied(&stop(own, &[]));
        opened(ask(&chain(own), "cloudtrail:StopLogging", ORG_TRAIL, &[]));
    }

    #[test]
    fn calls_asked_together_are_told_apart_by_what_a_statement_reads() {
        let calls = [TRAIL, ORG_TRAIL].map(|resource| call("cloudtrail:StopLogging", resource));
        let opened_by = |statement: &str| {
            let chain = chain(statement);
            let question = Question { chain: &chain, partition: "aws", calls: &calls, exceptions: &[] };
            prove(&question).into_iter().filter(|answer| !answer.is_denied()).map(opened).next().expect("open").request
        };
        let of_member = r#","Condition":{"StringEquals":{"aws:ResourceAccount":"111122223333"},"ArnLike":{"aws:PrincipalArn":"arn:*:*::*:*"}}"#;
        assert_eq!(opened_by(&deny(of_member)).resource, ORG_TRAIL);
        let own = deny(r#","Condition":{"StringEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}}"#);
        let open = opened_by(&own);
        assert_eq!(open.resource, ORG_TRAIL);
        assert_eq!(open.context.get("aws:ResourceAccount"), Some(&Values::from("999988887777")));
    }

    #[test]
    fn each_call_keeps_the_facts_of_its_own_resource() {
        let unguarded = chain(FULL);
        let question = Question { chain: &unguarded, partition: "aws", calls: &calls(), exceptions: &[] };
        let found: Vec<Counterexample> = prove(&question).into_iter().map(opened).collect();
        let owners: Vec<_> = found.iter().map(|found| one(found, "aws:ResourceAccount")).collect();
        let owners: Vec<_> = owners.iter().map(Option::as_deref).collect();
        let (own, shared) = (Some(ACCOUNT), Some("999988887777"));
        assert_eq!(owners, [own, shared, own, None, shared]);
    }

    #[test]
    fn multi_factor_lets_through_who_has_it() {
        let found = opened(stop(&deny_unless("BoolIfExists", "aws:MultiFactorAuthPresent", r#""false""#), &[]));
        assert_eq!(one(&found, "aws:MultiFactorAuthPresent").as_deref(), Some("true"));
        let found = opened(stop(&deny_unless("Bool", "aws:MultiFactorAuthPresent", r#""false""#), &[]));
        assert_eq!(one(&found, "aws:MultiFactorAuthPresent"), None);
    }

    #[test]
    fn a_tag_lets_through_who_wears_it() {
        let found = opened(stop(&deny_unless("StringNotEquals", "aws:PrincipalTag/team", r#""security""#), &[]));
        assert_eq!(one(&found, "aws:principaltag/TEAM").as_deref(), Some("security"));
        assert!(found.missed_by[0].to_string().contains("StringNotEquals on aws:PrincipalTag/team"));
    }

    #[test]
    fn a_literal_star_exempts_nobody_and_catches_nobody() {
        let pattern = r#""arn:aws:iam::*:role/Security""#;
        assert_denied(&stop(&deny_unless("StringNotEquals", "aws:PrincipalArn", pattern), &[]));
        opened(stop(&deny_unless("StringEquals", "aws:PrincipalArn", pattern), &[]));
    }

    #[test]
    fn an_exemption_pattern_is_shown_with_a_role_that_fits_it() {
        let statement = deny_unless("ArnNotLike", "aws:PrincipalArn", r#""arn:aws:iam::*:role/*Admin*""#);
        let found = opened(stop(&statement, &[]));
        assert!(Pattern::parse("arn:aws:iam::111122223333:role/*Admin*").matches(&found.request.principal.to_string()));
        assert_eq!(found.request.principal.arn().map(str::to_owned), one(&found, "aws:PrincipalArn"));
        assert_denied(&stop(&statement, &["arn:aws:iam::*:role/*Admin*"]));
        let found = opened(stop(&statement, &["arn:aws:iam::*:role/Admin*"]));
        assert!(!found.request.principal.to_string().contains("role/Admin"), "{found:?}");
    }

    #[test]
    fn a_fact_that_aws_sets_is_no_way_out() {
        assert_denied(&stop(&deny_unless("StringEquals", "aws:ResourceOrgID", r#""${aws:PrincipalOrgID}""#), &[]));
        assert_denied(&stop(&deny_unless("StringNotEqualsIfExists", "aws:SourceAccount", r#""999988887777""#), &[]));
        assert_denied(&stop(&deny_unless("StringEquals", "aws:PrincipalAccount", r#""111122223333""#), &[]));
        let root_only = deny_unless("Null", "aws:AssumedRoot", r#""true""#);
        assert!(opened(stop(&root_only, &[])).request.principal.to_string().ends_with(":root"));
    }

    #[test]
    fn the_root_user_is_a_principal_too() {
        let found = opened(stop(
            &deny_unless(
                "ArnLike",
                "aws:PrincipalArn",
                r#"["arn:aws:iam::*:role/*","arn:aws:iam::*:user/*","arn:aws:sts::*:federated-user/*"]"#,
            ),
            &[],
        ));
        assert_eq!(found.request.principal.to_string(), "arn:aws:iam::111122223333:root");
    }

    #[test]
    fn two_denies_with_exemptions_of_their_own_close_each_other() {
        let statements = format!(
            "{},{}",
            deny_unless("ArnNotLike", "aws:PrincipalArn", r#""arn:aws:iam::*:role/A""#),
            deny_unless("ArnNotLike", "aws:PrincipalArn", r#""arn:aws:iam::*:role/B""#)
        );
        assert_denied(&stop(&statements, &[]));
    }

    #[test]
    fn what_not_action_and_not_resource_name_is_spared() {
        opened(stop(r#"{"Effect":"Deny","NotAction":"cloudtrail:*","Resource":"*"}"#, &[]));
        opened(stop(r#"{"Effect":"Deny","Action":"*","NotResource":"arn:aws:cloudtrail:*:*:trail/main"}"#, &[]));
        assert_denied(&stop(r#"{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}"#, &[]));
    }

    #[test]
    fn an_allow_list_denies_what_it_does_not_name() {
        let mut listed = chain(&deny(""));
        listed.nodes[1] = node(
            "ou-ab12-listed",
            vec![policy("p-list", r#"{"Effect":"Allow","Action":["ec2:*","cloudtrail:Put*"],"Resource":"*"}"#)],
        );
        assert_denied(&ask(&listed, "cloudtrail:StopLogging", TRAIL, &[]));
        opened(ask(&listed, "cloudtrail:PutEventSelectors", TRAIL, &[]));
        assert_denied(&ask(&listed, LEAVE_ORGANIZATION, "*", &[]));
    }

    #[test]
    fn leaving_is_authorized_on_no_resource() {
        let named = r#"{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"arn:aws:organizations::*:account/*"}"#;
        opened(ask(&chain(named), LEAVE_ORGANIZATION, "*", &[]));
    }

    #[test]
    fn a_variable_without_a_value_opens_the_call() {
        let found = opened(stop(
            r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:cloudtrail:*:*:trail/${aws:PrincipalTag/team}"}"#,
            &[],
        ));
        assert_eq!(one(&found, "aws:PrincipalTag/team"), None);
        let own =
            r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:cloudtrail:*:*:${aws:PrincipalTag/kind, 'trail'}/*"}"#;
        assert!(matches!(stop(own, &[]), Answer::Open(_)), "the variable may have another value");
        let early =
            r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:cloudtrail:*:${aws:PrincipalAccount}:trail/*"}"#;
        assert!(matches!(stop(early, &[]), Answer::Undecided(_)), "AWS fills in no variable before the fifth colon");
        let spared =
            r#"{"Effect":"Deny","Action":"*","NotResource":"arn:aws:cloudtrail:*:*:trail/${aws:PrincipalTag/team}"}"#;
        assert_eq!(one(&opened(stop(spared, &[])), "aws:PrincipalTag/team").as_deref(), Some("main"));
    }

    #[test]
    fn what_cannot_be_told_is_neither_open_nor_denied() {
        let mut unread = chain(&deny_unless("Bool", "aws:MultiFactorAuthPresent", r#""false""#));
        unread.nodes[0] =
            Arc::new(ChainNode { gaps: vec!["p-x was not read".to_owned()], ..ChainNode::clone(&unread.nodes[0]) });
        assert!(matches!(ask(&unread, "cloudtrail:StopLogging", TRAIL, &[]), Answer::Undecided(_)));
        // Whatever stands in the policy that was not read, this one denies.
        let mut denied = unread.clone();
        denied.nodes[1] = chain(&deny("")).nodes[1].clone();
        assert_denied(&ask(&denied, "cloudtrail:StopLogging", TRAIL, &[]));
        // A policy that cannot be read as AWS would might be the one that allows.
        let mut misread = chain(&deny(""));
        misread.nodes[1] =
            node("ou-ab12-odd", vec![policy("p-odd", r#"{"Effect":"allow","Action":"*","Resource":"*"}"#)]);
        assert!(matches!(ask(&misread, "cloudtrail:StopLogging", TRAIL, &[]), Answer::Undecided(_)));
    }

    #[test]
    fn an_account_that_no_scp_binds_is_open() {
        let free = Chain { unbound: Some(Unbound::TypeDisabled), nodes: Vec::new(), ..chain(&deny("")) };
        assert_eq!(opened(ask(&free, "cloudtrail:StopLogging", TRAIL, &[])).close_at, None);
    }
}
