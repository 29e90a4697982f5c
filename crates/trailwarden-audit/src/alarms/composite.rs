//! Composite alarms: which of them one alarm raises while all others are quiet.
//!
//! Source: CloudWatch API Reference, `PutCompositeAlarm`, `AlarmRule`.

use std::collections::BTreeMap;

use trailwarden_model::monitoring::{Alarm, Watched};

/// AWS takes rules of at most 10,240 characters; deeper nesting is nobody's.
const MAX_DEPTH: usize = 128;

/// A composite alarm and what one alarm does to it.
pub(super) enum Raised<'a> {
    /// It goes off.
    Yes(&'a Alarm),
    /// Its rule is in words that this version does not know.
    Undecided(&'a Alarm),
}

/// A rule over the states of other alarms.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    Constant(bool),
    /// The alarm with this name or ARN is in this state.
    State(State, String),
    Not(Box<Rule>),
    All(Vec<Rule>),
    Any(Vec<Rule>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Alarm,
    Ok,
    InsufficientData,
}

/// The composite alarms that go off when one alarm does and no other, and those of which that is not known.
pub(super) fn raised_by<'a>(alarm: &Alarm, neighbours: &'a [Alarm]) -> Vec<Raised<'a>> {
    let mut rules = BTreeMap::new();
    let mut raised = Vec::new();
    for composite in neighbours {
        let Watched::Alarms(text) = &composite.watches else { continue };
        match parse(text) {
            Some(rule) => {
                rules.insert(&composite.arn, (composite, rule));
            }
            None => raised.push(Raised::Undecided(composite)),
        }
    }
    let quiet = settle(&rules, None);
    let loud = settle(&rules, Some(alarm));
    for (arn, (composite, _)) in &rules {
        if loud.get(arn) == Some(&true) && quiet.get(arn) == Some(&false) {
            raised.push(Raised::Yes(composite));
        }
    }
    raised
}

/// Which composite alarms are in alarm when this one is and no other. Rules may name composite alarms in turn, so each
/// round may change more; AWS refuses circles, so as many rounds as rules suffice.
fn settle<K: Ord + Copy>(rules: &BTreeMap<K, (&Alarm, Rule)>, source: Option<&Alarm>) -> BTreeMap<K, bool> {
    let mut states: BTreeMap<K, bool> = rules.keys().map(|key| (*key, false)).collect();
    for _ in 0..=rules.len() {
        let is_loud = |name: &str| {
            source.is_some_and(|alarm| is_named(alarm, name))
                || rules.iter().any(|(key, (alarm, _))| is_named(alarm, name) && states.get(key) == Some(&true))
        };
        let next: BTreeMap<K, bool> = rules.iter().map(|(key, (_, rule))| (*key, rule.holds(&is_loud))).collect();
        if next == states {
            break;
        }
        states = next;
    }
    states
}

fn is_named(alarm: &Alarm, name: &str) -> bool {
    alarm.name == name || alarm.arn.as_str() == name
}

impl Rule {
    fn holds(&self, is_loud: &impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Constant(value) => *value,
            Self::State(State::Alarm, name) => is_loud(name),
            Self::State(State::Ok, name) => !is_loud(name),
            Self::State(State::InsufficientData, _) => false,
            Self::Not(rule) => !rule.holds(is_loud),
            Self::All(rules) => rules.iter().all(|rule| rule.holds(is_loud)),
            Self::Any(rules) => rules.iter().any(|rule| rule.holds(is_loud)),
        }
    }
}

/// Reads a rule; none when it is in words that this version does not know.
fn parse(text: &str) -> Option<Rule> {
    let mut reader = Reader { rest: text, depth: 0 };
    let rule = reader.any()?;
    reader.rest.trim_start().is_empty().then_some(rule)
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Takes a sign or a keyword, which does not go on as another word.
    fn takes(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start();
        let goes_on = |after: &str| word.len() > 1 && after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        match rest.strip_prefix(word) {
            Some(after) if !goes_on(after) => {
                self.rest = after;
                true
            }
            _ => false,
        }
    }

    fn any(&mut self) -> Option<Rule> {
        let mut rules = vec![self.all()?];
        while self.takes("OR") {
            rules.push(self.all()?);
        }
        Some(Rule::Any(rules))
    }

    fn all(&mut self) -> Option<Rule> {
        let mut rules = vec![self.one()?];
        while self.takes("AND") {
            rules.push(self.one()?);
        }
        Some(Rule::All(rules))
    }

    fn one(&mut self) -> Option<Rule> {
        self.depth += 1;
        let rule = if self.depth > MAX_DEPTH { None } else { self.bare() };
        self.depth -= 1;
        rule
    }

    fn bare(&mut self) -> Option<Rule> {
        if self.takes("NOT") {
            return Some(Rule::Not(Box::new(self.one()?)));
        }
        if self.takes("(") {
            let rule = self.any()?;
            return self.takes(")").then_some(rule);
        }
        for (word, value) in [("TRUE", true), ("FALSE", false)] {
            if self.takes(word) {
                return Some(Rule::Constant(value));
            }
        }
        let states = [("ALARM", State::Alarm), ("OK", State::Ok), ("INSUFFICIENT_DATA", State::InsufficientData)];
        let state = states.into_iter().find(|(word, _)| self.takes(word))?.1;
        let name = self.takes("(").then(|| self.name())??;
        self.takes(")").then(|| Rule::State(state, name.to_owned()))
    }

    /// A name or ARN, in double quotes or without.
    fn name(&mut self) -> Option<&'a str> {
        let rest = self.rest.trim_start();
        let (name, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => rest.split_at(rest.find(')')?),
        };
        self.rest = after;
        Some(name.trim())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn alarm(name: &str, watches: Watched) -> Alarm {
        Alarm {
            arn: format!("arn:aws:cloudwatch:eu-west-1:111111111111:alarm:{name}").parse().expect("an ARN"),
            name: name.to_owned(),
            watches,
            actions_enabled: true,
            alarm_actions: BTreeSet::new(),
        }
    }

    fn raised(rules: &[(&str, &str)]) -> Vec<String> {
        let neighbours: Vec<Alarm> =
            rules.iter().map(|(name, rule)| alarm(name, Watched::Alarms((*rule).to_owned()))).collect();
        raised_by(&alarm("a", Watched::Other(String::new())), &neighbours)
            .into_iter()
            .map(|raised| match raised {
                Raised::Yes(alarm) => alarm.name.clone(),
                Raised::Undecided(alarm) => format!("{}?", alarm.name),
            })
            .collect()
    }

    #[test]
    fn a_rule_must_go_off_by_the_alarm_alone() {
        for rule in [
            "ALARM(a)",
            "ALARM(\"a\")",
            "ALARM(\"arn:aws:cloudwatch:eu-west-1:111111111111:alarm:a\") OR ALARM(b)",
            "ALARM(a) AND NOT ALARM(\"maintenance\")",
            "ALARM(b) OR ALARM(a) AND OK(b)",
            "(ALARM(b) OR ALARM(a)) AND TRUE",
            "NOT OK(a)",
        ] {
            assert_eq!(raised(&[("above", rule)]), ["above"], "{rule}");
        }
        for rule in
            ["ALARM(a) AND ALARM(b)", "OK(a)", "TRUE", "ALARM(b)", "FALSE", "NOT ALARM(b)", "INSUFFICIENT_DATA(a)"]
        {
            assert!(raised(&[("above", rule)]).is_empty(), "{rule}");
        }
    }

    #[test]
    fn composites_of_composites_are_followed() {
        assert_eq!(raised(&[("one", "ALARM(two)"), ("two", "ALARM(a)")]), ["one", "two"]);
    }

    #[test]
    fn other_words_are_not_guessed() {
        for rule in ["AT_LEAST(1, ALARM, (a, b))", "ALARM(a", "", "ALARMED(a)", "ALARM(a) ALARM(b)"] {
            assert_eq!(raised(&[("above", rule)]), ["above?"], "{rule}");
        }
    }

    proptest! {
        #[test]
        fn no_rule_is_too_odd_to_read(rule in "[A-Z()\" a]{0,60}", deep in 0_usize..400) {
            let _ = raised(&[("above", &rule), ("deep", &format!("{}ALARM(a)", "NOT (".repeat(deep)))]);
        }
    }
}
