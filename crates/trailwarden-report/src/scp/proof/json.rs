//! `trailwarden.scp-proof/1`: every call in every account with what the proof rests on or the request that gets through.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Gap;
use trailwarden_policy::{Answer, By, Call, Counterexample, Exemption, Miss, Missing};

use super::{AccountProof, Answers, Found, Proof, Standing};
use crate::ReportError;
use crate::names::Names;
use crate::scp::place::{PlaceJson, RequestJson, ValuesJson};

/// The format written by [`render_json`].
pub const FORMAT: &str = "trailwarden.scp-proof/1";

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    tool_version: &'a str,
    collected_at: String,
    organization: &'a str,
    management_account: &'a AccountId,
    exceptions: &'a BTreeSet<String>,
    summary: Summary,
    accounts: Vec<AccountJson<'a>>,
}

#[derive(Serialize)]
struct Summary {
    open: usize,
    undecided: usize,
    proved: usize,
    unbound: usize,
}

#[derive(Serialize)]
struct AccountJson<'a> {
    account: &'a AccountId,
    name: Option<&'a str>,
    verdict: &'static str,
    /// Why nothing, or not everything, can be said.
    reason: Option<String>,
    calls: Vec<CallJson<'a>>,
    exemptions: Vec<ExemptionJson<'a>>,
}

#[derive(Serialize)]
struct CallJson<'a> {
    action: &'a str,
    resource: &'a str,
    #[serde(flatten)]
    answer: AnswerJson<'a>,
}

#[derive(Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
enum AnswerJson<'a> {
    Proved { by: Vec<ByJson<'a>> },
    Open(OpenJson<'a>),
    Undecided { reason: &'a str },
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum ByJson<'a> {
    Deny(PlaceJson<'a>),
    NoAllow { node: &'a str, node_name: Option<&'a str> },
}

#[derive(Serialize)]
struct OpenJson<'a> {
    example: RequestJson<'a>,
    deciding: BTreeMap<&'a str, ValuesJson<'a>>,
    missed_by: Vec<MissJson<'a>>,
    close_at: Option<&'a str>,
}

#[derive(Serialize)]
struct MissJson<'a> {
    statement: PlaceJson<'a>,
    /// `resource` or `condition`.
    because: &'static str,
    operator: Option<&'a str>,
    key: Option<&'a str>,
}

#[derive(Serialize)]
struct ExemptionJson<'a> {
    key: &'a str,
    value: &'a str,
    declared: bool,
    /// A role or user that somebody could create to be in it.
    nameable: Option<&'a str>,
    statement: PlaceJson<'a>,
    example: RequestJson<'a>,
}

/// Renders a proof as pretty-printed JSON with a newline at the end.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn render_json(proof: &Proof<'_>) -> Result<String, ReportError> {
    let names = Names { organization: proof.organization };
    let declared: Vec<String> = proof.exceptions.iter().cloned().collect();
    let document = Document {
        format: FORMAT,
        tool_version: proof.tool_version,
        collected_at: proof.collected_at.to_string(),
        organization: &proof.organization.id,
        management_account: &proof.organization.management_account,
        exceptions: proof.exceptions,
        summary: Summary {
            open: proof.count(Standing::Open),
            undecided: proof.count(Standing::Undecided),
            proved: proof.count(Standing::Proved),
            unbound: proof.count(Standing::Unbound),
        },
        accounts: proof.accounts.iter().map(|account| account_json(names, account, &declared)).collect(),
    };
    crate::json::write(FORMAT, &document)
}

fn account_json<'a>(names: Names<'a>, proof: &'a AccountProof, declared: &[String]) -> AccountJson<'a> {
    let (calls, exemptions) = match &proof.found {
        Found::Answers(Answers { calls, exemptions, .. }) => {
            (calls.as_slice(), exemptions.as_deref().unwrap_or_default())
        }
        Found::Management | Found::Unread(_) => Default::default(),
    };
    AccountJson {
        account: &proof.account,
        name: names.account_name(proof.account.as_str()),
        verdict: match proof.standing() {
            Standing::Open => "open",
            Standing::Undecided => "undecided",
            Standing::Proved => "proved",
            Standing::Unbound => "unbound",
        },
        reason: reason(&proof.found),
        calls: calls.iter().map(|(call, answer)| call_json(names, call, answer)).collect(),
        exemptions: exemptions.iter().map(|exemption| exemption_json(names, exemption, declared)).collect(),
    }
}

fn reason(found: &Found) -> Option<String> {
    match found {
        Found::Management => Some("the management account, which service control policies never bind".to_owned()),
        Found::Unread(gap) => Some(gap.to_string()),
        Found::Answers(answers) => {
            let hidden = answers.hidden.as_ref().map(Gap::to_string);
            hidden.or_else(|| answers.exemptions.as_ref().err().cloned())
        }
    }
}

fn call_json<'a>(names: Names<'a>, call: &'a Call, answer: &'a Answer) -> CallJson<'a> {
    let answer = match answer {
        Answer::Denied { by } => AnswerJson::Proved { by: by.iter().map(|by| by_json(names, by)).collect() },
        Answer::Open(example) => AnswerJson::Open(open_json(names, example)),
        Answer::Undecided(reason) => AnswerJson::Undecided { reason },
    };
    CallJson { action: &call.action, resource: &call.resource, answer }
}

fn by_json<'a>(names: Names<'a>, by: &'a By) -> ByJson<'a> {
    match by {
        By::Statement(place) => ByJson::Deny(PlaceJson::new(names, place)),
        By::NoAllow { node } => ByJson::NoAllow { node, node_name: names.node_name(node) },
    }
}

fn open_json<'a>(names: Names<'a>, example: &'a Counterexample) -> OpenJson<'a> {
    OpenJson {
        example: RequestJson::new(&example.request),
        deciding: example.deciding.iter().map(|(key, values)| (key.as_str(), ValuesJson::new(values))).collect(),
        missed_by: example.missed_by.iter().map(|miss| miss_json(names, miss)).collect(),
        close_at: example.close_at.as_deref(),
    }
}

fn miss_json<'a>(names: Names<'a>, miss: &'a Miss) -> MissJson<'a> {
    let (because, operator, key) = match &miss.because {
        Missing::Resource => ("resource", None, None),
        Missing::Condition { operator, key } => ("condition", Some(operator.as_str()), Some(key.as_str())),
    };
    MissJson { statement: PlaceJson::new(names, &miss.place), because, operator, key }
}

fn exemption_json<'a>(names: Names<'a>, exemption: &'a Exemption, declared: &[String]) -> ExemptionJson<'a> {
    ExemptionJson {
        key: &exemption.key,
        value: &exemption.value,
        declared: exemption.is_covered_by(declared) == Ok(true),
        nameable: exemption.nameable.as_deref(),
        statement: PlaceJson::new(names, &exemption.place),
        example: RequestJson::new(&exemption.example),
    }
}
