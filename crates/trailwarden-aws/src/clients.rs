//! One SDK client per service for the whole run; region and credentials travel with each call.

use aws_config::SdkConfig;
use aws_sdk_s3control::config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint};
use aws_smithy_types::endpoint::EndpointAuthScheme;

use crate::connection::endpoint_override;
use crate::retry::{self, NeverRetryNotImplemented};

/// The clients. Making one costs about six calls' worth of CPU, overriding its configuration per call next to nothing.
pub(crate) struct Clients {
    pub(crate) account: aws_sdk_account::Client,
    pub(crate) cloudtrail: aws_sdk_cloudtrail::Client,
    pub(crate) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(crate) config: aws_sdk_config::Client,
    #[cfg(feature = "log-sources")]
    pub(crate) ec2: aws_sdk_ec2::Client,
    pub(crate) eventbridge: aws_sdk_eventbridge::Client,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) kms: aws_sdk_kms::Client,
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
    pub(crate) organizations: aws_sdk_organizations::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) s3control: aws_sdk_s3control::Client,
    pub(crate) securityhub: aws_sdk_securityhub::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) sts: aws_sdk_sts::Client,
    #[cfg(feature = "log-sources")]
    pub(crate) wafv2: aws_sdk_wafv2::Client,
}

macro_rules! builder {
    ($sdk:ident, $config:expr) => {
        $sdk::config::Builder::from($config)
            .retry_partition(retry::partition())
            .retry_classifier(NeverRetryNotImplemented)
    };
}

macro_rules! client {
    ($sdk:ident, $config:expr) => {
        $sdk::Client::from_conf(builder!($sdk, $config).build())
    };
}

impl Clients {
    /// Every client from the shared configuration.
    pub(crate) fn new(config: &SdkConfig) -> Self {
        Self {
            account: client!(aws_sdk_account, config),
            cloudtrail: client!(aws_sdk_cloudtrail, config),
            cloudwatch: client!(aws_sdk_cloudwatch, config),
            config: client!(aws_sdk_config, config),
            #[cfg(feature = "log-sources")]
            ec2: client!(aws_sdk_ec2, config),
            eventbridge: client!(aws_sdk_eventbridge, config),
            iam: client!(aws_sdk_iam, config),
            kms: client!(aws_sdk_kms, config),
            logs: client!(aws_sdk_cloudwatchlogs, config),
            organizations: client!(aws_sdk_organizations, config),
            s3: s3(config),
            s3control: s3control(config),
            securityhub: client!(aws_sdk_securityhub, config),
            sns: client!(aws_sdk_sns, config),
            sts: client!(aws_sdk_sts, config),
            #[cfg(feature = "log-sources")]
            wafv2: client!(aws_sdk_wafv2, config),
        }
    }
}

/// Path-style under an endpoint override: no name server knows `BUCKET.localhost`.
fn s3(config: &SdkConfig) -> aws_sdk_s3::Client {
    let has_override = endpoint_override(config, "S3").is_some();
    aws_sdk_s3::Client::from_conf(builder!(aws_sdk_s3, config).force_path_style(has_override).build())
}

/// The SDK puts the account id before the host name, which an endpoint override cannot resolve either.
fn s3control(config: &SdkConfig) -> aws_sdk_s3control::Client {
    let builder = builder!(aws_sdk_s3control, config);
    let builder = match endpoint_override(config, "S3 Control") {
        Some(url) => builder.endpoint_resolver(BareEndpoint(url)),
        None => builder,
    };
    aws_sdk_s3control::Client::from_conf(builder.build())
}

/// The overriding endpoint as it stands; the account travels in `x-amz-account-id`.
#[derive(Debug)]
struct BareEndpoint(String);

impl ResolveEndpoint for BareEndpoint {
    fn resolve_endpoint<'a>(&'a self, params: &'a Params) -> EndpointFuture<'a> {
        let mut signing = EndpointAuthScheme::with_capacity("sigv4", 3)
            .put("signingName", "s3".to_owned())
            .put("disableDoubleEncoding", true);
        if let Some(region) = params.region() {
            signing = signing.put("signingRegion", region.to_owned());
        }
        EndpointFuture::ready(Ok(Endpoint::builder().url(self.0.clone()).auth_scheme(signing).build()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_overriding_endpoint_keeps_its_host_and_signs_for_s3_in_the_called_region() {
        let params = Params::builder().account_id("111122223333").region("eu-west-1").build().unwrap();
        let endpoint = BareEndpoint("http://127.0.0.1:4566".to_owned());
        let endpoint = endpoint.resolve_endpoint(&params).await.unwrap();
        let signing = EndpointAuthScheme::with_capacity("sigv4", 3)
            .put("signingName", "s3".to_owned())
            .put("disableDoubleEncoding", true)
            .put("signingRegion", "eu-west-1".to_owned());
        assert_eq!(endpoint, Endpoint::builder().url("http://127.0.0.1:4566").auth_scheme(signing).build());
    }
}
