//! every-account-audited: each account was entered and each of its regions was read, so that silence means something.

use trailwarden_model::control::Severity;
use trailwarden_model::finding::Evidence;
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::organization::AccountState;
use trailwarden_model::snapshot::{AccountSnapshot, Need, RegionList};

use crate::control::{Accounts, Applies, Control, Judge, Judged};
use crate::cx::Cx;
use crate::verdict::{Tally, Verdict, cause, fact, of_gap};

pub(super) static CONTROL: Control = Control {
    id: "every-account-audited",
    title: "The account could be entered and read in every region",
    severity: Severity::High,
    practice: None,
    needs: &[Need::Trails],
    rule: "Fails when the account could not be entered or the trails of one of its regions could not be listed. \
           Suspended and closed accounts are not applicable.",
    why: "An account that cannot be audited is where nobody would notice that nothing is recorded.",
    remedy: "Create the audit role in the account with the permissions of the audit role file, or name the role that \
             exists there; where a service control policy denies the region, let the audit role through.",
    references: &["Organizations User Guide: Accessing member accounts in an organization"],
    frameworks: &[("nist-800-53-r5", &["AU-6"]), ("iso-27001-2022", &["A.8.16"])],
    applies: Applies::Always,
    judge: Judge::Account(Accounts::OfOrganization, judge),
};

fn judge(cx: &Cx<'_>, account: &AccountId) -> Judged {
    let name = cx.name(account);
    let Some(seen) = cx.snapshot.accounts.get(account) else {
        return Ok(not_in_scope(cx, account, &name));
    };
    if let Observed::Gap(gap) = &seen.entered_as {
        return Ok(unread(format!("Account {name} could not be entered: {}", cause(gap)), gap));
    }
    if let Observed::Gap(gap) = &seen.region_list {
        return Ok(unread(format!("The regions of account {name} are not known: {}", cause(gap)), gap));
    }
    Ok(judge_regions(cx, account, &name, seen))
}

fn unread(reason: String, gap: &Gap) -> Verdict {
    Verdict::fail(reason).with([of_gap(gap)])
}

fn judge_regions(cx: &Cx<'_>, account: &AccountId, name: &str, seen: &AccountSnapshot) -> Verdict {
    let mut tally = Tally::default();
    for (region, here) in &seen.regions {
        if let Observed::Gap(gap) = &here.trails {
            tally.fail(Evidence { account: Some(account.clone()), region: Some(region.clone()), ..of_gap(gap) });
        }
    }
    let assumed = match &seen.region_list {
        Observed::Known(RegionList::Assumed(gap)) => {
            let text = format!("regions are assumed, {}: {}", gap.code, gap.reason);
            tally.support(fact(text, &gap.call, account, None));
            " assumed"
        }
        _ => "",
    };
    let n_regions = seen.regions.len();
    tally.settle(
        cx,
        || format!("Account {name} was entered and read in its {n_regions}{assumed} regions"),
        |failures| {
            let n_unread = failures.len();
            format!("{n_unread} of {n_regions} regions could not be read: {}", Cx::regions(failures))
        },
    )
}

/// An account of the organization without a snapshot: nobody can act in it, or it is news since collection began.
fn not_in_scope(cx: &Cx<'_>, account: &AccountId, name: &str) -> Verdict {
    let state = cx.snapshot.organization.accounts.get(account).map(|known| &known.state);
    let word = match state {
        Some(AccountState::Suspended) => "suspended",
        Some(AccountState::Closed) => "closed",
        Some(AccountState::PendingActivation) => "not yet active",
        _ => return Verdict::fail(format!("Account {name} is missing from the snapshot")),
    };
    Verdict::not_applicable(format!("Account {name} is {word}"))
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;
    use trailwarden_model::organization::AccountState;
    use trailwarden_model::snapshot::RegionList;

    use crate::testing::clean::{ROOT, member};
    use crate::testing::{HOME, WORKLOAD, World, account, denied};

    const ID: &str = super::CONTROL.id;
    const OLD: &str = "444444444444";

    fn with_state(state: AccountState) -> World {
        World::clean().edit(|snapshot| {
            let (id, mut known) = member(OLD, "old", ROOT);
            known.state = state;
            snapshot.organization.accounts.insert(id, known);
        })
    }

    #[test]
    fn read_everywhere_passes() {
        assert_eq!(World::clean().judge(ID).outcomes(), [Outcome::Pass].into());
    }

    #[test]
    fn an_account_that_was_not_entered_fails_with_the_call() {
        let findings = World::clean().unentered(WORKLOAD).judge(ID);
        let finding = findings.at(WORKLOAD);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("sts:AssumeRole"), "{}", finding.reason);
        assert!(finding.evidence.iter().any(|e| e.fact.contains("AccountNotEntered")));
    }

    #[test]
    fn a_region_that_was_not_read_fails() {
        let findings = World::clean().unread_region(WORKLOAD, HOME).judge(ID);
        assert_eq!(findings.at(WORKLOAD).outcome, Outcome::Fail);
        assert!(findings.at(WORKLOAD).reason.contains("eu-west-1"));
    }

    #[test]
    fn assumed_regions_pass_and_are_said() {
        let world = World::clean().edit(|snapshot| {
            let seen = snapshot.accounts.get_mut(&account(WORKLOAD)).expect("in scope");
            seen.region_list = Observed::Known(RegionList::Assumed(denied("account:ListRegions")));
        });
        let findings = world.judge(ID);
        assert_eq!(findings.at(WORKLOAD).outcome, Outcome::Pass);
        assert!(findings.at(WORKLOAD).evidence.iter().any(|e| e.fact.contains("assumed")));
    }

    #[test]
    fn suspended_and_closed_accounts_are_listed_and_nothing_else_is_said_of_them() {
        for state in [AccountState::Suspended, AccountState::Closed] {
            assert_eq!(with_state(state).judge(ID).at(OLD).outcome, Outcome::NotApplicable);
        }
        let others = with_state(AccountState::Suspended).judge("multi-region-trail-enabled");
        assert!(others.0.iter().all(|finding| finding.account != account(OLD)));
    }

    #[test]
    fn excluded_accounts_give_no_finding() {
        let world = with_state(AccountState::Active).edit(|snapshot| {
            snapshot.excluded.insert(account(OLD));
        });
        assert!(world.judge(ID).0.iter().all(|finding| finding.account != account(OLD)));
    }

    #[test]
    fn an_active_account_without_a_snapshot_fails() {
        assert_eq!(with_state(AccountState::Active).judge(ID).at(OLD).outcome, Outcome::Fail);
    }
}
