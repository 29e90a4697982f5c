//! The KMS keys of the trails, each read once in its own account and region.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use trailwarden_model::ids::Arn;
use trailwarden_model::observed::{Gap, GapKind, Observed};
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::{KeyDetail, Rotation, TrailKey};

use super::Context;
use super::trails::Trails;
use crate::read::kms;
use crate::session::Site;

/// Keys by ARN.
pub(crate) type Keys = BTreeMap<Arn, TrailKey>;

/// Reads the key of every trail, as far as asked for.
pub(crate) async fn read_all(context: &Context<'_>, trails: &Trails) -> Keys {
    let arns: BTreeSet<&Arn> = trails.values().filter_map(|trail| trail.kms_key.as_ref()).collect();
    let read = futures::stream::iter(arns).map(|arn| async move { (arn.clone(), key(context, arn).await) });
    read.buffer_unordered(context.width).collect().await
}

async fn key(context: &Context<'_>, arn: &Arn) -> TrailKey {
    match site(context, arn).await {
        Ok(site) => read(context, &site, arn).await,
        Err(gap) => TrailKey {
            arn: arn.clone(),
            detail: Observed::Gap(gap.clone()),
            policy: Observed::Gap(gap.clone()),
            rotation: Observed::Gap(gap),
        },
    }
}

async fn site(context: &Context<'_>, arn: &Arn) -> Result<Site, Gap> {
    let place = arn.account().zip(arn.region());
    let (account, region) = place.ok_or_else(|| Gap {
        kind: GapKind::Unexpected,
        call: "kms:DescribeKey".to_owned(),
        account: arn.account(),
        region: arn.region(),
        code: "NotAKeyArn".to_owned(),
        reason: format!("{arn} names no account or no region"),
    })?;
    context.site(&account, &region).await
}

async fn read(context: &Context<'_>, site: &Site, arn: &Arn) -> TrailKey {
    let not_collected = |call| Gap::not_collected(call, Some(&site.account), Some(&site.region));
    let detail = async {
        if !context.needs_any(&[Need::Key, Need::KeyPolicy, Need::KeyRotation]) {
            return Err(not_collected("kms:DescribeKey"));
        }
        kms::detail(context.session, site, arn.as_str()).await.map_err(Gap::from)
    };
    let policy = async {
        if !context.needs.contains(&Need::KeyPolicy) {
            return Err(not_collected("kms:GetKeyPolicy"));
        }
        kms::policy(context.session, site, arn.as_str()).await.map_err(Gap::from)
    };
    let (detail, policy) = futures::join!(detail, policy);
    let rotation = rotation(context, site, arn, &detail).await;
    TrailKey { arn: arn.clone(), detail: detail.into(), policy: policy.into(), rotation: rotation.into() }
}

async fn rotation(
    context: &Context<'_>,
    site: &Site,
    arn: &Arn,
    detail: &Result<Option<KeyDetail>, Gap>,
) -> Result<Rotation, Gap> {
    let call = "kms:GetKeyRotationStatus";
    if !context.needs.contains(&Need::KeyRotation) {
        return Err(Gap::not_collected(call, Some(&site.account), Some(&site.region)));
    }
    if let Ok(None) = detail {
        return Err(Gap {
            kind: GapKind::NotVisible,
            call: call.to_owned(),
            account: Some(site.account.clone()),
            region: Some(site.region.clone()),
            code: "NotFoundException".to_owned(),
            reason: "the key does not exist".to_owned(),
        });
    }
    Ok(kms::rotation(context.session, site, arn.as_str()).await?)
}
