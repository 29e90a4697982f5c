//! How to reach AWS: profile, region, endpoint, credentials, and the role to enter members with.

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::{AppName, BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::service_config::ServiceConfigKey;
use trailwarden_model::ids::Region;

use crate::retry;

/// Credentials given by the caller instead of found by the SDK's chain, for an endpoint that is not AWS.
#[derive(Clone)]
pub struct StaticCredentials {
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: String,
}

impl std::fmt::Debug for StaticCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StaticCredentials").finish_non_exhaustive()
    }
}

/// How hard to try, and how much at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Calls in flight over all accounts and regions. At least 1.
    pub in_flight: usize,
    /// Attempts per call, the first included; a throttled call starts over up to three times. At least 1.
    pub attempts: u32,
}

impl Default for Effort {
    fn default() -> Self {
        Self { in_flight: 64, attempts: 5 }
    }
}

/// How to reach AWS. The default is the SDK's default chain and the role that Organizations makes in new accounts.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The named profile; none for the environment's choice.
    pub profile: Option<String>,
    /// The region of the first calls; none for the environment's or profile's choice, else `us-east-1`.
    pub region: Option<Region>,
    /// The endpoint of every service, over whatever the environment says. Reached directly, without a proxy.
    pub endpoint_url: Option<String>,
    /// Credentials, over whatever the environment says.
    pub credentials: Option<StaticCredentials>,
    /// The role to assume in every account but the caller's own; may carry a path.
    pub role_name: String,
    /// The external id that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// The session name that CloudTrail will show.
    pub session_name: String,
    /// How hard to try.
    pub effort: Effort,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            profile: None,
            region: None,
            endpoint_url: None,
            credentials: None,
            role_name: "OrganizationAccountAccessRole".to_owned(),
            external_id: None,
            session_name: "trailwarden".to_owned(),
            effort: Effort::default(),
        }
    }
}

impl Connection {
    /// The SDK's configuration: one HTTP client, stated retries and timeouts, and the environment for the rest.
    pub(crate) async fn load(&self) -> SdkConfig {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(self.http_client())
            .retry_config(retry::config(self.effort.attempts))
            .timeout_config(retry::timeouts())
            .region(self.region_chain());
        if let Ok(name) = AppName::new("trailwarden") {
            loader = loader.app_name(name);
        }
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile).credentials_provider(self.profile_credentials(profile).await);
        }
        if let Some(url) = &self.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        if let Some(keys) = &self.credentials {
            let keys =
                Credentials::new(&keys.access_key_id, &keys.secret_access_key, None, None, "trailwarden connection");
            loader = loader.credentials_provider(keys);
        }
        loader.load().await
    }

    /// The credentials of a profile that the caller named, and no others: the chain would prefer keys of the environment
    /// and fall back to those of the machine, and so audit somebody else's organization.
    async fn profile_credentials(&self, profile: &str) -> ProfileFileCredentialsProvider {
        let config = ProviderConfig::default()
            .with_region(self.region_chain().region().await)
            .with_http_client(self.http_client());
        ProfileFileCredentialsProvider::builder().configure(&config).profile_name(profile).build()
    }

    /// The HTTP client that all services share. AWS is reached through the proxy that the environment names.
    fn http_client(&self) -> SharedHttpClient {
        let is_direct = self.endpoint_url.is_some();
        Builder::new().build_with_connector_fn(move |settings, components| {
            let proxy = if is_direct { ProxyConfig::disabled() } else { ProxyConfig::from_env() };
            let mut connector =
                ConnectorBuilder::default().tls_provider(Provider::Rustls(CryptoMode::Ring)).proxy_config(proxy);
            connector.set_connector_settings(settings.cloned());
            connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
            connector.build()
        })
    }

    /// Option, environment, profile, `us-east-1`. The instance metadata service is left out: asking it costs seconds
    /// wherever it does not exist.
    fn region_chain(&self) -> RegionProviderChain {
        let mut profile = ProfileFileRegionProvider::builder();
        if let Some(name) = &self.profile {
            profile = profile.profile_name(name);
        }
        let given = self.region.as_ref().map(|region| aws_config::Region::new(region.to_string()));
        RegionProviderChain::first_try(given)
            .or_else(EnvironmentVariableRegionProvider::new())
            .or_else(profile.build())
            .or_else(aws_config::Region::from_static("us-east-1"))
    }
}

/// The endpoint override in force for one service, from the connection, the environment or the profile.
///
/// `service_id` is the SDK's, for example `S3 Control`.
pub(crate) fn endpoint_override(config: &SdkConfig, service_id: &str) -> Option<String> {
    let key = ServiceConfigKey::builder().service_id(service_id).env("AWS_ENDPOINT_URL").profile("endpoint_url");
    let of_service = match (config.get_origin("endpoint_url").is_client_config(), key.build()) {
        (false, Ok(key)) => config.service_config().and_then(|service| service.load_config(key)),
        _ => None,
    };
    of_service.or_else(|| config.endpoint_url().map(str::to_owned))
}
