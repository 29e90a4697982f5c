//! Steps of one account that differ by their region alone: shown once, with the regions.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::plan::Step;

use super::words;

/// A step, and those that do the same in other regions.
pub(super) struct Alike<'a> {
    pub(super) first: &'a Step,
    pub(super) others: Vec<&'a Step>,
}

/// Steps in their order, each with all later ones that do the same in other regions.
pub(super) fn gathered<'a>(steps: &[&'a Step]) -> Vec<Alike<'a>> {
    let mut gathered: Vec<(String, Alike<'a>)> = Vec::new();
    let mut firsts: BTreeMap<&str, &str> = BTreeMap::new();
    for step in steps {
        let deed = deed(step, &firsts);
        let first = match gathered.iter_mut().find(|(known, _)| *known == deed) {
            Some((_, alike)) => {
                alike.others.push(step);
                &alike.first.id
            }
            None => {
                gathered.push((deed, Alike { first: step, others: Vec::new() }));
                &step.id
            }
        };
        firsts.insert(&step.id, first);
    }
    gathered.into_iter().map(|(_, alike)| alike).collect()
}

/// Everything that a view shows of a step, but for its id and region; of a step that it rests on, the first that is alike.
fn deed(step: &Step, firsts: &BTreeMap<&str, &str>) -> String {
    let shown = Step { id: String::new(), findings: BTreeSet::new(), ..step.clone() };
    let text = serde_json::to_string(&shown).unwrap_or_default();
    let text = text.replace(step.subject.place.region.as_str(), "").replace(&format!("${{{}.", step.id), "${.");
    let rests_on = firsts.iter().filter(|(id, first)| id != first && text.contains(**id));
    let text = rests_on.fold(text.clone(), |text, (id, first)| {
        text.replace(&format!("${{{id}."), &format!("${{{first}."))
            .replace(&format!("\"{id}\""), &format!("\"{first}\""))
    });
    format!("{text}{:?}", words::controls(&step.findings))
}

impl Alike<'_> {
    /// The findings that ask for any of them.
    pub(super) fn findings(&self) -> BTreeSet<String> {
        let steps = self.others.iter().chain([&self.first]);
        steps.flat_map(|step| step.findings.iter().cloned()).collect()
    }

    /// `16 more regions: eu-west-1 (s033), us-west-2 (s035)`, where there are others.
    pub(super) fn elsewhere(&self) -> Option<String> {
        let at = |step: &&Step| format!("{} ({})", step.subject.place.region, step.id);
        let places: Vec<String> = self.others.iter().map(at).collect();
        let more = crate::paint::count(places.len(), "more region");
        (!places.is_empty()).then(|| format!("{more}: {}", places.join(", ")))
    }
}
