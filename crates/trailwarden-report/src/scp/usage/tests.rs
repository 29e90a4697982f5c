use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Gap;
use trailwarden_policy::usage::{Automation, Caller};
use trailwarden_policy::{Place, Span, StatementRef, Unbound};

use super::*;
use crate::View;

const MEMBERS: [&str; 4] = ["111111111111", "222222222222", "333333333333", "444444444444"];

fn account(id: &str) -> AccountId {
    id.parse().expect("an account id")
}

/// A management account, four members of which one is a delegated administrator.
fn organization() -> Organization {
    let member = |id: &str| {
        let name = if id == MEMBERS[0] { "pay\u{1b}[2Jments".to_owned() } else { format!("member-{}", &id[..1]) };
        serde_json::json!({"id": id, "name": name, "state": "active", "joined_method": null, "parent": {"known": "r-1"}})
    };
    let accounts: BTreeMap<&str, serde_json::Value> =
        MEMBERS.into_iter().chain(["999999999999"]).map(|id| (id, member(id))).collect();
    serde_json::from_value(serde_json::json!({
        "id": "o-1", "arn": "arn:aws:organizations::999999999999:organization/o-1",
        "management_account": "999999999999", "feature_set": "all",
        "root": {"known": {"id": "r-1", "enabled_policy_types": ["SERVICE_CONTROL_POLICY"]}},
        "units": {"known": {}}, "accounts": accounts,
        "service_control_policies": {"known": {}}, "trusted_services": {"known": []},
        "delegated_administrators":
            {"known": [{"account": MEMBERS[3], "services": {"known": ["cloudtrail.amazonaws.com"]}}]}
    }))
    .expect("an organization")
}

fn used(of: &str, role: &str, action: &str, fate: Fate) -> Use {
    let identity = format!("arn:aws:iam::{of}:role/{role}");
    Use {
        account: account(of),
        action: action.to_owned(),
        automation: Automation::of(&identity, ""),
        caller: Caller::Identity(identity),
        fate,
        via: BTreeSet::new(),
        regions: BTreeSet::from(["eu-west-1".parse().expect("a region")]),
        first: "2026-11-03T10:00:00Z".parse().expect("a time"),
        last: "2026-11-09T10:00:00Z".parse().expect("a time"),
        n_succeeded: 2,
        n_failed: 1,
    }
}

fn denied(today: Option<&str>) -> Fate {
    let statement = StatementRef { index: 0, sid: None, span: Span::default() };
    let by = Place { node: "r-1".to_owned(), policy: "trailwarden-standard-1".to_owned(), statement };
    Fate::Denied { by, today: today.map(str::to_owned) }
}

fn uses() -> Vec<Use> {
    let (stop, update) = ("cloudtrail:StopLogging", "cloudtrail:UpdateTrail");
    let tower = |of| used(of, "AWSControlTowerExecution", update, denied(None));
    let stack = Use {
        via: BTreeSet::from(["cloudformation.amazonaws.com".to_owned()]),
        ..used(MEMBERS[1], "deploy", stop, denied(Some("statement 1 of p-old at r-1")))
    };
    vec![
        tower(MEMBERS[0]),
        tower(MEMBERS[1]),
        tower(MEMBERS[2]),
        tower(MEMBERS[3]),
        stack,
        used(MEMBERS[0], "odd", stop, Fate::Undecided("the record does not tell what it was done to".to_owned())),
        used(MEMBERS[0], "incident", stop, Fate::Spared("arn:aws:iam::*:role/incident".to_owned())),
        used("999999999999", "admin", stop, Fate::NotBound(Unbound::ManagementAccount)),
    ]
}

fn places() -> Vec<PlaceUsage> {
    let place = |id: &str, region: &str, gap| PlaceUsage {
        account: account(id),
        region: region.parse().ok(),
        n_requests: 7,
        gap,
        events: Vec::new(),
    };
    let refused = Gap {
        kind: trailwarden_model::observed::GapKind::AccessDenied,
        call: "cloudtrail:LookupEvents".to_owned(),
        account: None,
        region: None,
        code: "AccessDeniedException".to_owned(),
        reason: "not authorized".to_owned(),
    };
    vec![
        place(MEMBERS[0], "eu-west-1", None),
        place(MEMBERS[1], "eu-west-1", Some(refused.clone())),
        place(MEMBERS[1], "us-east-1", Some(refused)),
    ]
}

/// What is reported of all this.
fn reported<T>(report: impl FnOnce(&Usage<'_>) -> T) -> T {
    let (organization, uses, places) = (organization(), uses(), places());
    let unseen = Unseen::from([("s3:DeleteObject".to_owned(), "a data event")]);
    let exceptions = BTreeSet::from(["arn:aws:iam::*:role/incident".to_owned()]);
    let denial = |action: &str| OwnDenial {
        account: account(MEMBERS[0]),
        role: format!("arn:aws:iam::{}:role/Remediate", MEMBERS[0]),
        action: action.to_owned(),
        resource: "*".to_owned(),
        policy: "trailwarden-standard-1".to_owned(),
    };
    let denials = [denial("cloudtrail:UpdateTrail"), denial("cloudtrail:DeleteTrail")];
    let only_back = BTreeSet::from(["cloudtrail:DeleteTrail"]);
    report(&Usage {
        tool_version: "0.1.0",
        organization: &organization,
        profile: Profile::Standard,
        since: "2026-08-30T00:00:00Z".parse().expect("a time"),
        until: "2026-11-28T00:00:00Z".parse().expect("a time"),
        logs: None,
        places: &places,
        n_accounts: 5,
        n_places: 5,
        uses: &uses,
        unseen: &unseen,
        exceptions: &exceptions,
        own: OwnRoles { role: "Remediate", denials: &denials, only_back: &only_back },
        pace: Pace {
            n_asked: 3,
            n_requests: 21,
            wall: Duration::from_millis(4500),
            floor_of_rate: Duration::from_secs(3),
            floor_of_width: Duration::from_millis(200),
            in_flight: 64,
        },
    })
}

#[test]
fn text_shows_what_would_be_denied_first_and_folds_what_accounts_share() {
    let view = View { width: 100, colour: false, notice: None, exit: "exit code 10" };
    insta::assert_snapshot!(reported(|usage| render(usage, &view)));
}

#[test]
fn markdown_escapes_and_says_the_same() {
    insta::assert_snapshot!(reported(render_markdown));
}

#[test]
fn json_folds_nothing_and_names_each_gap() {
    let text = reported(|usage| render_json(usage).expect("renders"));
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(document["format"], FORMAT);
    assert_eq!((document["is_partial"].as_bool(), document["n_not_asked"].as_u64()), (Some(true), Some(2)));
    let uses = document["uses"].as_array().expect("uses");
    assert_eq!(uses.len(), 8);
    assert_eq!((&uses[0]["fate"], &uses[0]["automation"]), (&"denied".into(), &"AWS Control Tower".into()));
    assert_eq!(uses[4]["denied_today_by"], "statement 1 of p-old at r-1");
    assert_eq!(uses[7]["because"], "management-account");
    assert_eq!(document["gaps"].as_array().map(Vec::len), Some(2));
    assert_eq!(document["own_denials"][1]["only_rollback"], true);
    assert_eq!(document["pace"]["ratio"], 1.5);
}
