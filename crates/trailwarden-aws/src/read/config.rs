//! AWS Config: the customer's configuration recorder with its status and delivery channel.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_config::types::{ConfigurationRecorder, ConfigurationRecorderStatus, DeliveryChannel, RecordingGroup};
use futures::future::try_join;
use trailwarden_model::log_source::ConfigRecorder;

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::convert::text;
use crate::session::{Session, Site, at};

reads! {
    DESCRIBE_RECORDERS = Read::regional("config:DescribeConfigurationRecorders", 10);
    DESCRIBE_RECORDER_STATUS = Read::regional("config:DescribeConfigurationRecorderStatus", 10);
    DESCRIBE_CHANNELS = Read::regional("config:DescribeDeliveryChannels", 10);
}

/// The IAM types, which AWS Config calls global.
const GLOBAL_TYPES: [&str; 4] = ["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"];

/// The recorders; status and channels are asked only where there is one. Recorders that services keep for themselves are
/// not listed unless asked for by service, and record for that service alone.
pub(crate) async fn recorders(session: &Session, site: &Site) -> Result<Vec<ConfigRecorder>, Failure> {
    let listed = list(session, site).await?;
    if listed.is_empty() {
        return Ok(Vec::new());
    }
    let (statuses, channels) = try_join(statuses(session, site), channels(session, site)).await?;
    let statuses: BTreeMap<&str, _> = statuses.iter().filter_map(|status| Some((status.name()?, status))).collect();
    let recorders = listed.iter().map(|listed| {
        let status = listed.name().and_then(|name| statuses.get(name));
        let reason = "the answer holds a recorder without a name or without a status";
        let complete = status.and_then(|status| recorder(listed, status, !channels.is_empty()));
        complete.ok_or_else(|| unexpected(&DESCRIBE_RECORDER_STATUS, &site.account, &site.region, reason))
    });
    recorders.collect()
}

/// The recorders as AWS Config has them.
pub(crate) async fn list(session: &Session, site: &Site) -> Result<Vec<ConfigurationRecorder>, Failure> {
    let call = session.clients.config.describe_configuration_recorders();
    let call = || call.clone().customize().config_override(at!(aws_sdk_config, site)).send();
    Ok(session.call(&DESCRIBE_RECORDERS, site, call).await?.configuration_recorders.unwrap_or_default())
}

/// What the recorders are doing.
pub(crate) async fn statuses(session: &Session, site: &Site) -> Result<Vec<ConfigurationRecorderStatus>, Failure> {
    let call = session.clients.config.describe_configuration_recorder_status();
    let call = || call.clone().customize().config_override(at!(aws_sdk_config, site)).send();
    Ok(session.call(&DESCRIBE_RECORDER_STATUS, site, call).await?.configuration_recorders_status.unwrap_or_default())
}

/// Where the recorders deliver to.
pub(crate) async fn channels(session: &Session, site: &Site) -> Result<Vec<DeliveryChannel>, Failure> {
    let call = session.clients.config.describe_delivery_channels();
    let call = || call.clone().customize().config_override(at!(aws_sdk_config, site)).send();
    Ok(session.call(&DESCRIBE_CHANNELS, site, call).await?.delivery_channels.unwrap_or_default())
}

fn recorder(
    recorder: &ConfigurationRecorder,
    status: &ConfigurationRecorderStatus,
    has_delivery_channel: bool,
) -> Option<ConfigRecorder> {
    let recorded = Recorded::of(recorder.recording_group());
    let error = text(status.last_error_message()).or_else(|| text(status.last_error_code()));
    Some(ConfigRecorder {
        name: recorder.name()?.to_owned(),
        is_recording: status.recording(),
        last_status: status.last_status().map(|status| status.as_str().to_ascii_uppercase()),
        last_error: error,
        records_all_types: recorded.all_types,
        includes_global_types: recorded.global_types,
        excluded_types: recorded.excluded,
        has_delivery_channel,
        service_principal: text(recorder.service_principal()),
    })
}

/// Which resource types a recording group stands for.
#[derive(Debug, PartialEq, Eq, Default)]
struct Recorded {
    all_types: bool,
    global_types: bool,
    excluded: BTreeSet<String>,
}

impl Recorded {
    /// The strategy decides; a group without one is of the time before strategies. Under exclusion the global types are
    /// recorded unless excluded by name, whatever the switch for them says. Source: AWS Config API Reference,
    /// "RecordingGroup" and "ExclusionByResourceTypes".
    fn of(group: Option<&RecordingGroup>) -> Self {
        let Some(group) = group else { return Self::default() };
        let strategy = group.recording_strategy().and_then(|strategy| strategy.use_only()).map(|kind| kind.as_str());
        if strategy == Some("EXCLUSION_BY_RESOURCE_TYPES") {
            let excluded = group.exclusion_by_resource_types().map(|excluded| excluded.resource_types());
            let excluded: BTreeSet<String> =
                excluded.unwrap_or_default().iter().map(|kind| kind.as_str().to_owned()).collect();
            let global_types = !GLOBAL_TYPES.iter().any(|kind| excluded.contains(*kind));
            return Self { all_types: false, global_types, excluded };
        }
        let all_types = strategy.map_or(group.all_supported(), |strategy| strategy == "ALL_SUPPORTED_RESOURCE_TYPES");
        let named: BTreeSet<&str> = group.resource_types().iter().map(|kind| kind.as_str()).collect();
        let global_types = match all_types {
            true => group.include_global_resource_types(),
            false => GLOBAL_TYPES.iter().all(|kind| named.contains(kind)),
        };
        Self { all_types, global_types, excluded: BTreeSet::new() }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_config::types::{ExclusionByResourceTypes, RecordingStrategy, RecordingStrategyType, ResourceType};

    use super::*;

    fn strategy(kind: RecordingStrategyType) -> RecordingStrategy {
        RecordingStrategy::builder().use_only(kind).build()
    }

    #[test]
    fn a_group_of_before_strategies_records_everything_when_it_says_so() {
        let old = RecordingGroup::builder().all_supported(true).include_global_resource_types(true).build();
        let expected = Recorded { all_types: true, global_types: true, excluded: BTreeSet::new() };
        assert_eq!(Recorded::of(Some(&old)), expected);
        assert_eq!(Recorded::of(None), Recorded::default());
    }

    #[test]
    fn under_exclusion_global_types_are_recorded_unless_excluded() {
        let group = |kind| {
            RecordingGroup::builder()
                .recording_strategy(strategy(RecordingStrategyType::ExclusionByResourceTypes))
                .exclusion_by_resource_types(ExclusionByResourceTypes::builder().resource_types(kind).build())
                .build()
        };
        let instances = Recorded::of(Some(&group(ResourceType::Instance)));
        assert_eq!((instances.all_types, instances.global_types), (false, true));
        assert_eq!(instances.excluded, BTreeSet::from(["AWS::EC2::Instance".to_owned()]));
        assert!(!Recorded::of(Some(&group(ResourceType::User))).global_types);
    }

    #[test]
    fn the_strategy_decides_over_the_older_switch() {
        let group = RecordingGroup::builder()
            .all_supported(true)
            .recording_strategy(strategy(RecordingStrategyType::InclusionByResourceTypes))
            .resource_types(ResourceType::Instance)
            .build();
        assert_eq!(Recorded::of(Some(&group)), Recorded::default());
    }
}
