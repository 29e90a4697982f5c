//! Filters of the Describe operations: values of one filter are alternatives, filters narrow each other, stars match.

use std::collections::BTreeMap;

use super::{invalid, numbered};
use crate::error::AwsError;
use crate::policy::matches;
use crate::request::Request;

/// What the filters look at: a name and the values that a thing has under it.
pub type Facts<'a> = Vec<(&'a str, Vec<String>)>;

/// The filters of a request by name.
#[derive(Debug)]
pub struct Filters(Vec<(String, Vec<String>)>);

impl Filters {
    /// Reads the filters; every name must be one of these, or one about tags.
    pub fn read(request: &Request, known: &[&str]) -> Result<Self, AwsError> {
        let named = (1..).map_while(|index| {
            let name = request.text(&format!("Filter.{index}.Name"))?.to_owned();
            Some((name, numbered(request, &format!("Filter.{index}.Value"))))
        });
        let filters: Vec<_> = named.collect();
        let is_known = |name: &str| known.contains(&name) || name == "tag-key" || name.starts_with("tag:");
        match filters.iter().find(|(name, values)| !is_known(name) || values.is_empty()) {
            Some((name, values)) if values.is_empty() => Err(invalid(format!("The filter '{name}' has no values"))),
            Some((name, _)) => Err(invalid(format!("The filter '{name}' is invalid"))),
            None => Ok(Self(filters)),
        }
    }

    /// True when the thing passes every filter.
    pub fn pass(&self, facts: &Facts<'_>, tags: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|(name, wanted)| {
            let held: Vec<String> = match name.strip_prefix("tag:") {
                Some(key) => tags.get(key).cloned().into_iter().collect(),
                None if name == "tag-key" => tags.keys().cloned().collect(),
                None => facts.iter().filter(|(fact, _)| fact == name).flat_map(|(_, values)| values.clone()).collect(),
            };
            held.iter().any(|held| wanted.iter().any(|wanted| matches(wanted, held)))
        })
    }
}
