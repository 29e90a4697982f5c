//! Boxes of events, one set of strings for each field, and what is left of one when others are cut out of it.

use std::collections::BTreeMap;
use std::fmt;

use super::named::usual_names;
use super::words::{TooComplex, Words, spend};

/// What selectors, and the global service events of a trail, tell events apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// `eventCategory`.
    Category,
    /// `readOnly`: `true` or `false`.
    ReadOnly,
    /// Not a field of selectors: `true` for an event of IAM, CloudFront and the like, which only trails that include global
    /// service events record, else `false`.
    Global,
    /// `eventSource`.
    Source,
    /// `eventName`.
    Name,
    /// `resources.type`.
    ResourceType,
    /// `resources.ARN`.
    ResourceArn,
    /// `eventType`.
    EventType,
    /// `userIdentity.arn`.
    UserArn,
    /// `sessionCredentialFromConsole`: `true`, or absent.
    FromConsole,
    /// `vpcEndpointId`.
    VpcEndpoint,
    /// `errorCode`.
    ErrorCode,
    /// Not a field of selectors: the type of an Insights event, for example `ApiCallRateInsight`.
    InsightType,
    /// Not a field of selectors: the category of the events that an Insights event is about.
    InsightCategory,
}

impl Field {
    /// The fields that a selector may name. Source: CloudTrail API Reference, `AdvancedFieldSelector`.
    const OF_SELECTORS: [Self; 11] = [
        Self::Category,
        Self::ReadOnly,
        Self::Source,
        Self::Name,
        Self::ResourceType,
        Self::ResourceArn,
        Self::EventType,
        Self::UserArn,
        Self::FromConsole,
        Self::VpcEndpoint,
        Self::ErrorCode,
    ];

    /// The field that a selector names so.
    pub fn of_selector(name: &str) -> Option<Self> {
        Self::OF_SELECTORS.into_iter().find(|field| field.name() == name)
    }

    /// Its name in selectors.
    pub fn name(self) -> &'static str {
        match self {
            Self::Category => "eventCategory",
            Self::ReadOnly => "readOnly",
            Self::Global => "the global service",
            Self::Source => "eventSource",
            Self::Name => "eventName",
            Self::ResourceType => "resources.type",
            Self::ResourceArn => "resources.ARN",
            Self::EventType => "eventType",
            Self::UserArn => "userIdentity.arn",
            Self::FromConsole => "sessionCredentialFromConsole",
            Self::VpcEndpoint => "vpcEndpointId",
            Self::ErrorCode => "errorCode",
            Self::InsightType => "insightType",
            Self::InsightCategory => "category of analysed events",
        }
    }

    /// Every value that an event can have in it, where they are few.
    pub(super) fn values(self) -> Option<[&'static str; 2]> {
        match self {
            Self::ReadOnly | Self::Global => Some(["true", "false"]),
            Self::FromConsole => Some(["true", ""]),
            _ => None,
        }
    }

    /// Values that people know, for examples.
    fn usual(self) -> &'static [&'static str] {
        match self {
            Self::ReadOnly | Self::Global => &["false", "true"],
            Self::FromConsole => &["", "true"],
            Self::Source => &["ec2.amazonaws.com", "iam.amazonaws.com", "s3.amazonaws.com", "kms.amazonaws.com"],
            Self::ErrorCode | Self::UserArn | Self::VpcEndpoint => &[""],
            _ => &[],
        }
    }
}

/// A box of events: all that have in every field a value of its set. The default is every event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Events {
    fields: BTreeMap<Field, Words>,
}

/// Every event.
pub(super) static EVERYTHING: Events = Events { fields: BTreeMap::new() };

/// One event, by the fields that tell it apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event(pub BTreeMap<Field, String>);

impl Events {
    /// The events whose field has one of these values besides.
    pub fn with(mut self, field: Field, words: &Words) -> Self {
        let mut both = std::mem::take(self.fields.entry(field).or_default());
        both = both.and(words);
        self.fields.insert(field, both);
        self
    }

    /// The events of both boxes.
    pub(super) fn and(&self, other: &Self) -> Self {
        other.fields.iter().fold(self.clone(), |both, (field, words)| both.with(*field, words))
    }

    /// True when it is plain to see that the box lies inside the other. False says nothing.
    pub(super) fn is_plainly_within(&self, other: &Self) -> bool {
        other.fields.iter().all(|(field, words)| {
            let mine = self.fields.get(field);
            mine.is_some_and(|mine| mine.is_plainly_within(words))
        })
    }

    /// An event of the box; none when it is empty.
    pub(super) fn example(&self, budget: &mut usize) -> Result<Option<Event>, TooComplex> {
        let mut values = BTreeMap::new();
        for (field, words) in &self.fields {
            let has = |field, value| values.get(&field).is_some_and(|known: &String| known == value);
            let value = match *field {
                Field::Source if has(Field::Global, "true") => words.example(&["iam.amazonaws.com"], budget)?,
                Field::Name => {
                    let source = values.get(&Field::Source).map(String::as_str).unwrap_or_default();
                    words.example(usual_names(source, has(Field::ReadOnly, "true")), budget)?
                }
                field => example_of(field, words, budget)?,
            };
            let Some(value) = value else { return Ok(None) };
            values.insert(*field, value);
        }
        Ok(Some(Event(values)))
    }

    /// True when no event is in both boxes.
    pub(super) fn is_apart_from(&self, other: &Self, budget: &mut usize) -> Result<bool, TooComplex> {
        Ok(self.and(other).example(budget)?.is_none())
    }

    /// The first field whose sets have nothing in common, with the set of `other`.
    pub(super) fn parting<'o>(
        &self,
        other: &'o Self,
        budget: &mut usize,
    ) -> Result<Option<(Field, &'o Words)>, TooComplex> {
        for (field, words) in &other.fields {
            let both = self.fields.get(field).cloned().unwrap_or_default().and(words);
            if example_of(*field, &both, budget)?.is_none() {
                return Ok(Some((*field, words)));
            }
        }
        Ok(None)
    }

    /// An event of the box that is in none of `recorded`; none when the box lies inside their union.
    pub(super) fn lost(&self, recorded: &[&Self], budget: &mut usize) -> Result<Option<Event>, TooComplex> {
        spend(budget)?;
        let Some(example) = self.example(budget)? else { return Ok(None) };
        // A box that does not hold this event may still hold others; a box apart from us can be left out.
        let Some((first, rest)) = recorded.split_first() else { return Ok(Some(example)) };
        if self.is_apart_from(first, budget)? {
            return self.lost(rest, budget);
        }
        let mut left = self.clone();
        for (field, words) in &first.fields {
            for outside in words.complement() {
                if let Some(event) = left.clone().with(*field, &outside).lost(rest, budget)? {
                    return Ok(Some(event));
                }
            }
            left = left.with(*field, words);
        }
        Ok(None)
    }
}

/// A value of a field; of one with few values, only they count.
fn example_of(field: Field, words: &Words, budget: &mut usize) -> Result<Option<String>, TooComplex> {
    match field.values() {
        Some(_) => Ok(field.usual().iter().find(|value| words.contains(value)).map(|value| (*value).to_owned())),
        None => words.example(field.usual(), budget),
    }
}

impl Event {
    fn value(&self, field: Field) -> Option<&str> {
        self.0.get(&field).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The name of the event, or one that its source usually has.
    fn name(&self) -> Option<&str> {
        let is_read = self.value(Field::ReadOnly) == Some("true");
        let usual = || usual_names(self.value(Field::Source)?, is_read).first().copied();
        self.value(Field::Name).or_else(usual)
    }
}

/// `kms.amazonaws.com DisableKey`, with whatever else tells the event apart.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let category = self.value(Field::Category).unwrap_or_default();
        if let Some(kind) = self.value(Field::InsightType) {
            return write!(f, "{kind} on {} events", self.value(Field::InsightCategory).unwrap_or("any"));
        }
        match (self.value(Field::Source), self.name()) {
            (Some(source), Some(name)) => write!(f, "{source} {name}")?,
            (Some(source), None) => write!(f, "a {category} event of {source}")?,
            (None, Some(name)) => f.write_str(name)?,
            (None, None) => write!(f, "a {category} event")?,
        }
        if let (None, Some(resource_type)) = (self.value(Field::Source), self.value(Field::ResourceType)) {
            write!(f, " of {resource_type}")?;
        }
        for (field, word) in [
            (Field::ResourceArn, "on"),
            (Field::UserArn, "by"),
            (Field::VpcEndpoint, "through"),
            (Field::ErrorCode, "with error"),
            (Field::EventType, "of type"),
        ] {
            if let Some(value) = self.value(field) {
                write!(f, " {word} {value}")?;
            }
        }
        if category == "NetworkActivity" && self.value(Field::VpcEndpoint).is_none() {
            f.write_str(" through a VPC endpoint")?;
        }
        if self.value(Field::FromConsole).is_some() {
            f.write_str(" from a console session")?;
        }
        Ok(())
    }
}
