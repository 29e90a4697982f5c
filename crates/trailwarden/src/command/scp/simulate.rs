//! `trailwarden scp simulate`: one request, and what the policies on the caller's path say about it.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::{AccountId, Arn};
use trailwarden_model::observed::Gap;
use trailwarden_model::organization::Organization;
use trailwarden_model::snapshot::Need;
use trailwarden_policy::{Call, Chain, ChainVerdict, Chains, Context, Principal, Request, Unbound, Values, facts_of};
use trailwarden_report::scp::simulation::{self, Simulation};

use super::super::source::{read_organization, sandbox_notice};
use crate::cli::{self, Pair, View};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::write_stdout;
use crate::settings::Settings;

/// Puts the request and tells what decides it. What cannot be told is the only thing that the exit code says.
pub(super) fn simulate(arguments: &cli::Simulate, settings: &Settings) -> Result<Exit, Failure> {
    let caller = principal(&arguments.principal)?;
    let given = context(&arguments.context)?;
    let needs = BTreeSet::from([Need::ServiceControlPolicies, Need::ResourceControlPolicies]);
    let organization = read_organization(&arguments.source, &needs, settings)?;
    let chain = Chains::new(&organization).and_then(|chains| chains.of(&caller.account));
    let mut request = Request {
        principal: Principal::Aws(arguments.principal.clone()),
        action: arguments.action.clone(),
        resource: arguments.resource.clone(),
        context: given,
    };
    // Without the way to the caller nothing is decided, and nothing need be filled in.
    let filled_in = match &chain {
        Ok(chain) if !arguments.exact_context => {
            fill_in(&mut request.context, &derived(&organization, chain, &caller, arguments))
        }
        _ => BTreeSet::new(),
    };
    let simulation = Simulation {
        organization: &organization,
        service_control: verdict(chain, &request),
        resource_control: resource_control(&organization, arguments, &request),
        request: &request,
        filled_in: &filled_in,
    };
    let text = match arguments.format {
        View::Json => simulation::render_json(&simulation).map_err(Failure::internal)?,
        View::Table => simulation::render(
            &simulation,
            &settings.view(false, sandbox_notice(&arguments.source.connect).as_deref(), ""),
        ),
    };
    write_stdout(&text)?;
    Ok(if simulation.is_undecided() { Exit::FindingsUnknown } else { Exit::Ok })
}

fn verdict(chain: Result<Chain, Gap>, request: &Request) -> ChainVerdict {
    chain.map_or_else(|gap| ChainVerdict::Undecided(gap.to_string()), |chain| chain.evaluate(request))
}

/// What the resource control policies say, where they are enabled and the owner of the resource is known.
fn resource_control(
    organization: &Organization,
    arguments: &cli::Simulate,
    request: &Request,
) -> Option<(AccountId, ChainVerdict)> {
    let of_arn = || request.resource.parse().ok().and_then(|arn: Arn| arn.account());
    let owner = arguments.resource_account.clone().or_else(of_arn)?;
    let chain = Chains::resource_control(organization).and_then(|chains| chains.of(&owner));
    let is_enabled = !matches!(&chain, Ok(chain) if chain.unbound == Some(Unbound::TypeDisabled));
    is_enabled.then(|| (owner, verdict(chain, request)))
}

/// Who calls, as far as the ARN tells.
struct Caller {
    account: AccountId,
    /// The identity behind the caller: for a session of a role the role, whose path the ARN of the session does not tell.
    identity: String,
}

fn principal(text: &str) -> Result<Caller, Failure> {
    let no_caller = || {
        Failure::usage(format!("{text:?} is no ARN of a role, user, root user or session"))
            .hint("for example arn:aws:iam::111122223333:role/Developer or arn:aws:iam::111122223333:root")
    };
    let arn: Arn = text.parse().map_err(|_| no_caller())?;
    let account = arn.account().ok_or_else(no_caller)?;
    let resource = arn.resource();
    let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
    let identity = match (arn.service(), kind) {
        ("iam", "root" | "user" | "role") | ("sts", "federated-user") => text.to_owned(),
        ("sts", "assumed-role") => {
            let role = name.split('/').next().unwrap_or_default();
            format!("arn:{}:iam::{account}:role/{role}", arn.partition())
        }
        _ => return Err(no_caller()),
    };
    Ok(Caller { account, identity })
}

/// The context that was given.
fn context(pairs: &[Pair]) -> Result<Context, Failure> {
    let mut values: BTreeMap<String, (&str, Values)> = BTreeMap::new();
    for Pair { key, value, is_many } in pairs {
        let name = key.to_ascii_lowercase();
        match (values.get_mut(&name), is_many) {
            (Some((_, Values::Many(many))), true) => many.push(value.clone()),
            (None, true) => _ = values.insert(name, (key, Values::Many(vec![value.clone()]))),
            (None, false) => _ = values.insert(name, (key, Values::One(value.clone()))),
            (Some(_), _) => {
                return Err(Failure::usage(format!("condition key {key} is given twice"))
                    .hint(format!("write {key}[]=VALUE each time when the key has several values")));
            }
        }
    }
    let mut context = Context::new();
    values.into_values().for_each(|(key, values)| context.set(key, values));
    Ok(context)
}

/// What AWS sets for this caller and call, as the prover has it; the owner of the resource as told, where its ARN does not say.
fn derived(organization: &Organization, chain: &Chain, caller: &Caller, arguments: &cli::Simulate) -> Context {
    let call = Call { action: arguments.action.clone(), resource: arguments.resource.clone() };
    let mut facts = facts_of(chain, organization.arn.partition(), &call, &caller.identity);
    if let Some(owner) = &arguments.resource_account {
        facts.set("aws:ResourceAccount", owner.as_str());
    }
    // The resource may be anybody's.
    match facts.get("aws:ResourceAccount") {
        Some(Values::One(owner)) if !organization.accounts.keys().any(|account| account.as_str() == owner) => {
            facts.remove("aws:ResourceOrgID");
        }
        Some(_) => facts.set("aws:ResourceOrgID", organization.id.as_str()),
        None => {}
    }
    facts
}

/// Adds what was not given, and tells which keys that were.
fn fill_in(context: &mut Context, facts: &Context) -> BTreeSet<String> {
    let mut filled_in = BTreeSet::new();
    for (key, values) in facts.iter() {
        if context.get(key).is_none() {
            context.set(key, values.clone());
            filled_in.insert(key.to_owned());
        }
    }
    filled_in
}
