//! What a trail records: `PutEventSelectors`, `PutInsightSelectors`, and what CloudTrail refuses in them.

use serde::Deserialize;
use serde_json::Value;

use super::describe;
use super::visibility::Viewer;
use super::write::{edit, writable};
use crate::error::AwsError;
use crate::world::World;
use crate::world::cloudtrail::{
    AdvancedEventSelector, AggregationConfiguration, EventSelector, FieldSelector, InsightSelector, Trail,
};

/// The input of `PutEventSelectors`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PutEventSelectors {
    trail_name: String,
    event_selectors: Vec<EventSelector>,
    advanced_event_selectors: Vec<AdvancedEventSelector>,
}

/// The input of `PutInsightSelectors`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PutInsightSelectors {
    trail_name: String,
    insight_selectors: Vec<InsightSelector>,
}

/// The input of `PutEventConfiguration` for a trail.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PutEventConfiguration {
    trail_name: String,
    aggregation_configurations: Vec<AggregationConfiguration>,
    max_event_size: Option<Value>,
    context_key_selectors: Option<Value>,
}

/// Sources whose management events may be excluded.
const EXCLUDABLE: [&str; 2] = ["kms.amazonaws.com", "rdsdata.amazonaws.com"];
/// Resource types of basic selectors.
const BASIC_TYPES: [&str; 3] = ["AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table"];

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::bad("InvalidEventSelectorsException", message)
}

/// `PutEventSelectors`: the new list replaces the old one, of either kind.
pub fn put(world: &mut World, viewer: Viewer<'_>, input: PutEventSelectors) -> Result<Value, AwsError> {
    let (place, _) = writable(world, viewer, &input.trail_name)?;
    match (input.event_selectors.is_empty(), input.advanced_event_selectors.is_empty()) {
        (true, true) => return Err(invalid("You must specify either event selectors or advanced event selectors.")),
        (false, false) => {
            return Err(invalid("A trail has either event selectors or advanced event selectors, not both."));
        }
        (false, true) => check_basic(&input.event_selectors)?,
        (true, false) => check_advanced(&input.advanced_event_selectors, Recorder::Trail)?,
    }
    edit(world, &place, |trail| {
        trail.event_selectors = input.event_selectors;
        trail.advanced_event_selectors = input.advanced_event_selectors;
    });
    describe::event_selectors(world, viewer, &input.trail_name)
}

fn check_basic(selectors: &[EventSelector]) -> Result<(), AwsError> {
    let resources = || selectors.iter().flat_map(|selector| &selector.data_resources);
    let n_values: usize = resources().map(|resource| resource.values.len()).sum();
    if selectors.len() > 5 || n_values > 250 {
        return Err(invalid("A trail takes at most 5 event selectors and 250 data resources."));
    }
    for selector in selectors {
        if !["All", "ReadOnly", "WriteOnly"].contains(&selector.read_write_type.as_str()) {
            return Err(invalid(format!("Invalid ReadWriteType: {}", selector.read_write_type)));
        }
        if !selector.include_management_events && selector.data_resources.is_empty() {
            return Err(invalid("An event selector must record management events or data events."));
        }
        if let Some(source) =
            selector.exclude_management_event_sources.iter().find(|s| !EXCLUDABLE.contains(&s.as_str()))
        {
            return Err(invalid(format!("Management events of {source} cannot be excluded.")));
        }
    }
    for resource in resources() {
        if !BASIC_TYPES.contains(&resource.resource_type.as_str()) {
            return Err(invalid(format!("Invalid data resource type: {}", resource.resource_type)));
        }
        if let Some(value) = resource.values.iter().find(|value| !is_basic_value(&resource.resource_type, value)) {
            return Err(invalid(format!("Value {value} for DataResources.Values is invalid.")));
        }
    }
    Ok(())
}

/// A whole service, or a part of it that belongs to the type. A bucket ends in a slash, and stars are no wildcards.
fn is_basic_value(resource_type: &str, value: &str) -> bool {
    let service = match resource_type {
        "AWS::S3::Object" => "s3",
        "AWS::Lambda::Function" => "lambda",
        _ => "dynamodb",
    };
    let mut parts = value.splitn(4, ':');
    let is_arn = parts.next() == Some("arn") && parts.next().is_some_and(|partition| partition.starts_with("aws"));
    let belongs = is_arn && parts.next() == Some(service) && !value.ends_with('*');
    let rest = parts.next();
    belongs && (service != "s3" || rest.is_none_or(|rest| rest.contains('/')))
}

/// What records the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorder {
    /// A trail.
    Trail,
    /// An event data store, which takes more categories and fields.
    DataStore,
}

/// Refuses advanced selectors that CloudTrail refuses.
pub fn check_advanced(selectors: &[AdvancedEventSelector], recorder: Recorder) -> Result<(), AwsError> {
    let fields = || selectors.iter().flat_map(|selector| &selector.field_selectors);
    let n_values: usize =
        fields().map(|field| operators(field).iter().map(|(_, values)| values.len()).sum::<usize>()).sum();
    if n_values > 500 {
        return Err(invalid("Advanced event selectors take at most 500 values."));
    }
    selectors.iter().try_for_each(|selector| check_advanced_one(selector, recorder))
}

fn operators(field: &FieldSelector) -> [(&'static str, &Vec<String>); 6] {
    [
        ("Equals", &field.equals),
        ("StartsWith", &field.starts_with),
        ("EndsWith", &field.ends_with),
        ("NotEquals", &field.not_equals),
        ("NotStartsWith", &field.not_starts_with),
        ("NotEndsWith", &field.not_ends_with),
    ]
}

/// The fields of an event category; none when this recorder does not take the category.
fn fields_of(category: &str, recorder: Recorder) -> Option<&'static [&'static str]> {
    Some(match (category, recorder) {
        ("Management", Recorder::Trail) => &["eventCategory", "readOnly", "eventSource"],
        ("Management", Recorder::DataStore) => &[
            "eventCategory",
            "readOnly",
            "eventSource",
            "eventName",
            "eventType",
            "userIdentity.arn",
            "sessionCredentialFromConsole",
        ],
        ("Data", _) => &[
            "eventCategory",
            "resources.type",
            "resources.ARN",
            "readOnly",
            "eventName",
            "eventSource",
            "eventType",
            "userIdentity.arn",
            "sessionCredentialFromConsole",
        ],
        ("NetworkActivity", _) => {
            &["eventCategory", "eventSource", "eventName", "errorCode", "vpcEndpointId", "userIdentity.arn"]
        }
        ("Insight" | "ConfigurationItem" | "Evidence" | "ActivityAuditLog", Recorder::DataStore) => &["eventCategory"],
        _ => return None,
    })
}

fn check_advanced_one(selector: &AdvancedEventSelector, recorder: Recorder) -> Result<(), AwsError> {
    let fields = &selector.field_selectors;
    let equals = |name: &str| {
        let field = fields.iter().find(|field| field.field == name)?;
        field.equals.first().filter(|_| field.equals.len() == 1).map(String::as_str)
    };
    if selector.name.as_ref().is_some_and(|name| name.chars().count() > 1000) {
        return Err(invalid("The name of an advanced event selector takes at most 1000 characters."));
    }
    let category =
        equals("eventCategory").ok_or_else(|| invalid("eventCategory must be given, with one Equals value."))?;
    let allowed = fields_of(category, recorder)
        .ok_or_else(|| invalid(format!("eventCategory {category} is not valid for this resource.")))?;
    for (index, field) in fields.iter().enumerate() {
        if !allowed.contains(&field.field.as_str()) {
            return Err(invalid(format!("Field {} is not valid for eventCategory {category}.", field.field)));
        }
        if fields.iter().take(index).any(|earlier| earlier.field == field.field) {
            return Err(invalid(format!("Field {} is given twice.", field.field)));
        }
        check_field(category, recorder, field)?;
    }
    let required = match category {
        "Data" => "resources.type",
        "NetworkActivity" => "eventSource",
        _ => "eventCategory",
    };
    equals(required).map(drop).ok_or_else(|| invalid(format!("{required} must be given, with one Equals value.")))
}

fn check_field(category: &str, recorder: Recorder, field: &FieldSelector) -> Result<(), AwsError> {
    let used: Vec<_> = operators(field).into_iter().filter(|(_, values)| !values.is_empty()).collect();
    if used.is_empty() || used.iter().any(|(_, values)| values.iter().any(|v| v.is_empty() || v.len() > 2048)) {
        return Err(invalid(format!("Field {} needs an operator with values of 1 to 2048 characters.", field.field)));
    }
    let only_equals = used.iter().all(|(operator, _)| *operator == "Equals");
    let fits = match (category, field.field.as_str()) {
        ("Management", "eventSource") if recorder == Recorder::Trail => used.iter().all(|(operator, values)| {
            *operator == "NotEquals" && values.iter().all(|value| EXCLUDABLE.contains(&value.as_str()))
        }),
        (_, "readOnly") => only_equals && matches!(field.equals.as_slice(), [v] if v == "true" || v == "false"),
        (_, "eventCategory" | "resources.type") => only_equals,
        (_, "sessionCredentialFromConsole") => {
            used.iter().all(|(operator, _)| matches!(*operator, "Equals" | "NotEquals"))
        }
        ("NetworkActivity", "errorCode") => only_equals && field.equals.iter().all(|v| v == "VpceAccessDenied"),
        _ => true,
    };
    if fits {
        Ok(())
    } else {
        Err(invalid(format!("Field {} has an operator or value that is not valid.", field.field)))
    }
}

/// `PutInsightSelectors`: replaces the list; an empty one switches Insights off.
pub fn put_insights(world: &mut World, viewer: Viewer<'_>, input: PutInsightSelectors) -> Result<Value, AwsError> {
    let (place, trail) = writable(world, viewer, &input.trail_name)?;
    let refuse = |message: &str| Err(AwsError::bad("InvalidInsightSelectorsException", message));
    for (index, selector) in input.insight_selectors.iter().enumerate() {
        if input.insight_selectors.iter().take(index).any(|earlier| earlier.insight_type == selector.insight_type) {
            return refuse("An InsightType is given twice.");
        }
        let on_management =
            selector.event_categories.is_empty() || selector.event_categories.iter().any(|c| c == "Management");
        if selector.event_categories.iter().any(|category| category != "Management" && category != "Data") {
            return refuse("EventCategories takes Management and Data.");
        }
        match selector.insight_type.as_str() {
            "ApiCallRateInsight" if on_management && !records_management(trail, &["All", "WriteOnly"], "true") => {
                return refuse("ApiCallRateInsight needs a trail that records write management events.");
            }
            "ApiErrorRateInsight"
                if on_management && !records_management(trail, &["All", "WriteOnly", "ReadOnly"], "") =>
            {
                return refuse("ApiErrorRateInsight needs a trail that records management events.");
            }
            "ApiCallRateInsight" | "ApiErrorRateInsight" => {}
            _ => return refuse("InsightType takes ApiCallRateInsight and ApiErrorRateInsight."),
        }
    }
    let answer = serde_json::json!({
        "TrailARN": super::visibility::arn(world, &place.owner, trail),
        "InsightSelectors": input.insight_selectors,
    });
    edit(world, &place, |trail| trail.insight_selectors = input.insight_selectors);
    Ok(answer)
}

/// True when some selector records management events of one of the basic kinds, or, advanced, is not narrowed to `readOnly` = this.
fn records_management(trail: &Trail, kinds: &[&str], read_only_that_misses: &str) -> bool {
    let basic = trail
        .event_selectors
        .iter()
        .any(|selector| selector.include_management_events && kinds.contains(&selector.read_write_type.as_str()));
    let advanced = trail.advanced_event_selectors.iter().any(|selector| {
        let has = |field: &str, value: &str| {
            selector.field_selectors.iter().any(|f| f.field == field && f.equals.iter().any(|v| v == value))
        };
        has("eventCategory", "Management") && !has("readOnly", read_only_that_misses)
    });
    let default = trail.event_selectors.is_empty() && trail.advanced_event_selectors.is_empty();
    basic || advanced || default
}

/// `PutEventConfiguration` of a trail: aggregation of data events.
pub fn put_configuration(
    world: &mut World,
    viewer: Viewer<'_>,
    input: PutEventConfiguration,
) -> Result<Value, AwsError> {
    let (place, _) = writable(world, viewer, &input.trail_name)?;
    if input.max_event_size.is_some() || input.context_key_selectors.is_some() {
        let message = "MaxEventSize and ContextKeySelectors are settings of event data stores.";
        return Err(AwsError::bad("InvalidParameterCombinationException", message));
    }
    let known = ["API_ACTIVITY", "RESOURCE_ACCESS", "USER_ACTIONS"];
    let fits = |aggregation: &AggregationConfiguration| {
        aggregation.event_category == "Data" && aggregation.templates.iter().all(|t| known.contains(&t.as_str()))
    };
    if input.aggregation_configurations.len() > 1 || !input.aggregation_configurations.iter().all(fits) {
        let message = "AggregationConfigurations takes one entry, of event category Data, with known templates.";
        return Err(AwsError::bad("InvalidParameterException", message));
    }
    edit(world, &place, |trail| trail.aggregations = input.aggregation_configurations);
    describe::event_configuration(world, viewer, &input.trail_name)
}
