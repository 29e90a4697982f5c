//! The calls with which an account could blind its trails, and that SCPs must deny in every member account.

/// Actions on a trail. Source: Service Authorization Reference of AWS CloudTrail, September 2026; the first two are the ones the
/// CloudTrail security best practices name.
pub const TRAIL_TAMPER_ACTIONS: &[&str] = &[
    "cloudtrail:StopLogging",
    "cloudtrail:DeleteTrail",
    "cloudtrail:UpdateTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:PutInsightSelectors",
    "cloudtrail:PutEventConfiguration",
];

/// Leaving takes the account out of reach of the organization trail and of every SCP. It is authorized on no resource (`*`).
pub const LEAVE_ORGANIZATION: &str = "organizations:LeaveOrganization";
