//! Answers shared between accounts are the answers of each.

use std::sync::Arc;

use proptest::prelude::*;
use trailwarden_policy::{Answer, Call, Chain, Prover, Question, exemptions, prove};

use super::{FULL, node, policy};

const ACCOUNTS: [&str; 4] = ["111122223333", "111122224444", "555566667777", "999988887777"];

/// Statements that speak of accounts in every way a policy can.
const STATEMENTS: &[&str] = &[
    r#"{"Effect":"Deny","Action":"cloudtrail:*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/A"}}}"#,
    r#"{"Effect":"Deny","Action":"cloudtrail:*","Resource":"*","Condition":{"StringNotLike":{"aws:PrincipalArn":"arn:aws:iam::1111*:role/A"}}}"#,
    r#"{"Effect":"Deny","Action":"cloudtrail:*","Resource":"*","Condition":{"StringNotLike":{"aws:PrincipalArn":"*7777:role/A*"}}}"#,
    r#"{"Effect":"Deny","Action":"cloudtrail:*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/A"}}}"#,
    r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:cloudtrail:*:555566667777:trail/*"}"#,
    r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:cloudtrail:*:*:trail/t${aws:PrincipalAccount}*"}"#,
    r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:cloudtrail:*:*:trail/t${aws:PrincipalTag/account}"}"#,
    r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":["111122223333","555566667777"]}}}"#,
    r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalTag/account":"${aws:PrincipalAccount}"}}}"#,
    r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NumericLessThan":{"aws:PrincipalAccount":"400000000000"}}}"#,
    r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}}}"#,
    r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringLike":{"aws:ResourceAccount":"9999????7777"}}}"#,
    r#"{"Effect":"Deny","Action":"cloudtrail:StopLogging","Resource":"*"}"#,
    r#"{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringLike":{"aws:PrincipalTag/account":"${aws:PrincipalAccount}"}}}"#,
];

fn calls(account: &str) -> Vec<Call> {
    let call = |action: &str, resource: String| Call { action: action.to_owned(), resource };
    vec![
        call("cloudtrail:StopLogging", format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/main")),
        call("cloudtrail:DeleteTrail", format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/t{account}7")),
        call("cloudtrail:DeleteTrail", "arn:aws:cloudtrail:eu-west-1:999988887777:trail/org".to_owned()),
        call("s3:PutBucketPolicy", format!("arn:aws:s3:::logs-{account}")),
    ]
}

fn word(answer: &Answer) -> &'static str {
    match answer {
        Answer::Denied { .. } => "denied",
        Answer::Open(_) => "open",
        Answer::Undecided(_) => "undecided",
    }
}

/// Every account below one OU, some with a policy of its own.
fn chains(statements: &[&str], own: &[&str]) -> Vec<Chain> {
    let full = policy("p-FullAWSAccess", FULL);
    let document = |id: &str, statements: &[&str]| policy(id, &statements.join(","));
    let mut above = vec![full.clone()];
    if !statements.is_empty() {
        above.push(document("p-guard", statements));
    }
    let root = node("r-ab12", above);
    let own = (!own.is_empty()).then(|| document("p-own", own));
    let chain = |(number, account): (usize, &&str)| {
        let own = own.iter().filter(|_| number % 2 == 0).map(Arc::clone);
        let nodes = vec![Arc::clone(&root), node(account, own.chain([Arc::clone(&full)]).collect())];
        Chain { account: (*account).to_owned(), organization: Some("o-a1b2c3d4e5".to_owned()), unbound: None, nodes }
    };
    ACCOUNTS.iter().enumerate().map(chain).collect()
}

#[test]
fn what_is_shared_reads_as_if_it_were_the_accounts_own() {
    let prover = Prover::new();
    let found: Vec<Vec<Answer>> = chains(&[STATEMENTS[3]], &[])
        .iter()
        .map(|chain| {
            let calls = [calls(&chain.account).remove(0)];
            prover.prove(&Question { chain, partition: "aws", calls: &calls, exceptions: &[] })
        })
        .collect();
    for (account, answers) in ACCOUNTS.iter().zip(found) {
        let [Answer::Open(found)] = answers.as_slice() else { panic!("{answers:?}") };
        assert_eq!(found.request.principal.to_string(), format!("arn:aws:iam::{account}:role/A"));
        assert_eq!(found.request.resource, format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/main"));
    }
}

#[test]
fn a_policy_that_was_dropped_is_not_mistaken_for_another() {
    let prover = Prover::new();
    for (statement, expected) in [(STATEMENTS[12], "denied"), (STATEMENTS[4], "open"), (STATEMENTS[12], "denied")] {
        let chain = chains(&[statement], &[]).remove(0);
        let calls = [calls(&chain.account).remove(0)];
        let answers = prover.prove(&Question { chain: &chain, partition: "aws", calls: &calls, exceptions: &[] });
        assert_eq!(answers.iter().map(word).collect::<Vec<_>>(), [expected]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn shared_answers_are_the_answers_of_each(
        statements in prop::sample::subsequence(STATEMENTS, 0..4),
        own in prop::sample::subsequence(STATEMENTS, 0..2),
        exceptions in prop::sample::subsequence(&["arn:aws:iam::*:role/A", "arn:aws:iam::555566667777:*", "*3333:role/B"][..], 0..2),
    ) {
        let exceptions: Vec<String> = exceptions.into_iter().map(str::to_owned).collect();
        let prover = Prover::new();
        for chain in chains(&statements, &own) {
            let calls = calls(&chain.account);
            let question = Question { chain: &chain, partition: "aws", calls: &calls, exceptions: &exceptions };
            let (shared, direct) = (prover.prove(&question), prove(&question));
            prop_assert_eq!(shared.iter().map(word).collect::<Vec<_>>(), direct.iter().map(word).collect::<Vec<_>>());
            for (shared, direct) in shared.iter().zip(&direct) {
                match (shared, direct) {
                    (Answer::Open(found), _) => prop_assert!(chain.evaluate(&found.request).lets_through()),
                    (Answer::Denied { by }, Answer::Denied { by: direct }) => prop_assert_eq!(by, direct),
                    (shared, direct) => prop_assert_eq!(shared, direct),
                }
            }
        }
    }

    #[test]
    fn shared_exemptions_are_the_exemptions_of_each(
        statements in prop::sample::subsequence(STATEMENTS, 0..4),
        own in prop::sample::subsequence(STATEMENTS, 0..2),
    ) {
        let prover = Prover::new();
        for chain in chains(&statements, &own) {
            let calls = calls(&chain.account);
            let question = Question { chain: &chain, partition: "aws", calls: &calls, exceptions: &[] };
            match (prover.exemptions(&question), exemptions(&question)) {
                (Ok(shared), Ok(direct)) => {
                    prop_assert_eq!(shared.len(), direct.len());
                    for (shared, direct) in shared.into_iter().zip(direct) {
                        prop_assert!(chain.evaluate(&shared.example).lets_through());
                        prop_assert_eq!(shared.nameable.is_some(), direct.nameable.is_some());
                        let (example, nameable) = (direct.example.clone(), direct.nameable.clone());
                        prop_assert_eq!(trailwarden_policy::Exemption { example, nameable, ..shared }, direct);
                    }
                }
                (shared, direct) => prop_assert_eq!(shared, direct),
            }
        }
    }
}
