//! The result of one control on one resource, whatever the outcome.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::control::Severity;
use crate::ids::{AccountId, Region};
use crate::observed::Gap;
use crate::waiver::Acceptance;

/// What a control found, worst last when ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The control does not apply here; the reason says why.
    NotApplicable,
    /// The good state holds.
    Pass,
    /// Evidence could not be read; the gap says which.
    Unknown,
    /// The good state does not hold.
    Fail,
}

impl Outcome {
    /// The word used in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotApplicable => "not-applicable",
            Self::Pass => "pass",
            Self::Unknown => "unknown",
            Self::Fail => "fail",
        }
    }
}

/// One fact that supports an outcome.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Evidence {
    /// The fact in words, for example `IsLogging is false`.
    pub fact: String,
    /// The API operation that showed it, `service:Operation`.
    pub call: Option<String>,
    /// The account it was read in.
    pub account: Option<AccountId>,
    /// The region it was read in.
    pub region: Option<Region>,
}

/// Something that a finding was judged by besides its evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Input {
    /// For example `retention_days`, or a trail's ARN.
    pub name: String,
    /// Its value in words.
    pub value: String,
    /// Where it comes from: the baseline, an override, a call.
    pub source: String,
}

/// One finding; its [`Finding::id`] is made from what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Id of the control.
    pub control: String,
    /// What was found.
    pub outcome: Outcome,
    /// How bad a failure of this control is.
    pub severity: Severity,
    /// The account judged, or owning the resource judged; the management account for the organization.
    pub account: AccountId,
    /// The region judged, or the home region of the resource.
    pub region: Option<Region>,
    /// The ARN of the resource judged; none where an account or region itself is judged.
    pub resource: Option<String>,
    /// The control's title.
    pub title: String,
    /// Why this outcome, in one or two sentences.
    pub reason: String,
    /// The facts that support the outcome.
    pub evidence: Vec<Evidence>,
    /// The outcome of each part, where a control judges several things that frameworks ask for one by one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, Outcome>,
    /// The read that failed, when the outcome is unknown.
    pub gap: Option<Gap>,
    /// The waiver that accepts this finding; waivers never change the outcome.
    pub waiver: Option<Acceptance>,
}

/// Bytes of the digest that an id shows. Ids of different controls differ anyway, and a control judges at most some hundred
/// thousand things: two of them share 48 bits with a chance of one in ten thousand.
const ID_BYTES: usize = 6;

impl Finding {
    /// The id, the same in every run and version: the control and a digest of what is judged, for example
    /// `trail-is-logging-3f9a2c81d04b`. A resource is known by its ARN alone: its owner or region may be unknown in one
    /// run and known in the next.
    pub fn id(&self) -> String {
        let place = [self.account.as_str(), self.region.as_ref().map_or("", Region::as_str)];
        let subject = match &self.resource {
            Some(resource) => resource.clone(),
            None => place.join(" "),
        };
        let digest = Sha256::digest(format!("{} {subject}", self.control));
        let hex: String = digest.iter().take(ID_BYTES).map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{hex}", self.control)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(region: Option<&str>, resource: Option<&str>) -> Finding {
        Finding {
            control: "trail-is-logging".to_owned(),
            outcome: Outcome::Fail,
            severity: Severity::Critical,
            account: "111122223333".parse().expect("an account"),
            region: region.map(|code| code.parse().expect("a region")),
            resource: resource.map(str::to_owned),
            title: "title".to_owned(),
            reason: "reason".to_owned(),
            evidence: vec![],
            parts: BTreeMap::new(),
            gap: None,
            waiver: None,
        }
    }

    #[test]
    fn ids_never_change() {
        // Waivers, tickets and dashboards hold these: a change here breaks them.
        assert_eq!(finding(None, None).id(), "trail-is-logging-e5298efa0684");
        assert_eq!(finding(Some("eu-west-1"), None).id(), "trail-is-logging-40fb5240dd88");
        let trail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/a";
        assert_eq!(finding(Some("eu-west-1"), Some(trail)).id(), "trail-is-logging-df7852ea577c");
    }

    #[test]
    fn an_id_tells_what_is_judged_and_not_what_was_found() {
        let bucket = finding(Some("eu-west-1"), Some("arn:aws:s3:::logs"));
        let passing = Finding { outcome: Outcome::Pass, reason: "other".to_owned(), ..bucket.clone() };
        let unread = Finding { region: None, account: "999999999999".parse().expect("an account"), ..bucket.clone() };
        assert_eq!([passing.id(), unread.id()], [bucket.id(), bucket.id()]);
        let elsewhere = Finding { control: "log-bucket-exists".to_owned(), ..bucket.clone() };
        assert_ne!(elsewhere.id().rsplit('-').next(), bucket.id().rsplit('-').next());
    }
}
