//! AWS WAF: web ACLs and where their logs go.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_wafv2::types::Scope;
use trailwarden_model::log_source::WebAcl;

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::pages;
use crate::session::{Session, Site, at};

reads! {
    // Source: AWS WAF Developer Guide, "AWS WAF quotas": 5 a second for each List action.
    LIST_WEB_ACLS = Read::regional("wafv2:ListWebACLs", 5);
    LIST_LOGGING = Read::regional("wafv2:ListLoggingConfigurations", 5);
}

/// Items per page, AWS's largest.
const PAGE: i32 = 100;
/// The only region where CloudFront's web ACLs are shown. Partitions without it have no CloudFront scope.
const CLOUDFRONT_REGION: &str = "us-east-1";

/// The regional web ACLs, and in us-east-1 those of CloudFront as well, in the order of their ARNs.
pub(crate) async fn web_acls(session: &Session, site: &Site) -> Result<Vec<WebAcl>, Failure> {
    let mut acls = scope(session, site, &Scope::Regional).await?;
    if site.region.as_str() == CLOUDFRONT_REGION {
        acls.extend(scope(session, site, &Scope::Cloudfront).await?);
    }
    acls.sort_by(|a, b| a.arn.cmp(&b.arn));
    Ok(acls)
}

/// The web ACLs of one scope; logging is asked for only where there is one.
async fn scope(session: &Session, site: &Site, scope: &Scope) -> Result<Vec<WebAcl>, Failure> {
    let mut acls: Vec<WebAcl> = pages::all(|marker| async move {
        let call = session.clients.wafv2.list_web_acls().scope(scope.clone()).limit(PAGE).set_next_marker(marker);
        let call = || call.clone().customize().config_override(at!(aws_sdk_wafv2, site)).send();
        let answer = session.call(&LIST_WEB_ACLS, site, call).await?;
        let acls = answer.web_acls().iter().map(|listed| {
            let reason = "the answer holds a web ACL without an ARN or a name";
            let acl = listed.arn().and_then(|arn| arn.parse().ok()).zip(listed.name());
            let (arn, name) = acl.ok_or_else(|| unexpected(&LIST_WEB_ACLS, &site.account, &site.region, reason))?;
            let is_global = *scope == Scope::Cloudfront;
            Ok(WebAcl { arn, name: name.to_owned(), is_global, log_destinations: BTreeSet::new() })
        });
        Ok((acls.collect::<Result<Vec<_>, _>>()?, next(answer.next_marker(), answer.web_acls())))
    })
    .await?;
    if acls.is_empty() {
        return Ok(acls);
    }
    let mut destinations = logging(session, site, scope).await?;
    for acl in &mut acls {
        acl.log_destinations = destinations.remove(acl.arn.as_str()).unwrap_or_default();
    }
    Ok(acls)
}

/// The destinations of every logging configuration of one scope, by the ARN of its web ACL.
async fn logging(session: &Session, site: &Site, scope: &Scope) -> Result<BTreeMap<String, BTreeSet<String>>, Failure> {
    let listed = pages::all(|marker| async move {
        let call = session.clients.wafv2.list_logging_configurations().scope(scope.clone()).limit(PAGE);
        let call = call.set_next_marker(marker);
        let call = || call.clone().customize().config_override(at!(aws_sdk_wafv2, site)).send();
        let answer = session.call(&LIST_LOGGING, site, call).await?;
        let configurations = answer.logging_configurations();
        Ok((configurations.to_vec(), next(answer.next_marker(), configurations)))
    })
    .await?;
    let destinations = listed.into_iter().map(|logging| {
        let destinations = logging.log_destination_configs().iter().cloned().collect();
        (logging.resource_arn().to_owned(), destinations)
    });
    Ok(destinations.collect())
}

/// The marker of the next page. The last page has one too, and leads to a page without items.
fn next<T>(marker: Option<&str>, items: &[T]) -> Option<String> {
    marker.filter(|_| !items.is_empty()).map(str::to_owned)
}
