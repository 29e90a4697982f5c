//! Callers whom nobody invited, and how they would ask to read what CloudTrail encrypted.

use trailwarden_model::ids::Arn;
use trailwarden_model::trail::Trail;
use trailwarden_policy::{Context, Document, Principal, Request, Values, roles_named};

use crate::cx::Cx;
use crate::service::ENCRYPTION_CONTEXT;

/// An account that cannot exist, for the requests of strangers.
pub(crate) const OUTSIDER: &str = "000000000000";

/// The organization of the account that cannot exist.
pub(crate) const ELSEWHERE: &str = "o-stranger00";

/// An account that cannot exist either, taken to be a member that no policy names.
pub(crate) const MEMBER: &str = "000000000001";

/// Who a stranger is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stranger {
    /// A principal of an account outside the organization.
    Outsider,
    /// A principal of a member account that no policy names.
    Member,
}

impl Stranger {
    fn account(self) -> &'static str {
        match self {
            Self::Outsider => OUTSIDER,
            Self::Member => MEMBER,
        }
    }
}

impl Cx<'_> {
    /// The calls with which a stranger asks a key to decrypt what CloudTrail wrote for a trail: directly, and by reading
    /// the object from the bucket, under each name that the policy tells apart.
    pub(crate) fn decrypt_requests(
        &self,
        who: Stranger,
        (document, key): (&Document, &Arn),
        trail: &Trail,
        action: &str,
    ) -> Vec<Request> {
        let context = self.decrypt_context(who, trail, key);
        let through_s3 = key.region().map_or_else(String::new, |region| format!("s3.{region}.amazonaws.com"));
        let ways = [
            context.clone().with("aws:ViaAWSService", "false").with("kms:ViaService", Values::Many(Vec::new())),
            context.with("aws:ViaAWSService", "true").with("kms:ViaService", through_s3),
        ];
        let names = roles_named(document, self.partition(), who.account());
        let request = |arn: &String, context: &Context| Request {
            principal: Principal::Aws(arn.clone()),
            action: action.to_owned(),
            resource: key.to_string(),
            context: context.clone().with("aws:PrincipalArn", arn.as_str()),
        };
        names.iter().flat_map(|arn| ways.iter().map(move |way| request(arn, way))).collect()
    }

    fn decrypt_context(&self, who: Stranger, trail: &Trail, key: &Arn) -> Context {
        let organization = self.snapshot.organization.id.as_str();
        let mut context = Context::new()
            .with("aws:PrincipalAccount", who.account())
            .with("aws:PrincipalIsAWSService", "false")
            .with("aws:PrincipalOrgID", if who == Stranger::Member { organization } else { ELSEWHERE })
            .with("aws:PrincipalType", "AssumedRole")
            .with("aws:ResourceOrgID", organization)
            .with("aws:SecureTransport", "true")
            .with("kms:CallerAccount", who.account())
            .with(ENCRYPTION_CONTEXT, trail.arn.as_str());
        if let Some(path) = self.org_path(who) {
            context.set("aws:PrincipalOrgPaths", Values::Many(vec![path]));
        }
        if let (Some(region), Some(owner)) = (key.region(), key.account()) {
            context.set("aws:RequestedRegion", region.as_str());
            context.set("aws:ResourceAccount", owner.as_str());
        }
        context
    }

    /// Where in the tree the stranger's account is: right below the root, where no OU vouches for it.
    fn org_path(&self, who: Stranger) -> Option<String> {
        match who {
            Stranger::Outsider => Some(format!("{ELSEWHERE}/r-0000/")),
            Stranger::Member => {
                let root = &self.snapshot.organization.root.known()?.id;
                Some(format!("{}/{root}/", self.snapshot.organization.id))
            }
        }
    }
}
