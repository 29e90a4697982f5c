//! What guards the trails from above: SCPs, RCPs, trusted access, delegated administrators. Only as far as asked for.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_organizations::types::PolicyType;
use futures::future::join_all;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::organization::{AuthorizationPolicy, DelegatedAdministrator, Organization};
use trailwarden_model::snapshot::Need;

use super::leader_site;
use crate::gap::Failure;
use crate::read::organizations::guards as read;
use crate::session::{Session, Site};

/// The policies of one type, by id.
type Policies = Observed<BTreeMap<String, AuthorizationPolicy>>;

/// The parts of the organization that are read while the accounts are.
pub(crate) struct Guards {
    service_control_policies: Policies,
    resource_control_policies: Policies,
    trusted_services: Observed<BTreeSet<String>>,
    delegated_administrators: Observed<Vec<DelegatedAdministrator>>,
}

impl Guards {
    /// Puts what was read into its place.
    pub(crate) fn complete(self, organization: Organization) -> Organization {
        Organization {
            service_control_policies: self.service_control_policies,
            resource_control_policies: self.resource_control_policies,
            trusted_services: self.trusted_services,
            delegated_administrators: self.delegated_administrators,
            ..organization
        }
    }
}

/// Reads what the needs ask for; the rest stays the gap it was.
pub(crate) async fn guards(session: &Session, organization: &Organization, needs: &BTreeSet<Need>) -> Guards {
    let mut guards = Guards {
        service_control_policies: organization.service_control_policies.clone(),
        resource_control_policies: organization.resource_control_policies.clone(),
        trusted_services: organization.trusted_services.clone(),
        delegated_administrators: organization.delegated_administrators.clone(),
    };
    let site = match leader_site(session).await {
        Ok(site) => site,
        // Only credentials that ended since the accounts were listed lead here.
        Err(gap) => {
            guards.service_control_policies = Observed::Gap(gap.clone());
            guards.resource_control_policies = Observed::Gap(gap.clone());
            guards.trusted_services = Observed::Gap(gap.clone());
            guards.delegated_administrators = Observed::Gap(gap);
            return guards;
        }
    };
    futures::join!(
        async {
            if needs.contains(&Need::ServiceControlPolicies) {
                let read = policies(session, &site, organization, PolicyType::ServiceControlPolicy);
                guards.service_control_policies = read.await;
            }
        },
        async {
            if needs.contains(&Need::ResourceControlPolicies) {
                let read = policies(session, &site, organization, PolicyType::ResourceControlPolicy);
                guards.resource_control_policies = read.await;
            }
        },
        async {
            if needs.contains(&Need::TrustedAccess) {
                guards.trusted_services = read::trusted_services(session, &site).await.map_err(Gap::from).into();
            }
        },
        async {
            if needs.contains(&Need::DelegatedAdministrators) {
                let read = delegated_administrators(session, &site).await;
                guards.delegated_administrators = read.map_err(Gap::from).into();
            }
        },
    );
    guards
}

/// Every policy of one type with content and targets, each read once; none while the type is disabled.
async fn policies(session: &Session, site: &Site, organization: &Organization, of_type: PolicyType) -> Policies {
    match &organization.root {
        Observed::Gap(gap) => return Observed::Gap(gap.clone()),
        Observed::Known(root) if !root.enabled_policy_types.contains(of_type.as_str()) => {
            return Observed::Known(BTreeMap::new());
        }
        Observed::Known(_) => {}
    }
    let summaries = match read::policies(session, site, &of_type).await {
        Ok(summaries) => summaries,
        Err(failure) => return Observed::Gap(failure.gap),
    };
    let read = summaries.into_iter().map(|summary| async move {
        let (content, targets) =
            futures::join!(read::policy(session, site, &summary.id), read::policy_targets(session, site, &summary.id));
        let policy = AuthorizationPolicy {
            id: summary.id,
            name: summary.name,
            aws_managed: summary.aws_managed,
            content: content.map(|policy| policy.content).map_err(Gap::from).into(),
            targets: targets.map_err(Gap::from).into(),
        };
        (policy.id.clone(), policy)
    });
    Observed::Known(join_all(read).await.into_iter().collect())
}

async fn delegated_administrators(session: &Session, site: &Site) -> Result<Vec<DelegatedAdministrator>, Failure> {
    let accounts = read::delegated_administrators(session, site).await?;
    let read = accounts.into_iter().map(|account| async move {
        let services = read::delegated_services(session, site, &account).await.map_err(Gap::from).into();
        DelegatedAdministrator { account, services }
    });
    Ok(join_all(read).await)
}
