//! The log groups of the trails and the roles that deliver to them, each read once in its own account.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use futures::future::join_all;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::monitoring::MetricFilter;
use trailwarden_model::observed::{Gap, GapKind, Observed};
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::{DeliveryRole, LogGroup, LogGroupDetail};

use super::Context;
use super::trails::Trails;
use crate::read::{iam, logs};
use crate::session::Site;

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
        let (detail, filters, roles) =
            futures::join!(read_group(context, arn), read_filters(context, arn), join_all(roles));
        let group = LogGroup {
            arn: arn.clone(),
            detail: detail.into(),
            roles: roles.into_iter().collect(),
            metric_filters: filters,
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
    let (site, name) = site(context, call, arn).await?;
    Ok(logs::group(context.session, &site, name).await?)
}

async fn read_filters(context: &Context<'_>, arn: &Arn) -> Observed<Vec<MetricFilter>> {
    if !context.needs.contains(&Need::Alarms) {
        return Observed::default();
    }
    match site(context, "logs:DescribeMetricFilters", arn).await {
        Ok((site, name)) => logs::metric_filters(context.session, &site, name).await.map_err(Gap::from).into(),
        Err(gap) => Observed::Gap(gap),
    }
}

/// Where a log group is, and its name there.
async fn site<'a>(context: &Context<'_>, call: &str, arn: &'a Arn) -> Result<(Site, &'a str), Gap> {
    let (name, (account, region)) = name(arn).zip(place(arn)).ok_or_else(|| malformed(call, arn))?;
    Ok((context.site(&account, &region).await?, name))
}

/// The name of the group in its ARN.
pub(crate) fn name(arn: &Arn) -> Option<&str> {
    arn.resource().strip_prefix("log-group:")
}

/// The account and region of the group in its ARN.
pub(crate) fn place(arn: &Arn) -> Option<(AccountId, Region)> {
    arn.account().zip(arn.region())
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
