//! The fifteen families, in the order of the benchmark, and the events that switch trails off.
//!
//! Sources: CIS AWS Foundations Benchmark 3.0.0, 4.1 to 4.15, and the same recommendations in 1.4.0, 5.0.0 and 7.0.0. The
//! services of events that the benchmark names without one: Service Authorization Reference.

use super::{Domain, Family, Monitored, MonitoredEvent, text};
use crate::coverage::EventClass::{self, GlobalServices, KmsWrite, ManagementRead, ManagementWrite};
use crate::filter_pattern::{Datum, Glob};

/// What a trail must record of calls that change something.
const WRITES: &[EventClass] = &[ManagementWrite];

const EC2: &str = "ec2.amazonaws.com";

/// Every family, in the order of the benchmark.
pub(crate) static FAMILIES: [&Family; 15] = [
    &UNAUTHORIZED,
    &SIGN_IN_WITHOUT_MFA,
    &ROOT,
    &IAM_POLICY,
    &CLOUDTRAIL,
    &SIGN_IN_FAILURES,
    &CMK,
    &BUCKET_POLICY,
    &CONFIG,
    &SECURITY_GROUP,
    &NETWORK_ACL,
    &GATEWAY,
    &ROUTE_TABLE,
    &VPC,
    &ORGANIZATIONS,
];

/// The calls that stop, narrow or delete a trail: the core set of tamper actions, as far as it is on trails.
pub(crate) static TAMPERING: Family = Family {
    part: "trail-tampering",
    title: "Trail tampering",
    texts: &[],
    classes: WRITES,
    events: Monitored::Calls {
        source: "cloudtrail.amazonaws.com",
        names: &[
            "StopLogging",
            "DeleteTrail",
            "UpdateTrail",
            "PutEventSelectors",
            "PutInsightSelectors",
            "PutEventConfiguration",
        ],
    },
};

static UNAUTHORIZED: Family = Family {
    part: "unauthorized-api-calls",
    title: "Unauthorized API calls",
    texts: &[
        "{ ($.errorCode = *UnauthorizedOperation) || ($.errorCode = AccessDenied*) }",
        "{ ($.errorCode = *UnauthorizedOperation) || ($.errorCode = AccessDenied*) || ($.sourceIPAddress != delivery.logs.amazonaws.com) || ($.eventName != HeadBucket) }",
        "{ ($.errorCode = *UnauthorizedOperation) || ($.errorCode = AccessDenied*) && ($.sourceIPAddress != delivery.logs.amazonaws.com) && ($.eventName != HeadBucket) }",
    ],
    classes: &[ManagementRead, ManagementWrite],
    events: Monitored::Described(unauthorized),
};

/// The later versions of the benchmark leave out what AWS itself delivers and asks, and so do we.
fn unauthorized() -> MonitoredEvent {
    let except = |value: &str| Domain::Text { within: vec![], except: vec![Glob::new(value)] };
    let refused = vec![Glob::new("*UnauthorizedOperation"), Glob::new("AccessDenied*")];
    let fields = vec![
        ("errorCode", Domain::Text { within: refused, except: vec![] }),
        ("eventName", except("HeadBucket")),
        ("sourceIPAddress", except("delivery.logs.amazonaws.com")),
        ("eventType", text("AwsApiCall")),
        ("readOnly", Domain::Flag),
    ];
    MonitoredEvent { title: "a refused call".to_owned(), is_by_anybody: true, fields }
}

static SIGN_IN_WITHOUT_MFA: Family = Family {
    part: "console-sign-in-without-mfa",
    title: "Console sign-in without MFA",
    texts: &[
        "{ ($.eventName = ConsoleLogin) && ($.additionalEventData.MFAUsed != Yes) }",
        "{ ($.eventName = ConsoleLogin) && ($.additionalEventData.MFAUsed != Yes) && ($.userIdentity.type = IAMUser) && ($.responseElements.ConsoleLogin = Success) }",
    ],
    classes: WRITES,
    events: Monitored::Described(sign_in_without_mfa),
};

/// Of the two patterns of the benchmark, the one that spares single sign-on. `MFAUsed` is `Yes` or `No`.
fn sign_in_without_mfa() -> MonitoredEvent {
    sign_in(
        "ConsoleLogin of an IAM user without MFA",
        [
            ("additionalEventData.MFAUsed", text("No")),
            ("userIdentity.type", text("IAMUser")),
            ("responseElements.ConsoleLogin", text("Success")),
        ],
    )
}

static ROOT: Family = Family {
    part: "root-usage",
    title: "Root user activity",
    texts: &["{ $.userIdentity.type = Root && $.userIdentity.invokedBy NOT EXISTS && $.eventType != AwsServiceEvent }"],
    classes: &[ManagementRead, ManagementWrite],
    events: Monitored::Described(root),
};

fn root() -> MonitoredEvent {
    let fields = vec![
        ("userIdentity.type", text("Root")),
        ("userIdentity.invokedBy", Domain::Is(Datum::Absent)),
        ("eventType", Domain::OneOf(&["AwsApiCall", "AwsConsoleAction", "AwsConsoleSignIn"])),
        ("eventName", Domain::Text { within: vec![], except: vec![] }),
        ("eventSource", Domain::Text { within: vec![], except: vec![] }),
        ("readOnly", Domain::Flag),
    ];
    MonitoredEvent { title: "an action of the root user".to_owned(), is_by_anybody: false, fields }
}

static IAM_POLICY: Family = Family {
    part: "iam-policy-changes",
    title: "IAM policy changes",
    texts: &[
        "{ ($.eventName = DeleteGroupPolicy) || ($.eventName = DeleteRolePolicy) || ($.eventName = DeleteUserPolicy) || ($.eventName = PutGroupPolicy) || ($.eventName = PutRolePolicy) || ($.eventName = PutUserPolicy) || ($.eventName = CreatePolicy) || ($.eventName = DeletePolicy) || ($.eventName = CreatePolicyVersion) || ($.eventName = DeletePolicyVersion) || ($.eventName = AttachRolePolicy) || ($.eventName = DetachRolePolicy) || ($.eventName = AttachUserPolicy) || ($.eventName = DetachUserPolicy) || ($.eventName = AttachGroupPolicy) || ($.eventName = DetachGroupPolicy) }",
    ],
    classes: &[GlobalServices],
    events: Monitored::Calls {
        source: "iam.amazonaws.com",
        names: &[
            "DeleteGroupPolicy",
            "DeleteRolePolicy",
            "DeleteUserPolicy",
            "PutGroupPolicy",
            "PutRolePolicy",
            "PutUserPolicy",
            "CreatePolicy",
            "DeletePolicy",
            "CreatePolicyVersion",
            "DeletePolicyVersion",
            "AttachRolePolicy",
            "DetachRolePolicy",
            "AttachUserPolicy",
            "DetachUserPolicy",
            "AttachGroupPolicy",
            "DetachGroupPolicy",
        ],
    },
};

/// Changes of trails.
pub(crate) static CLOUDTRAIL: Family = Family {
    part: "cloudtrail-configuration-changes",
    title: "CloudTrail configuration changes",
    texts: &[
        "{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging) }",
    ],
    classes: WRITES,
    events: Monitored::Calls {
        source: "cloudtrail.amazonaws.com",
        names: &["CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"],
    },
};

static SIGN_IN_FAILURES: Family = Family {
    part: "console-authentication-failures",
    title: "Console authentication failures",
    texts: &["{ ($.eventName = ConsoleLogin) && ($.errorMessage = \"Failed authentication\") }"],
    classes: WRITES,
    events: Monitored::Described(sign_in_failure),
};

fn sign_in_failure() -> MonitoredEvent {
    sign_in(
        "ConsoleLogin with a failed authentication",
        [("errorMessage", text("Failed authentication")), ("responseElements.ConsoleLogin", text("Failure"))],
    )
}

fn sign_in<const N: usize>(title: &str, fields: [(&'static str, Domain); N]) -> MonitoredEvent {
    let common = [
        ("eventName", text("ConsoleLogin")),
        ("eventSource", text("signin.amazonaws.com")),
        ("eventType", text("AwsConsoleSignIn")),
        ("readOnly", Domain::Is(Datum::Flag(false))),
    ];
    MonitoredEvent { title: title.to_owned(), is_by_anybody: false, fields: common.into_iter().chain(fields).collect() }
}

/// The end of customer managed keys.
pub(crate) static CMK: Family = Family {
    part: "cmk-disabling-or-deletion",
    title: "Disabling or deletion of customer managed keys",
    texts: &[
        "{ ($.eventSource = kms.amazonaws.com) && (($.eventName = DisableKey) || ($.eventName = ScheduleKeyDeletion)) }",
    ],
    classes: &[KmsWrite],
    events: Monitored::Calls { source: "kms.amazonaws.com", names: &["DisableKey", "ScheduleKeyDeletion"] },
};

/// Changes of who may reach a bucket and how long it keeps.
pub(crate) static BUCKET_POLICY: Family = Family {
    part: "s3-bucket-policy-changes",
    title: "S3 bucket policy changes",
    texts: &[
        "{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketAcl) || ($.eventName = PutBucketPolicy) || ($.eventName = PutBucketCors) || ($.eventName = PutBucketLifecycle) || ($.eventName = PutBucketReplication) || ($.eventName = DeleteBucketPolicy) || ($.eventName = DeleteBucketCors) || ($.eventName = DeleteBucketLifecycle) || ($.eventName = DeleteBucketReplication)) }",
    ],
    classes: WRITES,
    events: Monitored::Calls {
        source: "s3.amazonaws.com",
        names: &[
            "PutBucketAcl",
            "PutBucketPolicy",
            "PutBucketCors",
            "PutBucketLifecycle",
            "PutBucketReplication",
            "DeleteBucketPolicy",
            "DeleteBucketCors",
            "DeleteBucketLifecycle",
            "DeleteBucketReplication",
        ],
    },
};

static CONFIG: Family = Family {
    part: "config-configuration-changes",
    title: "AWS Config configuration changes",
    texts: &[
        "{ ($.eventSource = config.amazonaws.com) && (($.eventName = StopConfigurationRecorder) || ($.eventName = DeleteDeliveryChannel) || ($.eventName = PutDeliveryChannel) || ($.eventName = PutConfigurationRecorder)) }",
    ],
    classes: WRITES,
    events: Monitored::Calls {
        source: "config.amazonaws.com",
        names: &[
            "StopConfigurationRecorder",
            "DeleteDeliveryChannel",
            "PutDeliveryChannel",
            "PutConfigurationRecorder",
        ],
    },
};

static SECURITY_GROUP: Family = Family {
    part: "security-group-changes",
    title: "Security group changes",
    texts: &[
        "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }",
        "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) || ($.eventName = ModifySecurityGroupRules) }",
    ],
    classes: WRITES,
    events: Monitored::Calls {
        source: EC2,
        names: &[
            "AuthorizeSecurityGroupIngress",
            "AuthorizeSecurityGroupEgress",
            "RevokeSecurityGroupIngress",
            "RevokeSecurityGroupEgress",
            "CreateSecurityGroup",
            "DeleteSecurityGroup",
        ],
    },
};

static NETWORK_ACL: Family = Family {
    part: "network-acl-changes",
    title: "Network ACL changes",
    texts: &[
        "{ ($.eventName = CreateNetworkAcl) || ($.eventName = CreateNetworkAclEntry) || ($.eventName = DeleteNetworkAcl) || ($.eventName = DeleteNetworkAclEntry) || ($.eventName = ReplaceNetworkAclEntry) || ($.eventName = ReplaceNetworkAclAssociation) }",
    ],
    classes: WRITES,
    events: Monitored::Calls {
        source: EC2,
        names: &[
            "CreateNetworkAcl",
            "CreateNetworkAclEntry",
            "DeleteNetworkAcl",
            "DeleteNetworkAclEntry",
            "ReplaceNetworkAclEntry",
            "ReplaceNetworkAclAssociation",
        ],
    },
};

static GATEWAY: Family = Family {
    part: "network-gateway-changes",
    title: "Network gateway changes",
    texts: &[
        "{ ($.eventName = CreateCustomerGateway) || ($.eventName = DeleteCustomerGateway) || ($.eventName = AttachInternetGateway) || ($.eventName = CreateInternetGateway) || ($.eventName = DeleteInternetGateway) || ($.eventName = DetachInternetGateway) }",
    ],
    classes: WRITES,
    events: Monitored::Calls {
        source: EC2,
        names: &[
            "CreateCustomerGateway",
            "DeleteCustomerGateway",
            "AttachInternetGateway",
            "CreateInternetGateway",
            "DeleteInternetGateway",
            "DetachInternetGateway",
        ],
    },
};

static ROUTE_TABLE: Family = Family {
    part: "route-table-changes",
    title: "Route table changes",
    texts: &[
        "{ ($.eventName = CreateRoute) || ($.eventName = CreateRouteTable) || ($.eventName = ReplaceRoute) || ($.eventName = ReplaceRouteTableAssociation) || ($.eventName = DeleteRouteTable) || ($.eventName = DeleteRoute) || ($.eventName = DisassociateRouteTable) }",
        "{ ($.eventSource = ec2.amazonaws.com) && ($.eventName = CreateRoute) || ($.eventName = CreateRouteTable) || ($.eventName = ReplaceRoute) || ($.eventName = ReplaceRouteTableAssociation) || ($.eventName = DeleteRouteTable) || ($.eventName = DeleteRoute) || ($.eventName = DisassociateRouteTable) }",
    ],
    classes: WRITES,
    events: Monitored::Calls {
        source: EC2,
        names: &[
            "CreateRoute",
            "CreateRouteTable",
            "ReplaceRoute",
            "ReplaceRouteTableAssociation",
            "DeleteRouteTable",
            "DeleteRoute",
            "DisassociateRouteTable",
        ],
    },
};

static VPC: Family = Family {
    part: "vpc-changes",
    title: "VPC changes",
    texts: &[
        "{ ($.eventName = CreateVpc) || ($.eventName = DeleteVpc) || ($.eventName = ModifyVpcAttribute) || ($.eventName = AcceptVpcPeeringConnection) || ($.eventName = CreateVpcPeeringConnection) || ($.eventName = DeleteVpcPeeringConnection) || ($.eventName = RejectVpcPeeringConnection) || ($.eventName = AttachClassicLinkVpc) || ($.eventName = DetachClassicLinkVpc) || ($.eventName = DisableVpcClassicLink) || ($.eventName = EnableVpcClassicLink) }",
    ],
    classes: WRITES,
    events: Monitored::Calls {
        source: EC2,
        names: &[
            "CreateVpc",
            "DeleteVpc",
            "ModifyVpcAttribute",
            "AcceptVpcPeeringConnection",
            "CreateVpcPeeringConnection",
            "DeleteVpcPeeringConnection",
            "RejectVpcPeeringConnection",
            "AttachClassicLinkVpc",
            "DetachClassicLinkVpc",
            "DisableVpcClassicLink",
            "EnableVpcClassicLink",
        ],
    },
};

/// Changes of the organization, which happen in the management account.
pub(crate) static ORGANIZATIONS: Family = Family {
    part: "organizations-changes",
    title: "AWS Organizations changes",
    texts: &[
        "{ ($.eventSource = organizations.amazonaws.com) && (($.eventName = AcceptHandshake) || ($.eventName = AttachPolicy) || ($.eventName = CreateAccount) || ($.eventName = CreateOrganizationalUnit) || ($.eventName = CreatePolicy) || ($.eventName = DeclineHandshake) || ($.eventName = DeleteOrganization) || ($.eventName = DeleteOrganizationalUnit) || ($.eventName = DeletePolicy) || ($.eventName = DetachPolicy) || ($.eventName = DisablePolicyType) || ($.eventName = EnablePolicyType) || ($.eventName = InviteAccountToOrganization) || ($.eventName = LeaveOrganization) || ($.eventName = MoveAccount) || ($.eventName = RemoveAccountFromOrganization) || ($.eventName = UpdatePolicy) || ($.eventName = UpdateOrganizationalUnit)) }",
    ],
    classes: &[GlobalServices],
    events: Monitored::Calls {
        source: "organizations.amazonaws.com",
        names: &[
            "AcceptHandshake",
            "AttachPolicy",
            "CreateAccount",
            "CreateOrganizationalUnit",
            "CreatePolicy",
            "DeclineHandshake",
            "DeleteOrganization",
            "DeleteOrganizationalUnit",
            "DeletePolicy",
            "DetachPolicy",
            "DisablePolicyType",
            "EnablePolicyType",
            "InviteAccountToOrganization",
            "LeaveOrganization",
            "MoveAccount",
            "RemoveAccountFromOrganization",
            "UpdatePolicy",
            "UpdateOrganizationalUnit",
        ],
    },
};
