//! Answers for many accounts: what was proved for one holds for all that nothing tells from it but their numbers.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use super::mention::{Mentions, Slots, is_account, renamed};
use super::{Answer, By, Call, Counterexample, Miss, Question, prove};
use crate::chain::{AttachedPolicy, Chain, ChainNode, Place};
use crate::context::Values;
use crate::document::Kind;
use crate::exemptions::{Exemption, exemptions};
use crate::request::{Principal, Request};

/// Stands for the number of the account in what is remembered.
const OWN: &str = "\0";

/// Answers questions about the accounts of an organization. Accounts below the same OU, with the same policies of their own, share
/// the work as long as no policy, call or exception tells them apart.
#[derive(Debug, Default)]
pub struct Prover {
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    mentions: HashMap<Same, Arc<Mentions>>,
    answers: HashMap<Problem, Known<Vec<Answer>>>,
    exemptions: HashMap<Problem, Known<Result<Vec<Exemption>, String>>>,
}

/// What was answered about one account.
#[derive(Debug, Clone)]
struct Known<T> {
    account: String,
    answer: Arc<T>,
}

/// A policy is the same as another only when it is the very same: chains share what is attached.
#[derive(Debug, Clone)]
struct Same(Arc<AttachedPolicy>);

impl PartialEq for Same {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Same {}

impl Hash for Same {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

/// Everything in a question that an answer depends on, with [`OWN`] for the number of the account.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Problem {
    /// The account when it can be told from others, else none.
    account: Option<String>,
    organization: Option<String>,
    partition: String,
    nodes: Vec<Node>,
    calls: Vec<Call>,
    exceptions: Vec<String>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Node {
    id: String,
    is_resource_control: bool,
    policies: Vec<Same>,
    gaps: Vec<String>,
}

impl Prover {
    /// A prover that has answered nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The answers that [`prove`] gives, up to which of several counterexamples is shown.
    pub fn prove(&self, question: &Question<'_>) -> Vec<Answer> {
        let Some(problem) = self.problem(question) else { return prove(question) };
        let account = &question.chain.account;
        let known = self.locked().answers.get(&problem).cloned();
        if let Some(known) = known {
            let carried = known.answer.iter().map(|answer| carried(answer, &known.account, question.chain));
            return match carried.collect() {
                Some(answers) => answers,
                None => prove(question),
            };
        }
        let answers = prove(question);
        let known = Known { account: account.clone(), answer: Arc::new(answers.clone()) };
        self.locked().answers.insert(problem, known);
        answers
    }

    /// The exemptions that [`exemptions`] lists, up to which of several examples is shown.
    pub fn exemptions(&self, question: &Question<'_>) -> Result<Vec<Exemption>, String> {
        let Some(problem) = self.problem(question) else { return exemptions(question) };
        let known = self.locked().exemptions.get(&problem).cloned();
        if let Some(known) = known {
            let renaming = Renaming { from: &known.account, to: &question.chain.account };
            let carried = match known.answer.as_ref() {
                Ok(found) => {
                    found.iter().map(|found| renaming.exemption(found, question.chain)).collect::<Option<_>>().map(Ok)
                }
                Err(reason) => renaming.text(reason).map(Err),
            };
            return carried.unwrap_or_else(|| exemptions(question));
        }
        let found = exemptions(question);
        let known = Known { account: question.chain.account.clone(), answer: Arc::new(found.clone()) };
        self.locked().exemptions.insert(problem, known);
        found
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// None when the answer is not worth sharing.
    fn problem(&self, question: &Question<'_>) -> Option<Problem> {
        let Question { chain, partition, calls, exceptions } = *question;
        let account = chain.account.as_str();
        if chain.unbound.is_some() || !is_account(account) {
            return None;
        }
        let own = |text: &String| renamed(text, account, OWN);
        let is_told_apart = self.is_told_apart(question);
        Some(Problem {
            account: is_told_apart.then(|| account.to_owned()),
            organization: chain.organization.clone(),
            partition: partition.to_owned(),
            nodes: chain.nodes.iter().map(|node| node_of(node, own)).collect::<Option<_>>()?,
            calls: calls
                .iter()
                .map(|call| Some(Call { action: call.action.clone(), resource: own(&call.resource)? }))
                .collect::<Option<_>>()?,
            exceptions: exceptions.to_vec(),
        })
    }

    fn is_told_apart(&self, question: &Question<'_>) -> bool {
        let Question { chain, calls, exceptions, .. } = *question;
        let slots = Slots::of(&chain.account, calls.iter().map(|call| call.resource.as_str()));
        let mut of_exceptions = Mentions::default();
        exceptions.iter().for_each(|text| of_exceptions.read(text));
        let mut memory = self.locked();
        let mut policies = chain.nodes.iter().flat_map(|node| &node.policies);
        of_exceptions.tell_apart(&chain.account, &slots)
            || policies.any(|policy| {
                let known = memory.mentions.entry(Same(Arc::clone(policy)));
                let mentions = known.or_insert_with(|| Arc::new(Mentions::of_policy(policy)));
                mentions.tell_apart(&chain.account, &slots)
            })
    }
}

fn node_of(node: &ChainNode, own: impl Fn(&String) -> Option<String>) -> Option<Node> {
    Some(Node {
        id: own(&node.id)?,
        is_resource_control: node.kind == Kind::ResourceControl,
        policies: node.policies.iter().map(|policy| Same(Arc::clone(policy))).collect(),
        gaps: node.gaps.iter().map(own).collect::<Option<_>>()?,
    })
}

/// The answer about one account as it reads for the account of a chain. None when a counterexample does not get through there.
fn carried(answer: &Answer, from: &str, chain: &Chain) -> Option<Answer> {
    let renaming = Renaming { from, to: &chain.account };
    Some(match answer {
        Answer::Denied { by } => Answer::Denied { by: by.iter().map(|by| renaming.stop(by)).collect::<Option<_>>()? },
        Answer::Undecided(reason) => Answer::Undecided(renaming.text(reason)?),
        Answer::Open(counterexample) => {
            let counterexample = renaming.counterexample(counterexample)?;
            let verdict = chain.evaluate(&counterexample.request);
            return verdict.lets_through().then_some(Answer::Open(counterexample));
        }
    })
}

/// One account number for another.
struct Renaming<'a> {
    from: &'a str,
    to: &'a str,
}

impl Renaming<'_> {
    fn text(&self, text: &str) -> Option<String> {
        renamed(text, self.from, self.to)
    }

    fn place(&self, place: &Place) -> Option<Place> {
        Some(Place { node: self.text(&place.node)?, ..place.clone() })
    }

    fn stop(&self, by: &By) -> Option<By> {
        Some(match by {
            By::Statement(place) => By::Statement(self.place(place)?),
            By::NoAllow { node } => By::NoAllow { node: self.text(node)? },
        })
    }

    fn values(&self, values: &Values) -> Option<Values> {
        Some(match values {
            Values::One(value) => Values::One(self.text(value)?),
            Values::Many(values) => Values::Many(values.iter().map(|value| self.text(value)).collect::<Option<_>>()?),
        })
    }

    fn counterexample(&self, found: &Counterexample) -> Option<Counterexample> {
        let miss = |miss: &Miss| Some(Miss { place: self.place(&miss.place)?, because: miss.because.clone() });
        let deciding = |(key, values): &(String, Values)| Some((key.clone(), self.values(values)?));
        Some(Counterexample {
            request: self.request(&found.request)?,
            deciding: found.deciding.iter().map(deciding).collect::<Option<_>>()?,
            close_at: match &found.close_at {
                Some(node) => Some(self.text(node)?),
                None => None,
            },
            missed_by: found.missed_by.iter().map(miss).collect::<Option<_>>()?,
        })
    }

    /// None when the set of the exempt may be another one, or the example does not get through.
    fn exemption(&self, found: &Exemption, chain: &Chain) -> Option<Exemption> {
        let is_as_written = found.key.eq_ignore_ascii_case("aws:PrincipalArn") && !found.value.contains("${");
        let example = self.request(&found.example)?;
        if !(found.arns.is_none() || is_as_written) || !chain.evaluate(&example).lets_through() {
            return None;
        }
        let nameable = match &found.nameable {
            Some(arn) => Some(self.text(arn)?),
            None => None,
        };
        Some(Exemption { place: self.place(&found.place)?, example, nameable, ..found.clone() })
    }

    fn request(&self, request: &Request) -> Option<Request> {
        let mut context = request.context.clone();
        for (key, values) in request.context.iter() {
            if values.as_slice().iter().any(|value| value.contains(self.from)) {
                context.set(key, self.values(values)?);
            }
        }
        let principal = match &request.principal {
            Principal::Aws(arn) => Principal::Aws(self.text(arn)?),
            other => other.clone(),
        };
        Some(Request { principal, action: request.action.clone(), resource: self.text(&request.resource)?, context })
    }
}
