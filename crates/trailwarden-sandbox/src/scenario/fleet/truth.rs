//! What an exact audit of a fleet finds: the outcome of each control, and where the local trails depart from it.

use trailwarden_model::finding::Outcome;
use trailwarden_model::ids::AccountId;

use super::{Local, locals};
use crate::scenario::file::File;
use crate::scenario::truth::{Exception, Expected, Truth};

/// Regions that every account of partition `aws` has.
const N_REGIONS: usize = 17;

/// What a control has one finding for.
#[derive(Clone, Copy)]
enum Per {
    Organization,
    Account,
    Region,
    Trail,
    Bucket,
    Key,
    Group,
}

/// Every control, with the outcome of everything that is as the fixed part of the fleet. Nothing but CloudTrail is set up.
const OUTCOMES: &[(&str, Per, Outcome)] = &[
    ("multi-region-trail-enabled", Per::Account, Outcome::Pass),
    ("management-events-recorded", Per::Region, Outcome::Pass),
    ("management-event-sources-not-excluded", Per::Region, Outcome::Pass),
    ("global-service-events-recorded", Per::Account, Outcome::Pass),
    ("data-events-recorded", Per::Account, Outcome::NotApplicable),
    ("network-activity-events-recorded", Per::Account, Outcome::NotApplicable),
    ("insights-enabled", Per::Trail, Outcome::NotApplicable),
    ("organization-trail-enabled", Per::Organization, Outcome::Pass),
    ("logs-centralized", Per::Account, Outcome::Pass),
    ("trail-is-logging", Per::Trail, Outcome::Pass),
    ("log-delivery-healthy", Per::Trail, Outcome::Pass),
    ("digest-delivery-healthy", Per::Trail, Outcome::Pass),
    ("notification-delivery-healthy", Per::Trail, Outcome::NotApplicable),
    ("log-file-validation-enabled", Per::Trail, Outcome::Pass),
    ("trail-encrypted-with-kms", Per::Trail, Outcome::Pass),
    ("kms-key-usable", Per::Key, Outcome::Pass),
    ("kms-key-policy-least-privilege", Per::Key, Outcome::Pass),
    ("kms-key-rotation-enabled", Per::Key, Outcome::Pass),
    ("log-bucket-exists", Per::Bucket, Outcome::Pass),
    ("log-bucket-not-public", Per::Bucket, Outcome::Pass),
    ("log-bucket-policy-correct", Per::Bucket, Outcome::Pass),
    ("log-bucket-transport-encrypted", Per::Bucket, Outcome::Fail),
    ("log-bucket-access-logging-enabled", Per::Bucket, Outcome::Fail),
    ("log-bucket-versioned-and-locked", Per::Bucket, Outcome::Fail),
    ("log-bucket-lifecycle-configured", Per::Bucket, Outcome::Pass),
    ("log-bucket-retention-sufficient", Per::Bucket, Outcome::Pass),
    ("log-bucket-replicated", Per::Bucket, Outcome::NotApplicable),
    ("cloudwatch-logs-delivery-healthy", Per::Trail, Outcome::Pass),
    ("log-group-retained-and-encrypted", Per::Group, Outcome::Pass),
    ("log-delivery-role-valid", Per::Group, Outcome::Pass),
    ("tamper-alarms-actionable", Per::Trail, Outcome::Fail),
    ("all-features-enabled", Per::Organization, Outcome::Pass),
    ("trusted-access-enabled", Per::Organization, Outcome::Pass),
    ("delegated-administrator-expected", Per::Organization, Outcome::Pass),
    ("every-account-audited", Per::Account, Outcome::Pass),
    ("scp-policy-type-enabled", Per::Organization, Outcome::Pass),
    ("tampering-denied-by-scp", Per::Account, Outcome::Pass),
    ("scp-exceptions-declared", Per::Account, Outcome::Pass),
    ("leaving-organization-denied", Per::Account, Outcome::Pass),
    ("log-archive-guarded", Per::Account, Outcome::NotApplicable),
    ("scp-headroom-sufficient", Per::Organization, Outcome::Pass),
    ("tamper-events-routed", Per::Account, Outcome::NotApplicable),
    ("no-recent-tampering", Per::Region, Outcome::Pass),
    ("management-account-guarded", Per::Organization, Outcome::Fail),
    ("no-redundant-management-event-copies", Per::Region, Outcome::Pass),
    ("no-log-bucket-feedback-loop", Per::Trail, Outcome::Pass),
    ("trails-match-baseline", Per::Trail, Outcome::NotApplicable),
    ("event-data-stores-protected", Per::Region, Outcome::NotApplicable),
    ("config-recorder-enabled", Per::Region, Outcome::Fail),
    ("vpc-flow-logs-enabled", Per::Region, Outcome::Fail),
    ("waf-logging-enabled", Per::Region, Outcome::NotApplicable),
];

/// What an exact audit of the fleet finds.
pub(in crate::scenario) fn truth(file: &File) -> Truth {
    let locals = locals(file);
    let n_accounts = file.account.len();
    let n_findings = |per: Per| match per {
        // The organization trail has one key and one log group; local trails have neither.
        Per::Organization | Per::Key | Per::Group => 1,
        Per::Account => n_accounts,
        Per::Region => n_accounts * N_REGIONS,
        Per::Trail | Per::Bucket => locals.len() + 1,
    };
    let expected = |(id, per, default): &(&str, Per, Outcome)| {
        let except = departures(id, file, &locals);
        ((*id).to_owned(), Expected { findings: n_findings(*per), default: *default, except })
    };
    Truth { controls: OUTCOMES.iter().map(expected).collect() }
}

/// Where a control's outcome departs from the usual one.
fn departures(control: &str, file: &File, locals: &[Local]) -> Vec<Exception> {
    match control {
        "trail-encrypted-with-kms" | "cloudwatch-logs-delivery-healthy" => locals.iter().map(at_trail).collect(),
        "log-bucket-lifecycle-configured" => locals.iter().map(at_bucket).collect(),
        "no-redundant-management-event-copies" => locals.iter().map(at_home).collect(),
        "tampering-denied-by-scp" | "scp-exceptions-declared" | "leaving-organization-denied" => {
            vec![of(Outcome::NotApplicable, vec![file.organization.management.clone()])]
        }
        "log-archive-guarded" => {
            let archives = of(Outcome::Pass, file.kms.keys().cloned().collect());
            let unguarded = locals.iter().map(|local| of(Outcome::Fail, vec![local.account.clone()]));
            std::iter::once(archives).chain(unguarded).collect()
        }
        _ => Vec::new(),
    }
}

fn of(outcome: Outcome, accounts: Vec<AccountId>) -> Exception {
    Exception { outcome, accounts, regions: Vec::new(), resources: Vec::new() }
}

fn at_trail(local: &Local) -> Exception {
    Exception { resources: vec![Some(local.arn())], ..of(Outcome::Fail, Vec::new()) }
}

fn at_bucket(local: &Local) -> Exception {
    Exception { resources: vec![Some(format!("arn:aws:s3:::{}", local.bucket))], ..of(Outcome::Fail, Vec::new()) }
}

fn at_home(local: &Local) -> Exception {
    Exception { regions: vec![Some(local.home.clone())], ..of(Outcome::Fail, vec![local.account.clone()]) }
}
