//! The settings that may be required of the whole organization, or of a part of it.

use serde::Deserialize;
use toml::Spanned;
use trailwarden_model::baseline::{DataEvents, Operations, Override};
use trailwarden_model::trail::Insight;

use crate::toml_file::{Mistake, each, in_range};

/// The kinds of Insights that CloudTrail has, and the categories of events that it has them for.
const INSIGHTS: [&str; 2] = ["ApiCallRateInsight", "ApiErrorRateInsight"];
const INSIGHT_CATEGORIES: [&str; 2] = ["Management", "Data"];

/// The service that the ARNs of a resource type name, where that is known.
const SERVICES: &[(&str, &str)] = &[
    ("AWS::DynamoDB::Stream", "dynamodb"),
    ("AWS::DynamoDB::Table", "dynamodb"),
    ("AWS::Kinesis::Stream", "kinesis"),
    ("AWS::Lambda::Function", "lambda"),
    ("AWS::S3::AccessPoint", "s3"),
    ("AWS::S3::Object", "s3"),
    ("AWS::SNS::Topic", "sns"),
    ("AWS::SQS::Queue", "sqs"),
];

/// What stands at the top of the file, or in one override.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OverrideKeys {
    pub(super) retention_days: Option<Spanned<u32>>,
    pub(super) data_events: Option<Vec<Spanned<DataEventsKeys>>>,
    pub(super) network_activity_sources: Option<Vec<Spanned<String>>>,
    pub(super) insights: Option<Vec<Spanned<InsightKeys>>>,
    pub(super) log_bucket_replication: Option<bool>,
    pub(super) tamper_event_routing: Option<bool>,
}

/// One entry of `data_events`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DataEventsKeys {
    resource_type: Spanned<String>,
    arn_prefix: Option<Spanned<String>>,
    #[serde(default)]
    operations: Operations,
}

/// One entry of `insights`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InsightKeys {
    kind: Spanned<String>,
    category: Option<Spanned<String>>,
}

impl OverrideKeys {
    pub(super) fn read(self) -> Result<Override, Mistake> {
        let data_events = |list: Vec<Spanned<DataEventsKeys>>| list.into_iter().map(data_events).collect();
        let insights = |list: Vec<Spanned<InsightKeys>>| list.into_iter().map(insight).collect();
        Ok(Override {
            retention_days: in_range(self.retention_days, u32::MAX)?,
            data_events: self.data_events.map(data_events).transpose()?,
            network_activity_sources: self.network_activity_sources.map(|list| each(list, event_source)).transpose()?,
            insights: self.insights.map(insights).transpose()?,
            log_bucket_replication: self.log_bucket_replication,
            tamper_event_routing: self.tamper_event_routing,
        })
    }
}

fn data_events(keys: Spanned<DataEventsKeys>) -> Result<DataEvents, Mistake> {
    let DataEventsKeys { resource_type, arn_prefix, operations } = keys.into_inner();
    let is_type = |text: &str| text.split("::").count() == 3 && text.split("::").all(|part| !part.is_empty());
    if !resource_type.get_ref().starts_with("AWS::") || !is_type(resource_type.get_ref()) {
        let message = format!("{:?} is no resource type such as AWS::S3::Object", resource_type.get_ref());
        return Err(Mistake::at(&resource_type, message));
    }
    if let Some(prefix) = &arn_prefix {
        check_prefix(prefix, resource_type.get_ref())?;
    }
    Ok(DataEvents {
        resource_type: resource_type.into_inner(),
        arn_prefix: arn_prefix.map(Spanned::into_inner),
        operations,
    })
}

/// An ARN prefix names a partition and the service of the resource type, and is no pattern.
fn check_prefix(prefix: &Spanned<String>, resource_type: &str) -> Result<(), Mistake> {
    let text = prefix.get_ref();
    let mut parts = text.split(':');
    let (Some("arn"), Some(partition), Some(service)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Mistake::at(prefix, format!("{text:?} is no prefix of an ARN such as \"arn:aws:s3:::payments-\"")));
    };
    if !partition.starts_with("aws") || text.contains(['*', '?']) {
        let message = format!("{text:?} is no prefix of an ARN: it is compared letter by letter, without wildcards");
        return Err(Mistake::at(prefix, message));
    }
    match SERVICES.iter().find(|(known, _)| *known == resource_type) {
        Some((_, expected)) if *expected != service => {
            let message = format!("an ARN of {resource_type} is one of service {expected:?}, not {service:?}");
            Err(Mistake::at(prefix, message))
        }
        _ => Ok(()),
    }
}

fn event_source(text: &str) -> Result<String, String> {
    let is_source =
        text.contains('.') && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b));
    match is_source {
        true => Ok(text.to_owned()),
        false => Err(format!("{text:?} is no event source such as \"s3.amazonaws.com\"")),
    }
}

fn insight(keys: Spanned<InsightKeys>) -> Result<Insight, Mistake> {
    let InsightKeys { kind, category } = keys.into_inner();
    let kind = one_of(kind, &INSIGHTS)?;
    let category =
        category.map_or_else(|| Ok("Management".to_owned()), |category| one_of(category, &INSIGHT_CATEGORIES))?;
    Ok(Insight { kind, category })
}

fn one_of(word: Spanned<String>, known: &[&str]) -> Result<String, Mistake> {
    match known.contains(&word.get_ref().as_str()) {
        true => Ok(word.into_inner()),
        false => Err(Mistake::at(&word, format!("{:?} is none of {}", word.get_ref(), known.join(", ")))),
    }
}
