//! Statements that go into policies of others, where somebody asks for it because no place is left.

use std::collections::BTreeSet;

use serde_json::Value;
use trailwarden_model::organization::{AuthorizationPolicy, Organization};
use trailwarden_policy::{Attachment, ComposedPolicy, Composition};

/// A composition, some of whose policies are written into those of others.
#[derive(Debug, Clone)]
pub struct Adopted {
    /// The policies.
    pub composition: Composition,
    /// The names of those that keep what others wrote.
    pub merged: BTreeSet<String>,
}

/// The composition with the policies of the root written into those that are adopted, each into one that is not ours by name.
///
/// # Errors
/// In words, when a policy to adopt is not there, cannot be read, or would be too long, and when nothing is left for it.
pub fn adopt(
    organization: &Organization,
    composition: &Composition,
    ids: &BTreeSet<String>,
    characters: usize,
) -> Result<Adopted, String> {
    let nothing = Adopted { composition: composition.clone(), merged: BTreeSet::new() };
    ids.iter().try_fold(nothing, |adopted, id| adopted.with(organization, id, characters))
}

impl Adopted {
    /// With one more policy adopted.
    pub(super) fn with(mut self, organization: &Organization, id: &str, characters: usize) -> Result<Self, String> {
        let present = present(organization, id)?;
        if self.composition.policies.iter().any(|policy| policy.name == present.name) {
            // What it says is replaced.
            return Ok(self);
        }
        let mut policies = self.composition.policies.iter_mut();
        let is_free =
            |policy: &&mut ComposedPolicy| policy.attach_to == Attachment::Root && !self.merged.contains(&policy.name);
        let policy = policies.find(is_free).ok_or_else(|| {
            format!("nothing is left to be written into {id}: all of the profile goes into the others")
        })?;
        let content = present.content.get().map_err(|gap| gap.to_string())?;
        let both = merged(content, &policy.text).ok_or_else(|| format!("{id} is no policy document"))?;
        let n_characters = both.chars().count();
        if n_characters > characters {
            return Err(format!(
                "{} ({id}) would have {n_characters} characters, of at most {characters}",
                present.name
            ));
        }
        (policy.name, policy.text) = (present.name.clone(), both);
        self.merged.insert(present.name.clone());
        Ok(self)
    }
}

fn present<'a>(organization: &'a Organization, id: &str) -> Result<&'a AuthorizationPolicy, String> {
    let policies = organization.service_control_policies.get().map_err(|gap| gap.to_string())?;
    match policies.get(id) {
        Some(policy) if policy.aws_managed => Err(format!("{id} is a policy of AWS, which nobody can change")),
        Some(policy) => Ok(policy),
        None => Err(format!("there is no service control policy {id} in organization {}", organization.id)),
    }
}

/// One document with the statements of both, those that are there already once.
fn merged(present: &str, ours: &str) -> Option<String> {
    let mut document: Value = serde_json::from_str(present).ok()?;
    let ours: Value = serde_json::from_str(ours).ok()?;
    let mut statements = listed(document.get("Statement")?);
    for statement in listed(ours.get("Statement")?) {
        if !statements.contains(&statement) {
            statements.push(statement);
        }
    }
    document.as_object_mut()?.insert("Statement".to_owned(), Value::Array(statements));
    Some(document.to_string())
}

fn listed(statements: &Value) -> Vec<Value> {
    match statements {
        Value::Array(statements) => statements.clone(),
        one => vec![one.clone()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_added_once() {
        let ours = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"a:B","Resource":"*"}]}"#;
        let theirs =
            r#"{"Version":"2012-10-17","Statement":{"Sid":"Own","Effect":"Deny","Action":"c:D","Resource":"*"}}"#;
        let both = merged(theirs, ours).expect("documents");
        assert_eq!(
            serde_json::from_str::<Value>(&both).expect("a document")["Statement"].as_array().map(Vec::len),
            Some(2)
        );
        assert_eq!(merged(&both, ours), Some(both));
    }
}
