//! Whether promises are found to hold, and to be broken.

use serde_json::json;
use trailwarden_apply::verify_steps;
use trailwarden_model::journal::{Direction, Outcome};
use trailwarden_model::plan::{Aspect, Before, Call, Plan, Rollback, Subject};
use trailwarden_model::verification::Promise;

use crate::bench::Bench;
use crate::plans;
use crate::time::run;
use crate::world::{Fault, Kill, gap};

fn verify(bench: &Bench) -> std::collections::BTreeMap<String, Promise> {
    let files = bench.files();
    run(&bench.world.time, &bench.world.killed, verify_steps(&files.plan, &files.run, &bench.world)).unwrap()
}

#[test]
fn every_promise_of_an_applied_plan_holds() {
    let bench = Bench::applied();
    let promises = verify(&bench);
    assert_eq!(promises.len(), 30);
    assert!(promises.values().all(|promise| *promise == Promise::Holds), "{promises:?}");
}

#[test]
fn what_moved_could_not_be_seen_or_was_not_made_is_told_apart() {
    let bench = Bench::thirty();
    bench.world.fault("s014", Direction::Forward, &[Fault::LoseCall, Fault::LoseCall]);
    assert!(bench.apply().expect("not killed").is_ok());
    let (trail, unseen, key) = (bench.subject("s010"), bench.subject("s004"), bench.subject("s001"));
    bench.world.meddle(&trail, json!(false));
    bench.world.with(|state| state.gaps.insert(unseen.clone(), 1));
    // Another key under the same tag is not the one that the bucket uses.
    let other = json!({"Arn": "arn:aws:kms:eu-west-1:222222222222:key/other", "KeyId": "other", "KeyState": "Enabled"});
    bench.world.meddle(&key, other.clone());
    let promises = verify(&bench);
    assert_eq!(promises["s010"], Promise::Diverged(json!(false)));
    assert_eq!(promises["s004"], Promise::Unknown(gap(&unseen)));
    assert_eq!(promises["s001"], Promise::Diverged(other));
    assert_eq!((&promises["s014"], &promises["s015"]), (&Promise::NotDone, &Promise::NotDone));
    assert_eq!(promises["s011"], Promise::Holds, "its retention is another step's");
}

#[test]
fn whoever_confirms_a_subscription_breaks_no_promise() {
    let (topic, protocol, endpoint) =
        (format!("arn:aws:sns:eu-west-1:{}:trail", plans::MANAGEMENT), "email".to_owned(), "a@example.org".to_owned());
    let call = Call::Subscribe { topic_arn: topic.clone(), protocol: protocol.clone(), endpoint: endpoint.clone() };
    let subject: Subject = plans::subject(plans::MANAGEMENT, Aspect::Subscription { topic, protocol, endpoint });
    let kept = Rollback::Keep("it goes away by itself".to_owned());
    let after = json!({"Confirmed": false});
    let subscribed = plans::step(subject.clone(), call, Before::Is(json!(null)), after, kept);
    let bench = Bench::new(plans::sealed(Plan { steps: vec![subscribed], ..plans::empty() }), &[]);
    bench.world.kill_at(Some(Kill::AfterCall("s001".to_owned(), Direction::Forward)));
    assert!(bench.apply().is_none(), "killed");

    bench.world.meddle(&subject, json!({"Confirmed": true}));
    let report = bench.resume().expect("not killed").expect("goes on");
    assert_eq!(report.outcome, Outcome::Applied);
    assert_eq!(verify(&bench)["s001"], Promise::Holds);

    bench.world.meddle(&subject, json!(null));
    assert_eq!(verify(&bench)["s001"], Promise::Diverged(json!(null)));
}
