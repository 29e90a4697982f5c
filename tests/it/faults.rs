//! AWS at its worst, one fault at a time: the audit finishes, says *unknown* with the call that failed, and never passes
//! what it could not see.

use jiff::Timestamp;
use serde_json::Value;
use trailwarden_model::ids::AccountId;
use trailwarden_sandbox::faults::{Effect, Fault};
use trailwarden_sandbox::world::{Credential, Principal};

use crate::served::Served;
use crate::support::Run;

/// Audits the scenario `clean` with these faults in its way.
fn audit(faults: Vec<Fault>) -> Run {
    let served = Served::scenario("clean");
    faults.into_iter().for_each(|fault| served.sandbox().inject(fault));
    served.program(&["audit", "-o", "json"]).output().expect("the audit runs").into()
}

/// A member account of `clean` that owns no log bucket.
fn member() -> String {
    let untouched = audit(Vec::new());
    assert_eq!(untouched.code, Some(0), "{untouched:?}");
    let assessment = untouched.json();
    let management = &assessment["organization"]["management_account"];
    let findings = assessment["findings"].as_array().expect("findings");
    let owners: Vec<&Value> =
        findings.iter().filter(|f| f["control"] == "log-bucket-exists").map(|f| &f["account"]).collect();
    let accounts = findings.iter().filter(|f| f["control"] == "every-account-audited").map(|f| &f["account"]);
    let mut plain = accounts.filter(|account| *account != management && !owners.contains(account));
    plain.next_back().and_then(Value::as_str).expect("a workload account").to_owned()
}

fn in_account(mut fault: Fault, account: &str) -> Fault {
    fault.account = Some(account.to_owned());
    fault
}

fn in_region(mut fault: Fault, region: &str) -> Fault {
    fault.region = Some(region.to_owned());
    fault
}

/// Findings with a gap of this kind and call; there must be some, all of them unknown or a failed `every-account-audited`.
fn assert_unknown(run: &Run, kind: &str, call: &str) {
    let assessment = run.json();
    let findings = assessment["findings"].as_array().expect("findings");
    let hit: Vec<&Value> = findings.iter().filter(|f| f["gap"]["kind"] == kind && f["gap"]["call"] == call).collect();
    assert!(hit.iter().any(|f| f["outcome"] == "unknown"), "no unknown for {kind} of {call}: {run:?}");
    assert!(hit.iter().all(|f| f["outcome"] != "pass"), "a pass without its evidence");
    assert!(hit.iter().all(|f| f["gap"]["code"].as_str().is_some_and(|code| !code.is_empty())));
}

/// The outcome of a control for an account, and for a region where one is given.
fn outcomes(run: &Run, control: &str, account: &str, region: Option<&str>) -> Vec<String> {
    let assessment = run.json();
    let findings = assessment["findings"].as_array().expect("findings").clone();
    findings
        .iter()
        .filter(|f| f["control"] == control && f["account"] == account)
        .filter(|f| region.is_none_or(|region| f["region"] == region))
        .map(|f| f["outcome"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn an_access_denied_makes_what_it_hides_unknown() {
    let member = member();
    let denied = in_account(Fault::error("cloudtrail", "GetTrailStatus", "AccessDeniedException"), &member);
    let run = audit(vec![denied]);
    assert_eq!(run.code, Some(11), "{}", run.stderr);
    assert_unknown(&run, "access-denied", "cloudtrail:GetTrailStatus");
    assert_eq!(outcomes(&run, "multi-region-trail-enabled", &member, None), ["unknown"]);
    assert!(outcomes(&run, "management-events-recorded", &member, None).iter().all(|outcome| outcome == "unknown"));
}

#[test]
fn a_resource_control_policy_that_may_not_be_read_leaves_open_whether_cloudtrail_may_deliver() {
    const ARCHIVE: &str = "227733449955";
    let mut denied = Fault::error("organizations", "DescribePolicy", "AccessDeniedException");
    denied.mentions = Some("p-cl3nperim".to_owned());
    let run = audit(vec![denied]);
    assert_eq!(run.code, Some(11), "{}", run.stderr);
    assert_unknown(&run, "access-denied", "organizations:DescribePolicy");
    for control in ["log-bucket-policy-correct", "kms-key-usable"] {
        assert_eq!(outcomes(&run, control, ARCHIVE, None), ["unknown"], "{control}");
    }
    for control in ["tampering-denied-by-scp", "log-archive-guarded"] {
        assert_eq!(outcomes(&run, control, ARCHIVE, None), ["pass"], "SCPs alone deny it: {control}");
    }
}

#[test]
fn throttling_that_passes_costs_nothing_but_time() {
    let throttled = Fault { times: Some(6), ..Fault::on("cloudtrail", "DescribeTrails", Effect::Throttle) };
    let run = audit(vec![throttled]);
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn throttling_without_end_becomes_unknown() {
    let run = audit(vec![Fault::on("cloudtrail", "GetEventSelectors", Effect::Throttle)]);
    assert_eq!(run.code, Some(11), "{}", run.stderr);
    assert_unknown(&run, "throttled", "cloudtrail:GetEventSelectors");
}

#[test]
fn a_missing_role_is_a_failed_account_and_the_rest_goes_on() {
    let member = member();
    let mut refused = Fault::on("sts", "AssumeRole", Effect::Error { code: "AccessDenied".to_owned(), status: 403 });
    refused.mentions = Some(member.clone());
    let run = audit(vec![refused]);
    assert_eq!(run.code, Some(10), "{}", run.stderr);
    assert_unknown(&run, "account-not-entered", "sts:AssumeRole");
    assert_eq!(outcomes(&run, "every-account-audited", &member, None), ["fail"]);
    assert_eq!(outcomes(&run, "multi-region-trail-enabled", &member, None), ["unknown"]);
    assert_eq!(outcomes(&run, "tampering-denied-by-scp", &member, None), ["pass"]);
}

#[test]
fn a_delegated_administrator_reads_the_organization_trail_without_entering_its_owner() {
    const DELEGATED: &str = "338844550066";
    let served = Served::changed("clean", |world| {
        let account: AccountId = DELEGATED.parse().expect("an account id");
        let organization = world.organization.as_mut().expect("an organization");
        let services = organization.delegated.entry(account.clone()).or_default();
        services.insert("cloudtrail.amazonaws.com".to_owned(), Timestamp::UNIX_EPOCH);
        let secret = "secret".to_owned();
        let root = Credential { account, principal: Principal::Root, secret, session: None };
        world.credentials.insert(world.entry.clone(), root);
    });
    let collected: Run = served.program(&["collect"]).output().expect("the collection runs").into();
    for (arn, trail) in collected.json()["trails"].as_object().expect("trails") {
        assert!(trail["selectors"]["known"].is_object(), "{arn}: {}", trail["selectors"]);
    }
    let run: Run = served.program(&["audit", "-o", "json"]).output().expect("the audit runs").into();
    // Its bucket and key belong to an account that these credentials may not enter: whether they work is not known.
    assert_eq!(outcomes(&run, "management-events-recorded", DELEGATED, Some("eu-west-1")), ["unknown"]);
    let management = run.json()["organization"]["management_account"].as_str().expect("an id").to_owned();
    assert_eq!(outcomes(&run, "management-events-recorded", &management, None), ["unknown"]);
}

#[test]
fn a_disabled_region_is_said_aloud() {
    let member = member();
    let fault = Fault::error("cloudtrail", "DescribeTrails", "UnrecognizedClientException");
    let run = audit(vec![in_region(in_account(fault, &member), "eu-north-1")]);
    assert_eq!(run.code, Some(10), "{}", run.stderr);
    assert_unknown(&run, "region-disabled", "cloudtrail:DescribeTrails");
    assert_eq!(outcomes(&run, "management-events-recorded", &member, Some("eu-north-1")), ["unknown"]);
    assert_eq!(outcomes(&run, "management-events-recorded", &member, Some("eu-west-1")), ["pass"]);
    assert_eq!(outcomes(&run, "every-account-audited", &member, None), ["fail"]);
}

#[test]
fn a_dropped_connection_is_not_an_answer() {
    let member = member();
    let fault = in_region(in_account(Fault::on("cloudtrail", "DescribeTrails", Effect::Drop), &member), "us-west-2");
    let run = audit(vec![fault]);
    assert_eq!(run.code, Some(10), "{}", run.stderr);
    assert_unknown(&run, "connection", "cloudtrail:DescribeTrails");
    assert_eq!(outcomes(&run, "management-events-recorded", &member, Some("us-west-2")), ["unknown"]);
}

#[test]
fn bucket_settings_that_may_not_be_read_are_unknown() {
    let denied = Effect::Error { code: "AccessDenied".to_owned(), status: 403 };
    let run = audit(vec![Fault::on("s3", "GetBucketLifecycleConfiguration", denied)]);
    assert_eq!(run.code, Some(11), "{}", run.stderr);
    assert_unknown(&run, "access-denied", "s3:GetBucketLifecycleConfiguration");
}
