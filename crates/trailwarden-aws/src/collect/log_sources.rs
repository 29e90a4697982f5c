//! VPCs and web ACLs, or what stands for them in a build without the feature `log-sources`.

use trailwarden_model::log_source::{Vpc, WebAcl};

use crate::gap::Failure;
#[cfg(feature = "log-sources")]
use crate::read::{ec2, wafv2};
use crate::session::{Session, Site};

/// The VPCs of the site with their flow logs.
#[cfg(feature = "log-sources")]
pub(crate) async fn vpcs(session: &Session, site: &Site) -> Result<Vec<Vpc>, Failure> {
    ec2::vpcs(session, site).await
}

/// The web ACLs of the site with their logging.
#[cfg(feature = "log-sources")]
pub(crate) async fn web_acls(session: &Session, site: &Site) -> Result<Vec<WebAcl>, Failure> {
    wafv2::web_acls(session, site).await
}

/// VPCs cannot be read.
#[cfg(not(feature = "log-sources"))]
pub(crate) async fn vpcs(_: &Session, site: &Site) -> Result<Vec<Vpc>, Failure> {
    Err(not_built("ec2:DescribeVpcs", site))
}

/// Web ACLs cannot be read.
#[cfg(not(feature = "log-sources"))]
pub(crate) async fn web_acls(_: &Session, site: &Site) -> Result<Vec<WebAcl>, Failure> {
    Err(not_built("wafv2:ListWebACLs", site))
}

#[cfg(not(feature = "log-sources"))]
fn not_built(call: &str, site: &Site) -> Failure {
    use trailwarden_model::observed::{Gap, GapKind};
    let gap = Gap {
        kind: GapKind::NotImplemented,
        call: call.to_owned(),
        account: Some(site.account.clone()),
        region: Some(site.region.clone()),
        code: "NoLogSources".to_owned(),
        reason: "this build has no log sources; build it with the feature log-sources".to_owned(),
    };
    Failure { gap, status: None, bucket_region: None }
}
