//! `trailwarden scp simulate`: one request, and what the policies on the caller's path say about it.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::{AccountId, Arn};
use trailwarden_model::observed::Gap;
use trailwarden_model::organization::Organization;
use trailwarden_model::snapshot::Need;
use trailwarden_policy::{Chain, ChainVerdict, Chains, Context, Principal, Request, Unbound, Values};
use trailwarden_report::scp::simulation::{self, Simulation};

use super::super::source::{read_organization, sandbox_notice};
use super::view;
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
    let filled_in = match arguments.exact_context {
        true => BTreeSet::new(),
        false => fill_in(&mut request.context, &derived(&organization, &caller, chain.as_ref().ok())),
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
        View::Table => {
            simulation::render(&simulation, &view(settings, sandbox_notice(&arguments.source.connect).as_deref(), ""))
        }
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
    kind: &'static str,
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
    let (kind, identity) = match (arn.service(), kind) {
        ("iam", "root") => ("Account", text.to_owned()),
        ("iam", "user") => ("User", text.to_owned()),
        ("iam", "role") => ("AssumedRole", text.to_owned()),
        ("sts", "assumed-role") => {
            let role = name.split('/').next().unwrap_or_default();
            ("AssumedRole", format!("arn:{}:iam::{account}:role/{role}", arn.partition()))
        }
        ("sts", "federated-user") => ("FederatedUser", text.to_owned()),
        _ => return Err(no_caller()),
    };
    Ok(Caller { account, identity, kind })
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

/// What AWS puts into the context of every call of this caller. Source: IAM user guide, global condition context keys.
fn derived(organization: &Organization, caller: &Caller, chain: Option<&Chain>) -> Vec<(&'static str, Values)> {
    let mut keys = vec![
        ("aws:PrincipalArn", Values::from(caller.identity.as_str())),
        ("aws:PrincipalAccount", Values::from(caller.account.as_str())),
        ("aws:PrincipalType", Values::from(caller.kind)),
        ("aws:PrincipalIsAWSService", Values::from("false")),
    ];
    if organization.accounts.contains_key(&caller.account) {
        keys.push(("aws:PrincipalOrgID", Values::from(organization.id.as_str())));
        let above = chain.map(|chain| chain.nodes.iter().rev().skip(1).rev()).into_iter().flatten();
        let above: String = above.map(|node| format!("{}/", node.id)).collect();
        if !above.is_empty() {
            keys.push(("aws:PrincipalOrgPaths", Values::Many(vec![format!("{}/{above}", organization.id)])));
        }
    }
    if caller.kind == "User" {
        let name = caller.identity.rsplit('/').next().unwrap_or_default();
        keys.push(("aws:username", Values::from(name)));
    }
    keys
}

/// Adds what was not given, and tells which keys that were.
fn fill_in(context: &mut Context, keys: &[(&'static str, Values)]) -> BTreeSet<String> {
    let mut filled_in = BTreeSet::new();
    for (key, values) in keys {
        if context.get(key).is_none() {
            context.set(key, values.clone());
            filled_in.insert((*key).to_owned());
        }
    }
    filled_in
}
