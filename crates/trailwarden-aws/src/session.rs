//! A connected session: who we are, which partition, credentials of every account, and the one way to make a call.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use trailwarden_apply::Refusal;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::partition::Partition;
use trailwarden_model::snapshot::Caller;

use crate::catalog::Read;
use crate::clients::Clients;
use crate::connection::Connection;
use crate::error::CollectError;
use crate::gap::{Failure, root_cause};
use crate::limits::Limits;
use crate::vault::Vault;
use crate::write::refusal::refusal;
use crate::{look, read, results, retry, write};

/// Where a call is made, and with whose credentials.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// The account of the credentials.
    pub(crate) account: AccountId,
    /// The region called.
    pub(crate) region: Region,
    /// Credentials that last for this call.
    pub(crate) credentials: Credentials,
}

/// The configuration that sends one call to a site, for the service of `$sdk`.
macro_rules! at {
    ($sdk:ident, $site:expr) => {
        $sdk::config::Builder::new()
            .region($sdk::config::Region::new($site.region.to_string()))
            .credentials_provider($site.credentials.clone())
    };
}
pub(crate) use at;

/// A connection that AWS accepted.
pub struct Session {
    pub(crate) clients: Clients,
    pub(crate) partition: &'static Partition,
    pub(crate) leader: Region,
    connection: Connection,
    config: SdkConfig,
    caller: Caller,
    sts_region: Region,
    limits: Limits,
    vault: Vault,
}

impl Session {
    /// Finds credentials and asks AWS whose they are.
    ///
    /// # Errors
    /// No credentials, credentials that AWS refuses, an endpoint that does not answer, a partition we do not know.
    pub async fn connect(connection: Connection) -> Result<Self, CollectError> {
        let config = connection.load().await;
        let clients = Clients::new(&config);
        let reads = read::reads().chain(look::reads()).chain(read::of_log_files()).map(|read| read.lane());
        let reads = reads.chain(results::result_calls().map(|call| call.lane()));
        let lanes = reads.chain(write::all().map(|write| write.lane()));
        let limits = Limits::new(lanes, connection.effort.in_flight);
        let first = first_site(&config, connection.profile.as_deref()).await?;
        let caller = read::sts::caller_identity(&clients, &limits, &first).await?;
        let id = caller.arn.partition();
        let partition = Partition::by_id(id).ok_or_else(|| CollectError::UnknownPartition(id.to_owned()))?;
        let leader = partition.leader().ok_or_else(|| CollectError::UnknownPartition(id.to_owned()))?;
        let is_default = partition.is_enabled_by_default(&first.region);
        let sts_region = if is_default { first.region } else { leader.clone() };
        let vault = Vault::default();
        Ok(Self { clients, partition, leader, connection, config, caller, sts_region, limits, vault })
    }

    /// Who looks.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Calls made so far per operation (`service:Operation`), the SDK's own retries not counted.
    pub fn calls(&self) -> BTreeMap<&'static str, u64> {
        self.limits.calls()
    }

    /// The time that the calls of an operation have taken, waiting for their rate not counted.
    pub(crate) fn spent(&self, operation: &str) -> Duration {
        self.limits.spent(operation)
    }

    /// How many calls may be in flight.
    pub(crate) fn in_flight(&self) -> usize {
        self.connection.effort.in_flight.max(1)
    }

    /// How many tasks to keep going: twice the calls in flight, so that waiting for a rate leaves no slot empty.
    pub(crate) fn width(&self) -> usize {
        self.in_flight().saturating_mul(2)
    }

    /// Makes one call: waits for its rate, counts it, turns its error into a failure with a gap. A throttled call starts
    /// over after a while, its place among the calls in flight given up in between.
    pub(crate) async fn call<T, E, F>(&self, read: &Read, site: &Site, call: impl Fn() -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let mut waits = retry::THROTTLED_WAITS.iter();
        loop {
            let failure = match self.limits.admit(read.operation, &site.account, &site.region, call()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => Failure::new(read, &site.account, &site.region, &error),
            };
            match waits.next() {
                Some(wait) if failure.gap.kind == GapKind::Throttled => tokio::time::sleep(*wait).await,
                _ => return Err(failure),
            }
        }
    }

    /// Makes one call that changes something, exactly once: waits for its rate, counts it, and leaves its repetition to
    /// whoever knows whether that is safe.
    pub(crate) async fn once<T, E>(
        &self,
        operation: &str,
        site: &Site,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Refusal>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let answer = self.limits.admit(operation, &site.account, &site.region, call).await;
        answer.map_err(|error| refusal(&error))
    }

    /// A site with the caller's own credentials.
    pub(crate) async fn own_site(&self, region: &Region) -> Result<Site, Gap> {
        self.site(&self.caller.account, region).await
    }

    /// A site in any account, entered through the role unless it is the caller's own.
    pub(crate) async fn site(&self, account: &AccountId, region: &Region) -> Result<Site, Gap> {
        let is_own = *account == self.caller.account;
        let credentials = if is_own {
            self.vault.credentials(account, true, Instant::now(), self.own_credentials()).await?
        } else {
            // Boxed: entering an account needs a site of the caller's.
            self.vault.credentials(account, false, Instant::now(), Box::pin(self.assume_role(account))).await?
        };
        Ok(Site { account: account.clone(), region: region.clone(), credentials })
    }

    /// The role that enters an account; none for the caller's own.
    pub(crate) fn role_in(&self, account: &AccountId) -> Option<Arn> {
        let name = self.connection.role_name.trim_matches('/');
        let arn = format!("arn:{}:iam::{account}:role/{name}", self.partition.id);
        arn.parse().ok().filter(|_| *account != self.caller.account)
    }

    async fn own_credentials(&self) -> Result<Credentials, Gap> {
        provided(&self.config).await.map_err(|error| Gap {
            kind: GapKind::AccountNotEntered,
            call: "sts:GetCallerIdentity".to_owned(),
            account: Some(self.caller.account.clone()),
            region: None,
            code: "NoCredentials".to_owned(),
            reason: root_cause(&error),
        })
    }

    async fn assume_role(&self, account: &AccountId) -> Result<Credentials, Gap> {
        let role = self.role_in(account);
        self.assume(account, role.as_ref().map_or("", Arn::as_str)).await
    }

    /// A site in a member account as another role (an ARN) than the one that enters it. Its credentials are not kept.
    pub(crate) async fn site_as(&self, account: &AccountId, region: &Region, role: &str) -> Result<Site, Gap> {
        let credentials = self.assume(account, role).await?;
        Ok(Site { account: account.clone(), region: region.clone(), credentials })
    }

    async fn assume(&self, account: &AccountId, role: &str) -> Result<Credentials, Gap> {
        let own = self.own_site(&self.sts_region).await?;
        read::sts::assume_role(self, &own, account, role, &self.connection).await
    }
}

async fn first_site(config: &SdkConfig, profile: Option<&str>) -> Result<Site, CollectError> {
    let credentials = provided(config).await.map_err(|error| match (profile, &error) {
        (Some(profile), CredentialsError::CredentialsNotLoaded(_)) => {
            let reason = "it is not defined, or holds none".to_owned();
            CollectError::Profile { profile: profile.to_owned(), reason }
        }
        (Some(profile), _) => CollectError::Profile { profile: profile.to_owned(), reason: root_cause(&error) },
        (None, _) => CollectError::NoCredentials(root_cause(&error)),
    })?;
    let region = config.region().map_or("us-east-1", AsRef::as_ref);
    let region: Region = region.parse().map_err(|_| CollectError::Unreachable {
        call: "sts:GetCallerIdentity".to_owned(),
        reason: format!("{region:?} is not a region code"),
    })?;
    // AWS tells the account in its answer; until then the rate is kept under a name that no account has.
    let nobody = "000000000000".parse().map_err(|_| CollectError::NoCredentials("no account id".to_owned()))?;
    Ok(Site { account: nobody, region, credentials })
}

async fn provided(config: &SdkConfig) -> Result<Credentials, CredentialsError> {
    let provider =
        config.credentials_provider().ok_or_else(|| CredentialsError::not_loaded("the credential chain is empty"))?;
    provider.provide_credentials().await
}
