//! Organizations: trusted access.

use super::writes;

writes! { aws_sdk_organizations organizations;
    enable_service_access(service: str) at 1 = "organizations:EnableAWSServiceAccess",
        |client| client.enable_aws_service_access().service_principal(service);
    disable_service_access(service: str) at 1 = "organizations:DisableAWSServiceAccess",
        |client| client.disable_aws_service_access().service_principal(service);
}
