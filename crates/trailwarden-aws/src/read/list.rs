//! The list of every declared read.

use crate::catalog::Read;
use crate::read::cloudtrail::{history, insights, stores};
use crate::read::organizations::guards;
use crate::read::s3::{lifecycle, log_files, protection};
use crate::read::{
    account, cloudtrail, cloudwatch, config, eventbridge, iam, kms, logs, organizations, s3, s3control, sns, sts,
};
#[cfg(feature = "log-sources")]
use crate::read::{ec2, wafv2};

const SERVICES: &[&[Read]] = &[
    account::READS,
    cloudtrail::READS,
    history::READS,
    insights::READS,
    stores::READS,
    cloudwatch::READS,
    config::READS,
    #[cfg(feature = "log-sources")]
    ec2::READS,
    eventbridge::READS,
    iam::READS,
    kms::READS,
    logs::READS,
    organizations::READS,
    guards::READS,
    s3::READS,
    lifecycle::READS,
    protection::READS,
    s3control::READS,
    sns::READS,
    sts::READS,
    #[cfg(feature = "log-sources")]
    wafv2::READS,
];

/// Every read this crate can make, in the order of the services' names. Rates and IAM policies are made from it.
pub fn reads() -> impl Iterator<Item = Read> {
    SERVICES.iter().copied().flatten().copied()
}

/// The reads that only opening log files makes, so that the roles of an audit do not have them.
pub(crate) fn of_log_files() -> impl Iterator<Item = Read> {
    log_files::READS.iter().copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn operations_are_unique_and_look_like_service_and_operation() {
        let operations: Vec<&str> = reads().map(|read| read.operation).collect();
        let distinct: BTreeSet<&str> = operations.iter().copied().collect();
        assert_eq!(distinct.len(), operations.len());
        for operation in operations {
            let (service, name) = operation.split_once(':').unwrap();
            assert!(service.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{operation}");
            assert!(name.starts_with(|first: char| first.is_ascii_uppercase()), "{operation}");
        }
    }
}
