//! A real call that must be refused: stopping a trail that does not exist, as a role of a member account.

use trailwarden_apply::Refusal;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::plan::Call;

use crate::session::Session;
use crate::write;

/// No trail is called so.
const NO_TRAIL: &str = "trailwarden-probe-no-such-trail";

/// AWS's code for whoever may stop trails where there is no such trail.
const LET_THROUGH: &str = "TrailNotFoundException";

/// What a policy of the organization says of itself in a refusal.
const BY_POLICY: &str = "service control policy";

impl Session {
    /// Tries to stop a trail that does not exist, once, as `role` of the account.
    ///
    /// # Errors
    /// In words: the call was not refused, or not by a service control policy, or the role could not be assumed.
    pub async fn probe(&self, account: &AccountId, region: &Region, role: &str) -> Result<(), String> {
        let arn = format!("arn:{}:iam::{account}:role/{}", self.partition.id, role.trim_matches('/'));
        let site = self.site_as(account, region, &arn).await.map_err(|gap| format!("the probe was not made: {gap}"))?;
        let place = format!("role {role} of account {account} in {region}");
        match write::perform(self, &site, &Call::StopLogging { name: NO_TRAIL.to_owned() }).await {
            Ok(()) => Err(format!("{place}: AWS says that it stopped a trail which does not exist")),
            Err(Refusal { code, .. }) if code == LET_THROUGH => {
                Err(format!("{place} may stop trails: AWS looked for one"))
            }
            Err(Refusal { code, reason, .. }) if code.starts_with("AccessDenied") && reason.contains(BY_POLICY) => {
                Ok(())
            }
            Err(refusal) => Err(format!("{place} was refused for another reason, which proves nothing: {refusal}")),
        }
    }
}
