//! What one account and region hold besides trails: event data stores, recorders, VPCs, web ACLs, EventBridge rules.
//! Only as far as asked for; the event history comes last of all, see [`super::history`].

use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::snapshot::{Need, RegionSnapshot};

use super::{Context, log_sources};
use crate::gap::Failure;
use crate::read::cloudtrail::stores;
use crate::read::{config, eventbridge};
use crate::session::Site;

/// Everything of the region that was asked for, but trails and history.
pub(crate) async fn read(context: &Context<'_>, site: &Site) -> RegionSnapshot {
    let session = context.session;
    let (event_data_stores, config_recorders, event_rules, vpcs, web_acls) = futures::join!(
        asked(context, Need::EventDataStores, stores::stores(session, site)),
        asked(context, Need::ConfigRecorders, config::recorders(session, site)),
        asked(context, Need::EventRules, eventbridge::rules(session, site)),
        asked(context, Need::FlowLogs, log_sources::vpcs(session, site)),
        asked(context, Need::WebAcls, log_sources::web_acls(session, site)),
    );
    RegionSnapshot { event_data_stores, config_recorders, event_rules, vpcs, web_acls, ..RegionSnapshot::default() }
}

/// The same region when the account could not be entered for it.
pub(crate) fn closed(context: &Context<'_>, gap: &Gap) -> RegionSnapshot {
    RegionSnapshot {
        trails: Observed::Gap(gap.clone()),
        event_data_stores: missing(context, Need::EventDataStores, gap),
        config_recorders: missing(context, Need::ConfigRecorders, gap),
        event_rules: missing(context, Need::EventRules, gap),
        vpcs: missing(context, Need::FlowLogs, gap),
        web_acls: missing(context, Need::WebAcls, gap),
        history: missing(context, Need::EventHistory, gap),
    }
}

async fn asked<T>(context: &Context<'_>, need: Need, read: impl Future<Output = Result<T, Failure>>) -> Observed<T> {
    if !context.needs.contains(&need) {
        return Observed::default();
    }
    read.await.map_err(Gap::from).into()
}

fn missing<T>(context: &Context<'_>, need: Need, gap: &Gap) -> Observed<T> {
    if context.needs.contains(&need) { Observed::Gap(gap.clone()) } else { Observed::default() }
}
