//! Events by the names people know: `iam:CreateUser`, `s3:GetObject arn:aws:s3:::bucket/key`.
//!
//! What an API name does not tell is looked up in short lists of documented facts, or asked for; it is never guessed.
//! Sources: CloudTrail User Guide, "Logging management events", "Logging data events" and "Understanding CloudTrail events"
//! (global service events); the CloudTrail pages of the guides of Amazon S3, AWS Lambda, Amazon DynamoDB, Amazon SNS, Amazon
//! SQS, AWS KMS and AWS STS.

mod catalogue;

use std::fmt;

use trailwarden_model::ids::Region;

pub(super) use self::catalogue::{Home, arn_start_of, home_of, source_of_type, usual_names};
use self::catalogue::{data_events, is_management_only, read_only_of, source_of};
use super::events::{Events, Field};
use super::words::{Affix, Words};

/// The categories that a trail can record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Management events.
    Management,
    /// Data events.
    Data,
    /// Network activity events.
    NetworkActivity,
}

impl Category {
    /// As `eventCategory` has it.
    fn value(self) -> &'static str {
        match self {
            Self::Management => "Management",
            Self::Data => "Data",
            Self::NetworkActivity => "NetworkActivity",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Management => "management",
            Self::Data => "data",
            Self::NetworkActivity => "network activity",
        })
    }
}

/// What the caller says about an event; it outweighs the lists.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Its category.
    pub category: Option<Category>,
    /// The `resources.type` of a data event.
    pub resource_type: Option<String>,
    /// Whether it only reads.
    pub read_only: Option<bool>,
}

/// Why an event cannot be asked about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Not `service:Name` with at most an ARN behind it.
    #[error("{0:?} is not an event such as iam:CreateUser or \"s3:GetObject arn:aws:s3:::bucket/key\"")]
    Malformed(String),
    /// In no list.
    #[error("whether {0} is a management or a data event is not known here")]
    UnknownCategory(String),
    /// A data event in no list.
    #[error("the resource type of the data event {0} is not known here")]
    UnknownResourceType(String),
    /// An object event on a bucket.
    #[error("{0:?} names no object")]
    NoObject(String),
}

impl EventError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Malformed(_) => {
                "write the IAM prefix or event source, a colon, and the event name as CloudTrail has it"
            }
            Self::UnknownCategory(_) => {
                "look it up in the CloudTrail User Guide and say --category management, or --category data --resource-type TYPE"
            }
            Self::UnknownResourceType(_) => {
                "say --resource-type, for example AWS::S3::Object; the CloudTrail User Guide lists them under Logging data events"
            }
            Self::NoObject(_) => {
                "write arn:aws:s3:::BUCKET/KEY, or arn:aws:s3:::BUCKET/* for every object of the bucket"
            }
        }
    }
}

/// An event, or all events with one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedEvent {
    /// As the caller wrote it.
    pub text: String,
    /// `eventSource`.
    pub source: String,
    /// `eventName`.
    pub name: String,
    /// Its category.
    pub category: Category,
    /// Whether it only reads; not known for some, so that both are asked about.
    pub read_only: Option<bool>,
    /// `resources.type`, of data events.
    pub resource_type: Option<String>,
    /// `resources.ARN`; with a star at its end, all that start so.
    pub arn: Option<String>,
    /// How every ARN of the resource type starts, after the partition.
    arn_start: Option<&'static str>,
    home: Home,
}

impl NamedEvent {
    /// Reads `service:Name` or `service:Name ARN`.
    ///
    /// # Errors
    /// [`EventError`] when the text is no event, or when its category or resource type is in no list and not told.
    pub fn parse(text: &str, told: &Told) -> Result<Self, EventError> {
        let malformed = || EventError::Malformed(text.to_owned());
        let mut words = text.split_whitespace();
        let (service, name) = words.next().and_then(|word| word.split_once(':')).ok_or_else(malformed)?;
        let arn = words.next().map(str::to_owned);
        let is_word =
            |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
        let is_arn = arn.as_deref().is_none_or(|arn| arn.starts_with("arn:"));
        if !is_word(service) || !is_word(name) || !is_arn || words.next().is_some() {
            return Err(malformed());
        }
        let source = source_of(service);
        let listed = data_events(&source);
        let is_data = listed.is_some_and(|listed| listed.names.contains(&name));
        let is_management = is_management_only(&source) || listed.is_some_and(|listed| listed.is_management(name));
        let category = match told.category {
            Some(category) => category,
            None if is_data || told.resource_type.is_some() => Category::Data,
            None if is_management => Category::Management,
            None => return Err(EventError::UnknownCategory(format!("{service}:{name}"))),
        };
        let documented = listed.filter(|_| is_data).map(|listed| listed.resource_type);
        let resource_type = match (category, &told.resource_type, documented) {
            (Category::Data, Some(told), _) => Some(told.clone()),
            (Category::Data, None, Some(documented)) => Some(documented.to_owned()),
            (Category::Data, None, None) => return Err(EventError::UnknownResourceType(format!("{service}:{name}"))),
            (Category::Management | Category::NetworkActivity, ..) => None,
        };
        let is_object = resource_type.as_deref() == Some("AWS::S3::Object");
        match &arn {
            Some(arn) if is_object && !arn.contains('/') => return Err(EventError::NoObject(arn.clone())),
            _ => {}
        }
        let arn_start = listed.filter(|listed| resource_type.as_deref() == Some(listed.resource_type));
        Ok(Self {
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
            read_only: told.read_only.or_else(|| read_only_of(&source, name)),
            home: home_of(&source),
            name: name.to_owned(),
            arn_start: arn_start.map(|listed| listed.arn_start),
            source,
            category,
            resource_type,
            arn,
        })
    }

    /// The region where the event is recorded when it happens in `region`.
    pub fn recorded_in(&self, region: &Region, leader: Option<Region>) -> Region {
        match (self.home, leader) {
            (Home::Global | Home::Leader, Some(leader)) => leader,
            _ => region.clone(),
        }
    }

    /// The events to ask about in a region of a partition.
    pub fn events(&self, partition: &str, is_leader: bool) -> Events {
        let mut events = Events::default()
            .with(Field::Category, &Words::is(self.category.value()))
            .with(Field::Source, &Words::is(&self.source))
            .with(Field::Name, &Words::is(&self.name));
        if let Some(read_only) = self.read_only {
            events = events.with(Field::ReadOnly, &Words::is(&read_only.to_string()));
        }
        if let Some(resource_type) = &self.resource_type {
            events = events.with(Field::ResourceType, &Words::is(resource_type));
        }
        let start = self.arn_start.map(|start| Affix::Start(format!("arn:{partition}:{start}")));
        let arn = self.arn.as_deref().map(|arn| match arn.strip_suffix('*') {
            Some(start) => Affix::Start(start.to_owned()),
            None => Affix::Whole(arn.to_owned()),
        });
        // Management events are not told apart by resource.
        if let (true, Some(affix)) = (self.category == Category::Data, arn.or(start)) {
            events = events.with(Field::ResourceArn, &Words::one_of([affix]));
        }
        match self.home {
            Home::Global => events.with(Field::Global, &Words::is("true")),
            Home::Region => events.with(Field::Global, &Words::is("false")),
            Home::Both if !is_leader => events.with(Field::Global, &Words::is("false")),
            // Both: it may count as an event of a global service, so that both kinds have to be recorded.
            Home::Both | Home::Leader => events,
        }
    }

    /// `a data event that reads, of AWS::S3::Object`: what was derived from the name.
    pub fn kind(&self) -> String {
        let half = match self.read_only {
            Some(true) => "that reads",
            Some(false) => "that writes",
            None => "of which it is not known whether it reads or writes, so that both are asked about",
        };
        let on = self.resource_type.as_ref().map(|name| format!(" on {name}")).unwrap_or_default();
        format!("a {} event of {}{on}, {half}", self.category, self.source)
    }

    /// Why it is recorded elsewhere than asked; none when it is not.
    pub fn home_note(&self, leader: &Region) -> Option<String> {
        let is_elsewhere = matches!(self.home, Home::Global | Home::Leader);
        is_elsewhere.then(|| format!("events of {} are recorded in {leader}, wherever the caller is", self.source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<NamedEvent, EventError> {
        NamedEvent::parse(text, &Told::default())
    }

    fn kind(text: &str) -> (Category, Option<bool>, Option<String>) {
        let event = parse(text).expect("a known event");
        (event.category, event.read_only, event.resource_type)
    }

    #[test]
    fn well_known_names_are_told() {
        let object = || Some("AWS::S3::Object".to_owned());
        assert_eq!(kind("iam:CreateUser"), (Category::Management, Some(false), None));
        assert_eq!(kind("kms:DisableKey"), (Category::Management, Some(false), None));
        assert_eq!(kind("kms:Decrypt"), (Category::Management, Some(true), None));
        assert_eq!(kind("sts:AssumeRole"), (Category::Management, Some(true), None));
        assert_eq!(kind("s3:GetObject arn:aws:s3:::b/k"), (Category::Data, Some(true), object()));
        assert_eq!(kind("s3:DeleteObjects"), (Category::Data, Some(false), object()));
        assert_eq!(kind("s3:PutBucketPolicy"), (Category::Management, Some(false), None));
        assert_eq!(kind("lambda:Invoke"), (Category::Data, Some(false), Some("AWS::Lambda::Function".to_owned())));
        assert_eq!(kind("dynamodb:Query"), (Category::Data, Some(true), Some("AWS::DynamoDB::Table".to_owned())));
        assert_eq!(kind("dynamodb:ExecuteStatement").1, None, "a statement may read or write");
        assert_eq!(
            parse("cloudwatch:PutMetricAlarm").map(|e| e.source),
            Err(EventError::UnknownCategory("cloudwatch:PutMetricAlarm".to_owned()))
        );
    }

    #[test]
    fn what_the_lists_do_not_say_is_asked_for_and_what_is_told_outweighs_them() {
        assert!(matches!(parse("s3:ListBucket"), Err(EventError::UnknownCategory(_))));
        assert!(matches!(parse("newservice:DoThing"), Err(EventError::UnknownCategory(_))));
        let data = Told { category: Some(Category::Data), ..Told::default() };
        assert!(matches!(NamedEvent::parse("newservice:DoThing", &data), Err(EventError::UnknownResourceType(_))));
        let told = Told { resource_type: Some("AWS::New::Thing".to_owned()), read_only: Some(true), ..data };
        let event = NamedEvent::parse("newservice:DoThing", &told).expect("told");
        assert_eq!((event.source.as_str(), event.read_only), ("newservice.amazonaws.com", Some(true)));
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for text in
            ["", "CreateUser", "iam:", ":x", "iam:CreateUser x", "iam:CreateUser arn:a arn:b", "iam:Create User"]
        {
            assert!(matches!(parse(text), Err(EventError::Malformed(_))), "{text}");
        }
        assert!(matches!(parse("s3:GetObject arn:aws:s3:::bucket"), Err(EventError::NoObject(_))));
    }

    #[test]
    fn global_services_are_recorded_in_the_leader_region() {
        let [here, leader] = ["eu-west-1", "us-east-1"].map(|code| code.parse::<Region>().expect("a region"));
        let recorded = |text: &str| parse(text).expect("known").recorded_in(&here, Some(leader.clone()));
        assert_eq!((recorded("iam:CreateUser"), recorded("sts:AssumeRole")), (leader.clone(), here.clone()));
        assert_eq!(recorded("kms:DisableKey"), here);
    }
}
