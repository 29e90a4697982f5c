//! STS: who we are, and entering other accounts.

use aws_credential_types::Credentials;
use trailwarden_model::ids::{AccountId, Arn};
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::snapshot::Caller;

use crate::catalog::{Read, reads};
use crate::clients::Clients;
use crate::connection::Connection;
use crate::error::CollectError;
use crate::gap::{Failure, unexpected};
use crate::limits::Limits;
use crate::retry;
use crate::session::{Session, Site, at};
use crate::vault::ROLE_SECONDS;

reads! {
    GET_CALLER_IDENTITY = Read::global("sts:GetCallerIdentity", 10).by_management().needs_nothing();
    // STS allows 600 a second; entering an organization is no reason to come near.
    ASSUME_ROLE = Read::regional("sts:AssumeRole", 50).by_management();
}

/// Attempts of the very first call: whoever mistyped an endpoint wants to know now.
const FIRST_ATTEMPTS: u32 = 3;

/// Who the caller is. Needs no permission, so its failure says that credentials or endpoint are wrong.
pub(crate) async fn caller_identity(clients: &Clients, limits: &Limits, site: &Site) -> Result<Caller, CollectError> {
    let config = at!(aws_sdk_sts, site).retry_config(retry::config(FIRST_ATTEMPTS));
    let call = clients.sts.get_caller_identity().customize().config_override(config).send();
    let answer = limits.admit(GET_CALLER_IDENTITY.operation, &site.account, &site.region, call).await;
    let failed = |error| CollectError::essential(Gap { account: None, ..error });
    let answer = answer
        .map_err(|error| failed(Failure::new(&GET_CALLER_IDENTITY, &site.account, &site.region, &error).into()))?;
    let account = answer.account().and_then(|account| account.parse().ok());
    let arn = answer.arn().and_then(|arn| arn.parse().ok());
    match (account, arn) {
        (Some(account), Some(arn)) => Ok(Caller { account, arn }),
        _ => {
            let reason = "the answer names no account or no ARN";
            Err(failed(unexpected(&GET_CALLER_IDENTITY, &site.account, &site.region, reason).into()))
        }
    }
}

/// Credentials of a role in another account. AWS does not say whether role, trust or external id is missing.
pub(crate) async fn assume_role(
    session: &Session,
    site: &Site,
    account: &AccountId,
    role: &str,
    connection: &Connection,
) -> Result<Credentials, Gap> {
    let call = session
        .clients
        .sts
        .assume_role()
        .role_arn(role)
        .role_session_name(&connection.session_name)
        .set_external_id(connection.external_id.clone())
        .duration_seconds(ROLE_SECONDS);
    let call = || call.clone().customize().config_override(at!(aws_sdk_sts, site)).send();
    let answer = session.call(&ASSUME_ROLE, site, call).await.map_err(|failure| not_entered(failure.gap, account))?;
    let keys = answer.credentials().ok_or_else(|| {
        not_entered(unexpected(&ASSUME_ROLE, account, &site.region, "the answer holds no credentials").gap, account)
    })?;
    let token = Some(keys.session_token().to_owned());
    Ok(Credentials::new(keys.access_key_id(), keys.secret_access_key(), token, None, "trailwarden role"))
}

/// A refusal means that the account cannot be entered; a throttle or a lost connection stays what it is.
fn not_entered(gap: Gap, account: &AccountId) -> Gap {
    let kind = match gap.kind {
        kind @ (GapKind::Throttled | GapKind::Connection | GapKind::NotImplemented) => kind,
        _ => GapKind::AccountNotEntered,
    };
    Gap { kind, account: Some(account.clone()), ..gap }
}

/// The role name behind an assumed-role or role ARN, without its path.
pub(crate) fn role_name(role: &Arn) -> &str {
    role.resource().rsplit('/').next().unwrap_or_default()
}
