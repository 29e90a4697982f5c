//! Security Hub as a reader of findings: requests of `BatchImportFindings`, sent as they were rendered.

use aws_smithy_types::body::SdkBody;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::{Gap, GapKind};

use crate::catalog::{Read, reads};
use crate::session::{Session, at};

reads! {
    // The rate of the service: 10 a second with a burst of 30, per account and region.
    BATCH_IMPORT_FINDINGS = Read { burst: 30, ..Read::regional("securityhub:BatchImportFindings", 10) };
}

/// What Security Hub answers where it is not enabled: to the call, or for each finding.
const NOT_ENABLED: &str = "InvalidAccessException";
const NOT_ENABLED_FOR: &str = "InvalidAccess";

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Import {
    /// It was read.
    Read {
        /// How many findings were taken.
        n_taken: usize,
        /// Those that were not: id, code and words.
        refused: Vec<(String, String, String)>,
    },
    /// Security Hub is not enabled in the account and region.
    NotEnabled,
}

impl Session {
    /// Sends a request of `BatchImportFindings` in an account and region, from there. What is there already and not older
    /// stays, so that a request may be sent again.
    ///
    /// # Errors
    /// The call that failed, or entering the account.
    pub async fn import_findings(&self, account: &AccountId, region: &Region, request: String) -> Result<Import, Gap> {
        let site = self.site(account, region).await?;
        let call = || {
            let body = request.clone();
            // The findings are JSON in the format of this call already: the SDK's types would only lose what they do not know.
            let call = self.clients.securityhub.batch_import_findings().customize().mutate_request(move |sent| {
                sent.headers_mut().insert("content-length", body.len().to_string());
                *sent.body_mut() = SdkBody::from(body.as_str());
            });
            call.config_override(at!(aws_sdk_securityhub, site)).send()
        };
        let answer = match self.call(&BATCH_IMPORT_FINDINGS, &site, call).await.map_err(Gap::from) {
            Err(gap) if gap.code == NOT_ENABLED => return Ok(Import::NotEnabled),
            answer => answer?,
        };
        let failed = answer.failed_findings();
        if !failed.is_empty() && failed.iter().all(|finding| finding.error_code() == Some(NOT_ENABLED_FOR)) {
            return Ok(Import::NotEnabled);
        }
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let refused = failed
            .iter()
            .map(|finding| (text(finding.id()), text(finding.error_code()), text(finding.error_message())));
        let n_taken = answer.success_count().and_then(|n| usize::try_from(n).ok());
        let lacks = || Gap {
            kind: GapKind::Unexpected,
            call: BATCH_IMPORT_FINDINGS.operation.to_owned(),
            account: Some(account.clone()),
            region: Some(region.clone()),
            code: "UnexpectedAnswer".to_owned(),
            reason: "the answer does not say how many findings were taken".to_owned(),
        };
        Ok(Import::Read { n_taken: n_taken.ok_or_else(lacks)?, refused: refused.collect() })
    }
}
