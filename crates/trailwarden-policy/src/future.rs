//! Resources that nobody has made yet: ARNs that stand for all of them, as far as the policies of a chain tell them apart.

use std::collections::BTreeSet;

use trailwarden_model::partition::Partition;

use crate::chain::Chain;
use crate::pattern::{ArnPattern, MAX_WORK, Pattern, Piece, TooComplex};
use crate::prove::{Union, Universe, members};
use crate::variable::Template;

/// Stands for the regions of a partition that we have not seen.
const SOME_REGION: &str = "us-east-1";

/// A kind of resource that an account may make in CloudTrail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FutureKind {
    /// A trail.
    Trail,
    /// An event data store of CloudTrail Lake.
    EventDataStore,
    /// A channel.
    Channel,
}

impl FutureKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Trail => "trail/",
            Self::EventDataStore => "eventdatastore/",
            Self::Channel => "channel/",
        }
    }

    /// The name that one has where names make no difference.
    fn usual(self) -> &'static str {
        match self {
            Self::Trail => "any-trail",
            Self::EventDataStore => "any-store",
            Self::Channel => "any-channel",
        }
    }
}

/// Where the resources may be made.
#[derive(Debug, Clone, Copy)]
pub struct Future<'a> {
    /// The partition of their ARNs.
    pub partition: &'a str,
    /// The account that will own them.
    pub account: &'a str,
    /// The regions; where regions make no difference, the first stands for all.
    pub regions: &'a [&'a str],
}

/// The regions of a partition, the leader region first; of one that we have not seen, a region to speak of.
pub fn regions_of_partition(partition: &str) -> Vec<&'static str> {
    Partition::by_id(partition).map_or_else(|| vec![SOME_REGION], |partition| partition.regions().collect())
}

impl Future<'_> {
    /// The ARN of one in the first region, under a name that makes no difference to most policies.
    pub fn usual(&self, kind: FutureKind) -> String {
        self.all_in(kind, self.regions.first().copied().unwrap_or(SOME_REGION)) + kind.usual()
    }

    /// What the ARNs of a kind begin with in a region.
    fn all_in(&self, kind: FutureKind, region: &str) -> String {
        let Self { partition, account, .. } = self;
        format!("arn:{partition}:cloudtrail:{region}:{account}:{}", kind.prefix())
    }

    /// ARNs such that for every resource of the kind there is one here which the policies of the chain treat alike.
    ///
    /// # Errors
    /// When the policies tell more resources apart than we are willing to look at.
    pub fn arns(&self, kind: FutureKind, chain: &Chain) -> Result<Vec<String>, TooComplex> {
        let distinctions = Distinctions::of(chain);
        let n_regions = if distinctions.by_region { self.regions.len() } else { 1 };
        let (mut arns, mut seen, mut budget) = (Vec::new(), BTreeSet::new(), MAX_WORK);
        for region in self.regions.iter().take(n_regions) {
            for arn in self.in_region(kind, region, &distinctions, &mut budget)? {
                if seen.insert(distinctions.signature(region, &arn)) {
                    arns.push(arn);
                }
            }
        }
        Ok(arns)
    }

    fn in_region(
        &self,
        kind: FutureKind,
        region: &str,
        distinctions: &Distinctions,
        budget: &mut usize,
    ) -> Result<Vec<String>, TooComplex> {
        let all = self.all_in(kind, region);
        let unnameable = [":", "/"].map(|c| Pattern::parse(&format!("{all}*{c}*")));
        let universe = Universe {
            // No name has fewer than three characters.
            pattern: Pattern::parse(&format!("{all}???*")),
            without: unnameable.iter().collect(),
            seeds: vec![format!("{all}{}", kind.usual())],
            n_members: 1,
            ignores_case: false,
        };
        members(&universe, &distinctions.resources.iter().collect::<Vec<_>>(), budget)
    }
}

/// What the policies of a chain tell resources of CloudTrail apart by.
struct Distinctions {
    /// The resource patterns, one a union.
    resources: BTreeSet<Union>,
    /// What `aws:RequestedRegion` is compared with, in lower case.
    regions: Vec<Pattern>,
    /// True when the region makes a difference.
    by_region: bool,
}

impl Distinctions {
    fn of(chain: &Chain) -> Self {
        let mut found = Self { resources: BTreeSet::new(), regions: Vec::new(), by_region: false };
        for (_, _, statement) in chain.statements() {
            let resources = statement.resources.iter().flat_map(|resources| &resources.patterns);
            resources.for_each(|pattern| found.take(pattern.value.template()));
            let conditions = statement.conditions.iter();
            let on_region = conditions.filter(|condition| condition.key.eq_ignore_ascii_case("aws:RequestedRegion"));
            for value in on_region.flat_map(|condition| &condition.values) {
                found.regions.push(Pattern::parse(&widest(&value.value).to_ascii_lowercase()));
                found.by_region = true;
            }
        }
        found
    }

    fn take(&mut self, template: &Template) {
        let text = widest(template);
        let mut parts = text.split(':').skip(2);
        if parts.next() != Some("cloudtrail") {
            return;
        }
        self.by_region |= parts.next() != Some("*");
        let pieces: Vec<Piece> = text.chars().map(Piece::Written).collect();
        self.resources.insert(Union::from([ArnPattern::of_resource(&pieces).widest().clone()]));
    }

    /// Equal for two ARNs that nothing here tells apart.
    fn signature(&self, region: &str, arn: &str) -> Vec<bool> {
        let resources = self.resources.iter().map(|union| union.iter().any(|pattern| pattern.matches(arn)));
        resources.chain(self.regions.iter().map(|pattern| pattern.matches(region))).collect()
    }
}

/// The text with a wildcard for each variable, which may come to stand for anything.
fn widest(template: &Template) -> String {
    template.shape().replace(Template::VARIABLE, "*")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::chain::{AttachedPolicy, ChainNode};
    use crate::document::{Document, Kind};

    const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "af-south-1"];

    /// What stands for the trails of tomorrow, without what all their ARNs begin with.
    fn trails(statements: &[&str]) -> Vec<String> {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        let document = Document::parse(Kind::ServiceControl, &text);
        let policies = vec![Arc::new(AttachedPolicy { id: "p-x".to_owned(), name: "x".to_owned(), document })];
        let node = ChainNode { id: "r-x".to_owned(), kind: Kind::ServiceControl, policies, gaps: Vec::new() };
        let account = "111122223333";
        let nodes = vec![Arc::new(node)];
        let chain = Chain { account: account.to_owned(), organization: None, unbound: None, nodes };
        let future = Future { partition: "aws", account, regions: &REGIONS };
        let arns = future.arns(FutureKind::Trail, &chain).expect("few classes");
        let name = |arn: String| arn.replace("arn:aws:cloudtrail:", "").replace(":111122223333:trail/", " ");
        arns.into_iter().map(name).collect()
    }

    fn deny(resource: &str) -> String {
        format!(r#"{{"Effect":"Deny","Action":"cloudtrail:*","Resource":"{resource}"}}"#)
    }

    #[test]
    fn one_stands_for_all_where_policies_tell_none_apart() {
        assert_eq!(trails(&[&deny("*")]), ["us-east-1 any-trail"]);
        assert_eq!(trails(&[&deny("arn:aws:s3:::logs")]), ["us-east-1 any-trail"]);
        assert_eq!(trails(&[&deny("arn:aws:cloudtrail:*:*:trail/*")]), ["us-east-1 any-trail"]);
    }

    #[test]
    fn names_regions_and_conditions_on_the_region_are_told_apart() {
        let named = trails(&[&deny("arn:aws:cloudtrail:*:*:trail/any*"), &deny("arn:aws:cloudtrail:*:*:trail/org")]);
        assert_eq!(named.len(), 3, "{named:?}");
        assert!(named.contains(&"us-east-1 any-trail".to_owned()) && named.contains(&"us-east-1 org".to_owned()));
        assert!(named.iter().any(|name| !name.contains(" any") && !name.ends_with(" org")), "{named:?}");
        let here = trails(&[&deny("arn:aws:cloudtrail:us-east-1:*:trail/*")]);
        assert_eq!(here, ["us-east-1 any-trail", "eu-west-1 any-trail"]);
        let condition = r#"{"Effect":"Deny","Action":"*","Resource":"*",
            "Condition":{"StringNotEquals":{"aws:RequestedRegion":["us-east-1","eu-west-1"]}}}"#;
        assert_eq!(trails(&[condition]).len(), 3);
    }

    #[test]
    fn a_variable_may_stand_for_anything() {
        let team = trails(&[&deny("arn:aws:cloudtrail:*:*:trail/${aws:PrincipalTag/team}-x")]);
        assert_eq!(team.len(), 2, "{team:?}");
        assert!(team.iter().any(|name| name.ends_with("-x")), "{team:?}");
    }
}
