//! Who calls on the resources of an account, from outside and from inside: one caller of every class that its RCPs tell apart.

use trailwarden_model::ids::AccountId;
use trailwarden_model::organization::CLOUDTRAIL_PRINCIPAL;

use super::Perimeter;
use crate::chain::Chain;
use crate::compose::profile::Stranger;
use crate::compose::proof::unseen_account;
use crate::condition::Condition;
use crate::context::Context;
use crate::operator::Comparison;
use crate::pattern::{ArnPattern, Pattern, witness};
use crate::prove::{Call, Union, Universe, members, pattern};
use crate::request::{Principal, Request};

const PRINCIPAL_ARN: &str = "aws:PrincipalArn";
const PRINCIPAL_ORGANIZATION: &str = "aws:PrincipalOrgID";
const IS_SERVICE: &str = "aws:PrincipalIsAWSService";
const SOURCE_ACCOUNT: &str = "aws:SourceAccount";
const SOURCE_ORGANIZATION: &str = "aws:SourceOrgID";

/// The keys by which a composed RCP tells callers apart.
const KEYS: [&str; 5] = [PRINCIPAL_ARN, PRINCIPAL_ORGANIZATION, IS_SERVICE, SOURCE_ACCOUNT, SOURCE_ORGANIZATION];

/// An organization that is not the one.
const ELSEWHERE: &str = "o-elsewhere0";

/// Work spent on the classes of one key.
const WORK: usize = 300_000;

/// Somebody who calls, with the keys that AWS sets.
pub(super) struct Caller {
    principal: Principal,
    context: Context,
    /// Who it is.
    pub(super) words: String,
}

impl Caller {
    pub(super) fn request(&self, call: &Call) -> Request {
        Request {
            principal: self.principal.clone(),
            action: call.action.clone(),
            resource: call.resource.clone(),
            context: self.context.clone(),
        }
    }

    fn principal(arn: &str, organization: Option<&str>) -> Self {
        let context = Context::new().with(PRINCIPAL_ARN, arn).with(IS_SERVICE, "false");
        Self {
            principal: Principal::Aws(arn.to_owned()),
            context: with(context, PRINCIPAL_ORGANIZATION, organization),
            words: format!("{arn} of {}", organization.unwrap_or("no organization")),
        }
    }

    /// CloudTrail stands for every service: a composed RCP does not tell one from another.
    fn service(account: Option<&str>, organization: Option<&str>) -> Self {
        let context = with(Context::new().with(IS_SERVICE, "true"), SOURCE_ACCOUNT, account);
        let whom = account.map(|account| format!(" for account {account}")).unwrap_or_default();
        let how = organization.map_or("without aws:SourceOrgID".to_owned(), |id| format!("of {id}"));
        Self {
            principal: Principal::Service(CLOUDTRAIL_PRINCIPAL.to_owned()),
            context: with(context, SOURCE_ORGANIZATION, organization),
            words: format!("{CLOUDTRAIL_PRINCIPAL}{whom} {how}"),
        }
    }
}

fn with(context: Context, key: &str, value: Option<&str>) -> Context {
    match value {
        Some(value) => context.with(key, value),
        None => context,
    }
}

/// The callers to try on every resource of one account.
pub(super) struct Requests {
    outsiders: Vec<Caller>,
    services_for_outsiders: Vec<Caller>,
    /// Whom no RCP may stop.
    pub(super) let_through: Vec<Caller>,
}

impl Requests {
    /// The error says why the callers cannot be listed.
    pub(super) fn new(perimeter: &Perimeter<'_>, owner: &AccountId, chain: &Chain) -> Result<Self, String> {
        check_keys(chain)?;
        let guarded = perimeter.guarded;
        let unseen = unseen_account(guarded);
        let own = Pattern::literal(&guarded.organization);
        let named: Vec<Pattern> = perimeter.sources(owner).iter().map(|account| Pattern::literal(account)).collect();
        let exempt: Vec<ArnPattern> =
            perimeter.exceptions.patterns().iter().map(|text| ArnPattern::parse(text)).collect();
        let role = format!("arn:{}:iam::{unseen}:role/stranger", guarded.partition);
        let arns = classes(chain, PRINCIPAL_ARN, exempt.iter().map(ArnPattern::widest), &role)?;
        let sources = classes(chain, SOURCE_ACCOUNT, named.iter(), &unseen)?;
        let organizations = |key| -> Result<Vec<Option<String>>, String> {
            let others = classes(chain, key, [&own].into_iter(), ELSEWHERE)?;
            Ok(others.into_iter().map(Some).chain([None]).collect())
        };
        let of_principals = organizations(PRINCIPAL_ORGANIZATION)?;
        let of_sources = organizations(SOURCE_ORGANIZATION)?;
        let mut outsiders = anonymous();
        for (arn, organization) in arns.iter().flat_map(|arn| of_principals.iter().map(move |id| (arn, id))) {
            outsiders.push(Caller::principal(arn, organization.as_deref()));
        }
        let pairs = sources.iter().flat_map(|account| of_sources.iter().map(move |id| (account, id)));
        let services_for_outsiders = pairs.map(|(account, id)| Caller::service(Some(account), id.as_deref())).collect();
        Ok(Self { outsiders, services_for_outsiders, let_through: let_through(perimeter, owner, &unseen, &exempt)? })
    }

    pub(super) fn of(&self, stranger: Stranger) -> &[Caller] {
        match stranger {
            Stranger::Outsiders => &self.outsiders,
            Stranger::ServicesForOutsiders => &self.services_for_outsiders,
        }
    }
}

/// Who calls without credentials, whether or not AWS then says that it is no service.
fn anonymous() -> Vec<Caller> {
    let contexts = [Context::new(), Context::new().with(IS_SERVICE, "false")];
    let anyone = |context| Caller { principal: Principal::Anonymous, context, words: "anyone".to_owned() };
    contexts.into_iter().map(anyone).collect()
}

/// Principals of the organization, services that act for it or for nobody in particular, and the declared exceptions.
fn let_through(
    perimeter: &Perimeter<'_>,
    owner: &AccountId,
    unseen: &str,
    exempt: &[ArnPattern],
) -> Result<Vec<Caller>, String> {
    let guarded = perimeter.guarded;
    let own = Some(guarded.organization.as_str());
    let members = [owner.as_str(), guarded.management_account.as_str(), unseen];
    let role = |account: &str| format!("arn:{}:iam::{account}:role/member", guarded.partition);
    let mut found: Vec<Caller> = members.iter().map(|account| Caller::principal(&role(account), own)).collect();
    found.extend(perimeter.sources(owner).iter().map(|account| Caller::service(Some(account), None)));
    found.extend(members.iter().map(|account| Caller::service(Some(account), own)));
    found.push(Caller::service(None, None));
    for pattern in exempt {
        let arn = witness(&[pattern.widest()], &[]).map_err(|error| error.to_string())?.unwrap_or_default();
        found.extend([None, Some(ELSEWHERE)].map(|organization| Caller::principal(&arn, organization)));
    }
    Ok(found)
}

/// Refuses statements that tell callers apart by more than is tried.
fn check_keys(chain: &Chain) -> Result<(), String> {
    match conditions(chain).find_map(foreign_key) {
        Some(key) => Err(format!("a statement reads {key}")),
        None => Ok(()),
    }
}

/// A key of a condition by which callers are not told apart here.
pub(super) fn foreign_key(condition: &Condition) -> Option<&str> {
    let variables = condition.values.iter().flat_map(|value| value.value.variables());
    let mut keys = std::iter::once(condition.key.as_str()).chain(variables);
    keys.find(|key| !KEYS.iter().any(|known| known.eq_ignore_ascii_case(key)))
}

fn conditions(chain: &Chain) -> impl Iterator<Item = &Condition> {
    chain.statements().flat_map(|(_, _, statement)| &statement.conditions)
}

/// A value of every class that the conditions on a key tell apart, outside some patterns; `seed` where it is in the class.
fn classes<'p>(
    chain: &Chain,
    key: &str,
    without: impl Iterator<Item = &'p Pattern>,
    seed: &str,
) -> Result<Vec<String>, String> {
    let mut unions: Vec<Union> = Vec::new();
    for condition in conditions(chain).filter(|condition| condition.key.eq_ignore_ascii_case(key)) {
        // It only asks whether the key is there.
        if condition.operator.comparison == Comparison::Null {
            continue;
        }
        let unlisted = || format!("a statement compares {key} by {}", condition.operator_name);
        let read = |value: &crate::span::Spanned<crate::variable::Template>| {
            pattern(condition.operator.comparison, value.value.resolve(&Context::new()).ok()??)
        };
        unions.push(condition.values.iter().map(read).collect::<Option<_>>().ok_or_else(unlisted)?);
    }
    let universe = Universe {
        pattern: Pattern::parse("?*"),
        without: without.collect(),
        seeds: vec![seed.to_owned()],
        n_members: 1,
        ignores_case: false,
    };
    let unions: Vec<&Union> = unions.iter().collect();
    members(&universe, &unions, &mut WORK.clone()).map_err(|error| error.to_string())
}
