//! Who is confirmed and who is asked, what pages hold, and whose topics answer.

use serde_json::{Value, json};

use super::SERVICE;
use crate::authorize::authorize;
use crate::error::AwsError;
use crate::reply::Body;
use crate::request::CallerKind;
use crate::service::testing;
use crate::world::World;
use crate::xml::Element;

const OWNER: &str = "111111111111";
const OTHER: &str = "222222222222";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111111111111:alerts";

fn call(world: &mut World, account: &str, operation: &str, input: Value) -> Result<Body, AwsError> {
    testing::call(&SERVICE, world, account, operation, input)
}

fn code(result: Result<Body, AwsError>) -> (u16, String) {
    result.map_or_else(|error| (error.status, error.code), |_| (200, String::new()))
}

fn xml(result: Result<Body, AwsError>) -> Element {
    match result.expect("an answer") {
        Body::Xml(element) => element,
        other => panic!("not XML: {other:?}"),
    }
}

fn world() -> World {
    let mut world = World::default();
    xml(call(&mut world, OWNER, "CreateTopic", json!({ "Name": "alerts" })));
    world
}

fn subscribe(world: &mut World, account: &str, protocol: &str, endpoint: &str) -> Result<Body, AwsError> {
    let input = json!({ "TopicArn": TOPIC, "Protocol": protocol, "Endpoint": endpoint });
    call(world, account, "Subscribe", input)
}

/// The ARNs that the topic's subscriptions show.
fn shown(world: &mut World) -> Vec<String> {
    let page = xml(call(world, OWNER, "ListSubscriptionsByTopic", json!({ "TopicArn": TOPIC })));
    let list = page.child("Subscriptions").expect("a list");
    list.children.iter().filter_map(|s| s.child_text("SubscriptionArn").map(str::to_owned)).collect()
}

#[test]
fn people_are_asked_and_own_queues_and_functions_are_not() {
    let mut world = world();
    for (protocol, endpoint, is_confirmed) in [
        ("email", "security@example.com", false),
        ("https", "https://pager.example/hook", false),
        ("sqs", "arn:aws:sqs:eu-west-1:111111111111:alerts", true),
        ("sqs", "arn:aws:sqs:eu-west-1:222222222222:alerts", false),
        ("lambda", "arn:aws:lambda:eu-west-1:111111111111:function:page", true),
    ] {
        let answer = xml(subscribe(&mut world, OWNER, protocol, endpoint));
        let arn = answer.child_text("SubscriptionArn").expect("an ARN").to_owned();
        assert_eq!(arn != "pending confirmation", is_confirmed, "{protocol} {endpoint}");
        assert_eq!(
            shown(&mut world).last().expect("one") != "PendingConfirmation",
            is_confirmed,
            "{protocol} {endpoint}"
        );
    }
    let counts = xml(call(&mut world, OWNER, "GetTopicAttributes", json!({ "TopicArn": TOPIC })));
    let entries = &counts.child("Attributes").expect("attributes").children;
    let count = |name: &str| {
        entries
            .iter()
            .find(|e| e.child_text("key") == Some(name))
            .and_then(|e| e.child_text("value"))
            .map(str::to_owned)
    };
    assert_eq!(count("SubscriptionsConfirmed").as_deref(), Some("2"));
    assert_eq!(count("SubscriptionsPending").as_deref(), Some("3"));
}

#[test]
fn a_token_confirms_and_only_the_confirmed_can_leave() {
    let mut world = world();
    let input =
        json!({ "TopicArn": TOPIC, "Protocol": "email", "Endpoint": "a@example.com", "ReturnSubscriptionArn": "true" });
    let answer = xml(call(&mut world, OWNER, "Subscribe", input));
    let arn = answer.child_text("SubscriptionArn").expect("an ARN").to_owned();
    let leave = |world: &mut World| code(call(world, OWNER, "Unsubscribe", json!({ "SubscriptionArn": arn })));
    assert_eq!(leave(&mut world), (400, "InvalidParameter".to_owned()));
    let confirm = |token: &str| json!({ "TopicArn": TOPIC, "Token": token });
    assert_eq!(code(call(&mut world, OWNER, "ConfirmSubscription", confirm("wrong"))).1, "InvalidParameter");
    xml(call(&mut world, OWNER, "ConfirmSubscription", confirm(arn.rsplit(':').next().expect("an id"))));
    assert_eq!(shown(&mut world), [arn.as_str()]);
    assert_eq!(leave(&mut world), (200, String::new()));
    assert_eq!(leave(&mut world), (404, "NotFound".to_owned()));
    let pending = json!({ "SubscriptionArn": "PendingConfirmation" });
    assert_eq!(code(call(&mut world, OWNER, "Unsubscribe", pending)).1, "InvalidParameter");
}

#[test]
fn a_topic_answers_in_its_region_until_it_is_deleted_with_its_subscriptions() {
    let mut world = world();
    subscribe(&mut world, OWNER, "email", "a@example.com").expect("subscribed");
    let elsewhere = json!({ "TopicArn": TOPIC.replace("eu-west-1", "us-east-1") });
    assert_eq!(code(call(&mut world, OWNER, "GetTopicAttributes", elsewhere)), (400, "InvalidParameter".to_owned()));
    for _ in 0..2 {
        assert_eq!(code(call(&mut world, OWNER, "DeleteTopic", json!({ "TopicArn": TOPIC }))).0, 200);
    }
    let listed = call(&mut world, OWNER, "ListSubscriptionsByTopic", json!({ "TopicArn": TOPIC }));
    assert_eq!(code(listed), (404, "NotFound".to_owned()));
    let own = xml(call(&mut world, OWNER, "ListSubscriptions", json!({})));
    assert!(own.child("Subscriptions").expect("a list").children.is_empty());
    assert_eq!(code(subscribe(&mut world, OWNER, "email", "a@example.com")), (404, "NotFound".to_owned()));
}

#[test]
fn a_page_holds_a_hundred() {
    let mut world = world();
    for number in 0..120 {
        subscribe(&mut world, OWNER, "email", &format!("p{number}@example.com")).expect("subscribed");
    }
    let first = xml(call(&mut world, OWNER, "ListSubscriptionsByTopic", json!({ "TopicArn": TOPIC })));
    let token = first.child_text("NextToken").expect("more").to_owned();
    assert_eq!(first.child("Subscriptions").expect("a list").children.len(), 100);
    let next = json!({ "TopicArn": TOPIC, "NextToken": token });
    let second = xml(call(&mut world, OWNER, "ListSubscriptionsByTopic", next));
    assert_eq!(second.child("Subscriptions").expect("a list").children.len(), 20);
    assert_eq!(second.child_text("NextToken"), None);
    let wrong = json!({ "TopicArn": TOPIC, "NextToken": "x" });
    assert_eq!(code(call(&mut world, OWNER, "ListSubscriptionsByTopic", wrong)).1, "InvalidParameter");
}

#[test]
fn names_endpoints_and_policies_are_checked() {
    let mut world = world();
    for name in ["", "a b", "x.fifo", &"a".repeat(257)] {
        assert_eq!(
            code(call(&mut world, OWNER, "CreateTopic", json!({ "Name": name }))).1,
            "InvalidParameter",
            "{name}"
        );
    }
    for (protocol, endpoint) in [
        ("email", "nobody"),
        ("https", "http://x.example"),
        ("sqs", "https://sqs"),
        ("pigeon", "roof"),
        ("firehose", ""),
    ] {
        assert_eq!(code(subscribe(&mut world, OWNER, protocol, endpoint)).1, "InvalidParameter", "{protocol}");
    }
    let policy = |action: &str, topic: &str| {
        let text = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow",
            "Principal": { "Service": "cloudtrail.amazonaws.com" }, "Action": action, "Resource": topic } });
        json!({ "TopicArn": TOPIC, "AttributeName": "Policy", "AttributeValue": text.to_string() })
    };
    for (action, topic, status) in
        [("SNS:Publish", TOPIC, 200), ("s3:*", TOPIC, 400), ("SNS:Publish", "arn:aws:sns:x", 400)]
    {
        assert_eq!(
            code(call(&mut world, OWNER, "SetTopicAttributes", policy(action, topic))).0,
            status,
            "{action} {topic}"
        );
    }
    let again = json!({ "Name": "alerts", "Attributes.entry.1.key": "DisplayName", "Attributes.entry.1.value": "x" });
    assert_eq!(code(call(&mut world, OWNER, "CreateTopic", again)).1, "InvalidParameter");
}

#[test]
fn another_account_needs_the_topics_policy() {
    let mut world = world();
    let mut request = testing::request(OTHER, "ListSubscriptionsByTopic", json!({ "TopicArn": TOPIC }));
    request.caller.kind = CallerKind::Root;
    let ask = |world: &World| {
        let access = (SERVICE.access)(&request, world);
        authorize(&request, world, &access, SERVICE.wire, SERVICE.denied).map_err(|error| (error.status, error.code))
    };
    assert_eq!(ask(&world), Err((403, "AuthorizationError".to_owned())));
    let policy = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS": OTHER },
        "Action": "SNS:ListSubscriptionsByTopic", "Resource": TOPIC } });
    let put = json!({ "TopicArn": TOPIC, "AttributeName": "Policy", "AttributeValue": policy.to_string() });
    call(&mut world, OWNER, "SetTopicAttributes", put).expect("put");
    assert_eq!(ask(&world), Ok(()));
    call(&mut world, OWNER, "DeleteTopic", json!({ "TopicArn": TOPIC })).expect("deleted");
    assert_eq!(ask(&world), Err((403, "AuthorizationError".to_owned())));
}
