//! `BatchImportFindings`: what is refused as a whole, which findings fail by themselves, and what an update leaves alone.

use serde_json::{Map, Value, json};

use super::{invalid_input, own, shape};
use crate::error::AwsError;
use crate::request::Request;
use crate::world::World;

/// Findings of one request.
const MOST_FINDINGS: usize = 100;
/// Bytes of one request, and of one finding.
///
/// Source: Security Hub User Guide, "Using BatchImportFindings to create and update findings".
const MOST_BYTES: usize = 6_000_000;
const LARGEST_FINDING: usize = 240_000;

/// What belongs to the people who work on a finding, once it is there.
const OF_CUSTOMERS: [&str; 4] = ["Note", "UserDefinedFields", "VerificationState", "Workflow"];

fn findings(request: &Request) -> &[Value] {
    request.input.get("Findings").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The products that the findings of the request name, each once.
pub fn products(request: &Request) -> Vec<String> {
    let named = findings(request).iter().filter_map(|finding| finding.get("ProductArn")?.as_str().map(str::to_owned));
    let mut products: Vec<String> = named.collect();
    products.sort();
    products.dedup();
    products
}

/// `BatchImportFindings`.
pub fn import(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let findings = findings(request);
    if findings.is_empty() || findings.len() > MOST_FINDINGS || request.http.body.len() > MOST_BYTES {
        let words = "Invalid parameter 'Findings': 1 to 100 findings of at most 6 MB are taken at once.";
        return Err(invalid_input(words));
    }
    own(request, world)?;
    check_product(request, world, findings)?;
    let mut failed = Vec::new();
    for finding in findings {
        let id = finding.get("Id").and_then(Value::as_str).unwrap_or_default();
        let problems = match (finding.to_string().len() > LARGEST_FINDING, finding.as_object()) {
            (true, _) => vec!["data should NOT be larger than 240 KB".to_owned()],
            (false, None) => vec!["data should be object".to_owned()],
            (false, Some(members)) => shape::problems(members),
        };
        match finding.as_object().filter(|_| problems.is_empty()) {
            Some(members) => store(request, world, id, members)?,
            None => failed.push(json!({
                "Id": id,
                "ErrorCode": "InvalidInput",
                "ErrorMessage": format!("Finding does not adhere to Amazon Finding Format. {}.", problems.join(", ")),
            })),
        }
    }
    let n_failed = failed.len();
    Ok(json!({"FailedCount": n_failed, "SuccessCount": findings.len() - n_failed, "FailedFindings": failed}))
}

/// Findings come from the account that they are about, in the region of its own product; AWS calls all else a lack of
/// permission.
fn check_product(request: &Request, world: &World, findings: &[Value]) -> Result<(), AwsError> {
    let (account, region) = (&request.caller.account, &request.region);
    let own = format!("arn:{}:securityhub:{region}:{account}:product/{account}/default", world.partition_id());
    for finding in findings {
        let text = |member: &str| finding.get(member).and_then(Value::as_str).unwrap_or_default();
        if text("ProductArn") != own || text("AwsAccountId") != account.as_str() {
            let words = format!(
                "User: {} is not authorized to perform: securityhub:BatchImportFindings on resource: {}",
                request.caller.arn,
                text("ProductArn")
            );
            return Err(AwsError::new(403, "AccessDeniedException", words));
        }
    }
    Ok(())
}

/// A finding with a known id is an update, and one that is not newer changes nothing.
fn store(request: &Request, world: &mut World, id: &str, sent: &Map<String, Value>) -> Result<(), AwsError> {
    let region = request.region.to_string();
    let hub = own(request, world)?;
    let mut new = sent.clone();
    match hub.findings.get(id) {
        Some(old) if !is_newer(sent, old) => return Ok(()),
        Some(old) => {
            let kept = OF_CUSTOMERS.iter().filter_map(|name| Some(((*name).to_owned(), old.get(*name)?.clone())));
            new.extend(kept.collect::<Vec<_>>());
        }
        None => {
            new.insert("Workflow".to_owned(), json!({"Status": "NEW"}));
        }
    }
    new.entry("RecordState").or_insert_with(|| json!("ACTIVE"));
    new.extend([
        ("ProductName".to_owned(), json!("Default")),
        ("CompanyName".to_owned(), json!("Personal")),
        ("Region".to_owned(), json!(region)),
    ]);
    hub.findings.insert(id.to_owned(), new);
    Ok(())
}

fn is_newer(sent: &Map<String, Value>, old: &Map<String, Value>) -> bool {
    let time = |finding: &Map<String, Value>| finding.get("UpdatedAt").and_then(shape::instant);
    time(sent) > time(old)
}
