//! What the baseline requires of a trail: what any account requires whose events the trail takes.

use trailwarden_model::baseline::Required;
use trailwarden_model::ids::AccountId;

use crate::bench::Bench;
use crate::facts::Stop;

impl Bench<'_> {
    /// What is required of a trail of this account. An organization trail has one setting for all accounts, so it must do
    /// for the most demanding of them: what an OU or account overrides counts as what is said for everybody does.
    pub(crate) fn required_of(&self, owner: &AccountId, is_organization: bool) -> Result<Required, Stop> {
        let (organization, baseline) = (&self.inputs.snapshot.organization, self.inputs.baseline);
        if baseline.overrides.is_empty() {
            return Ok(baseline.required.clone());
        }
        let mut all = baseline.required_at(&organization.path_to(owner)?);
        if is_organization {
            for account in organization.accounts.keys() {
                all = joined(all, baseline.required_at(&organization.path_to(account)?));
            }
        }
        Ok(all)
    }
}

fn joined(one: Required, other: Required) -> Required {
    Required {
        retention_days: one.retention_days.max(other.retention_days),
        data_events: one.data_events.into_iter().chain(other.data_events).collect(),
        network_activity_sources: one
            .network_activity_sources
            .into_iter()
            .chain(other.network_activity_sources)
            .collect(),
        insights: one.insights.into_iter().chain(other.insights).collect(),
        log_bucket_replication: one.log_bucket_replication || other.log_bucket_replication,
        tamper_event_routing: one.tamper_event_routing || other.tamper_event_routing,
    }
}
