//! The matrix and an explanation as people and scripts see them.

use trailwarden_model::observed::{GapKind, Observed};
use trailwarden_model::organization::{Account, AccountState, FeatureSet};

use super::*;
use crate::scp::View;

const VIEW: View<'_> = View { width: 100, colour: false, notice: None, exit: "exit code 10: some are not recorded" };

fn arn(text: &str) -> Arn {
    text.parse().expect("an ARN")
}

fn account(n: usize) -> AccountId {
    format!("{n:012}").parse().expect("twelve digits")
}

fn gap() -> Gap {
    Gap {
        kind: GapKind::AccessDenied,
        call: "sts:AssumeRole".to_owned(),
        account: Some(account(3)),
        region: None,
        code: "AccessDenied".to_owned(),
        reason: "not allowed".to_owned(),
    }
}

fn organization(n_accounts: usize) -> Organization {
    let member = |n: usize| Account {
        id: account(n),
        name: format!("account-{n}"),
        state: AccountState::Active,
        joined_method: None,
        parent: Observed::Gap(gap()),
    };
    Organization {
        id: "o-1".to_owned(),
        arn: arn("arn:aws:organizations::000000000001:organization/o-1"),
        management_account: account(1),
        feature_set: FeatureSet::All,
        root: Observed::Gap(gap()),
        units: Observed::Gap(gap()),
        accounts: (1..=n_accounts).map(|n| (account(n), member(n))).collect(),
        service_control_policies: Observed::Gap(gap()),
        resource_control_policies: Observed::Gap(gap()),
        trusted_services: Observed::Gap(gap()),
        delegated_administrators: Observed::Gap(gap()),
    }
}

fn covered(name: &str) -> Cell {
    Cell::Covered { trails: vec![arn(&format!("arn:aws:cloudtrail:eu-west-1:000000000001:trail/{name}"))] }
}

fn lost() -> Cell {
    Cell::Lost { example: "ec2.amazonaws.com RunInstances".to_owned() }
}

fn matrix(organization: &Organization, rows: Vec<Row>) -> Matrix<'_> {
    let column = |id: &str, events: &str| Column { id: id.to_owned(), events: events.to_owned() };
    Matrix {
        tool_version: "1.0.0",
        collected_at: "2026-11-01T12:00:00Z".parse().expect("a time"),
        organization,
        columns: vec![
            column("management-write", "management write events"),
            column("management-read", "management read events"),
            column("global-services", "management events of global services"),
        ],
        rows,
    }
}

fn row(n: usize, region: &str, cells: [Cell; 3]) -> Row {
    Row { account: account(n), region: Some(region.parse().expect("a region")), cells: cells.into() }
}

fn mixed(n_accounts: usize) -> Vec<Row> {
    let mut rows = vec![];
    for n in 1..=n_accounts {
        rows.push(row(n, "eu-west-1", [covered("org"), covered("org"), Cell::NotApplicable]));
        rows.push(row(n, "us-east-1", [covered("org"), covered("org"), covered("org")]));
    }
    rows.push(row(2, "eu-west-2", [lost(), covered("reads"), Cell::NotApplicable]));
    let unread = [(); 3].map(|()| Cell::Unknown(gap())).into();
    rows.push(Row { account: account(3), region: None, cells: unread });
    rows
}

#[test]
fn the_matrix_for_people_is_worst_first() {
    let organization = organization(3);
    insta::assert_snapshot!(render(&matrix(&organization, mixed(3)), &VIEW));
}

#[test]
fn a_thousand_accounts_fold_into_a_page_that_fits_the_width() {
    let organization = organization(1000);
    let text = render(&matrix(&organization, mixed(1000)), &VIEW);
    assert!(text.lines().count() < 40, "{text}");
    assert!(text.lines().all(|line| textwrap::core::display_width(line) <= 100), "{text}");
    assert!(text.contains("and 997 more"), "{text}");
}

#[test]
fn the_names_scripts_rely_on_stay() {
    let organization = organization(3);
    insta::assert_snapshot!(render_json(&matrix(&organization, mixed(1))).expect("writes"));
}

#[test]
fn an_event_is_explained_trail_by_trail() {
    let organization = organization(3);
    let line = |name: &str, mark, why: Option<&str>| TrailLine {
        trail: arn(&format!("arn:aws:cloudtrail:eu-west-1:000000000001:trail/{name}")),
        mark,
        why: why.map(str::to_owned),
    };
    let explained = Explained {
        organization: &organization,
        account: account(2),
        region: "eu-west-1".parse().expect("a region"),
        event: "kms:DisableKey".to_owned(),
        notes: vec!["a management event of kms.amazonaws.com, that writes".to_owned()],
        answer: Cell::Lost { example: "kms.amazonaws.com DisableKey".to_owned() },
        trails: vec![
            line("org", Mark::Misses, Some("selector 1 takes only events whose eventSource is not kms.amazonaws.com")),
            line("local", Mark::Unknown, Some("its status could not be read")),
        ],
    };
    insta::assert_snapshot!(render_explanation(&explained, &VIEW));
    insta::assert_snapshot!(render_explanation_json(&explained).expect("writes"));
}
