//! What a read is: the API operation, the IAM action it needs, who makes it and how fast AWS lets us make it. And what a
//! write is, whose IAM actions the call itself states.

use std::num::NonZeroU32;

use governor::Quota;

/// Whose credentials make a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// Only the credentials the tool was started with: organization reads, `sts:AssumeRole`.
    Management,
    /// Every audited account, the caller's own included.
    Member,
}

/// One declared read. The call helper takes one, so that no call goes undeclared.
#[derive(Debug, Clone, Copy)]
pub struct Read {
    /// `service:Operation`, as it stands in gaps and in call counts.
    pub operation: &'static str,
    /// The IAM action, which differs from the operation's name for S3; none when no permission is needed.
    pub iam: Option<&'static str>,
    /// Whose credentials make it.
    pub caller: Caller,
    /// The service has one endpoint for the partition, so a gap names no region.
    pub is_global: bool,
    /// Calls per second that we allow ourselves, per account and region.
    pub per_second: u32,
    /// Calls that may be made at once before the rate binds.
    pub burst: u32,
}

impl Read {
    /// A regional read in every audited account whose IAM action is called like its operation.
    pub(crate) const fn regional(operation: &'static str, per_second: u32) -> Self {
        Self {
            operation,
            iam: Some(operation),
            caller: Caller::Member,
            is_global: false,
            per_second,
            burst: per_second,
        }
    }

    /// A read of a global service in every audited account.
    pub(crate) const fn global(operation: &'static str, per_second: u32) -> Self {
        Self { is_global: true, ..Self::regional(operation, per_second) }
    }

    /// A read of AWS Organizations with its token bucket: calls per second, burst.
    pub(crate) const fn organization(operation: &'static str, per_second: u32, burst: u32) -> Self {
        Self { caller: Caller::Management, burst, ..Self::global(operation, per_second) }
    }

    /// The same read under another IAM action.
    pub(crate) const fn needs(self, iam: &'static str) -> Self {
        Self { iam: Some(iam), ..self }
    }

    /// The same read without any IAM action.
    pub(crate) const fn needs_nothing(self) -> Self {
        Self { iam: None, ..self }
    }

    /// The same read, made only with the credentials the tool was started with.
    pub(crate) const fn by_management(self) -> Self {
        Self { caller: Caller::Management, ..self }
    }

    /// The same read, never two at once.
    pub(crate) const fn without_burst(self) -> Self {
        Self { burst: 1, ..self }
    }

    /// Its lane through the limits.
    pub(crate) fn lane(&self) -> (&'static str, Quota) {
        (self.operation, quota(self.per_second, self.burst))
    }
}

/// One declared write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Write {
    /// `service:Operation`, as it stands in plans and in call counts.
    pub(crate) operation: &'static str,
    /// Calls per second that we allow ourselves, per account and region.
    pub(crate) per_second: u32,
}

impl Write {
    /// Its lane through the limits.
    pub(crate) fn lane(&self) -> (&'static str, Quota) {
        (self.operation, quota(self.per_second, self.per_second))
    }
}

/// A rate as `governor` wants it.
fn quota(per_second: u32, burst: u32) -> Quota {
    let positive = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(positive(per_second)).allow_burst(positive(burst))
}

/// Declares the reads of one service: a constant each, and the list of all of them as `READS`.
macro_rules! reads {
    ($($name:ident = $read:expr;)+) => {
        $(pub(crate) const $name: Read = $read;)+
        pub(crate) const READS: &[Read] = &[$($name),+];
    };
}
pub(crate) use reads;
