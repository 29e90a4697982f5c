//! What one account holds in AWS WAF: web ACLs and where their full logs go.

use serde::{Deserialize, Serialize};
use trailwarden_model::ids::{AccountId, Region};

/// AWS WAF in one account, all regions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Waf {
    /// Web ACLs.
    pub web_acls: Vec<WebAcl>,
}

/// One web ACL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebAcl {
    /// The last part of its ARN, a UUID.
    pub id: String,
    /// Its name, unique in its account, region and scope.
    pub name: String,
    /// Its region; the leader region for one that protects CloudFront distributions.
    pub region: Region,
    /// It protects CloudFront distributions.
    #[serde(default)]
    pub cloudfront: bool,
    /// Words about it.
    #[serde(default)]
    pub description: String,
    /// The token that a change must carry; a new one with every change.
    #[serde(default = "first_token")]
    pub lock_token: String,
    /// ARNs of the log destinations; empty without a logging configuration.
    #[serde(default)]
    pub log_destinations: Vec<String>,
}

fn first_token() -> String {
    "00000000-0000-4000-8000-000000000000".to_owned()
}

impl WebAcl {
    /// Its ARN.
    pub fn arn(&self, partition: &str, account: &AccountId) -> String {
        let scope = if self.cloudfront { "global" } else { "regional" };
        format!("arn:{partition}:wafv2:{}:{account}:{scope}/webacl/{}/{}", self.region, self.name, self.id)
    }

    /// `CLOUDFRONT` or `REGIONAL`.
    pub fn scope(&self) -> &'static str {
        if self.cloudfront { "CLOUDFRONT" } else { "REGIONAL" }
    }
}
