//! The topic that a trail notifies: made again where it is gone, with somebody to hear of it.

use serde_json::{Value, json};
use trailwarden_model::ids::Arn;
use trailwarden_model::organization::CLOUDTRAIL_PRINCIPAL;
use trailwarden_model::plan::{Aspect, Call, Hindrance, Rollback, Subject, Tag};
use trailwarden_model::trail::Trail;

use crate::bench::{Bench, Draft, Earlier, Findings, Phase, subject};
use crate::facts::Stop;
use crate::statements::policy;

/// Makes the topic of a trail again, and subscribes the address that the user named.
pub(super) fn plan(bench: &mut Bench<'_>, trail: &Trail, findings: &Findings) -> Result<(), Stop> {
    let Some(topic) = &trail.sns_topic else { return Ok(()) };
    let (Some(account), Some(region)) = (topic.account(), topic.region()) else {
        return Err(Stop::new(Hindrance::Manual, format!("{topic} names no account and region")));
    };
    let present = bench.look(&account, &region, Aspect::Topic { topic: topic.to_string() })?;
    let created = if present.is_null() { Some(create(bench, topic, trail, findings)?) } else { None };
    bench.subscribe(topic, created, findings, findings)
}

fn create(bench: &mut Bench<'_>, topic: &Arn, trail: &Trail, findings: &Findings) -> Result<Subject, Stop> {
    let created = bench.create_topic(topic, findings)?;
    let owner = json!({"Sid": "Owner", "Effect": "Allow", "Principal": {"AWS": "*"},
        "Action": ["SNS:GetTopicAttributes", "SNS:ListSubscriptionsByTopic", "SNS:Publish", "SNS:SetTopicAttributes", "SNS:Subscribe"],
        "Resource": topic, "Condition": {"StringEquals": {"AWS:SourceOwner": topic.account()}}});
    let publish = json!({"Sid": "TrailwardenPublish", "Effect": "Allow", "Principal": {"Service": CLOUDTRAIL_PRINCIPAL},
        "Action": "SNS:Publish", "Resource": topic, "Condition": {"StringEquals": {"aws:SourceArn": trail.arn}}});
    let after = policy(vec![owner, publish]);
    bench.step(Draft {
        phase: Phase::Topic,
        title: format!("let CloudTrail notify topic {}", topic.resource()),
        subject: Subject { place: created.place.clone(), aspect: Aspect::TopicPolicy { topic: topic.to_string() } },
        call: Call::SetTopicAttributes {
            topic_arn: topic.to_string(),
            attribute_name: "Policy".to_owned(),
            attribute_value: after.to_string(),
        },
        before: Earlier::CreatedBy(created.clone()),
        after,
        guards: vec![],
        needs: [created].into(),
        findings: findings.clone(),
        rollback: Rollback::Keep("it goes with the topic".to_owned()),
        cost: None,
    })
}

impl Bench<'_> {
    /// Creates a topic.
    pub(crate) fn create_topic(&mut self, topic: &Arn, findings: &Findings) -> Result<Subject, Stop> {
        let (Some(account), Some(region)) = (topic.account(), topic.region()) else {
            return Err(Stop::new(Hindrance::Manual, format!("{topic} names no account and region")));
        };
        self.step(Draft {
            phase: Phase::Topic,
            title: format!("create topic {}", topic.resource()),
            subject: subject(&account, &region, Aspect::Topic { topic: topic.to_string() }),
            call: Call::CreateTopic {
                name: topic.resource().to_owned(),
                tags: vec![Tag { key: "trailwarden".to_owned(), value: "cloudtrail".to_owned() }],
            },
            before: Earlier::Is(Value::Null),
            after: json!({ "TopicArn": topic }),
            guards: vec![],
            needs: [].into(),
            findings: findings.clone(),
            rollback: Rollback::Undo(Call::DeleteTopic { topic_arn: topic.to_string() }),
            cost: None,
        })
    }

    /// Subscribes the address that the user named. Somebody must confirm it, so these findings stay open until then.
    pub(crate) fn subscribe(
        &mut self,
        topic: &Arn,
        created: Option<Subject>,
        findings: &Findings,
        open: &Findings,
    ) -> Result<(), Stop> {
        let (Some(account), Some(region)) = (topic.account(), topic.region()) else { return Ok(()) };
        let target = Some(topic.to_string());
        let Some(address) = self.inputs.options.notify.clone() else {
            let reason = format!("nobody is known who should hear of topic {}", topic.resource());
            let stop = Stop::new(Hindrance::OnRequest, reason).hint("plan with --notify ADDRESS");
            self.leave(&account, target, open, stop);
            return Ok(());
        };
        let aspect =
            Aspect::Subscription { topic: topic.to_string(), protocol: "email".to_owned(), endpoint: address.clone() };
        let before = match &created {
            Some(_) => Value::Null,
            None => self.look(&account, &region, aspect.clone())?,
        };
        if before == json!({"Confirmed": true}) {
            return Ok(());
        }
        if before.is_null() {
            self.step(Draft {
                phase: Phase::Topic,
                title: format!("subscribe {address} to topic {}", topic.resource()),
                subject: subject(&account, &region, aspect),
                call: Call::Subscribe {
                    topic_arn: topic.to_string(),
                    protocol: "email".to_owned(),
                    endpoint: address.clone(),
                },
                before: Earlier::Is(before),
                after: json!({"Confirmed": false}),
                guards: vec![],
                needs: created.into_iter().collect(),
                findings: findings.clone(),
                rollback: Rollback::Keep("a subscription that nobody confirmed goes away by itself".to_owned()),
                cost: None,
            })?;
        }
        let reason =
            format!("{address} must confirm the subscription to topic {} by the message it is sent", topic.resource());
        self.leave(&account, target, open, Stop::new(Hindrance::Manual, reason));
        Ok(())
    }
}
