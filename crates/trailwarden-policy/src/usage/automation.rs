//! Roles through which AWS and its solutions administer accounts, recognised by the names that their documentation gives.

/// Whose role it is. Anybody who may create roles may take such a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Automation {
    /// AWS Control Tower. Source: Control Tower user guide, "How AWS Control Tower works with roles".
    ControlTower,
    /// Landing Zone Accelerator on AWS, whose roles begin with its prefix, and with that of its CDK bootstrap stack. Source: its
    /// implementation guide, "Concepts and definitions".
    LandingZoneAccelerator,
    /// CloudFormation StackSets. Source: CloudFormation user guide, "Prerequisites for StackSet operations".
    StackSets,
    /// The role that Organizations makes in accounts it creates.
    OrganizationAccess,
    /// A permission set of IAM Identity Center. Source: its user guide, "Referencing permission sets in resource policies".
    IdentityCenter,
}

/// The prefix of Landing Zone Accelerator unless it was installed with another.
pub(super) const ACCELERATOR_PREFIX: &str = "AWSAccelerator";

impl Automation {
    /// Recognises the ARN of an identity.
    pub fn of(identity: &str, accelerator_prefix: &str) -> Option<Self> {
        let role = identity.splitn(6, ':').nth(5)?.strip_prefix("role/")?;
        let (path, name) = role.rsplit_once('/').map_or(("", role), |(path, name)| (path, name));
        let is_accelerator = |prefix: &str| !prefix.is_empty() && name.starts_with(&format!("{prefix}-"));
        match name {
            _ if name == "AWSControlTowerExecution" || name.starts_with("aws-controltower-") => {
                Some(Self::ControlTower)
            }
            _ if is_accelerator(accelerator_prefix)
                || is_accelerator(ACCELERATOR_PREFIX)
                || is_accelerator("cdk-accel") =>
            {
                Some(Self::LandingZoneAccelerator)
            }
            "AWSCloudFormationStackSetExecutionRole" => Some(Self::StackSets),
            _ if name.starts_with("stacksets-exec-") => Some(Self::StackSets),
            "OrganizationAccountAccessRole" => Some(Self::OrganizationAccess),
            _ if name.starts_with("AWSReservedSSO_") && path.starts_with("aws-reserved/sso.amazonaws.com") => {
                Some(Self::IdentityCenter)
            }
            _ => None,
        }
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::ControlTower => "AWS Control Tower",
            Self::LandingZoneAccelerator => "Landing Zone Accelerator",
            Self::StackSets => "CloudFormation StackSets",
            Self::OrganizationAccess => "the access role of AWS Organizations",
            Self::IdentityCenter => "a permission set of IAM Identity Center",
        }
    }

    /// What comes of denying it something.
    pub fn consequence(self) -> &'static str {
        match self {
            Self::ControlTower => "setting up, updating and repairing the landing zone would fail",
            Self::LandingZoneAccelerator => "runs of its pipeline would fail",
            Self::StackSets => "stack instances that do this would fail to update, and StackSets may drift",
            Self::OrganizationAccess => "administrators of the management account would be refused in members",
            Self::IdentityCenter => "the people assigned to it would be refused",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_names_are_recognised_and_lookalikes_are_not() {
        let of = |role: &str| Automation::of(&format!("arn:aws:iam::111122223333:role/{role}"), "Corp");
        for (role, expected) in [
            ("AWSControlTowerExecution", Some(Automation::ControlTower)),
            ("aws-controltower-AdministratorExecutionRole", Some(Automation::ControlTower)),
            ("AWSAccelerator-PipelineRole", Some(Automation::LandingZoneAccelerator)),
            ("Corp-PipelineRole", Some(Automation::LandingZoneAccelerator)),
            ("cdk-accel-deploy-role-111122223333-us-east-1", Some(Automation::LandingZoneAccelerator)),
            ("stacksets-exec-0123456789abcdef", Some(Automation::StackSets)),
            ("AWSCloudFormationStackSetExecutionRole", Some(Automation::StackSets)),
            ("OrganizationAccountAccessRole", Some(Automation::OrganizationAccess)),
            ("aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_1", Some(Automation::IdentityCenter)),
            ("AWSReservedSSO_Admin_1", None),
            ("Corporate", None),
            ("my-AWSControlTowerExecution", None),
        ] {
            assert_eq!(of(role), expected, "{role}");
        }
        assert_eq!(Automation::of("arn:aws:iam::111122223333:user/AWSControlTowerExecution", ""), None);
    }
}
