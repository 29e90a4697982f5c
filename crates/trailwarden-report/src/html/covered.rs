//! What each account and region records of each class of events, packed for the script.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use trailwarden_model::assessment::Assessment;
use trailwarden_model::ids::AccountId;
use trailwarden_model::map::{Coverage, Recorded};

use super::grid::Grid;
use super::intern::Interned;
use super::pack::plainly;

/// The class states of some regions: a letter, and the place of the detail.
type Place = (Vec<usize>, Vec<(char, usize)>);

#[derive(Serialize)]
pub(super) struct Covered {
    rows: Vec<String>,
    words: BTreeMap<char, &'static str>,
    regions: Vec<String>,
    classes: Vec<String>,
    /// Examples of what is lost, and why something is not known; the first is none.
    details: Vec<String>,
    /// By place in the list of accounts.
    accounts: Vec<Vec<Place>>,
}

impl Covered {
    pub(super) fn new(assessment: &Assessment, accounts: &[AccountId], grid: &Grid) -> Self {
        let mut details = Interned::new();
        details.place("");
        let mut classes: Interned<String> = Interned::new();
        let regions: HashMap<&str, usize> =
            grid.columns.iter().enumerate().map(|(place, region)| (region.as_str(), place)).collect();
        let places: HashMap<&AccountId, usize> = accounts.iter().enumerate().map(|(place, id)| (id, place)).collect();
        let mut packed: Vec<Vec<Place>> = vec![vec![]; accounts.len()];
        for one in assessment.coverage.iter().flatten() {
            one.classes.keys().for_each(|class| _ = classes.place(plainly(class).as_ref()));
            let account = places.get(&one.account).and_then(|place| packed.get_mut(*place));
            account.into_iter().for_each(|account| account.push(place(one, &regions, &mut details)));
        }
        Self {
            rows: grid.letters(),
            words: grid.words_by_letter(),
            regions: grid.columns.clone(),
            classes: classes.values().to_vec(),
            details: details.values().to_vec(),
            accounts: packed,
        }
    }
}

fn place(one: &Coverage, regions: &HashMap<&str, usize>, details: &mut Interned<String>) -> Place {
    let named = one.regions.iter().filter_map(|region| regions.get(region.as_str()).copied());
    let state = |recorded: &Recorded| match recorded {
        Recorded::Recorded => ('p', 0),
        Recorded::NotApplicable => ('n', 0),
        Recorded::Lost(example) => ('f', details.place(plainly(example).as_ref())),
        Recorded::Unknown(reason) => ('u', details.place(plainly(reason).as_ref())),
    };
    (named.collect(), one.classes.values().map(state).collect())
}
