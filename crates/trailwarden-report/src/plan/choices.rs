//! What a plan chose, as views tell it: of choices that were made for one reason the first, and how many more there are.

use trailwarden_model::plan::{Choice, Plan};

/// Choices for one reason that are told one by one; the plan file has all.
const MAX_ALIKE: usize = 20;

/// The choices of a plan, each in the words of a view.
pub(super) fn told(plan: &Plan, words: impl Fn(&Choice) -> String, line: impl Fn(&str) -> String) -> String {
    let alike =
        plan.choices.chunk_by(|one, other| (&one.because, &one.otherwise) == (&other.because, &other.otherwise));
    let each = alike.flat_map(|alike| {
        let n_more = alike.len().saturating_sub(MAX_ALIKE);
        let more = (n_more > 0).then(|| line(&format!("and {n_more} more like these in the plan file")));
        alike.iter().take(MAX_ALIKE).map(&words).chain(more)
    });
    each.collect()
}
