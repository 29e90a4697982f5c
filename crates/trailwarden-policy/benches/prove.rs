//! Time to answer for one account, over organizations guarded in different ways: `cargo bench -p trailwarden-policy`.

use std::hint::black_box;
use std::io::{Write, stdout};
use std::sync::Arc;
use std::time::Instant;

use trailwarden_policy::{
    AttachedPolicy, Call, Chain, ChainNode, Document, Kind, LEAVE_ORGANIZATION, Question, TRAIL_TAMPER_ACTIONS,
    exemptions, prove,
};

const N_ACCOUNTS: u32 = 1_000;

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

fn policy(statement: &str) -> Arc<AttachedPolicy> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
    let document = Document::parse(Kind::ServiceControl, &text);
    Arc::new(AttachedPolicy { id: "p-bench".to_owned(), name: "bench".to_owned(), document })
}

fn node(id: &str, policies: Vec<Arc<AttachedPolicy>>) -> Arc<ChainNode> {
    Arc::new(ChainNode { id: id.to_owned(), kind: Kind::ServiceControl, policies, gaps: Vec::new() })
}

fn calls(account: &str) -> Vec<Call> {
    let own = format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/main");
    let shared = "arn:aws:cloudtrail:eu-west-1:999988887777:trail/organization".to_owned();
    let call = |action: &str, resource: &str| Call { action: action.to_owned(), resource: resource.to_owned() };
    let on_trails = TRAIL_TAMPER_ACTIONS.iter().flat_map(|action| [call(action, &own), call(action, &shared)]);
    on_trails.chain([call(LEAVE_ORGANIZATION, "*")]).collect()
}

fn main() -> std::io::Result<()> {
    let full = policy(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#);
    let declared = ["arn:aws:iam::*:role/automation".to_owned(), "arn:aws:iam::*:role/security/BreakGlass".to_owned()];
    for (name, condition) in GUARDS {
        let guard = policy(&format!(
            r#"{{"Effect":"Deny","Action":["cloudtrail:*","{LEAVE_ORGANIZATION}"],"Resource":"*","Condition":{{{condition}}}}}"#
        ));
        let root = node("r-ab12", vec![Arc::clone(&full), guard]);
        let unit = node("ou-ab12-work", vec![Arc::clone(&full)]);
        let start = Instant::now();
        for number in 0..N_ACCOUNTS {
            let account = format!("{:012}", 100_000_000_000 + u64::from(number));
            let nodes = vec![Arc::clone(&root), Arc::clone(&unit), node(&account, vec![Arc::clone(&full)])];
            let chain = Chain { account, organization: Some("o-a1b2c3d4e5".to_owned()), unbound: None, nodes };
            let calls = calls(&chain.account);
            let question = Question { chain: &chain, partition: "aws", calls: &calls, exceptions: &declared };
            black_box((prove(&question), exemptions(&question).is_ok()));
        }
        let each = start.elapsed() / N_ACCOUNTS;
        writeln!(stdout(), "{name:20} {each:>12.1?} per account")?;
    }
    Ok(())
}
