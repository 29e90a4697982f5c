//! Fault injection: rules that answer an error, throttle, or drop the connection, instead of serving or after it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What happens instead of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// An error with this code and HTTP status, in the wire format of the service.
    Error {
        /// The code.
        code: String,
        /// The HTTP status.
        status: u16,
    },
    /// The service's own throttling error.
    Throttle,
    /// The connection is closed without an answer, and nothing is done.
    Drop,
    /// The operation is carried out, and then the connection is closed without an answer.
    DropAfter,
    /// The operation is carried out, and then an error with this code and HTTP status is answered.
    ErrorAfter {
        /// The code.
        code: String,
        /// The HTTP status.
        status: u16,
    },
    /// The answer comes this many milliseconds later.
    Delay {
        /// Milliseconds.
        milliseconds: u64,
    },
}

/// Which requests a fault hits. What is left out matches everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The service, for example `cloudtrail`.
    #[serde(default)]
    pub service: Option<String>,
    /// The operation, for example `GetTrailStatus`.
    #[serde(default)]
    pub operation: Option<String>,
    /// The account of the caller.
    #[serde(default)]
    pub account: Option<String>,
    /// The region signed for.
    #[serde(default)]
    pub region: Option<String>,
    /// A text that path or body must contain, for example a role ARN or a bucket name. Query bodies are percent-encoded.
    #[serde(default)]
    pub mentions: Option<String>,
    /// How many matching requests pass before the fault begins.
    #[serde(default)]
    pub after: u64,
    /// How many requests it hits; none means for ever.
    #[serde(default)]
    pub times: Option<u64>,
    /// What happens.
    pub effect: Effect,
}

impl Fault {
    /// A fault on one operation of a service, for ever.
    pub fn on(service: &str, operation: &str, effect: Effect) -> Self {
        Self {
            service: Some(service.to_owned()),
            operation: Some(operation.to_owned()),
            account: None,
            region: None,
            mentions: None,
            after: 0,
            times: None,
            effect,
        }
    }

    /// An error with this code, status 400.
    pub fn error(service: &str, operation: &str, code: &str) -> Self {
        Self::on(service, operation, Effect::Error { code: code.to_owned(), status: 400 })
    }
}

/// What a fault is matched against.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The service.
    pub service: &'a str,
    /// The operation.
    pub operation: &'a str,
    /// The caller's account, when it is known.
    pub account: &'a str,
    /// The region.
    pub region: &'a str,
    /// The path.
    pub path: &'a str,
    /// The body, as text.
    pub body: &'a str,
}

/// All rules, with how often each has matched.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<(Fault, u64)>,
}

impl Faults {
    /// Rules that have matched nothing yet.
    pub fn new(rules: Vec<Fault>) -> Self {
        Self { rules: rules.into_iter().map(|rule| (rule, 0)).collect() }
    }

    /// Adds a rule; earlier ones come first.
    pub fn add(&mut self, rule: Fault) {
        self.rules.push((rule, 0));
    }

    /// Removes all rules.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// The effect of the first rule in force on this request. Every rule that matches counts it.
    pub fn strike(&mut self, target: Target<'_>) -> Option<Effect> {
        let mut effect = None;
        for (rule, seen) in &mut self.rules {
            if !rule.hits(target) {
                continue;
            }
            *seen += 1;
            let is_on = *seen > rule.after && rule.times.is_none_or(|times| *seen <= rule.after.saturating_add(times));
            if is_on && effect.is_none() {
                effect = Some(rule.effect.clone());
            }
        }
        effect
    }
}

impl Fault {
    fn hits(&self, target: Target<'_>) -> bool {
        let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|wanted| wanted == value);
        is(&self.service, target.service)
            && is(&self.operation, target.operation)
            && is(&self.account, target.account)
            && is(&self.region, target.region)
            && self.mentions.as_deref().is_none_or(|text| target.path.contains(text) || target.body.contains(text))
    }
}

impl Effect {
    /// How long the answer is held back.
    pub fn delay(&self) -> Option<Duration> {
        match self {
            Self::Delay { milliseconds } => Some(Duration::from_millis(*milliseconds)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_begins_after_n_and_ends_after_its_times() {
        let mut faults = Faults::new(vec![Fault {
            after: 1,
            times: Some(2),
            ..Fault::on("cloudtrail", "GetTrailStatus", Effect::Drop)
        }]);
        let target = Target {
            service: "cloudtrail",
            operation: "GetTrailStatus",
            account: "111122223333",
            region: "eu-west-1",
            path: "/",
            body: "{}",
        };
        let other = Target { operation: "DescribeTrails", ..target };
        assert_eq!(faults.strike(other), None);
        let struck: Vec<bool> = (0..4).map(|_| faults.strike(target).is_some()).collect();
        assert_eq!(struck, [false, true, true, false]);
    }
}
