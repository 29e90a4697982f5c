//! Every call that a plan can hold, made against the sandbox, with what is seen of its subject before and after; and what a
//! call without an answer leaves behind.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use trailwarden_apply::{Certainty, Cloud, Refusal};
use trailwarden_aws::{Session, look_reads};
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::plan::{Aspect, Call, Place, Subject};
use trailwarden_sandbox::faults::{Effect, Fault};

use crate::served::Served;

mod monitoring;
mod policies;
mod recording;
mod storage;

const MANAGEMENT: &str = "104466128790";
const MEMBER: &str = "215577239801";

/// A session in an empty organization, and what it was used for.
struct Desk {
    served: Served,
    session: Session,
    made: RefCell<BTreeSet<String>>,
    seen: RefCell<BTreeSet<String>>,
}

impl Desk {
    fn open() -> Self {
        let served = Served::scenario("blank");
        let session = served.session();
        Self { served, session, made: RefCell::default(), seen: RefCell::default() }
    }

    fn try_look(&self, place: &Place, aspect: &Aspect) -> Result<Value, Gap> {
        let before = self.session.calls();
        let subject = Subject { place: place.clone(), aspect: aspect.clone() };
        let seen = self.served.wait(self.session.look(&subject));
        let declared: BTreeSet<&str> =
            look_reads(aspect).iter().map(|read| read.operation).chain(["sts:AssumeRole"]).collect();
        for (operation, n) in self.session.calls() {
            let is_new = before.get(operation) != Some(&n);
            assert!(!is_new || declared.contains(operation), "{aspect:?} calls {operation} without saying so");
        }
        self.seen.borrow_mut().insert(kind(aspect));
        seen
    }

    fn look(&self, place: &Place, aspect: &Aspect) -> Value {
        self.try_look(place, aspect).unwrap_or_else(|gap| panic!("{aspect:?}: {gap}"))
    }

    fn perform(&self, place: &Place, call: &Call) -> Result<(), Refusal> {
        self.made.borrow_mut().insert(call.operation());
        self.served.wait(self.session.perform(place, call))
    }

    /// Makes the call, again where AWS was too busy for it.
    fn done(&self, place: &Place, call: &Call) {
        while let Err(refusal) = self.perform(place, call) {
            assert_eq!(refusal.certainty, Certainty::Throttled, "{call:?}: {refusal}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Looks, makes the call, looks again.
    fn change(&self, place: &Place, aspect: &Aspect, before: &Value, call: &Call, after: &Value) {
        assert_eq!(self.look(place, aspect), *before, "before {call:?}");
        self.done(place, call);
        assert_eq!(self.look(place, aspect), *after, "after {call:?}");
    }
}

fn kind(aspect: &Aspect) -> String {
    serde_json::to_value(aspect).expect("writes")["of"].as_str().expect("a kind").to_owned()
}

fn place(account: &str) -> Place {
    Place { account: account.parse().expect("an account"), region: "eu-west-1".parse().expect("a region") }
}

/// A policy as a text, the way the API takes it.
fn text(policy: &Value) -> String {
    policy.to_string()
}

#[test]
fn every_call_does_what_its_aspect_shows() {
    let desk = Desk::open();
    storage::organization(&desk);
    policies::service_control(&desk);
    let role = storage::role(&desk);
    let key = storage::key(&desk);
    storage::bucket(&desk, &key);
    monitoring::group(&desk, &key);
    monitoring::alarm(&desk);
    monitoring::topic(&desk);
    recording::trail(&desk, &role);
    recording::event_data_store(&desk);
    recording::recorder(&desk);
    storage::removal(&desk, &key);
    let every: BTreeSet<String> = Call::every().iter().map(Call::operation).collect();
    assert_eq!(every.difference(&desk.made.borrow()).collect::<Vec<_>>(), Vec::<&String>::new());
    let every: BTreeSet<String> = Aspect::every().iter().map(kind).collect();
    assert_eq!(every.difference(&desk.seen.borrow()).collect::<Vec<_>>(), Vec::<&String>::new());
}

fn create_group() -> Call {
    Call::CreateLogGroup { log_group_name: "g".to_owned(), kms_key_id: None, tags: [].into() }
}

fn requests(desk: &Desk, operation: &str) -> u64 {
    desk.served.sandbox().stats().get(operation).copied().unwrap_or_default()
}

#[test]
fn a_call_without_an_answer_is_in_doubt_and_was_sent_once() {
    let desk = Desk::open();
    for (effect, certainty) in [
        (Effect::Drop, Certainty::InDoubt),
        (Effect::Error { code: "InternalFailure".to_owned(), status: 500 }, Certainty::InDoubt),
        (Effect::Throttle, Certainty::Throttled),
        (Effect::Error { code: "LimitExceededException".to_owned(), status: 400 }, Certainty::NothingChanged),
    ] {
        let before = requests(&desk, "logs:CreateLogGroup");
        desk.served.sandbox().inject(Fault::on("logs", "CreateLogGroup", effect.clone()));
        let refusal = desk.perform(&place(MEMBER), &create_group()).expect_err("no success");
        assert_eq!(refusal.certainty, certainty, "{effect:?}: {refusal}");
        assert_eq!(requests(&desk, "logs:CreateLogGroup"), before + 1, "{effect:?} was repeated");
        desk.served.sandbox().clear_faults();
    }
    desk.perform(&place(MEMBER), &create_group()).expect("made at last");
    let twice = desk.perform(&place(MEMBER), &create_group()).expect_err("exists");
    assert_eq!((twice.code.as_str(), twice.certainty), ("ResourceAlreadyExistsException", Certainty::NothingChanged));
}

#[test]
fn an_input_that_cannot_be_sent_whole_is_not_sent() {
    let desk = Desk::open();
    let call = Call::PutBucketVersioning {
        bucket: "logs".to_owned(),
        versioning_configuration: json!({ "Status": "Enabled", "Colour": "red" }),
    };
    let refusal = desk.perform(&place(MEMBER), &call).expect_err("refused");
    assert_eq!(refusal.to_string(), "InvalidInput: Colour is no member of this input");
    assert_eq!(refusal.certainty, Certainty::NothingChanged);
    assert_eq!(requests(&desk, "s3:PutBucketVersioning"), 0);
}

#[test]
fn an_account_that_cannot_be_entered_is_a_gap_and_unchanged() {
    let desk = Desk::open();
    let denied = Effect::Error { code: "AccessDenied".to_owned(), status: 403 };
    desk.served.sandbox().inject(Fault::on("sts", "AssumeRole", denied));
    let gap = desk.try_look(&place(MEMBER), &Aspect::ConfigRecorder).expect_err("not entered");
    assert_eq!(gap.kind, GapKind::AccountNotEntered);
    let refusal = desk.perform(&place(MEMBER), &create_group()).expect_err("not entered");
    assert_eq!((refusal.code.as_str(), refusal.certainty), ("AccessDenied", Certainty::NothingChanged));
}

#[test]
fn what_may_not_be_read_is_a_gap_and_never_null() {
    let desk = Desk::open();
    let aspect = Aspect::Alarm { name: "a".to_owned() };
    assert_eq!(desk.look(&place(MEMBER), &aspect), Value::Null);
    desk.served.sandbox().inject(Fault::error("monitoring", "DescribeAlarms", "AccessDenied"));
    let gap = desk.try_look(&place(MEMBER), &aspect).expect_err("denied");
    assert_eq!((gap.kind, gap.call.as_str()), (GapKind::AccessDenied, "cloudwatch:DescribeAlarms"));
}
