//! Cases about logs besides CloudTrail's, and about who administers it.

use trailwarden_model::log_source::{FlowLog, Vpc, WebAcl};
use trailwarden_model::observed::Observed;
use trailwarden_model::organization::{CLOUDTRAIL_PRINCIPAL, DelegatedAdministrator};

use super::Case;
use crate::testing::{HOME, LEADER, WORKLOAD, World, account, arn, denied};

pub(super) const CASES: &[Case] = &[
    Case { name: "config-recorder-partial", world: recorder_partial },
    Case { name: "other-logs-missing", world: missing },
    Case { name: "other-logs-unread", world: unread },
    Case { name: "service-recorder-only", world: service_recorder_only },
];

fn vpc(id: &str, flow_logs: Vec<FlowLog>) -> Vpc {
    Vpc { id: id.to_owned(), owner: account(WORKLOAD), is_default: false, flow_logs }
}

fn flow_log(traffic: &str) -> FlowLog {
    FlowLog {
        id: "fl-0a".to_owned(),
        status: "ACTIVE".to_owned(),
        delivery_status: Some("SUCCESS".to_owned()),
        delivery_error: None,
        traffic: traffic.to_owned(),
        destination_type: "s3".to_owned(),
    }
}

fn web_acl(destinations: &[&str]) -> WebAcl {
    WebAcl {
        arn: arn("arn:aws:wafv2:eu-west-1:333333333333:regional/webacl/front/0a"),
        name: "front".to_owned(),
        is_global: false,
        log_destinations: destinations.iter().map(|&text| text.to_owned()).collect(),
    }
}

/// It runs, and leaves out what nobody thought of when it was made.
fn recorder_partial() -> World {
    World::clean().here(WORKLOAD, HOME, |here| {
        if let Observed::Known(recorders) = &mut here.config_recorders {
            recorders.iter_mut().for_each(|recorder| recorder.records_all_types = false);
        }
    })
}

/// A recorder is there and records; it is a service's own and records for that service alone.
fn service_recorder_only() -> World {
    World::clean().here(WORKLOAD, HOME, |here| {
        if let Observed::Known(recorders) = &mut here.config_recorders {
            let service = Some("fleet.example.amazonaws.com".to_owned());
            recorders.iter_mut().for_each(|recorder| recorder.service_principal.clone_from(&service));
        }
    })
}

/// A stopped recorder, a VPC that logs accepted traffic only, a web ACL without logs, and an administrator nobody declared.
/// Elsewhere there is a VPC and a web ACL with everything right.
fn missing() -> World {
    World::clean()
        .here(WORKLOAD, HOME, |here| {
            if let Observed::Known(recorders) = &mut here.config_recorders {
                recorders.iter_mut().for_each(|recorder| recorder.is_recording = false);
            }
            here.vpcs = Observed::Known(vec![vpc("vpc-0a", vec![flow_log("ACCEPT")])]);
            here.web_acls = Observed::Known(vec![web_acl(&[])]);
        })
        .here(WORKLOAD, LEADER, |here| {
            here.vpcs = Observed::Known(vec![vpc("vpc-0b", vec![flow_log("REJECT")])]);
            here.web_acls = Observed::Known(vec![web_acl(&["arn:aws:s3:::aws-waf-logs-acme"])]);
        })
        .edit(|snapshot| {
            let services = Observed::Known([CLOUDTRAIL_PRINCIPAL.to_owned()].into());
            snapshot.organization.delegated_administrators =
                Observed::Known(vec![DelegatedAdministrator { account: account(WORKLOAD), services }]);
        })
}

/// The same things, not readable in one region.
fn unread() -> World {
    World::clean()
        .here(WORKLOAD, HOME, |here| {
            here.config_recorders = Observed::Gap(denied("config:DescribeConfigurationRecorders"));
            here.vpcs = Observed::Gap(denied("ec2:DescribeVpcs"));
            here.web_acls = Observed::Gap(denied("wafv2:ListWebACLs"));
        })
        .edit(|snapshot| {
            let gap = denied("organizations:ListDelegatedAdministrators");
            snapshot.organization.delegated_administrators = Observed::Gap(gap);
        })
}
