//! Who can still blind which trail, for every account: the result of a proof, and its formats.

mod groups;
mod json;
mod text;
pub(super) mod words;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use trailwarden_model::ids::{AccountId, Arn};
use trailwarden_model::observed::Gap;
use trailwarden_model::organization::Organization;
use trailwarden_model::trail::Trail;
use trailwarden_policy::{Answer, Call, Exemption};

pub use json::{FORMAT, render_json};
pub use text::render;

/// What was asked, and the answers.
#[derive(Debug)]
pub struct Proof<'a> {
    /// The version that proved.
    pub tool_version: &'a str,
    /// When the organization was read.
    pub collected_at: Timestamp,
    /// Whose policies.
    pub organization: &'a Organization,
    /// The trails that were seen, by ARN.
    pub trails: &'a BTreeMap<Arn, Trail>,
    /// Principals that the baseline allows to make the calls: patterns over ARNs.
    pub exceptions: &'a BTreeSet<String>,
    /// The accounts that were asked about, in order.
    pub accounts: Vec<AccountProof>,
}

/// The answers of one account.
#[derive(Debug)]
pub struct AccountProof {
    /// Which account.
    pub account: AccountId,
    /// What was found.
    pub found: Found,
}

/// What was found of an account.
#[derive(Debug)]
pub enum Found {
    /// It is the management account: no service control policy binds it.
    Management,
    /// The policies, or the tree above the account, could not be read.
    Unread(Gap),
    /// The policies were asked.
    Answers(Answers),
}

/// The answers for each call.
#[derive(Debug)]
pub struct Answers {
    /// True when service control policies are disabled in the organization.
    pub is_disabled: bool,
    /// Each call with its answer.
    pub calls: Vec<(Call, Answer)>,
    /// Whom the policies spare; or why that cannot be told.
    pub exemptions: Result<Vec<Exemption>, String>,
    /// An account that could not be entered or a region whose trails could not be listed, where the policies would not guard a
    /// trail that the account may have.
    pub hidden: Option<Gap>,
}

/// What the answers of an account amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Somebody who is no declared exception can make at least one of the calls.
    Open,
    /// Nobody was found who can, and it cannot be told that there is nobody.
    Undecided,
    /// Nobody but the declared exceptions can.
    Proved,
    /// No policy can bind it.
    Unbound,
}

impl AccountProof {
    /// What the answers amount to.
    pub fn standing(&self) -> Standing {
        let answers = match &self.found {
            Found::Management => return Standing::Unbound,
            Found::Unread(_) => return Standing::Undecided,
            Found::Answers(answers) => answers,
        };
        let any = |test: fn(&Answer) -> bool| answers.calls.iter().any(|(_, answer)| test(answer));
        if any(|answer| matches!(answer, Answer::Open(_))) {
            Standing::Open
        } else if any(|answer| matches!(answer, Answer::Undecided(_))) || answers.hidden.is_some() {
            Standing::Undecided
        } else {
            Standing::Proved
        }
    }
}

impl Proof<'_> {
    /// How many accounts stand so.
    pub fn count(&self, standing: Standing) -> usize {
        self.accounts.iter().filter(|proof| proof.standing() == standing).count()
    }
}
