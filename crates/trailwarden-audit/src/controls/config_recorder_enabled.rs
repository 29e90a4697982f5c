//! config-recorder-enabled: AWS Config records every supported resource type.

use trailwarden_model::control::Severity;
use trailwarden_model::finding::Evidence;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::log_source::ConfigRecorder;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::snapshot::{Need, RegionList};

use crate::control::{Applies, Control, Judge, Judged, Regions};
use crate::cx::Cx;
use crate::delivery::nothing_delivered_yet;
use crate::verdict::{Tally, Verdict, enumerate, fact};

const RECORDERS: &str = "config:DescribeConfigurationRecorders";
const STATUS: &str = "config:DescribeConfigurationRecorderStatus";

/// Types that belong to no region: recording them in one region is enough, and AWS advises to leave them out elsewhere.
/// Source: AWS Config API Reference, `RecordingGroup`.
const GLOBAL_TYPES: [&str; 5] =
    ["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User", "AWS::RDS::GlobalCluster"];

pub(super) static CONTROL: Control = Control {
    id: "config-recorder-enabled",
    title: "AWS Config records every resource type",
    severity: Severity::Medium,
    practice: None,
    needs: &[Need::ConfigRecorders],
    rule: "Fails when the region has no configuration recorder of the account's own (recorders of services record for their \
           service alone), or when it is stopped, has no delivery channel, failed last, or leaves out a resource type. Types \
           that belong to no region, such as IAM roles, may be left out; the account must record them in one region, \
           which is judged in the leader region, or in its first region where the leader is not among them. Not \
           known while nothing has been recorded yet.",
    why: "CloudTrail says who called what; AWS Config says what the resource looked like before and after. Without it, an \
          investigation cannot tell what an intruder changed.",
    remedy: "Create a configuration recorder with a delivery channel in every region, record all supported types, and global \
             types in one region.",
    references: &["AWS Config Developer Guide: Recording AWS resources", "AWS Config API Reference: RecordingGroup"],
    frameworks: &[
        ("aws-fsbp-1.0.0", &["Config.1"]),
        ("cis-aws-3.0.0", &["3.3"]),
        ("cis-aws-5.0.0", &["3.3"]),
        ("cis-aws-7.0.0", &["4.3"]),
    ],
    applies: Applies::Always,
    judge: Judge::AccountRegion(Regions::All, judge),
};

fn judge(cx: &Cx<'_>, account: &AccountId, region: &Region) -> Judged {
    let recorders = cx.here(account, region)?.config_recorders.get()?;
    let saw = |text: String, call: &str| fact(text, call, account, Some(region));
    let name = cx.name(account);
    let Some(recorder) = own(recorders) else {
        let services: Vec<&str> =
            recorders.iter().filter_map(|recorder| recorder.service_principal.as_deref()).collect();
        let text = if services.is_empty() {
            "no configuration recorder".to_owned()
        } else {
            format!("only recorders of services: {}", services.join(", "))
        };
        let reason = format!("AWS Config does not record {name} in {region}: {text}");
        return Ok(Verdict::fail(reason).with([saw(text, RECORDERS)]));
    };
    let mut tally = Tally::default();
    for (flaw, call) in flaws(recorder) {
        tally.fail(saw(flaw, call));
    }
    match progress(recorder) {
        Progress::Works => tally.support(saw(format!("recorder {:?} records", recorder.name), STATUS)),
        Progress::Stands => {}
        Progress::Open(words) => tally.gap(nothing_delivered_yet(STATUS, words, account, region)),
    }
    if Some(region) == home_of_globals(cx, account)?.as_ref() {
        judge_globals(cx, account, region, &mut tally)?;
    }
    Ok(tally.settle(
        cx,
        || format!("AWS Config records every resource type of {name} in {region}"),
        |failures| {
            let words: Vec<&str> = failures.iter().map(|failure| failure.fact.as_str()).collect();
            format!("AWS Config does not record every resource type of {name} in {region}: {}", enumerate(&words))
        },
    ))
}

/// The customer's own recorder: AWS allows one per region.
fn own(recorders: &[ConfigRecorder]) -> Option<&ConfigRecorder> {
    recorders.iter().find(|recorder| recorder.service_principal.is_none())
}

fn flaws(recorder: &ConfigRecorder) -> Vec<(String, &'static str)> {
    let name = &recorder.name;
    let mut flaws = Vec::new();
    if !recorder.is_recording {
        flaws.push((format!("recorder {name:?} is stopped"), STATUS));
    }
    if !recorder.has_delivery_channel {
        flaws.push((format!("recorder {name:?} has no delivery channel"), "config:DescribeDeliveryChannels"));
    }
    if has_status(recorder, "FAILURE") {
        let error = recorder.last_error.as_deref().unwrap_or("no reason given");
        flaws.push((format!("the last recording of {name:?} failed: {error}"), STATUS));
    }
    let missed: Vec<&String> =
        recorder.excluded_types.iter().filter(|kind| !GLOBAL_TYPES.contains(&kind.as_str())).collect();
    if !missed.is_empty() {
        flaws.push((format!("recorder {name:?} leaves out {}", enumerate(&missed)), RECORDERS));
    } else if !recorder.records_all_types && recorder.excluded_types.is_empty() {
        flaws.push((format!("recorder {name:?} records only types that are named one by one"), RECORDERS));
    }
    flaws
}

/// What the status of a recorder says.
enum Progress {
    /// It recorded something.
    Works,
    /// It is stopped or failed: a flaw already.
    Stands,
    /// It has not recorded anything yet, or says what this version does not know.
    Open(String),
}

fn progress(recorder: &ConfigRecorder) -> Progress {
    match &recorder.last_status {
        _ if !recorder.is_recording || has_status(recorder, "FAILURE") => Progress::Stands,
        _ if has_status(recorder, "SUCCESS") => Progress::Works,
        Some(status) => Progress::Open(format!("the last status of recorder {:?} is {status}", recorder.name)),
        None => Progress::Open(format!("recorder {:?} has not recorded anything yet", recorder.name)),
    }
}

fn has_status(recorder: &ConfigRecorder, status: &str) -> bool {
    recorder.last_status.as_ref().is_some_and(|last| last.eq_ignore_ascii_case(status))
}

/// True when the recorder records what belongs to no region. By exclusion, everything is recorded that is not left out.
fn records_globals(recorder: &ConfigRecorder) -> bool {
    let by_exclusion = !recorder.records_all_types && !recorder.excluded_types.is_empty();
    let leaves_some_out = GLOBAL_TYPES.iter().any(|kind| recorder.excluded_types.contains(*kind));
    recorder.is_recording && (recorder.includes_global_types || (by_exclusion && !leaves_some_out))
}

/// The region in which it is judged whether global types are recorded anywhere.
fn home_of_globals(cx: &Cx<'_>, account: &AccountId) -> Result<Option<Region>, Gap> {
    let regions = &cx.entered(account)?.regions;
    let leader = cx.leader_region().filter(|leader| regions.contains_key(leader));
    Ok(leader.or_else(|| regions.keys().next().cloned()))
}

/// Looks for a region of the account that records global types. Regions that were not looked at may be the one.
fn judge_globals(cx: &Cx<'_>, account: &AccountId, region: &Region, tally: &mut Tally) -> Result<(), Gap> {
    let seen = cx.entered(account)?;
    let mut unread = None;
    for (other, here) in &seen.regions {
        match &here.config_recorders {
            Observed::Known(recorders) if own(recorders).is_some_and(records_globals) => {
                tally.support(fact("global types are recorded here", RECORDERS, account, Some(other)));
                return Ok(());
            }
            Observed::Known(_) => {}
            Observed::Gap(gap) => unread = unread.or_else(|| Some(gap.clone())),
        }
    }
    if let Observed::Known(RegionList::Assumed(gap)) = &seen.region_list {
        unread = unread.or_else(|| Some(gap.clone()));
    }
    if !cx.snapshot.region_filter.is_empty() {
        unread = unread.or_else(|| Some(Gap::not_collected(RECORDERS, Some(account), None)));
    }
    match unread {
        Some(gap) => tally.gap(gap),
        None => tally.fail(nowhere(account, region)),
    }
    Ok(())
}

fn nowhere(account: &AccountId, region: &Region) -> Evidence {
    fact("no region of the account records global types such as IAM roles", RECORDERS, account, Some(region))
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::{Finding, Outcome};
    use trailwarden_model::log_source::ConfigRecorder;
    use trailwarden_model::observed::Observed;
    use trailwarden_model::snapshot::RegionList;

    use crate::testing::clean::recorder;
    use crate::testing::{HOME, LEADER, WORKLOAD, World, account, denied, region};

    const ID: &str = super::CONTROL.id;

    /// The workload account with one recorder of the home region changed.
    fn changed(change: impl FnOnce(&mut ConfigRecorder)) -> World {
        let mut recorder = recorder();
        change(&mut recorder);
        recorded(HOME, vec![recorder])
    }

    fn recorded(code: &str, recorders: Vec<ConfigRecorder>) -> World {
        World::clean().here(WORKLOAD, code, |here| here.config_recorders = Observed::Known(recorders))
    }

    fn at(world: &World, code: &str) -> Finding {
        world.judge(ID).at_region(WORKLOAD, code).clone()
    }

    fn outcome(change: impl FnOnce(&mut ConfigRecorder)) -> Outcome {
        at(&changed(change), HOME).outcome
    }

    fn excluding(types: &[&str]) -> impl FnOnce(&mut ConfigRecorder) {
        let excluded = types.iter().map(|&kind| kind.to_owned()).collect();
        move |recorder| {
            recorder.records_all_types = false;
            recorder.includes_global_types = false;
            recorder.excluded_types = excluded;
        }
    }

    #[test]
    fn each_flaw_fails() {
        assert_eq!(outcome(|_| {}), Outcome::Pass);
        assert_eq!(outcome(|recorder| recorder.is_recording = false), Outcome::Fail);
        assert_eq!(outcome(|recorder| recorder.has_delivery_channel = false), Outcome::Fail);
        assert_eq!(outcome(|recorder| recorder.last_status = Some("Failure".to_owned())), Outcome::Fail);
        assert_eq!(outcome(excluding(&["AWS::EC2::Instance"])), Outcome::Fail);
        assert_eq!(outcome(|recorder| recorder.records_all_types = false), Outcome::Fail);
    }

    #[test]
    fn no_recorder_or_one_of_a_service_fails() {
        assert_eq!(at(&recorded(HOME, vec![]), HOME).outcome, Outcome::Fail);
        let service = "securityhub.amazonaws.com";
        let linked = ConfigRecorder { service_principal: Some(service.to_owned()), ..recorder() };
        let finding = at(&recorded(HOME, vec![linked.clone()]), HOME);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains(service), "{}", finding.reason);
        assert_eq!(at(&recorded(HOME, vec![linked, recorder()]), HOME).outcome, Outcome::Pass);
    }

    #[test]
    fn a_recorder_that_has_not_recorded_yet_is_not_known_to_work() {
        assert_eq!(outcome(|recorder| recorder.last_status = None), Outcome::Unknown);
        assert_eq!(outcome(|recorder| recorder.last_status = Some("PENDING".to_owned())), Outcome::Unknown);
    }

    #[test]
    fn global_types_are_needed_in_one_region_only() {
        let without = |recorder: &mut ConfigRecorder| recorder.includes_global_types = false;
        let elsewhere = changed(without);
        assert_eq!(at(&elsewhere, HOME).outcome, Outcome::Pass);
        assert_eq!(at(&elsewhere, LEADER).outcome, Outcome::Pass);
        let mut plain = recorder();
        without(&mut plain);
        let nowhere = elsewhere.here(WORKLOAD, LEADER, |here| here.config_recorders = Observed::Known(vec![plain]));
        assert_eq!(at(&nowhere, HOME).outcome, Outcome::Pass, "said once, in the leader region");
        assert_eq!(at(&nowhere, LEADER).outcome, Outcome::Fail);
        let unread =
            nowhere.clone().here(WORKLOAD, HOME, |here| here.config_recorders = Observed::Gap(denied("config:X")));
        assert_eq!(at(&unread, LEADER).outcome, Outcome::Unknown);
        let filtered = nowhere.clone().edit(|snapshot| snapshot.region_filter = [region(LEADER)].into());
        assert_eq!(at(&filtered, LEADER).outcome, Outcome::Unknown);
        let assumed = nowhere.edit(|snapshot| {
            let seen = snapshot.accounts.get_mut(&account(WORKLOAD)).expect("in scope");
            seen.region_list = Observed::Known(RegionList::Assumed(denied("account:ListRegions")));
        });
        assert_eq!(at(&assumed, LEADER).outcome, Outcome::Unknown);
    }

    #[test]
    fn leaving_out_global_types_alone_is_no_flaw_of_a_region() {
        let global = ["AWS::IAM::Role", "AWS::IAM::User", "AWS::RDS::GlobalCluster"];
        assert_eq!(outcome(excluding(&global)), Outcome::Pass);
        let at_leader = |types: &[&str]| {
            let mut excludes = recorder();
            excluding(types)(&mut excludes);
            let world = changed(excluding(&global));
            let recorders = Observed::Known(vec![excludes]);
            at(&world.here(WORKLOAD, LEADER, |here| here.config_recorders = recorders), LEADER).outcome
        };
        assert_eq!(at_leader(&global), Outcome::Fail);
    }

    #[test]
    fn it_is_judged_where_trails_could_not_be_listed_and_unknown_where_it_was_not_read() {
        let hidden = World::clean().unread_region(WORKLOAD, HOME);
        assert_eq!(at(&hidden, HOME).outcome, Outcome::Pass);
        let unread =
            World::clean().here(WORKLOAD, HOME, |here| here.config_recorders = Observed::Gap(denied("config:X")));
        assert_eq!(at(&unread, HOME).outcome, Outcome::Unknown);
    }
}
