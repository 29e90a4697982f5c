//! Maps of accounts: what each column says of each account, and of the OUs that hold them.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use trailwarden_model::assessment::Assessment;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::map::Tree;

use super::mark::{Mark, OUTCOMES, RECORDED, Words};
use super::pack::plainly;
use crate::words::thousands;

/// Accounts that hang below one root or OU.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    /// The names from the root down.
    pub(super) name: String,
    /// Places in the list of accounts.
    pub(super) accounts: Vec<usize>,
}

/// The accounts in scope by what holds them; in one group where the tree is not known.
pub(super) fn groups(assessment: &Assessment, accounts: &[AccountId]) -> Vec<Group> {
    let excluded = &assessment.organization.excluded;
    let judged: BTreeMap<&AccountId, ()> = assessment
        .summary
        .practices
        .iter()
        .flat_map(|practice| practice.by_account.keys())
        .map(|id| (id, ()))
        .collect();
    let is_in_scope = |id: &AccountId| !excluded.contains(id) && (judged.is_empty() || judged.contains_key(id));
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, id) in accounts.iter().enumerate().filter(|(_, id)| is_in_scope(id)) {
        let name = match &assessment.tree {
            Some(tree) => path(tree, id),
            None => "All accounts".to_owned(),
        };
        groups.entry(name).or_default().push(place);
    }
    groups.into_iter().map(|(name, accounts)| Group { name, accounts }).collect()
}

fn path(tree: &Tree, account: &AccountId) -> String {
    let mut names = Vec::new();
    let mut above = tree.accounts.get(account).and_then(Option::as_deref);
    while let Some(node) = above.and_then(|id| tree.nodes.iter().find(|node| node.id == id)) {
        names.push(plainly(&node.name).into_owned());
        above = node.parent.as_deref().filter(|_| names.len() < tree.nodes.len());
    }
    names.reverse();
    if names.is_empty() { "Place not known".to_owned() } else { names.join(" / ") }
}

/// A map of accounts.
pub(super) struct Grid {
    pub(super) columns: Vec<String>,
    /// One row for each account, by place.
    pub(super) rows: Vec<Vec<Mark>>,
    pub(super) words: Words,
}

/// What stands in a row of a group.
pub(super) struct Summed {
    pub(super) letter: char,
    pub(super) sign: &'static str,
    /// What it says, for those who do not see it.
    pub(super) label: String,
}

impl Grid {
    fn new(columns: Vec<String>, n_accounts: usize, words: Words) -> Self {
        let rows = vec![vec![Mark::Nothing; columns.len()]; n_accounts];
        Self { columns, rows, words }
    }

    fn worsen(&mut self, account: usize, column: usize, mark: Mark) {
        if let Some(cell) = self.rows.get_mut(account).and_then(|row| row.get_mut(column)) {
            *cell = (*cell).max(mark);
        }
    }

    /// The worst of a group in each column, and how many accounts have it.
    pub(super) fn summed(&self, group: &Group) -> Vec<Summed> {
        let marks =
            |column: usize| group.accounts.iter().filter_map(move |account| self.rows.get(*account)?.get(column));
        let sum = |column| {
            let worst = marks(column).max().copied().unwrap_or(Mark::Nothing);
            let n = marks(column).filter(|mark| **mark == worst).count();
            let word = self.words.iter().find(|(mark, _)| *mark == worst).map_or("", |(_, word)| word);
            Summed {
                letter: worst.letter(),
                sign: worst.sign(),
                label: format!("{word}: {} of {}", thousands(n), thousands(group.accounts.len())),
            }
        };
        (0..self.columns.len()).map(sum).collect()
    }

    /// True when some account has it.
    pub(super) fn has(&self, mark: &Mark) -> bool {
        self.rows.iter().flatten().any(|known| known == mark)
    }

    /// The words by letter.
    pub(super) fn words_by_letter(&self) -> BTreeMap<char, &'static str> {
        self.words.iter().map(|(mark, word)| (mark.letter(), *word)).collect()
    }

    /// The rows as letters.
    pub(super) fn letters(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.iter().map(|mark| mark.letter()).collect()).collect()
    }
}

/// The practices and then the controls, in the order of their findings. A trail, bucket, key or log group is told in the
/// account that owns it; the practices tell all accounts that it concerns.
pub(super) fn heat(assessment: &Assessment, accounts: &[AccountId]) -> Grid {
    let practices = &assessment.summary.practices;
    let mut columns: Vec<String> = practices.iter().map(|practice| plainly(&practice.title).into_owned()).collect();
    let mut controls: HashMap<&str, usize> = HashMap::new();
    for finding in &assessment.findings {
        controls.entry(&finding.control).or_insert_with(|| {
            columns.push(plainly(&finding.control).into_owned());
            columns.len() - 1
        });
    }
    let places: HashMap<&AccountId, usize> = accounts.iter().enumerate().map(|(place, id)| (id, place)).collect();
    let mut grid = Grid::new(columns, accounts.len(), OUTCOMES);
    for (column, practice) in practices.iter().enumerate() {
        for (id, outcome) in &practice.by_account {
            places.get(id).into_iter().for_each(|place| grid.worsen(*place, column, Mark::of_outcome(*outcome)));
        }
    }
    for finding in &assessment.findings {
        if let (Some(place), Some(column)) = (places.get(&finding.account), controls.get(finding.control.as_str())) {
            grid.worsen(*place, *column, Mark::of_finding(finding));
        }
    }
    grid
}

/// What each region of each account records, all classes together; none where the run did not read it.
pub(super) fn coverage(assessment: &Assessment, accounts: &[AccountId]) -> Option<Grid> {
    let coverage = assessment.coverage.as_ref()?;
    let mut regions: Vec<&Region> = coverage.iter().flat_map(|place| &place.regions).collect();
    regions.sort();
    regions.dedup();
    let columns = regions.iter().map(|region| region.to_string()).collect();
    let columns_of: HashMap<&Region, usize> =
        regions.iter().enumerate().map(|(column, region)| (*region, column)).collect();
    let places: HashMap<&AccountId, usize> = accounts.iter().enumerate().map(|(place, id)| (id, place)).collect();
    let mut grid = Grid::new(columns, accounts.len(), RECORDED);
    for one in coverage {
        let Some(place) = places.get(&one.account) else { continue };
        let mark = Mark::of_classes(one.classes.values());
        let all = 0..if one.regions.is_empty() { grid.columns.len() } else { 0 };
        let named = one.regions.iter().filter_map(|region| columns_of.get(region).copied());
        all.chain(named).for_each(|column| grid.worsen(*place, column, mark));
    }
    Some(grid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn accounts_stand_below_what_holds_them_and_a_group_tells_its_worst() {
        let assessment = sample::assessment();
        let accounts: Vec<AccountId> = assessment.organization.accounts.keys().cloned().collect();
        let groups = groups(&assessment, &accounts);
        let named: Vec<_> = groups.iter().map(|group| (group.name.as_str(), group.accounts.as_slice())).collect();
        assert_eq!(named, [("Root", [0].as_slice()), ("Root / Workloads", &[1, 2])]);
        let grid = coverage(&assessment, &accounts).expect("a map");
        assert_eq!(
            (grid.columns.as_slice(), grid.letters()),
            (["eu-west-1", "us-east-1"].map(String::from).as_slice(), ["pp", "fp", "uu"].map(String::from).to_vec())
        );
        let told: Vec<String> = grid.summed(&groups[1]).into_iter().map(|cell| cell.label).collect();
        assert_eq!(told, ["every class of events is lost: 1 of 2", "not known: 1 of 2"]);
    }

    #[test]
    fn a_control_is_told_in_the_account_of_its_finding_and_a_waived_failure_is_no_pass() {
        let assessment = sample::waived();
        let accounts: Vec<AccountId> = assessment.organization.accounts.keys().cloned().collect();
        let grid = heat(&assessment, &accounts);
        let column = grid.columns.iter().position(|column| column == "kms-key-usable").expect("a control");
        let marks: Vec<Mark> = grid.rows.iter().map(|row| row[column]).collect();
        assert_eq!(marks, [Mark::Nothing, Mark::Nothing, Mark::Waived]);
    }
}
