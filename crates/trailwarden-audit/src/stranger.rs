//! Callers whom nobody invited, and whether a key policy lets them read what CloudTrail encrypted.

use std::collections::BTreeSet;

use trailwarden_model::ids::Arn;
use trailwarden_model::trail::Trail;
use trailwarden_policy::{
    Condition, Context, Document, Effect, Pattern, Principal, Request, Statement, StatementRef, Values, Verdict,
    evaluate_resource_policy, witness,
};

use crate::cx::Cx;
use crate::service::ENCRYPTION_CONTEXT;

/// An account that cannot exist, for the requests of strangers.
pub(crate) const OUTSIDER: &str = "000000000000";

/// The organization of the account that cannot exist.
pub(crate) const ELSEWHERE: &str = "o-stranger00";

/// An account that cannot exist either, taken to be a member that no policy names.
const MEMBER: &str = "000000000001";

/// Keys that only calls by AWS services carry.
const OF_SERVICES: [&str; 6] = [
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];

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

/// Roles of an account: any one, and one that goes by each name the conditions of a policy ask for, since whoever owns
/// the account may take it.
fn names(document: &Document, partition: &str, account: &str) -> Vec<String> {
    let roles = Pattern::parse(&format!("arn:{partition}:iam::{account}:role/?*"));
    let conditions = document.statements.iter().flat_map(|statement| &statement.conditions);
    let asked = conditions
        .filter(|condition| condition.key.eq_ignore_ascii_case("aws:PrincipalArn"))
        .flat_map(|condition| &condition.values)
        .filter_map(|value| witness(&[&roles, &Pattern::parse(value.value.source())], &[]).ok().flatten());
    let plain = format!("arn:{partition}:iam::{account}:role/stranger");
    std::iter::once(plain).chain(asked.filter(|arn| !arn.contains(['*', '?', '$']))).collect()
}

/// Whether a policy lets a stranger in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Admission {
    Open(StatementRef),
    Closed,
    /// It depends on what is not known about the stranger.
    Undecided(String),
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
        let names = names(document, self.partition(), who.account());
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

/// Whether a policy lets a stranger in, whatever the keys have that the request does not settle.
pub(crate) fn admits(document: &Document, request: &Request) -> Admission {
    match evaluate_resource_policy(&at_best(document, request, Effect::Allow), request) {
        Verdict::ExplicitDeny(_) | Verdict::ImplicitDeny => return Admission::Closed,
        Verdict::Undecided(reason) => return Admission::Undecided(reason),
        Verdict::Allowed(_) => {}
    }
    match evaluate_resource_policy(&at_best(document, request, Effect::Deny), request) {
        Verdict::Allowed(statement) => Admission::Open(statement),
        Verdict::Undecided(reason) => Admission::Undecided(reason),
        Verdict::ExplicitDeny(_) | Verdict::ImplicitDeny => Admission::Undecided(unsettled_words(document, request)),
    }
}

/// The policy as its statements of one effect have it best: their open conditions hold, those of the others do not. What
/// the stranger chooses is chosen against the policy either way.
fn at_best(document: &Document, request: &Request, effect: Effect) -> Document {
    let read = |statement: &Statement| {
        let is_open = |condition: &Condition| !is_settled(condition, &request.context);
        let is_lost = |condition: &Condition| match is_chosen(condition) {
            true => statement.effect == Effect::Deny,
            false => statement.effect != effect && is_open(condition),
        };
        if statement.conditions.iter().any(is_lost) {
            return None;
        }
        let mut statement = statement.clone();
        statement.conditions.retain(|condition| !is_open(condition) && !is_chosen(condition));
        Some(statement)
    };
    Document { statements: document.statements.iter().filter_map(read).collect(), ..document.clone() }
}

/// True when whoever owns an account gives its principals the value of the key.
fn is_chosen(condition: &Condition) -> bool {
    let key = condition.key.to_ascii_lowercase();
    key.starts_with("aws:principaltag/") || ["aws:multifactorauthpresent", "aws:sourceidentity"].contains(&key.as_str())
}

/// True when the request says all that a condition reads.
fn is_settled(condition: &Condition, context: &Context) -> bool {
    let variables = condition.values.iter().flat_map(|value| value.value.variables());
    std::iter::once(condition.key.as_str()).chain(variables).all(|key| {
        let is_set = context.iter().any(|(known, _)| known.eq_ignore_ascii_case(key));
        is_set || OF_SERVICES.contains(&key.to_ascii_lowercase().as_str())
    })
}

fn unsettled_words(document: &Document, request: &Request) -> String {
    let speaking = document.statements.iter().filter(|statement| !statement.actions.contain(&request.action).is_no());
    let open: BTreeSet<&str> = speaking
        .flat_map(|statement| &statement.conditions)
        .filter(|condition| !is_settled(condition, &request.context) && !is_chosen(condition))
        .map(|condition| condition.key.as_str())
        .collect();
    let keys: Vec<&str> = open.into_iter().collect();
    format!("whether strangers may call {} depends on {}", request.action, keys.join(", "))
}
