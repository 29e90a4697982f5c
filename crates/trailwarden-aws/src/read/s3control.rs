//! S3 Control: Block Public Access of an account, access points of a bucket.

use futures::future::join_all;
use trailwarden_model::observed::Observed;
use trailwarden_model::storage::{AccessPoint, BlockPublicAccess};

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::pages;
use crate::read::s3::NO_PUBLIC_ACCESS_BLOCK;
use crate::session::{Session, Site, at};

reads! {
    GET_PUBLIC_ACCESS_BLOCK =
        Read::regional("s3control:GetPublicAccessBlock", 10).needs("s3:GetAccountPublicAccessBlock");
    LIST_ACCESS_POINTS = Read::regional("s3control:ListAccessPoints", 10).needs("s3:ListAccessPoints");
    GET_ACCESS_POINT_POLICY_STATUS =
        Read::regional("s3control:GetAccessPointPolicyStatus", 10).needs("s3:GetAccessPointPolicyStatus");
}

/// Block Public Access of the account of the site; none when never set.
pub(crate) async fn public_access_block(session: &Session, site: &Site) -> Result<Option<BlockPublicAccess>, Failure> {
    let call = session.clients.s3control.get_public_access_block().account_id(site.account.as_str());
    let call = || call.clone().customize().config_override(at!(aws_sdk_s3control, site)).send();
    let answer = match session.call(&GET_PUBLIC_ACCESS_BLOCK, site, call).await {
        Err(failure) if failure.code() == NO_PUBLIC_ACCESS_BLOCK => return Ok(None),
        answer => answer?,
    };
    Ok(answer.public_access_block_configuration().map(|block| BlockPublicAccess {
        block_public_acls: block.block_public_acls().unwrap_or(false),
        ignore_public_acls: block.ignore_public_acls().unwrap_or(false),
        block_public_policy: block.block_public_policy().unwrap_or(false),
        restrict_public_buckets: block.restrict_public_buckets().unwrap_or(false),
    }))
}

/// The access points of the account of the site on one bucket, in the region of the site.
pub(crate) async fn access_points(session: &Session, site: &Site, bucket: &str) -> Result<Vec<AccessPoint>, Failure> {
    let listed = pages::all(|token| async move {
        let call = session.clients.s3control.list_access_points().account_id(site.account.as_str()).bucket(bucket);
        let call = call.set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_s3control, site)).send();
        let answer = session.call(&LIST_ACCESS_POINTS, site, call).await?;
        Ok((answer.access_point_list().to_vec(), answer.next_token().map(str::to_owned)))
    })
    .await?;
    let read = listed.iter().map(|listed| async move {
        AccessPoint {
            name: listed.name().to_owned(),
            network_origin: listed.network_origin().to_string(),
            policy_is_public: access_point_is_public(session, site, listed.name()).await,
        }
    });
    Ok(join_all(read).await)
}

async fn access_point_is_public(session: &Session, site: &Site, name: &str) -> Observed<Option<bool>> {
    let call = session.clients.s3control.get_access_point_policy_status().account_id(site.account.as_str()).name(name);
    let call = || call.clone().customize().config_override(at!(aws_sdk_s3control, site)).send();
    match session.call(&GET_ACCESS_POINT_POLICY_STATUS, site, call).await {
        Err(failure) if failure.code() == "NoSuchAccessPointPolicy" => Observed::Known(None),
        Err(failure) => Observed::Gap(failure.gap),
        Ok(answer) => match answer.policy_status().map(|status| status.is_public()) {
            Some(is_public) => Observed::Known(Some(is_public)),
            None => {
                let reason = "the answer does not say whether the policy is public";
                Observed::Gap(unexpected(&GET_ACCESS_POINT_POLICY_STATUS, &site.account, &site.region, reason).gap)
            }
        },
    }
}
