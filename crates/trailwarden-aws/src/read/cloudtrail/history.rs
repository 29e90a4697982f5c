//! CloudTrail: the event history of one account and region, asked for one event name at a time.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use serde_json::Value;
use trailwarden_model::history::PastEvent;

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::pages;
use crate::session::{Session, Site, at};

reads! {
    // Two a second in each account and region; a burst would be a third within one second.
    LOOKUP_EVENTS = Read::regional("cloudtrail:LookupEvents", 2).without_burst();
}

/// The time asked for: from then, until then or now.
pub(crate) type Period = (Timestamp, Option<Timestamp>);

/// What requests call the thing they are about, in the services whose events are looked up.
const SUBJECT_KEYS: [&str; 16] = [
    "accountId",
    "bucketName",
    "channel",
    "delegatedAdminAccountId",
    "eventDataStore",
    "keyId",
    "logGroupIdentifier",
    "logGroupName",
    "memberAccountId",
    "name",
    "resourceArn",
    "resourceIdentifier",
    "roleName",
    "servicePrincipal",
    "trailARN",
    "trailName",
];

/// The events of this name in a period, of any service that has an event of this name, and how many pages were asked for. AWS
/// takes one attribute per call.
pub(crate) async fn events(
    session: &Session,
    site: &Site,
    name: &str,
    period: Period,
) -> (Result<Vec<PastEvent>, Failure>, u32) {
    let n_pages = AtomicU32::new(0);
    let events = pages_of(session, site, name, period, &n_pages).await;
    (events, n_pages.into_inner())
}

async fn pages_of(
    session: &Session,
    site: &Site,
    name: &str,
    (since, until): Period,
    n_pages: &AtomicU32,
) -> Result<Vec<PastEvent>, Failure> {
    let by_name = LookupAttribute::builder().attribute_key(LookupAttributeKey::EventName).attribute_value(name).build();
    let no_request = |_| unexpected(&LOOKUP_EVENTS, &site.account, &site.region, "the request could not be built");
    let by_name = by_name.map_err(no_request)?;
    let by_name = &by_name;
    pages::all(|token| async move {
        let call = session.clients.cloudtrail.lookup_events().lookup_attributes(by_name.clone()).max_results(50);
        let until = until.map(|until| DateTime::from_secs(until.as_second()));
        let call = call.start_time(DateTime::from_secs(since.as_second())).set_end_time(until).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_cloudtrail, site)).send();
        n_pages.fetch_add(1, Ordering::Relaxed);
        let answer = session.call(&LOOKUP_EVENTS, site, call).await?;
        let events = answer.events().iter().map(|event| {
            let reason = "the answer holds an event without the record that CloudTrail promises";
            past_event(event).ok_or_else(|| unexpected(&LOOKUP_EVENTS, &site.account, &site.region, reason))
        });
        Ok((events.collect::<Result<_, _>>()?, answer.next_token().map(str::to_owned)))
    })
    .await
}

/// The record inside an answer, reduced, with the names that the answer itself gives.
fn past_event(event: &Event) -> Option<PastEvent> {
    let record: Value = serde_json::from_str(event.cloud_trail_event()?).ok()?;
    let of_answer = event.resources().iter().filter_map(|resource| resource.resource_name());
    let told = of_record(&record)?;
    let names: BTreeSet<&str> = of_answer.chain(told.resources.iter().map(String::as_str)).collect();
    let resources = names.into_iter().map(str::to_owned).collect();
    Some(PastEvent { resources, ..told })
}

/// A record, reduced. Source: CloudTrail User Guide, "CloudTrail record contents" and "userIdentity element".
pub(crate) fn of_record(record: &Value) -> Option<PastEvent> {
    let text = |path: &str| record.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty());
    let owned = |path: &str| text(path).map(str::to_owned);
    Some(PastEvent {
        id: owned("/eventID")?,
        time: text("/eventTime")?.parse().ok()?,
        source: owned("/eventSource")?,
        name: owned("/eventName")?,
        region: text("/awsRegion")?.parse().ok()?,
        principal: owned("/userIdentity/arn"),
        session_issuer: owned("/userIdentity/sessionContext/sessionIssuer/arn"),
        invoked_by: owned("/userIdentity/invokedBy"),
        source_ip: owned("/sourceIPAddress"),
        resources: resources(record),
        error_code: owned("/errorCode"),
    })
}

/// Names and ARNs that tell what was done to what: of the record's resources, of its request, and of what a service says about
/// an event of its own.
fn resources(record: &Value) -> Vec<String> {
    let listed = record.get("resources").and_then(Value::as_array).into_iter().flatten();
    let of_record = listed.filter_map(|resource| resource.get("ARN")?.as_str());
    let members = ["requestParameters", "serviceEventDetails"].into_iter().filter_map(|member| record.get(member));
    let named = members.flat_map(|told| SUBJECT_KEYS.iter().filter_map(|key| told.get(key)?.as_str()));
    let names: BTreeSet<&str> = of_record.chain(named).collect();
    names.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudtrail::types::Resource;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_says_who_when_from_where_what_and_with_which_result() {
        let record = json!({
            "eventID": "e-1",
            "eventTime": "2026-11-03T10:11:12Z",
            "eventSource": "kms.amazonaws.com",
            "eventName": "DisableKey",
            "awsRegion": "eu-west-1",
            "sourceIPAddress": "203.0.113.7",
            "userIdentity": {
                "type": "AssumedRole",
                "arn": "arn:aws:sts::111122223333:assumed-role/Ops/jo",
                "sessionContext": { "sessionIssuer": { "arn": "arn:aws:iam::111122223333:role/Ops" } },
            },
            "requestParameters": { "keyId": "k-1", "description": "not a name" },
            "resources": [{ "ARN": "arn:aws:kms:eu-west-1:111122223333:key/k-1", "type": "AWS::KMS::Key" }],
            "errorCode": "AccessDenied",
        });
        let event = Event::builder().cloud_trail_event(record.to_string());
        let event = event.resources(Resource::builder().resource_name("k-1").build()).build();
        let expected = PastEvent {
            id: "e-1".to_owned(),
            time: "2026-11-03T10:11:12Z".parse().unwrap(),
            source: "kms.amazonaws.com".to_owned(),
            name: "DisableKey".to_owned(),
            region: "eu-west-1".parse().unwrap(),
            principal: Some("arn:aws:sts::111122223333:assumed-role/Ops/jo".to_owned()),
            session_issuer: Some("arn:aws:iam::111122223333:role/Ops".to_owned()),
            invoked_by: None,
            source_ip: Some("203.0.113.7".to_owned()),
            resources: vec!["arn:aws:kms:eu-west-1:111122223333:key/k-1".to_owned(), "k-1".to_owned()],
            error_code: Some("AccessDenied".to_owned()),
        };
        assert_eq!(past_event(&event), Some(expected));
    }

    #[test]
    fn an_event_of_a_service_names_what_its_details_name() {
        let record = json!({
            "eventID": "e-2",
            "eventTime": "2026-11-03T10:11:12Z",
            "eventSource": "organizations.amazonaws.com",
            "eventName": "AccountDepartedOrganization",
            "awsRegion": "us-east-1",
            "userIdentity": { "accountId": "111122223333", "invokedBy": "organizations.amazonaws.com" },
            "requestParameters": null,
            "eventType": "AwsServiceEvent",
            "serviceEventDetails": { "accountId": "444455556666", "departedMethod": "LEFT" },
        });
        let event = Event::builder().cloud_trail_event(record.to_string()).build();
        let told = past_event(&event).expect("an event");
        assert_eq!(told.resources, ["444455556666"]);
        assert_eq!((told.principal, told.invoked_by.as_deref()), (None, Some("organizations.amazonaws.com")));
    }

    #[test]
    fn an_answer_without_a_record_is_not_an_event() {
        assert_eq!(past_event(&Event::builder().event_id("e-1").event_name("StopLogging").build()), None);
    }
}
