//! The log groups of the trails and the roles that deliver to them, each read once in its own account.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use futures::future::join_all;
use trailwarden_model::ids::Arn;
use trailwarden_model::observed::{Gap, GapKind, Observed};
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::{DeliveryRole, LogGroup, LogGroupDetail};

use super::Context;
use super::trails::Trails;
use crate::read::{iam, logs};

/// Log groups by ARN.
pub(crate) type Groups = BTreeMap<Arn, LogGroup>;

/// Reads the log group and delivery roles of every trail, as far as asked for.
pub(crate) async fn read_all(context: &Context<'_>, trails: &Trails) -> Groups {
    let mut wanted: BTreeMap<&Arn, BTreeSet<&Arn>> = BTreeMap::new();
    for trail in trails.values() {
        if let Some(group) = &trail.log_group {
            wanted.entry(group).or_default().extend(trail.log_role.as_ref());
        }
    }
    let read = futures::stream::iter(wanted).map(|(arn, roles)| async move {
        let roles = roles.into_iter().map(|role| async move { (role.clone(), read_role(context, role).await.into()) });
        let (detail, roles) = futures::join!(read_group(context, arn), join_all(roles));
        let group = LogGroup {
            arn: arn.clone(),
            detail: detail.into(),
            roles: roles.into_iter().collect(),
            metric_filters: Observed::default(),
            alarms: Observed::default(),
        };
        (arn.clone(), group)
    });
    read.buffer_unordered(context.width).collect().await
}

async fn read_group(context: &Context<'_>, arn: &Arn) -> Result<Option<LogGroupDetail>, Gap> {
    let call = "logs:DescribeLogGroups";
    if !context.needs.contains(&Need::LogGroup) {
        return Err(Gap::not_collected(call, arn.account().as_ref(), arn.region().as_ref()));
    }
    let name = arn.resource().strip_prefix("log-group:");
    let place = name.zip(arn.account().zip(arn.region()));
    let (name, (account, region)) = place.ok_or_else(|| malformed(call, arn))?;
    let site = context.site(&account, &region).await?;
    Ok(logs::group(context.session, &site, name).await?)
}

async fn read_role(context: &Context<'_>, arn: &Arn) -> Result<Option<DeliveryRole>, Gap> {
    let call = "iam:GetRole";
    if !context.needs.contains(&Need::DeliveryRole) {
        return Err(Gap::not_collected(call, arn.account().as_ref(), None));
    }
    let account = arn.account().ok_or_else(|| malformed(call, arn))?;
    let site = context.site(&account, &context.session.leader).await?;
    Ok(iam::role(context.session, &site, arn).await?)
}

fn malformed(call: &str, arn: &Arn) -> Gap {
    Gap {
        kind: GapKind::Unexpected,
        call: call.to_owned(),
        account: arn.account(),
        region: arn.region(),
        code: "UnexpectedArn".to_owned(),
        reason: format!("{arn} is not the ARN of a log group or role"),
    }
}
