//! The reads, one file per service, one small function per API operation.

pub(crate) mod account;
pub(crate) mod cloudtrail;
pub(crate) mod convert;
pub(crate) mod iam;
pub(crate) mod kms;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod organizations;
pub(crate) mod pages;
pub(crate) mod s3;
pub(crate) mod s3control;
pub(crate) mod sts;

pub use list::reads;
