//! Who can still blind which trail, for every account of a large organization.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::time::Instant;

use trailwarden_model::observed::Observed;
use trailwarden_model::organization::{
    Account, AccountState, AuthorizationPolicy, FeatureSet, Organization, Root, SERVICE_CONTROL_POLICY, Unit,
};
use trailwarden_policy::{Answer, Call, Chains, LEAVE_ORGANIZATION, Prover, Question, tamper};

use crate::dice::Dice;

const N_ACCOUNTS: usize = 10_000;
const N_UNITS: usize = 400;
const N_POLICIES: usize = 50;
const MANAGEMENT: &str = "999988887777";
const ROOT: &str = "r-ab12";

/// What a guard on CloudTrail demands of those it stops.
const EXEMPTIONS: &[&str] = &[
    "",
    r#","Condition":{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/automation","arn:aws:iam::*:role/security/BreakGlass"]}}"#,
    r#","Condition":{"StringNotLike":{"aws:PrincipalArn":["*:role/automation","arn:aws:iam::*:role/*Admin*"]}}"#,
    r#","Condition":{"StringNotEquals":{"aws:PrincipalTag/team":"security"}}"#,
    r#","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"},"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","us-east-1"]}}"#,
];
/// What other policies speak of.
const OTHERS: &[&str] = &[
    r#"{"Effect":"Deny","Action":["ec2:*","rds:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]}}}"#,
    r#"{"Effect":"Deny","NotAction":["iam:*","sts:*","cloudtrail:*","organizations:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}}"#,
    r#"{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::logs-*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/automation"}}}"#,
    r#"{"Effect":"Deny","Action":["iam:CreateRole","iam:UpdateAssumeRolePolicy"],"Resource":"arn:aws:iam::*:role/security/*"}"#,
];

pub fn measure(out: &mut impl Write) -> std::io::Result<()> {
    let organization = organization();
    let exceptions = ["arn:aws:iam::*:role/automation", "arn:aws:iam::*:role/security/BreakGlass"].map(str::to_owned);
    let start = Instant::now();
    let chains = Chains::new(&organization).expect("everything was read");
    let prover = Prover::new();
    let (mut n_denied, mut n_open, mut n_undecided) = (0_usize, 0_usize, 0_usize);
    for account in organization.accounts.keys() {
        let chain = chains.of(account).expect("everything was read");
        let trail = format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/main");
        let mut calls = tamper::on_trail(&trail);
        calls.extend(tamper::on_trail(&format!("arn:aws:cloudtrail:eu-west-1:{MANAGEMENT}:trail/organization")));
        calls.push(Call { action: LEAVE_ORGANIZATION.to_owned(), resource: "*".to_owned() });
        let question = Question { chain: &chain, partition: "aws", calls: &calls, exceptions: &exceptions };
        for answer in prover.prove(&question) {
            match answer {
                Answer::Denied { .. } => n_denied += 1,
                Answer::Open(_) => n_open += 1,
                Answer::Undecided(_) => n_undecided += 1,
            }
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    writeln!(
        out,
        "| proof of the core set, {N_ACCOUNTS} accounts in {N_UNITS} OUs with {N_POLICIES} SCPs | {seconds:.2} s |"
    )?;
    writeln!(out, "| its answers: denied, open, undecided | {n_denied}, {n_open}, {n_undecided} |")
}

/// Guards at the root and on some OUs, other policies all over, everything else allowed. The same in every run.
fn organization() -> Organization {
    let mut dice = Dice::new(1);
    let mut targets: Vec<BTreeSet<String>> = vec![BTreeSet::new(); N_POLICIES];
    let mut units = BTreeMap::new();
    let mut ids: Vec<String> = Vec::new();
    for number in 0..N_UNITS {
        let id = format!("ou-ab12-{number:08}");
        // A tree of three levels: 20 OUs below the root, the others below one of those before.
        let parent = if number < 20 { ROOT.to_owned() } else { ids[dice.below(number.min(120))].clone() };
        for _ in 0..dice.below(4) {
            targets[dice.between(1, N_POLICIES - 1)].insert(id.clone());
        }
        units.insert(id.clone(), Unit { id: id.clone(), name: format!("unit-{number}"), parent });
        ids.push(id);
    }
    let mut accounts = BTreeMap::new();
    for number in 0..N_ACCOUNTS {
        let id = format!("{:012}", 100_000_000_000 + number);
        if dice.percent(2) {
            targets[dice.between(1, N_POLICIES - 1)].insert(id.clone());
        }
        let account = account(&id, &ids[dice.below(N_UNITS)]);
        accounts.insert(account.id.clone(), account);
    }
    let everything = ids.iter().cloned().chain([ROOT.to_owned()]).chain(accounts.keys().map(ToString::to_string));
    targets[0] = everything.collect();
    targets[1].insert(ROOT.to_owned());
    let policies = targets.into_iter().enumerate().map(|(number, targets)| policy(number, targets));
    Organization {
        id: "o-a1b2c3d4e5".to_owned(),
        arn: format!("arn:aws:organizations::{MANAGEMENT}:organization/o-a1b2c3d4e5").parse().expect("an ARN"),
        management_account: MANAGEMENT.parse().expect("an account id"),
        feature_set: FeatureSet::All,
        root: Observed::Known(Root {
            id: ROOT.to_owned(),
            enabled_policy_types: BTreeSet::from([SERVICE_CONTROL_POLICY.to_owned()]),
        }),
        units: Observed::Known(units),
        accounts,
        service_control_policies: Observed::Known(policies.collect()),
        resource_control_policies: Observed::Known(BTreeMap::new()),
        trusted_services: Observed::Known(BTreeSet::new()),
        delegated_administrators: Observed::Known(Vec::new()),
    }
}

fn account(id: &str, parent: &str) -> Account {
    Account {
        id: id.parse().expect("an account id"),
        name: format!("account-{id}"),
        state: AccountState::Active,
        joined_method: Some("CREATED".to_owned()),
        parent: Observed::Known(parent.to_owned()),
    }
}

fn policy(number: usize, targets: BTreeSet<String>) -> (String, AuthorizationPolicy) {
    let guard =
        |actions: &str, exemption: &str| format!(r#"{{"Effect":"Deny","Action":{actions},"Resource":"*"{exemption}}}"#);
    let statements = match number {
        0 => r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#.to_owned(),
        1 => guard(r#"["organizations:LeaveOrganization"]"#, ""),
        number if number % 3 == 0 => format!(
            "{},{}",
            guard(
                r#"["cloudtrail:StopLogging","cloudtrail:DeleteTrail","cloudtrail:UpdateTrail"]"#,
                EXEMPTIONS[number % 5]
            ),
            OTHERS[number % 4]
        ),
        number if number % 3 == 1 => guard(r#""cloudtrail:*""#, EXEMPTIONS[number % 5]),
        number => format!("{},{}", OTHERS[number % 4], OTHERS[(number + 1) % 4]),
    };
    let policy = AuthorizationPolicy {
        id: format!("p-{number:08}"),
        name: format!("policy-{number}"),
        aws_managed: number == 0,
        content: Observed::Known(format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)),
        targets: Observed::Known(targets),
    };
    (policy.id.clone(), policy)
}
