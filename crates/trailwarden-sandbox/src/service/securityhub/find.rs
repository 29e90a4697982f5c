//! `GetFindings`: the findings of the account and region, filtered by the members that findings here can have.

use serde_json::{Map, Value};

use super::{invalid_input, own};
use crate::error::AwsError;
use crate::request::Request;
use crate::service::page;
use crate::world::World;

/// Filters by the names of AWS, and where in a finding their text is.
const FILTERS: &[(&str, &[&str])] = &[
    ("Id", &["Id"]),
    ("AwsAccountId", &["AwsAccountId"]),
    ("ProductArn", &["ProductArn"]),
    ("GeneratorId", &["GeneratorId"]),
    ("Title", &["Title"]),
    ("RecordState", &["RecordState"]),
    ("ComplianceStatus", &["Compliance", "Status"]),
    ("WorkflowStatus", &["Workflow", "Status"]),
    ("SeverityLabel", &["FindingProviderFields", "Severity", "Label"]),
];

/// `GetFindings`.
pub fn find(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let none = Map::new();
    let filters = request.input.get("Filters").and_then(Value::as_object).unwrap_or(&none);
    if let Some(name) = filters.keys().find(|name| !FILTERS.iter().any(|(known, _)| known == name)) {
        return Err(AwsError::new(501, "NotImplemented", format!("the sandbox does not filter findings by {name}")));
    }
    if request.input.get("SortCriteria").is_some() {
        return Err(AwsError::new(501, "NotImplemented", "the sandbox does not sort findings"));
    }
    let most = request.integer("MaxResults").unwrap_or(100);
    if !(1..=100).contains(&most) {
        return Err(invalid_input("MaxResults must be between 1 and 100"));
    }
    let mut found = Vec::new();
    for finding in own(request, world)?.findings.values() {
        if is_wanted(finding, filters)? {
            found.push(Value::Object(finding.clone()));
        }
    }
    let page = page::plain(request, found, usize::try_from(most).unwrap_or(1));
    Ok(page.ok_or_else(|| invalid_input("NextToken is not valid"))?.named("Findings"))
}

/// Filters must all hold; of one filter, one of its values.
fn is_wanted(finding: &Map<String, Value>, filters: &Map<String, Value>) -> Result<bool, AwsError> {
    for (name, path) in FILTERS {
        let Some(values) = filters.get(*name).and_then(Value::as_array) else { continue };
        let at =
            path.iter().skip(1).fold(path.first().and_then(|first| finding.get(*first)), |at, part| at?.get(*part));
        let text = at.and_then(Value::as_str).unwrap_or_default();
        let mut holds = false;
        for value in values {
            let wanted = value.get("Value").and_then(Value::as_str).unwrap_or_default();
            holds |= match value.get("Comparison").and_then(Value::as_str) {
                Some("EQUALS") => text == wanted,
                Some("PREFIX") => text.starts_with(wanted),
                other => return Err(AwsError::new(501, "NotImplemented", format!("comparison {other:?}"))),
            };
        }
        if !holds {
            return Ok(false);
        }
    }
    Ok(true)
}
