//! The answer to a problem: searched over the values listed, and proved with whatever is not wholly listed at its worst.

use std::collections::BTreeSet;

use super::By;
use super::problem::{Problem, Test, may_exist};
use super::search::{Mode, Search};
use crate::request::Request;

/// What a search came to.
pub(crate) enum Finding {
    /// No such request exists, because of these.
    Nothing(BTreeSet<By>),
    /// This one.
    Request(Request),
    /// None was found, and there may be one.
    Undecided(String),
}

impl Problem<'_> {
    /// A request that the chain lets through and that meets all of some tests.
    pub(crate) fn find(&self, required: &[usize]) -> Finding {
        let finding = Search::new(self, Mode::Listed, required).run();
        let has_unlisted = self.tests.iter().any(|test| !test.is_listed);
        match finding {
            Finding::Nothing(_) if has_unlisted => match Search::new(self, Mode::Worst, required).run() {
                Finding::Request(_) => Finding::Undecided(self.why_unlisted()),
                closed => closed,
            },
            finding => finding,
        }
    }

    /// Names the first element whose values could not all be listed.
    fn why_unlisted(&self) -> String {
        let unlisted = |test: &usize| self.tests.get(*test).filter(|test| !test.is_listed);
        let allows = self.nodes.iter().flat_map(|node| &node.allows);
        let mut found = self.denies.iter().chain(allows).filter_map(|speaker| {
            let Test { element, .. } = speaker.tests.iter().find_map(unlisted)?;
            let place = speaker.place();
            Some(match element.keys(&self.call.resource).into_iter().find(|key| !may_exist(key)) {
                Some(key) => format!("{place} reads {key}, which is no condition key of AWS that we know"),
                None => format!("not all values that matter to {element} of {place} can be listed"),
            })
        });
        found.next().unwrap_or_else(|| "not all values that matter can be listed".to_owned())
    }
}
