//! Rollouts in which something happens on the way: what the program says, and that going on ends where it should.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use trailwarden_sandbox::faults::{Effect, Fault};
use trailwarden_sandbox::world::World;

use super::scripts::{ARCHIVE, MANAGEMENT, SECURITY, SHOP, WORKLOADS, normal, unguarded};
use super::{apply, kept, organization, planned, resume};
use crate::remedy::{Desk, Planned};
use crate::support::Run;

/// Longer than applying takes until it looks at the time, however busy the machine is.
pub(super) const SOAK: Duration = Duration::from_secs(10);

/// Planned with the archive's OU as canary and the workloads next, and the first stage done.
fn soaking() -> (Desk, Planned) {
    soaking_with(|_| {})
}

/// The same with something more in the world.
pub(super) fn soaking_with(change: impl FnOnce(&mut World)) -> (Desk, Planned) {
    begun(unguarded(change), &format!("{}s", SOAK.as_secs()))
}

fn begun(desk: Desk, soak: &str) -> (Desk, Planned) {
    let arguments = ["--profile", "minimal", "--soak", soak, "--stages", SECURITY, "--target", WORKLOADS];
    let planned = planned(&desk, &arguments);
    let run = apply(&desk, &planned, &[]);
    assert_eq!(run.code, Some(33), "{run:?}");
    (desk, planned)
}

/// The run that is gone on with after the soak, in which somebody changed the world; it makes nothing.
fn gone_on(change: impl FnOnce(&mut World)) -> (String, Run) {
    let (desk, planned) = soaking();
    let desk = desk.changed(change);
    let before = kept(&desk);
    thread::sleep(SOAK);
    let run = resume(&desk, &planned, &[]);
    assert_eq!(kept(&desk), before);
    (said(&desk, &planned, &run), run)
}

/// What a run said, without what no two runs share.
fn said(desk: &Desk, planned: &Planned, run: &Run) -> String {
    let text = format!("exit code {:?}\n--- stdout\n{}--- stderr\n{}", run.code, run.stdout, run.stderr);
    normal(&text, desk, &planned.plan)
}

#[test]
fn a_stage_that_soaks_says_what_holds_and_how_to_go_on() {
    let (desk, planned) = begun(unguarded(|_| {}), "1h");
    let run = resume(&desk, &planned, &[]);
    insta::assert_snapshot!(said(&desk, &planned, &run));
    assert_eq!(run.code, Some(33));
}

#[test]
fn after_the_soak_the_next_stage_is_made() {
    let (desk, planned) = soaking();
    thread::sleep(SOAK);
    let run = resume(&desk, &planned, &[]);
    insta::assert_snapshot!(said(&desk, &planned, &run));
    assert_eq!(run.code, Some(0));
}

#[test]
fn an_account_that_moved_between_the_stages_is_said_and_no_stage_begun() {
    let (said, run) = gone_on(|world| {
        let shop = organization(world).accounts.get_mut(&super::id(SHOP)).expect("the account");
        shop.parent = SECURITY.to_owned();
    });
    insta::assert_snapshot!(said);
    assert_eq!(run.code, Some(30));
}

#[test]
fn an_account_that_left_the_canary_during_the_soak_is_found_open_by_proof() {
    // What is not proved may only not be reported yet: two minutes go by.
    let (said, run) = gone_on(|world| {
        let root = organization(world).root.clone();
        organization(world).accounts.get_mut(&super::id(ARCHIVE)).expect("the account").parent = root;
    });
    insta::assert_snapshot!(said);
    assert_eq!(run.code, Some(30));
}

#[test]
fn somebody_who_detaches_during_the_soak_is_noticed_before_the_next_stage() {
    let (said, run) = gone_on(|world| {
        let organization = organization(world);
        let (ours, _) =
            organization.policies.iter().find(|(_, policy)| policy.name.starts_with("trailwarden-")).expect("ours");
        let ours = ours.clone();
        organization.attachments.get_mut(SECURITY).expect("attached").remove(&ours);
    });
    insta::assert_snapshot!(said);
    assert_eq!(run.code, Some(32));
}

#[test]
fn somebody_who_changes_what_our_policy_says_during_the_soak_is_noticed() {
    // What our policy says is replaced behind the run's back: it is still attached.
    let (said, run) = gone_on(|world| {
        let ours = organization(world).policies.values_mut().find(|policy| policy.name.starts_with("trailwarden-"));
        let nothing = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"cloudtrail:DeleteTrail","Resource":"*"}]}"#;
        ours.expect("ours").content = nothing.to_owned();
    });
    insta::assert_snapshot!(said);
    assert!(matches!(run.code, Some(30 | 32)), "{run:?}");
}

#[test]
fn throttled_and_killed_in_the_middle_of_attaching_it_goes_on_where_it_was() {
    let fresh = || unguarded(|_| {});
    let arguments = ["--profile", "standard", "--soak", "0s", "--stages", SHOP, SECURITY];
    let undisturbed = fresh();
    let wanted = {
        let planned = planned(&undisturbed, &arguments);
        assert_eq!(apply(&undisturbed, &planned, &[]).code, Some(0));
        canon(&undisturbed)
    };
    for n_lines in [2, 4, 5, 6, 7, 9] {
        let desk = fresh();
        let before = kept(&desk);
        let planned = planned(&desk, &arguments);
        let throttled = Fault { times: Some(2), ..Fault::on("organizations", "AttachPolicy", Effect::Throttle) };
        desk.served.sandbox().inject(throttled);
        let lost = Fault { after: 2, times: Some(1), ..Fault::on("organizations", "AttachPolicy", Effect::DropAfter) };
        desk.served.sandbox().inject(lost);
        let journal = desk.folder.path().join("runs").join(planned.run()).join("journal.jsonl");
        let file = planned.file.to_str().expect("UTF-8");
        let command = ["apply", file, "--approve", &planned.plan.digest, "--runs", &desk.runs()];
        let mut child = desk.program(&command).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        while fs::read_to_string(&journal).unwrap_or_default().lines().count() < n_lines {
            assert!(child.try_wait().expect("a child").is_none(), "it ended before line {n_lines}");
            thread::sleep(Duration::from_millis(5));
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
        let run = resume(&desk, &planned, &[]);
        assert_eq!(run.code, Some(0), "killed at line {n_lines}: {run:?}");
        assert_eq!(canon(&desk), wanted, "killed at line {n_lines}");
        assert_eq!(desk.roll_back(&planned).code, Some(30));
        assert_eq!(kept(&desk), before, "killed at line {n_lines}");
    }
}

/// The organization with our policies called by their names.
fn canon(desk: &Desk) -> String {
    let mut text = kept(desk);
    for (id, policy) in &desk.world().organization.expect("an organization").policies {
        if policy.name.starts_with("trailwarden-") {
            text = text.replace(id, &policy.name);
        }
    }
    text
}

#[test]
fn a_call_that_is_refused_ends_the_run_and_says_what_is_needed() {
    let desk = unguarded(|_| {});
    let planned = planned(&desk, &["--profile", "minimal", "--soak", "0s", "--stages", SHOP]);
    let denied = Fault {
        account: Some(MANAGEMENT.to_owned()),
        ..Fault::error("organizations", "AttachPolicy", "AccessDeniedException")
    };
    desk.served.sandbox().inject(denied);
    let run = apply(&desk, &planned, &[]);
    insta::assert_snapshot!(said(&desk, &planned, &run));
    assert_eq!(run.code, Some(30));
    desk.served.sandbox().clear_faults();
    assert_eq!(resume(&desk, &planned, &[]).code, Some(0));
}
