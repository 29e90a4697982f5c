//! The reads, one file per service, one small function per API operation.

pub(crate) mod account;
pub(crate) mod cloudtrail;
pub(crate) mod cloudwatch;
pub(crate) mod config;
pub(crate) mod convert;
#[cfg(feature = "log-sources")]
pub(crate) mod ec2;
pub(crate) mod eventbridge;
pub(crate) mod iam;
pub(crate) mod kms;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod organizations;
pub(crate) mod pages;
pub(crate) mod s3;
pub(crate) mod s3control;
pub(crate) mod sns;
pub(crate) mod sts;
#[cfg(feature = "log-sources")]
pub(crate) mod wafv2;

pub(crate) use list::of_log_files;
pub use list::reads;
