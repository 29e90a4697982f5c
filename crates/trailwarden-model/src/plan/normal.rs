//! Policy documents in normal form, so that two spellings of one policy compare equal.

use serde_json::Value;

/// A policy document as AWS answers it, parsed and in normal form; a text that is no JSON stays a text.
pub fn normal_document(text: &str) -> Value {
    serde_json::from_str(text).map_or_else(|_| Value::String(text.to_owned()), |policy| normal_policy(&policy))
}

/// Lists of one entry become that entry, and lists of texts are sorted: AWS takes both for the same and answers either.
/// The order of statements is kept, which people chose.
pub fn normal_policy(policy: &Value) -> Value {
    match policy {
        Value::Array(items) => match items.as_slice() {
            [only] => normal_policy(only),
            items if items.iter().all(Value::is_string) => {
                let mut texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                texts.sort_unstable();
                texts.dedup();
                Value::Array(texts.into_iter().map(Value::from).collect())
            }
            items => Value::Array(items.iter().map(normal_policy).collect()),
        },
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, member)| (name.clone(), normal_policy(member))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn spellings_of_one_policy_are_equal() {
        let one = json!({"Statement": [{"Action": ["s3:PutObject"], "Resource": ["b", "a", "b"]}]});
        let other = json!({"Statement": {"Action": "s3:PutObject", "Resource": ["a", "b"]}});
        assert_eq!(normal_policy(&one), normal_policy(&other));
        assert_eq!(normal_document("no policy"), "no policy");
    }
}
