//! Event selectors: what is recorded stays recorded, what is demanded is added.

use serde_json::{Value, json};
use trailwarden_model::baseline::{DataEvents, Operations, Required};
use trailwarden_model::plan::Hindrance;

use crate::facts::Stop;

/// What is demanded of the selectors of a trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Demand<'a> {
    /// All management events, of every source.
    pub(crate) management: bool,
    /// Data events and network activity events.
    pub(crate) required: Option<&'a Required>,
}

/// The selectors with what is demanded, in the shape of the present ones as far as that can say it.
pub(crate) fn demanded(present: &Value, demand: Demand<'_>) -> Result<Value, Stop> {
    let (data, network) = match demand.required {
        Some(required) => (required.data_events.iter().collect(), required.network_activity_sources.iter().collect()),
        None => (Vec::new(), Vec::new()),
    };
    if let Some(advanced) = present.get("AdvancedEventSelectors").and_then(Value::as_array) {
        return Ok(
            json!({"AdvancedEventSelectors": with_advanced(advanced.clone(), demand.management, &data, &network)}),
        );
    }
    let basic = present.get("EventSelectors").and_then(Value::as_array).cloned().unwrap_or_default();
    let basic = if demand.management { with_management(basic) } else { basic };
    if data.is_empty() && network.is_empty() {
        return Ok(json!({ "EventSelectors": basic }));
    }
    let converted = as_advanced(&basic)?;
    Ok(json!({"AdvancedEventSelectors": with_advanced(converted, false, &data, &network)}))
}

/// Basic selectors of which one takes all management events; data resources stay.
fn with_management(mut selectors: Vec<Value>) -> Vec<Value> {
    let takes =
        |selector: &Value| selector.get("IncludeManagementEvents").is_none_or(|includes| *includes == json!(true));
    let place = selectors.iter().position(takes);
    let whole = |selector: &mut Value| {
        if let Some(members) = selector.as_object_mut() {
            members.insert("ReadWriteType".to_owned(), json!("All"));
            members.insert("IncludeManagementEvents".to_owned(), json!(true));
            // What is observed leaves empty lists out, and what is put replaces the whole selector.
            members.remove("ExcludeManagementEventSources");
        }
    };
    let has_data =
        |selector: &Value| selector.get("DataResources").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    match place.and_then(|place| selectors.get_mut(place)) {
        // `ReadWriteType` speaks of data events too: a half of these must not become the whole.
        Some(selector) if !has_data(selector) || selector.get("ReadWriteType").is_some_and(|all| all == "All") => {
            whole(selector);
        }
        _ => {
            let mut selector = json!({});
            whole(&mut selector);
            selectors.push(selector);
        }
    }
    selectors
}

/// Basic selectors said as advanced ones, which take network activity events and every type of data events.
fn as_advanced(basic: &[Value]) -> Result<Vec<Value>, Stop> {
    let mut advanced = Vec::new();
    for selector in basic {
        let half = match selector.get("ReadWriteType").and_then(Value::as_str) {
            None | Some("All") => None,
            Some("ReadOnly") => Some("true"),
            Some("WriteOnly") => Some("false"),
            Some(other) => {
                return Err(Stop::new(Hindrance::Manual, format!("a selector has the unknown ReadWriteType {other}")));
            }
        };
        let read_only = half.map(|half| json!({"Field": "readOnly", "Equals": [half]}));
        if selector.get("IncludeManagementEvents").is_none_or(|includes| *includes == json!(true)) {
            let mut fields = vec![json!({"Field": "eventCategory", "Equals": ["Management"]})];
            fields.extend(read_only.clone());
            let excluded = selector.get("ExcludeManagementEventSources").and_then(Value::as_array);
            if let Some(sources) = excluded.filter(|sources| !sources.is_empty()) {
                fields.push(json!({"Field": "eventSource", "NotEquals": sources}));
            }
            advanced.push(json!({"Name": "Management events", "FieldSelectors": fields}));
        }
        for resource in selector.get("DataResources").and_then(Value::as_array).into_iter().flatten() {
            advanced.push(data_resource(resource, read_only.clone()));
        }
    }
    Ok(advanced)
}

/// `arn:aws:s3` and the like stand for every resource; a value that ends in a slash or names a prefix is one.
fn data_resource(resource: &Value, read_only: Option<Value>) -> Value {
    let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
    let mut fields = vec![
        json!({"Field": "eventCategory", "Equals": ["Data"]}),
        json!({"Field": "resources.type", "Equals": [kind]}),
    ];
    fields.extend(read_only);
    let values: Vec<&str> =
        resource.get("Values").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    if !values.iter().any(|value| value.split(':').count() <= 3) && !values.is_empty() {
        let operator = if kind == "AWS::S3::Object" { "StartsWith" } else { "Equals" };
        fields.push(json!({"Field": "resources.ARN", operator: values}));
    }
    json!({"Name": format!("Data events of {kind}"), "FieldSelectors": fields})
}

fn with_advanced(mut selectors: Vec<Value>, management: bool, data: &[&DataEvents], network: &[&String]) -> Vec<Value> {
    if management {
        selectors.retain(|selector| !is_management(selector));
        let fields = json!([{"Field": "eventCategory", "Equals": ["Management"]}]);
        selectors.insert(0, json!({"Name": "Management events", "FieldSelectors": fields}));
    }
    let mut add = |selector: Value| {
        if !selectors.iter().any(|present| present.get("FieldSelectors") == selector.get("FieldSelectors")) {
            selectors.push(selector);
        }
    };
    for events in data {
        add(data_selector(events));
    }
    for source in network {
        let fields = json!([{"Field": "eventCategory", "Equals": ["NetworkActivity"]}, {"Field": "eventSource", "Equals": [source]}]);
        add(json!({"Name": format!("Network activity of {source}"), "FieldSelectors": fields}));
    }
    selectors
}

fn is_management(selector: &Value) -> bool {
    let fields = selector.get("FieldSelectors").and_then(Value::as_array).into_iter().flatten();
    fields.into_iter().any(|field| {
        field.get("Field").is_some_and(|name| name == "eventCategory")
            && field.get("Equals").is_some_and(|values| *values == json!(["Management"]))
    })
}

fn data_selector(events: &DataEvents) -> Value {
    let mut fields = vec![
        json!({"Field": "eventCategory", "Equals": ["Data"]}),
        json!({"Field": "resources.type", "Equals": [events.resource_type]}),
    ];
    match events.operations {
        Operations::All => {}
        Operations::Read => fields.push(json!({"Field": "readOnly", "Equals": ["true"]})),
        Operations::Write => fields.push(json!({"Field": "readOnly", "Equals": ["false"]})),
    }
    if let Some(prefix) = &events.arn_prefix {
        fields.push(json!({"Field": "resources.ARN", "StartsWith": [prefix]}));
    }
    json!({"Name": format!("Required: {}", events.resource_type), "FieldSelectors": fields})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn management(present: Value) -> Value {
        demanded(&present, Demand { management: true, required: None }).expect("selectors")
    }

    #[test]
    fn an_exclusion_goes_and_data_events_stay() {
        let data = json!([{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::b/"]}]);
        let present = json!({"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": true,
            "ExcludeManagementEventSources": ["rdsdata.amazonaws.com"], "DataResources": data}]});
        let selector = &management(present)["EventSelectors"][0];
        assert!(selector.get("ExcludeManagementEventSources").is_none());
        assert_eq!(selector["DataResources"], data);
    }

    #[test]
    fn half_of_the_data_events_does_not_become_the_whole() {
        let half = json!({"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true, "ExcludeManagementEventSources": [],
            "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::b/"]}]});
        let after = management(json!({"EventSelectors": [half.clone()]}));
        assert_eq!(after["EventSelectors"][0], half);
        assert_eq!(after["EventSelectors"][1]["ReadWriteType"], "All");
    }

    #[test]
    fn advanced_selectors_of_data_events_stay_as_they_are() {
        let data = json!({"Name": "d", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::Lambda::Function"]}]});
        let reads = json!({"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]},
            {"Field": "readOnly", "Equals": ["true"]}]});
        let after = management(json!({"AdvancedEventSelectors": [reads, data.clone()]}));
        assert_eq!(after["AdvancedEventSelectors"].as_array().map(Vec::len), Some(2));
        assert_eq!(after["AdvancedEventSelectors"][1], data);
    }

    #[test]
    fn demanded_data_events_are_added_once_and_basic_selectors_are_said_as_advanced() {
        let events = DataEvents {
            resource_type: "AWS::Lambda::Function".to_owned(),
            arn_prefix: None,
            operations: Operations::All,
        };
        let required = Required { data_events: [events].into(), ..Required::default() };
        let demand = Demand { management: false, required: Some(&required) };
        let present = json!({"EventSelectors": [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true,
            "ExcludeManagementEventSources": ["kms.amazonaws.com"], "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}]});
        let once = demanded(&present, demand).expect("selectors");
        assert_eq!(once["AdvancedEventSelectors"].as_array().map(Vec::len), Some(3));
        assert_eq!(once["AdvancedEventSelectors"][1]["FieldSelectors"].as_array().map(Vec::len), Some(3));
        assert_eq!(demanded(&once, demand).expect("selectors"), once);
    }
}
