//! `trailwarden scp prove`: for every account, who can still blind a trail, or the proof that nobody can.

use std::collections::BTreeSet;

use trailwarden_audit::{Guardrail, Guardrails};
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::{Need, Snapshot};
use trailwarden_policy::{Answer, Call, LEAVE_ORGANIZATION, Pattern, Prover, Question, TRAIL_TAMPER_ACTIONS, Unbound};
use trailwarden_report::scp::proof::{self, AccountProof, Answers, Found, Proof, Standing};

use super::super::source::{Facts, collect_snapshot, read_snapshot, sandbox_notice};
use crate::baseline_file::read_baseline;
use crate::cli::{self, Select, View};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::write_stdout;
use crate::settings::Settings;

/// Proves, and reports; what is open or undecided is the exit code.
pub(super) fn prove(arguments: &cli::Prove, settings: &Settings) -> Result<Exit, Failure> {
    let baseline = read_baseline(arguments.baseline.as_deref())?;
    let asked = Asked::new(arguments)?;
    let snapshot = snapshot(arguments, settings)?;
    let accounts = accounts(arguments, &snapshot)?;
    let organization = Organization {
        snapshot: &snapshot,
        guardrails: Guardrails::new(&snapshot, &baseline),
        prover: Prover::new(),
        asked,
    };
    let proof = Proof {
        tool_version: env!("CARGO_PKG_VERSION"),
        collected_at: snapshot.collected_at,
        organization: &snapshot.organization,
        trails: &snapshot.trails,
        exceptions: &baseline.tamper_exceptions,
        accounts: accounts.into_iter().map(|account| organization.prove(account)).collect(),
    };
    let exit = exit_of(&proof);
    let text = match arguments.format {
        View::Json => proof::render_json(&proof).map_err(Failure::internal)?,
        View::Table => {
            let notice = sandbox_notice(&arguments.source.connect);
            let meaning = format!("exit code {}: {}", exit.code(), exit.meaning_of_proof());
            proof::render(&proof, &settings.view(false, notice.as_deref(), &meaning))
        }
    };
    write_stdout(&text)?;
    Ok(exit)
}

fn exit_of(proof: &Proof<'_>) -> Exit {
    match () {
        () if proof.count(Standing::Open) > 0 => Exit::FindingsFailed,
        () if proof.count(Standing::Undecided) > 0 => Exit::FindingsUnknown,
        () => Exit::Ok,
    }
}

fn snapshot(arguments: &cli::Prove, settings: &Settings) -> Result<Snapshot, Failure> {
    let needs = [Need::Trails, Need::ServiceControlPolicies, Need::DelegatedAdministrators];
    match &arguments.source.snapshot {
        Some(path) => read_snapshot(path),
        None => {
            let select = Select { account: arguments.account.clone(), ..Select::default() };
            collect_snapshot(&arguments.source.connect, &select, Facts::only(&needs), settings)
        }
    }
}

/// The accounts in scope, or those of them that were named.
fn accounts(arguments: &cli::Prove, snapshot: &Snapshot) -> Result<BTreeSet<AccountId>, Failure> {
    if arguments.account.is_empty() {
        return Ok(snapshot.accounts.keys().cloned().collect());
    }
    match arguments.account.iter().find(|id| !snapshot.accounts.contains_key(id)) {
        Some(id) => Err(Failure::usage(format!("account {id} is not in scope of the snapshot"))
            .hint("name an active account of the organization that was collected")),
        None => Ok(arguments.account.iter().cloned().collect()),
    }
}

/// What is asked instead of the whole core set.
struct Asked {
    actions: Vec<(String, Pattern)>,
    resources: Vec<String>,
}

impl Asked {
    fn new(arguments: &cli::Prove) -> Result<Self, Failure> {
        let actions = arguments.action.iter().map(|text| (text.clone(), Pattern::parse(text).ignoring_case()));
        let asked = Self { actions: actions.collect(), resources: arguments.resource.clone() };
        let is_core = |pattern: &Pattern| {
            TRAIL_TAMPER_ACTIONS.iter().chain([&LEAVE_ORGANIZATION]).any(|action| pattern.matches(action))
        };
        let stranger = asked.actions.iter().find(|(_, pattern)| asked.resources.is_empty() && !is_core(pattern));
        match stranger {
            None => Ok(asked),
            Some((text, _)) => Err(Failure::usage(format!("{text} is none of the actions that change a trail"))
                .hint("name what it is done to with --resource, or '*' when it is authorized on no resource")),
        }
    }

    /// The calls to ask about, of the core set of an account.
    fn calls(&self, core: Vec<Call>) -> Vec<Call> {
        if !self.resources.is_empty() {
            let on = |action: &String| {
                self.resources
                    .iter()
                    .map(|resource| Call { action: action.clone(), resource: resource.clone() })
                    .collect::<Vec<_>>()
            };
            return self.actions.iter().flat_map(|(action, _)| on(action)).collect();
        }
        let is_asked = |call: &Call| self.actions.iter().any(|(_, pattern)| pattern.matches(&call.action));
        core.into_iter().filter(|call| self.actions.is_empty() || is_asked(call)).collect()
    }
}

/// Everything that the answers are made from.
struct Organization<'a> {
    snapshot: &'a Snapshot,
    guardrails: Guardrails<'a>,
    prover: Prover,
    asked: Asked,
}

impl Organization<'_> {
    fn prove(&self, account: AccountId) -> AccountProof {
        let found = match account == self.snapshot.organization.management_account {
            true => Found::Management,
            false => self.answers(&account).map_or_else(Found::Unread, Found::Answers),
        };
        AccountProof { account, found }
    }

    fn answers(&self, account: &AccountId) -> Result<Answers, Gap> {
        let Guardrail { chain, calls, exceptions } = self.guardrails.of(account)?;
        let calls = self.asked.calls(calls);
        let partition = self.snapshot.organization.arn.partition();
        let question = Question { chain: &chain, partition, calls: &calls, exceptions: &exceptions };
        let exemptions = self.prover.exemptions(&question);
        Ok(Answers {
            is_disabled: chain.unbound == Some(Unbound::TypeDisabled),
            exemptions,
            hidden: self.hidden(account)?,
            calls: self.prove_calls(&question),
        })
    }

    /// Each call with its answer. Nobody may leave, declared exception or not.
    fn prove_calls(&self, question: &Question<'_>) -> Vec<(Call, Answer)> {
        let (leaving, tampering): (Vec<Call>, Vec<Call>) =
            question.calls.iter().cloned().partition(|call| call.action == LEAVE_ORGANIZATION);
        let mut answers = self.prover.prove(&Question { calls: &tampering, ..*question });
        answers.extend(self.prover.prove(&Question { calls: &leaving, exceptions: &[], ..*question }));
        tampering.into_iter().chain(leaving).zip(answers).collect()
    }

    /// The gap of an account or region that may hide a trail which the policies do not guard. Calls on named resources do not depend on it.
    fn hidden(&self, account: &AccountId) -> Result<Option<Gap>, Gap> {
        if !self.asked.resources.is_empty() {
            return Ok(None);
        }
        let Some((gap, guardrail)) = self.guardrails.of_hidden_trails(account)? else { return Ok(None) };
        let calls = self.asked.calls(guardrail.calls);
        let partition = self.snapshot.organization.arn.partition();
        let question =
            Question { chain: &guardrail.chain, partition, calls: &calls, exceptions: &guardrail.exceptions };
        let is_guarded = self.prove_calls(&question).iter().all(|(_, answer)| answer.is_denied());
        Ok((!is_guarded).then_some(gap))
    }
}
