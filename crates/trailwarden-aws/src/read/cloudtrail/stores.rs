//! CloudTrail Lake: event data stores.

use aws_sdk_cloudtrail::operation::get_event_data_store::GetEventDataStoreOutput;
use futures::future::try_join_all;
use trailwarden_model::ids::Arn;
use trailwarden_model::log_source::EventDataStore;

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::convert::text;
use crate::read::pages;
use crate::session::{Session, Site, at};

reads! {
    LIST_STORES = Read::regional("cloudtrail:ListEventDataStores", 10);
    GET_STORE = Read::regional("cloudtrail:GetEventDataStore", 10);
}

/// The event data stores that the account of the site owns and that are at home in its region. One of the organization
/// belongs to the management account, whoever else is shown it, so that it is read once.
pub(crate) async fn stores(session: &Session, site: &Site) -> Result<Vec<EventDataStore>, Failure> {
    let mut arns: Vec<Arn> = pages::all(|token| async move {
        let call = session.clients.cloudtrail.list_event_data_stores().max_results(100).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_cloudtrail, site)).send();
        let answer = session.call(&LIST_STORES, site, call).await?;
        let arns = answer.event_data_stores().iter().map(|store| {
            let reason = "the answer holds an event data store without an ARN";
            let arn = store.event_data_store_arn().and_then(|arn| arn.parse().ok());
            arn.ok_or_else(|| unexpected(&LIST_STORES, &site.account, &site.region, reason))
        });
        Ok((arns.collect::<Result<_, _>>()?, answer.next_token().map(str::to_owned)))
    })
    .await?;
    arns.retain(|arn| arn.account().as_ref() == Some(&site.account) && arn.region().as_ref() == Some(&site.region));
    arns.sort();
    try_join_all(arns.into_iter().map(|arn| store(session, site, arn))).await
}

/// An event data store as CloudTrail has it.
pub(crate) async fn get_store(session: &Session, site: &Site, arn: &str) -> Result<GetEventDataStoreOutput, Failure> {
    let call = session.clients.cloudtrail.get_event_data_store().event_data_store(arn);
    let call = || call.clone().customize().config_override(at!(aws_sdk_cloudtrail, site)).send();
    session.call(&GET_STORE, site, call).await
}

async fn store(session: &Session, site: &Site, arn: Arn) -> Result<EventDataStore, Failure> {
    let answer = get_store(session, site, arn.as_str()).await?;
    let decisive = answer.status().zip(answer.retention_period()).zip(answer.termination_protection_enabled());
    let reason = "the answer holds no status, retention or termination protection";
    let ((status, retention_days), termination_protection) =
        decisive.ok_or_else(|| unexpected(&GET_STORE, &site.account, &site.region, reason))?;
    Ok(EventDataStore {
        name: answer.name().unwrap_or_default().to_owned(),
        status: status.as_str().to_owned(),
        is_organization: answer.organization_enabled().unwrap_or(false),
        is_multi_region: answer.multi_region_enabled().unwrap_or(false),
        termination_protection,
        retention_days,
        kms_key: text(answer.kms_key_id()),
        region: site.region.clone(),
        arn,
    })
}
