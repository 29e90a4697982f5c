//! What differs between two observed values, member by member; policies by statement.

use serde_json::{Map, Value};
use trailwarden_model::plan::{Before, Step};

use super::statement;

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    /// Where, for example `Rule.DefaultRetention.Days`; empty for the value as a whole.
    pub(crate) path: String,
    /// What was there.
    pub(crate) was: Option<Value>,
    /// What is there afterwards.
    pub(crate) is: Option<Value>,
    /// A whole statement of a policy.
    pub(crate) is_statement: bool,
}

impl Change {
    /// `+`, `-` or `~`.
    pub(crate) fn sign(&self) -> char {
        match (&self.was, &self.is) {
            (None, _) => '+',
            (_, None) => '-',
            _ => '~',
        }
    }
}

/// What a step changes.
#[derive(Debug, Default)]
pub(crate) struct Diff {
    pub(crate) changes: Vec<Change>,
    /// Statements of the policy that stay as they are.
    pub(crate) n_same_statements: usize,
}

/// What a step changes; of what AWS sets on a new resource, which no plan knows, what it is to become.
pub(crate) fn of(step: &Step) -> Diff {
    match &step.before {
        Before::Is(value) => between(value, &step.after),
        Before::CreatedBy(_) => between(&Value::Null, &step.after),
    }
}

/// What differs between two values.
pub(crate) fn between(was: &Value, is: &Value) -> Diff {
    let mut diff = Diff::default();
    diff.compare("", was, is);
    diff
}

impl Diff {
    fn compare(&mut self, path: &str, was: &Value, is: &Value) {
        let nothing = Map::new();
        match (was, is) {
            _ if was == is => {}
            (Value::Object(was), Value::Object(is)) => self.members(path, was, is),
            (Value::Null, Value::Object(is)) if !is.is_empty() => self.members(path, &nothing, is),
            (Value::Object(was), Value::Null) if was.contains_key("Statement") => self.members(path, was, &nothing),
            (Value::Array(was), Value::Array(is)) if was.len() == is.len() && is.iter().all(Value::is_object) => {
                for (index, (was, is)) in was.iter().zip(is).enumerate() {
                    self.compare(&format!("{path}[{}]", index + 1), was, is);
                }
            }
            _ => match (names(was), names(is)) {
                (Some(was_names), Some(is_names)) if was.is_array() || is.is_array() => {
                    self.sets(path, &was_names, &is_names);
                }
                _ => self.push(path, was, is),
            },
        }
    }

    fn members(&mut self, path: &str, was: &Map<String, Value>, is: &Map<String, Value>) {
        let mut names: Vec<&String> = was.keys().chain(is.keys()).collect();
        names.sort();
        names.dedup();
        for name in names {
            let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let of = |members: &Map<String, Value>| members.get(name).cloned().unwrap_or_default();
            let (was, is) = (of(was), of(is));
            match name.as_str() {
                "Statement" => self.statements(&was, &is),
                _ => self.compare(&below, &was, &is),
            }
        }
    }

    /// Statements belong together that are equal, or else have one Sid.
    fn statements(&mut self, was: &Value, is: &Value) {
        let mut left: Vec<(usize, &Value)> = list(was).into_iter().enumerate().collect();
        let mut fresh: Vec<(usize, &Value)> = Vec::new();
        for (index, statement) in list(is).into_iter().enumerate() {
            match left.iter().position(|(_, other)| *other == statement) {
                Some(found) => {
                    left.remove(found);
                    self.n_same_statements += 1;
                }
                None => fresh.push((index, statement)),
            }
        }
        for (index, statement) in fresh {
            let name = statement::name(statement, index + 1);
            let sid = statement.get("Sid");
            match left.iter().position(|(_, other)| sid.is_some() && other.get("Sid") == sid) {
                Some(found) => {
                    let (_, other) = left.remove(found);
                    self.compare(&name, other, statement);
                }
                None => self.whole_statement(name, None, Some(statement)),
            }
        }
        for (index, statement) in left {
            self.whole_statement(statement::name(statement, index + 1), Some(statement), None);
        }
    }

    fn whole_statement(&mut self, path: String, was: Option<&Value>, is: Option<&Value>) {
        self.changes.push(Change { path, was: was.cloned(), is: is.cloned(), is_statement: true });
    }

    /// Lists of texts in which order means nothing; one text is a list of one.
    fn sets(&mut self, path: &str, was: &[&Value], is: &[&Value]) {
        was.iter().filter(|name| !is.contains(name)).for_each(|name| self.push(path, name, &Value::Null));
        is.iter().filter(|name| !was.contains(name)).for_each(|name| self.push(path, &Value::Null, name));
    }

    fn push(&mut self, path: &str, was: &Value, is: &Value) {
        let some = |value: &Value| (!value.is_null()).then(|| value.clone());
        self.changes.push(Change { path: path.to_owned(), was: some(was), is: some(is), is_statement: false });
    }
}

fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => vec![],
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    }
}

fn names(value: &Value) -> Option<Vec<&Value>> {
    let names = list(value);
    names.iter().all(|name| name.is_string()).then_some(names)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn diff(was: &Value, is: &Value) -> Vec<String> {
        let mut diff = Diff::default();
        diff.compare("", was, is);
        diff.changes.iter().map(|change| format!("{} {}", change.sign(), change.path)).collect()
    }

    #[test]
    fn only_what_differs_is_said() {
        let was = json!({"A": 1, "B": {"C": true, "D": [{"E": 1}]}, "F": "x", "G": ["a", "b"]});
        let is = json!({"A": 1, "B": {"C": false, "D": [{"E": 2}]}, "G": ["b", "c"], "H": null});
        assert_eq!(diff(&was, &is), ["~ B.C", "~ B.D[1].E", "- F", "- G", "+ G"]);
        assert_eq!(diff(&json!(false), &json!(true)), ["~ "]);
        assert_eq!(diff(&json!(null), &json!(true)), ["+ "]);
        assert_eq!(diff(&json!({"Name": "t"}), &json!(null)), ["- "]);
    }

    #[test]
    fn statements_are_matched_by_what_they_say_and_then_by_sid() {
        let one = |sid: &str, action: &str| json!({"Sid": sid, "Effect": "Allow", "Action": action});
        let was = json!({"Statement": [one("A", "s3:Get*"), one("B", "s3:Put*"), {"Effect": "Deny"}]});
        let is = json!({"Statement": [one("B", "s3:PutObject"), one("A", "s3:Get*"), one("C", "s3:List*")]});
        assert_eq!(diff(&was, &is), ["~ statement B.Action", "+ statement C", "- statement 3"]);
        let alone = json!({"Statement": one("A", "s3:Get*")});
        assert_eq!(diff(&alone, &json!(null)), ["- statement A"], "a policy that is deleted");
    }
}
