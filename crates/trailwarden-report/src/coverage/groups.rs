//! Accounts and regions with like answers, put together, worst first.
//!
//! Trails and examples of lost events, which may be others in every account, are kept beside the comparison.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{Cell, Matrix, trail_name};

/// What a cell has in common with others; of a failed read what came back, wherever it was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Alike {
    Lost,
    Unknown(String),
    Covered,
    NotApplicable,
}

impl Alike {
    fn of(cell: &Cell) -> Self {
        match cell {
            Cell::Lost { .. } => Self::Lost,
            Cell::Unknown(gap) => Self::Unknown(format!("{}: {}", gap.call, gap.code)),
            Cell::Covered { .. } => Self::Covered,
            Cell::NotApplicable => Self::NotApplicable,
        }
    }
}

/// Accounts and regions with like answers.
#[derive(Debug, Default)]
pub(super) struct Group<'a> {
    /// One for each column.
    pub(super) cells: Vec<Alike>,
    /// An event that is lost somewhere in the group, for each column that loses some.
    pub(super) examples: BTreeMap<usize, &'a str>,
    /// The names of the trails that record something.
    pub(super) trails: BTreeSet<&'a str>,
    /// The regions of each account; none where they could not be listed.
    accounts: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Group<'a> {
    /// The accounts that have the same regions here, by the regions.
    pub(super) fn places(&self) -> BTreeMap<&BTreeSet<&'a str>, Vec<&'a str>> {
        let mut places: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for (account, regions) in &self.accounts {
            places.entry(regions).or_default().push(*account);
        }
        places
    }

    pub(super) fn n_accounts(&self) -> usize {
        self.accounts.len()
    }

    /// Zero where no account's regions could be listed.
    pub(super) fn n_regions(&self) -> usize {
        self.accounts.values().map(BTreeSet::len).sum()
    }

    fn add(&mut self, account: &'a str, region: Option<&'a str>, cells: &'a [Cell]) {
        self.accounts.entry(account).or_default().extend(region);
        for (index, cell) in cells.iter().enumerate() {
            match cell {
                Cell::Lost { example } => {
                    self.examples.entry(index).or_insert(example);
                }
                Cell::Covered { trails } => self.trails.extend(trails.iter().map(trail_name)),
                Cell::Unknown(_) | Cell::NotApplicable => {}
            }
        }
    }

    /// True when the other differs only in what does not happen there and is recorded here.
    fn takes_in(&self, other: &Self) -> bool {
        self.cells
            .iter()
            .zip(&other.cells)
            .all(|(mine, theirs)| mine == theirs || (*theirs == Alike::NotApplicable && *mine == Alike::Covered))
    }

    fn merge(&mut self, other: Self) {
        self.trails.extend(other.trails);
        for (account, regions) in other.accounts {
            self.accounts.entry(account).or_default().extend(regions);
        }
        for (index, example) in other.examples {
            self.examples.entry(index).or_insert(example);
        }
    }
}

/// The groups of a matrix: most lost first, then most unknown, then the largest.
pub(super) fn groups<'a>(matrix: &'a Matrix<'_>) -> Vec<Group<'a>> {
    let mut alike: BTreeMap<Vec<Alike>, Group<'a>> = BTreeMap::new();
    for row in &matrix.rows {
        let cells: Vec<Alike> = row.cells.iter().map(Alike::of).collect();
        let group = alike.entry(cells.clone()).or_insert_with(|| Group { cells, ..Group::default() });
        group.add(row.account.as_str(), row.region.as_ref().map(|region| region.as_str()), &row.cells);
    }
    let n_elsewhere = |group: &Group<'_>| count(group, |cell| *cell == Alike::NotApplicable);
    let mut found: Vec<Group<'a>> = alike.into_values().collect();
    found.sort_by_key(n_elsewhere);
    let mut groups: Vec<Group<'a>> = Vec::new();
    for group in found {
        match groups.iter_mut().find(|larger| larger.takes_in(&group)) {
            Some(larger) => larger.merge(group),
            None => groups.push(group),
        }
    }
    groups.sort_by_key(|group| {
        let n_lost = count(group, |cell| *cell == Alike::Lost);
        Reverse((n_lost, count(group, |cell| matches!(cell, Alike::Unknown(_))), group.n_regions()))
    });
    groups
}

fn count(group: &Group<'_>, test: fn(&Alike) -> bool) -> usize {
    group.cells.iter().filter(|cell| test(cell)).count()
}
