//! EventBridge: the rules of the default bus, where AWS services send their events.

use std::collections::BTreeSet;

use futures::future::join_all;
use trailwarden_model::monitoring::EventRule;
use trailwarden_model::observed::{Gap, Observed};

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::convert::text;
use crate::read::pages;
use crate::session::{Session, Site, at};

reads! {
    // Source: EventBridge User Guide, "Quotas": 50 a second for everything but publishing.
    LIST_RULES = Read::regional("events:ListRules", 50);
    LIST_TARGETS = Read::regional("events:ListTargetsByRule", 50);
}

/// The rules of the default bus with the targets of those that match events; a rule on a schedule has none worth reading.
pub(crate) async fn rules(session: &Session, site: &Site) -> Result<Vec<EventRule>, Failure> {
    let listed = pages::all(|token| async move {
        let call = session.clients.eventbridge.list_rules().limit(100).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_eventbridge, site)).send();
        let answer = session.call(&LIST_RULES, site, call).await?;
        let rules = answer.rules().iter().map(|listed| {
            let reason = "the answer holds a rule without an ARN, a name or a state";
            rule(listed).ok_or_else(|| unexpected(&LIST_RULES, &site.account, &site.region, reason))
        });
        Ok((rules.collect::<Result<_, _>>()?, answer.next_token().map(str::to_owned)))
    })
    .await?;
    let mut rules = join_all(listed.into_iter().map(|rule| with_targets(session, site, rule))).await;
    rules.sort_by(|a, b| a.arn.cmp(&b.arn));
    Ok(rules)
}

fn rule(rule: &aws_sdk_eventbridge::types::Rule) -> Option<EventRule> {
    Some(EventRule {
        arn: rule.arn()?.parse().ok()?,
        name: rule.name()?.to_owned(),
        state: rule.state()?.to_string(),
        pattern: text(rule.event_pattern()),
        targets: Observed::Known(BTreeSet::new()),
    })
}

async fn with_targets(session: &Session, site: &Site, rule: EventRule) -> EventRule {
    if rule.pattern.is_none() {
        return rule;
    }
    let targets = targets(session, site, &rule.name).await.map_err(Gap::from);
    EventRule { targets: targets.into(), ..rule }
}

async fn targets(session: &Session, site: &Site, rule: &str) -> Result<BTreeSet<String>, Failure> {
    let targets = pages::all(|token| async move {
        let call = session.clients.eventbridge.list_targets_by_rule().rule(rule).limit(100).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_eventbridge, site)).send();
        let answer = session.call(&LIST_TARGETS, site, call).await?;
        let arns = answer.targets().iter().map(|target| target.arn().to_owned());
        Ok((arns.collect(), answer.next_token().map(str::to_owned)))
    })
    .await?;
    Ok(targets.into_iter().collect())
}
