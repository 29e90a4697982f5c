//! Time to prove the core calls denied, or to find who can make them, over a whole organization: `cargo bench -p trailwarden-policy`.

use std::hint::black_box;
use std::io::{Write, stdout};
use std::sync::Arc;
use std::time::Instant;

use trailwarden_policy::{
    Answer, AttachedPolicy, Call, Chain, ChainNode, Document, Kind, LEAVE_ORGANIZATION, Prover, Question,
    TRAIL_TAMPER_ACTIONS, exemptions, prove,
};

const N_ACCOUNTS: usize = 10_000;
const N_UNITS: usize = 400;
const N_POLICIES: usize = 50;

/// Accounts asked one by one, where nothing is shared.
const N_ALONE: u32 = 200;

/// What a guard at the root demands, with a name for it.
const GUARDS: &[(&str, &str)] = &[
    ("denied to everyone", ""),
    (
        "two roles exempt",
        r#""ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/automation","arn:aws:iam::*:role/security/BreakGlass"]}"#,
    ),
    ("wide patterns", r#""StringNotLike":{"aws:PrincipalArn":["*:role/automation","arn:aws:iam::*:role/*Admin*"]}"#),
    ("a tag exempts", r#""StringNotEquals":{"aws:PrincipalTag/team":"security"}"#),
    ("denied to nobody", r#""StringEquals":{"aws:PrincipalOrgID":"o-another"}"#),
];

fn policy(id: &str, statements: &str) -> Arc<AttachedPolicy> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let document = Document::parse(Kind::ServiceControl, &text);
    Arc::new(AttachedPolicy { id: id.to_owned(), name: id.to_owned(), document })
}

fn node(id: &str, policies: Vec<Arc<AttachedPolicy>>) -> Arc<ChainNode> {
    Arc::new(ChainNode { id: id.to_owned(), kind: Kind::ServiceControl, policies, gaps: Vec::new() })
}

/// The other policies of the organization: what landing zones attach, each a little different.
fn others() -> Vec<Arc<AttachedPolicy>> {
    let one = |number: usize| {
        let statements = format!(
            r#"{{"Sid":"Regions","Effect":"Deny","NotAction":["iam:*","organizations:*","sts:*","cloudtrail:*"],"Resource":"*",
                "Condition":{{"StringNotEquals":{{"aws:RequestedRegion":["eu-west-1","eu-central-{number}"]}},
                "ArnNotLike":{{"aws:PrincipalArn":"arn:aws:iam::*:role/deploy-{number}-*"}}}}}},
               {{"Sid":"Trails","Effect":"Deny","Action":["cloudtrail:DeleteTrail","cloudtrail:StopLogging"],
                "Resource":"arn:aws:cloudtrail:*:*:trail/team-{number}-*",
                "Condition":{{"ArnNotLike":{{"aws:PrincipalArn":"arn:aws:iam::*:role/team-{number}/Admin"}},
                "StringNotLikeIfExists":{{"aws:PrincipalTag/team-{number}":"sec*"}}}}}},
               {{"Sid":"Roles","Effect":"Deny","Action":["iam:CreateRole","iam:PutRolePolicy"],
                "Resource":"arn:aws:iam::*:role/team-{number}/*",
                "Condition":{{"BoolIfExists":{{"aws:MultiFactorAuthPresent":"false"}}}}}}"#
        );
        policy(&format!("p-other{number:02}"), &statements)
    };
    (0..N_POLICIES).map(one).collect()
}

fn calls(account: &str) -> Vec<Call> {
    let own = format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/main");
    let shared = "arn:aws:cloudtrail:eu-west-1:999988887777:trail/organization".to_owned();
    let call = |action: &str, resource: &str| Call { action: action.to_owned(), resource: resource.to_owned() };
    let on_trails = TRAIL_TAMPER_ACTIONS.iter().flat_map(|action| [call(action, &own), call(action, &shared)]);
    on_trails.chain([call(LEAVE_ORGANIZATION, "*")]).collect()
}

/// The chains of all accounts: a root, ten units with forty below each, and accounts spread over these.
fn organization(condition: &str) -> Vec<Chain> {
    let full = policy("p-FullAWSAccess", r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#);
    let guard = policy(
        "p-guard",
        &format!(
            r#"{{"Effect":"Deny","Action":["cloudtrail:*","{LEAVE_ORGANIZATION}"],"Resource":"*","Condition":{{{condition}}}}}"#
        ),
    );
    let others = others();
    let with = |number: usize| [&full].into_iter().chain(others.get(number % N_POLICIES)).map(Arc::clone).collect();
    let root = node("r-ab12", vec![Arc::clone(&full), guard]);
    let upper: Vec<_> = (0..10).map(|number| node(&format!("ou-ab12-upper{number}"), with(number))).collect();
    let lower: Vec<_> =
        (0..N_UNITS).map(|number| node(&format!("ou-ab12-lower{number:03}"), with(number + 10))).collect();
    let chain = |number: usize| {
        let account = format!("{:012}", 100_000_000_000 + number);
        let unit = number % N_UNITS;
        let own = node(&account, vec![Arc::clone(&full)]);
        let above = [&root].into_iter().chain(upper.get(unit % 10)).chain(lower.get(unit));
        let nodes = above.map(Arc::clone).chain([own]).collect();
        Chain { account, organization: Some("o-a1b2c3d4e5".to_owned()), unbound: None, nodes }
    };
    (0..N_ACCOUNTS).map(chain).collect()
}

fn main() -> std::io::Result<()> {
    let declared = ["arn:aws:iam::*:role/automation".to_owned(), "arn:aws:iam::*:role/security/BreakGlass".to_owned()];
    for (name, condition) in GUARDS {
        let chains = organization(condition);
        let asked: Vec<Vec<Call>> = chains.iter().map(|chain| calls(&chain.account)).collect();
        let questions: Vec<Question<'_>> = chains
            .iter()
            .zip(&asked)
            .map(|(chain, calls)| Question { chain, partition: "aws", calls, exceptions: &declared })
            .collect();
        let prover = Prover::new();
        let start = Instant::now();
        let mut n_denied = 0;
        for question in &questions {
            n_denied += prover.prove(question).iter().filter(|answer| Answer::is_denied(answer)).count();
        }
        let all = start.elapsed();
        let start = Instant::now();
        questions.iter().take(N_ALONE as usize).for_each(|question| drop(black_box(prove(question))));
        let alone = start.elapsed() / N_ALONE;
        let start = Instant::now();
        questions.iter().take(N_ALONE as usize).for_each(|question| drop(black_box(exemptions(question))));
        let exempt = start.elapsed() / N_ALONE;
        writeln!(
            stdout(),
            "{name:20} {N_ACCOUNTS} accounts {all:>9.1?} ({n_denied} calls denied), one alone {alone:>9.1?}, its exemptions {exempt:>9.1?}"
        )?;
    }
    Ok(())
}
