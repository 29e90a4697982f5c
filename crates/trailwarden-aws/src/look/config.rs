//! AWS Config: the customer managed recorder of a region and its delivery channel.

use aws_sdk_config::types::{ConfigurationRecorder, RecordingFrequency, RecordingMode};
use serde_json::Value;

use crate::gap::Failure;
use crate::read::config;
use crate::session::{Session, Site};
use crate::shape::Shape;

pub(super) async fn recorder(session: &Session, site: &Site) -> Result<Value, Failure> {
    let recorders = config::list(session, site).await?;
    let ours = recorders.into_iter().find(|recorder| recorder.service_principal().is_none());
    Ok(ours.map(plain).show())
}

/// AWS Config answers what nobody set: an exclusion of nothing, continuous recording. Types have no order.
fn plain(mut recorder: ConfigurationRecorder) -> ConfigurationRecorder {
    if let Some(group) = &mut recorder.recording_group {
        group.exclusion_by_resource_types =
            group.exclusion_by_resource_types.take().filter(|excluded| !excluded.resource_types().is_empty());
        let excluded = group.exclusion_by_resource_types.as_mut().and_then(|excluded| excluded.resource_types.as_mut());
        for kinds in [excluded, group.resource_types.as_mut()].into_iter().flatten() {
            kinds.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        }
    }
    let is_default = |mode: &RecordingMode| {
        mode.recording_frequency == RecordingFrequency::Continuous && mode.recording_mode_overrides().is_empty()
    };
    recorder.recording_mode = recorder.recording_mode.filter(|mode| !is_default(mode));
    recorder
}

pub(super) async fn channel(session: &Session, site: &Site) -> Result<Value, Failure> {
    Ok(config::channels(session, site).await?.into_iter().next().show())
}

pub(super) async fn recording(session: &Session, site: &Site) -> Result<Value, Failure> {
    let statuses = config::statuses(session, site).await?;
    let ours = statuses.iter().find(|status| status.service_principal().is_none());
    Ok(ours.map(|status| status.recording()).show())
}

#[cfg(test)]
mod tests {
    use aws_sdk_config::types::{ExclusionByResourceTypes, RecordingGroup, ResourceType};
    use serde_json::json;

    use super::*;

    #[test]
    fn what_aws_config_fills_in_itself_is_not_shown() {
        let group = RecordingGroup::builder().all_supported(true).include_global_resource_types(true);
        let group = group.set_resource_types(Some(vec![]));
        let group = group.exclusion_by_resource_types(ExclusionByResourceTypes::builder().build()).build();
        let mode = RecordingMode::builder().recording_frequency(RecordingFrequency::Continuous).build().unwrap();
        let recorder = ConfigurationRecorder::builder().arn("arn:r").name("default").role_arn("arn:role");
        let recorder = recorder.recording_group(group).recording_mode(mode).build();
        let group = json!({ "allSupported": true, "includeGlobalResourceTypes": true });
        let expected = json!({ "name": "default", "roleARN": "arn:role", "recordingGroup": group });
        assert_eq!(plain(recorder).show(), expected);
    }

    #[test]
    fn excluded_types_and_daily_recording_are_kept() {
        let excluded = ExclusionByResourceTypes::builder()
            .resource_types(ResourceType::VpnConnection)
            .resource_types(ResourceType::Instance)
            .build();
        let group = RecordingGroup::builder().exclusion_by_resource_types(excluded).build();
        let mode = RecordingMode::builder().recording_frequency(RecordingFrequency::Daily).build().unwrap();
        let recorder = ConfigurationRecorder::builder().recording_group(group).recording_mode(mode).build();
        let shown = plain(recorder).show();
        assert_eq!(shown["recordingMode"], json!({ "recordingFrequency": "DAILY" }));
        let kinds = json!({ "resourceTypes": ["AWS::EC2::Instance", "AWS::EC2::VPNConnection"] });
        assert_eq!(shown["recordingGroup"]["exclusionByResourceTypes"], kinds);
    }
}
