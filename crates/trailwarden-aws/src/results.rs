//! What is done with the results of an audit: signing them, and sending findings to Security Hub. None of it reads what the
//! audit judges, and none changes it.

pub(crate) mod securityhub;
pub(crate) mod signing;

use crate::catalog::Read;

const SERVICES: &[&[Read]] = &[signing::READS, securityhub::READS];

/// Every call of this room. Each may be made again without harm, so that they are declared and repeated as reads are.
pub fn result_calls() -> impl Iterator<Item = Read> {
    SERVICES.iter().copied().flatten().copied()
}
