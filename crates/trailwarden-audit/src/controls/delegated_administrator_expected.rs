//! delegated-administrator-expected: CloudTrail is administered by exactly the accounts of the baseline.

use std::collections::BTreeSet;

use trailwarden_model::control::Severity;
use trailwarden_model::finding::Evidence;
use trailwarden_model::ids::AccountId;
use trailwarden_model::organization::CLOUDTRAIL_PRINCIPAL;
use trailwarden_model::snapshot::Need;

use crate::control::{Applies, Control, Judge, Judged};
use crate::cx::Cx;
use crate::verdict::{Tally, enumerate, fact};

pub(super) static CONTROL: Control = Control {
    id: "delegated-administrator-expected",
    title: "Only declared accounts administer CloudTrail",
    severity: Severity::High,
    practice: None,
    needs: &[Need::DelegatedAdministrators],
    rule: "Fails when an account is a delegated administrator for CloudTrail and the baseline does not declare it, or when \
           the baseline declares one that is not registered. Without either, there is nothing to object to.",
    why: "A delegated administrator may stop, change and delete the organization trail. One that nobody expects is a back \
          door out of the reach of the management account's owners; one that is missing cannot do its work in an incident.",
    remedy: "Deregister the account with cloudtrail:DeregisterOrganizationDelegatedAdmin, or register the declared one with \
             cloudtrail:RegisterOrganizationDelegatedAdmin, or correct delegated_administrators in the baseline.",
    references: &["CloudTrail User Guide: Organization delegated administrator"],
    frameworks: &[("cis-aws-7.0.0", &["2.1.6"]), ("nist-800-53-r5", &["AC-6"])],
    applies: Applies::Always,
    judge: Judge::Organization(judge),
};

fn judge(cx: &Cx<'_>) -> Judged {
    let declared = &cx.baseline.delegated_administrators;
    let mut tally = Tally::default();
    let mut accounted: BTreeSet<&AccountId> = BTreeSet::new();
    for administrator in cx.snapshot.organization.delegated_administrators.get()? {
        let account = &administrator.account;
        let services = match administrator.services.get() {
            Ok(services) => services,
            Err(gap) => {
                accounted.insert(account);
                tally.gap(gap);
                continue;
            }
        };
        if services.contains(CLOUDTRAIL_PRINCIPAL) {
            accounted.insert(account);
            match declared.contains(account) {
                true => tally.support(saw(cx, format!("{} is registered and declared", cx.name(account)))),
                false => tally.fail(saw(cx, format!("{} is registered and not declared", cx.name(account)))),
            }
        }
    }
    for account in declared.iter().filter(|account| !accounted.contains(account)) {
        tally.fail(saw(cx, format!("{} is declared and not registered", cx.name(account))));
    }
    if tally.is_empty() {
        tally.support(saw(cx, "no account administers CloudTrail besides the management account".to_owned()));
    }
    Ok(tally.settle(
        cx,
        || "The delegated administrators for CloudTrail are those of the baseline".to_owned(),
        |failures| {
            let words: Vec<&str> = failures.iter().map(|failure| failure.fact.as_str()).collect();
            format!("The delegated administrators for CloudTrail are not those of the baseline: {}", enumerate(&words))
        },
    ))
}

fn saw(cx: &Cx<'_>, text: String) -> Evidence {
    let management = &cx.snapshot.organization.management_account;
    fact(text, "organizations:ListDelegatedAdministrators", management, None)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;
    use trailwarden_model::organization::{CLOUDTRAIL_PRINCIPAL, DelegatedAdministrator};

    use crate::testing::{ARCHIVE, WORKLOAD, World, account, denied};

    const ID: &str = super::CONTROL.id;

    fn administrator(id: &str, service: &str) -> DelegatedAdministrator {
        let services = Observed::Known(BTreeSet::from([service.to_owned()]));
        DelegatedAdministrator { account: account(id), services }
    }

    fn world(registered: Vec<DelegatedAdministrator>, declared: &[&str]) -> World {
        World::clean()
            .edit(|snapshot| snapshot.organization.delegated_administrators = Observed::Known(registered))
            .baseline(|baseline| baseline.delegated_administrators = declared.iter().map(|id| account(id)).collect())
    }

    fn outcome(registered: Vec<DelegatedAdministrator>, declared: &[&str]) -> Outcome {
        world(registered, declared).judge(ID).only().outcome
    }

    #[test]
    fn none_or_the_declared_one_passes() {
        assert_eq!(outcome(vec![], &[]), Outcome::Pass);
        assert_eq!(outcome(vec![administrator(ARCHIVE, CLOUDTRAIL_PRINCIPAL)], &[ARCHIVE]), Outcome::Pass);
    }

    #[test]
    fn an_undeclared_and_a_missing_one_fail_and_are_named() {
        let other = world(vec![administrator(WORKLOAD, CLOUDTRAIL_PRINCIPAL)], &[ARCHIVE]);
        let reason = other.judge(ID).only().reason.clone();
        assert!(reason.contains("payments (333333333333) is registered and not declared"), "{reason}");
        assert!(reason.contains("log-archive (222222222222) is declared and not registered"), "{reason}");
        assert_eq!(outcome(vec![administrator(WORKLOAD, CLOUDTRAIL_PRINCIPAL)], &[]), Outcome::Fail);
        assert_eq!(outcome(vec![], &[ARCHIVE]), Outcome::Fail);
    }

    #[test]
    fn administrators_of_other_services_do_not_count() {
        assert_eq!(outcome(vec![administrator(WORKLOAD, "config.amazonaws.com")], &[]), Outcome::Pass);
        assert_eq!(outcome(vec![administrator(ARCHIVE, "config.amazonaws.com")], &[ARCHIVE]), Outcome::Fail);
    }

    #[test]
    fn an_account_whose_services_could_not_be_read_may_be_either() {
        let unread =
            |id| DelegatedAdministrator { account: account(id), services: Observed::Gap(denied("organizations:X")) };
        assert_eq!(outcome(vec![unread(ARCHIVE)], &[ARCHIVE]), Outcome::Unknown);
        assert_eq!(outcome(vec![unread(WORKLOAD)], &[]), Outcome::Unknown);
        let beside = vec![unread(WORKLOAD), administrator(ARCHIVE, CLOUDTRAIL_PRINCIPAL)];
        assert_eq!(outcome(beside, &[]), Outcome::Fail);
        let unlisted = World::clean().edit(|snapshot| {
            snapshot.organization.delegated_administrators = Observed::Gap(denied("organizations:X"));
        });
        assert_eq!(unlisted.judge(ID).only().outcome, Outcome::Unknown);
    }
}
