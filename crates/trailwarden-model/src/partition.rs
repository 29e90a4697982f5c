//! The partitions of AWS: leader regions, and which regions are enabled without asking.
//!
//! Source: botocore `partitions.json` of November 2026 and the AWS Account Management guide (regions enabled by default).

use crate::ids::Region;

/// What trailwarden knows about one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    /// Its id in ARNs.
    pub id: &'static str,
    /// The region that global services (IAM, Organizations, CloudFront) record to and are called in.
    pub leader_region: &'static str,
    /// Regions that every account has without opting in.
    pub default_regions: &'static [&'static str],
    /// Regions that an account has when it opted in.
    pub opt_in_regions: &'static [&'static str],
    /// The DNS suffix of its endpoints.
    pub dns_suffix: &'static str,
}

const PARTITIONS: &[Partition] = &[
    Partition {
        id: "aws",
        leader_region: "us-east-1",
        default_regions: &[
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-southeast-1",
            "ap-southeast-2",
            "ca-central-1",
            "eu-central-1",
            "eu-north-1",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
        ],
        opt_in_regions: &[
            "af-south-1",
            "ap-east-1",
            "ap-east-2",
            "ap-south-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-west-1",
            "eu-central-2",
            "eu-south-1",
            "eu-south-2",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "me-west-1",
            "mx-central-1",
            "sa-west-1",
        ],
        dns_suffix: "amazonaws.com",
    },
    Partition {
        id: "aws-cn",
        leader_region: "cn-northwest-1",
        default_regions: &["cn-north-1", "cn-northwest-1"],
        opt_in_regions: &[],
        dns_suffix: "amazonaws.com.cn",
    },
    Partition {
        id: "aws-us-gov",
        leader_region: "us-gov-west-1",
        default_regions: &["us-gov-east-1", "us-gov-west-1"],
        opt_in_regions: &[],
        dns_suffix: "amazonaws.com",
    },
    Partition {
        id: "aws-eusc",
        leader_region: "eusc-de-east-1",
        default_regions: &["eusc-de-east-1"],
        opt_in_regions: &[],
        dns_suffix: "amazonaws.eu",
    },
];

impl Partition {
    /// The partition with this id, for example `aws-us-gov`; none for the isolated partitions, which we have not seen.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        PARTITIONS.iter().find(|p| p.id == id)
    }

    /// The leader region as a [`Region`].
    pub fn leader(&self) -> Option<Region> {
        self.leader_region.parse().ok()
    }

    /// Every region, the leader region first.
    pub fn regions(&self) -> impl Iterator<Item = &'static str> {
        let others = self.default_regions.iter().chain(self.opt_in_regions).copied();
        std::iter::once(self.leader_region).chain(others.filter(|region| *region != self.leader_region))
    }

    /// True when every account of the partition has this region without opting in.
    pub fn is_enabled_by_default(&self, region: &Region) -> bool {
        self.default_regions.contains(&region.as_str())
    }
}
