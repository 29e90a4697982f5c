//! The longest that one policy of 10,240 characters takes, for each thing that is done with it.

use std::hint::black_box;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use trailwarden_policy::{
    AttachedPolicy, Call, Chain, ChainNode, Context, Document, Kind, LEAVE_ORGANIZATION, Principal, Question, Request,
    TRAIL_TAMPER_ACTIONS, exemptions, lint, prove,
};

use crate::hostile;
use crate::organization::ACCOUNT;

const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";
const CALLER: &str = "arn:aws:iam::111122223333:role/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Under this, a document is not worth its own line.
const NOTABLE: Duration = Duration::from_millis(50);

pub fn measure(out: &mut impl Write) -> std::io::Result<()> {
    let mut worst: [(Duration, &str); 5] = [(Duration::ZERO, ""); 5];
    let names = ["reading", "linting", "evaluating", "proving", "listing who is spared"];
    for (name, text) in hostile::documents() {
        let times = times(&text);
        for ((index, time), what) in times.into_iter().enumerate().zip(names) {
            worst[index] = worst[index].max((time, name));
            if time > NOTABLE {
                writeln!(out, "| {what} a policy of 10,240 characters: {name} | {time:.0?} |")?;
            }
        }
    }
    for ((time, name), what) in worst.into_iter().zip(names) {
        writeln!(out, "| worst time of {what} a policy of 10,240 characters | {time:.1?} ({name}) |")?;
    }
    Ok(())
}

fn times(text: &str) -> [Duration; 5] {
    let (document, reading) = time(|| Document::parse(Kind::ServiceControl, text));
    let linting = document.as_ref().map_or(Duration::ZERO, |document| time(|| lint(document)).1);
    let full = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let policy = |document| Arc::new(AttachedPolicy { id: "p-1".to_owned(), name: "one".to_owned(), document });
    let policies = vec![policy(Document::parse(Kind::ServiceControl, full)), policy(document)];
    let node = Arc::new(ChainNode { id: ACCOUNT.to_owned(), kind: Kind::ServiceControl, policies, gaps: Vec::new() });
    let chain = Chain { account: ACCOUNT.to_owned(), organization: None, unbound: None, nodes: vec![node] };
    let long = "a".repeat(256);
    let request = Request {
        principal: Principal::Aws(CALLER.to_owned()),
        action: "cloudtrail:StopLogging".to_owned(),
        resource: format!("{TRAIL}{long}"),
        context: Context::new().with("aws:PrincipalArn", CALLER).with("aws:PrincipalTag/t", long.as_str()),
    };
    let evaluating = time(|| chain.evaluate(&request)).1;
    let call = |action: &&str| Call { action: (*action).to_owned(), resource: TRAIL.to_owned() };
    let mut calls: Vec<Call> = TRAIL_TAMPER_ACTIONS.iter().map(call).collect();
    calls.push(Call { action: LEAVE_ORGANIZATION.to_owned(), resource: "*".to_owned() });
    let exceptions = ["arn:aws:iam::*:role/automation".to_owned()];
    let question = Question { chain: &chain, partition: "aws", calls: &calls, exceptions: &exceptions };
    let proving = time(|| prove(&question)).1;
    let sparing = time(|| exemptions(&question)).1;
    [reading, linting, evaluating, proving, sparing]
}

fn time<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let value = black_box(run());
    (value, start.elapsed())
}
