//! Inputs as every format gives them: Query writes numbers and booleans as text.

use serde_json::{Number, Value};

use crate::request::Request;

const INTEGERS: &[&str] = &["DatapointsToAlarm", "EvaluationPeriods", "MaxRecords", "Period"];
const DECIMALS: &[&str] = &["Threshold"];
const FLAGS: &[&str] = &["ActionsEnabled", "ReturnData"];

/// The same request with typed members.
pub fn typed(request: &Request) -> Request {
    let mut request = request.clone();
    convert(&mut request.input);
    request
}

fn convert(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(convert),
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str().and_then(|text| parse(name, text)) {
                    Some(typed) => *member = typed,
                    None => convert(member),
                }
            }
        }
        _ => {}
    }
}

/// The text as the type of its member; what does not fit stays text, for the operation to refuse.
fn parse(name: &str, text: &str) -> Option<Value> {
    match name {
        _ if INTEGERS.contains(&name) => text.parse::<i64>().ok().map(Value::from),
        _ if DECIMALS.contains(&name) => Number::from_f64(text.parse().ok()?).map(Value::Number),
        _ if FLAGS.contains(&name) => text.parse::<bool>().ok().map(Value::Bool),
        _ => None,
    }
}
