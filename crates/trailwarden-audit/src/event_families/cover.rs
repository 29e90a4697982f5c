//! Whether patterns together see every event of a family, and an event that they miss.

use super::samples::{self, Questions};
use super::{Domain, Family, MonitoredEvent};
use crate::filter_pattern::{Datum, Event, FilterPattern, Truth};

/// So many partly known events may be looked at for one monitored event. Patterns of people need a few dozen.
const MAX_LOOKS: usize = 20_000;

/// Whether every event of a family is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cover {
    /// Each event is, by one pattern or another.
    Seen,
    /// This one is not.
    Missed(String),
    /// Not known: the words say what cannot be decided.
    Undecided(String),
}

/// Whether some pattern or other sees each event of a family. A miss settles it.
pub(crate) fn cover(family: &Family, patterns: &[&FilterPattern]) -> Cover {
    let mut undecided = None;
    for wanted in family.monitored() {
        let mut search = Search { wanted: &wanted, patterns, looks: 0 };
        let mut event = search.known();
        match search.look(&mut event) {
            Cover::Seen => {}
            Cover::Undecided(what) => undecided = undecided.or(Some(what)),
            missed @ Cover::Missed(_) => return missed,
        }
    }
    undecided.map_or(Cover::Seen, Cover::Undecided)
}

struct Search<'a> {
    wanted: &'a MonitoredEvent,
    patterns: &'a [&'a FilterPattern],
    looks: usize,
}

impl Search<'_> {
    /// What is known of every such event.
    fn known(&self) -> Event {
        let known = |(field, domain): &(&str, Domain)| match domain {
            Domain::Is(datum) => Some(((*field).to_owned(), datum.clone())),
            Domain::OneOf(_) | Domain::Text { .. } | Domain::Flag => None,
        };
        self.wanted.fields.iter().filter_map(known).collect()
    }

    /// Looks at the events that have these fields; where a pattern asks for another field, tries whatever it may hold.
    fn look(&mut self, event: &mut Event) -> Cover {
        self.looks += 1;
        if self.looks > MAX_LOOKS {
            return Cover::Undecided("patterns too complex to compare".to_owned());
        }
        let field = match self.truth(event) {
            Truth::Yes => return Cover::Seen,
            Truth::No => return Cover::Missed(self.words(event)),
            Truth::Undecided(what) => return Cover::Undecided(format!("{what}, for {}", self.wanted.title)),
            Truth::Open(field) => field.to_owned(),
        };
        let domain = self.wanted.fields.iter().find(|(name, _)| *name == field).map(|(_, domain)| domain);
        let Some(samples) = samples::of(&field, domain, &self.questions(&field)) else {
            return Cover::Undecided("patterns too complex to compare".to_owned());
        };
        let mut undecided = None;
        for sample in samples {
            event.set(&field, sample);
            match self.look(event) {
                Cover::Seen => {}
                doubt @ Cover::Undecided(_) => undecided = undecided.or(Some(doubt)),
                missed @ Cover::Missed(_) => {
                    event.forget(&field);
                    return missed;
                }
            }
        }
        event.forget(&field);
        undecided.unwrap_or(Cover::Seen)
    }

    /// Whether some pattern matches.
    fn truth(&self, event: &Event) -> Truth<'_> {
        self.truth_by(event, |_| true)
    }

    fn truth_by(&self, event: &Event, counts: impl Fn(&FilterPattern) -> bool) -> Truth<'_> {
        let mut counting = self.patterns.iter().filter(|pattern| counts(pattern));
        let looks_anywhere = counting.clone().any(|pattern| matches!(pattern, FilterPattern::Terms(_)));
        let unset = self.wanted.fields.iter().find(|(field, _)| event.get(field).is_none());
        let open = unset.filter(|_| looks_anywhere).map(|(field, _)| Truth::Open(field));
        Truth::any(counting.by_ref().map(|pattern| pattern.matches(event)).chain(open))
    }

    fn questions(&self, field: &str) -> Questions<'_> {
        let mut questions = Questions::default();
        for pattern in self.patterns {
            pattern.tests(&mut |name, test| {
                if name == field {
                    questions.tests.push(test);
                }
            });
            if let FilterPattern::Terms(terms) = pattern {
                questions.terms.extend(terms.words());
            }
        }
        questions
    }

    /// An event that is missed, in as few words as tell it: `DeleteTrail by any principal`. Filters that ask for no name, such
    /// as one for all refused calls, may see some of these events: then an ordinary one is meant.
    fn words(&self, event: &Event) -> String {
        let mut event = event.clone();
        let known = self.known();
        let fields: Vec<String> =
            event.fields().filter(|field| known.get(field).is_none()).map(str::to_owned).collect();
        let mut details = Vec::new();
        let mut is_any = self.wanted.is_by_anybody;
        for field in fields {
            let Some(datum) = event.forget(&field) else { continue };
            if self.truth(&event) == Truth::No {
                continue;
            }
            let is_left_to_others =
                self.truth_by(&event, names_events) == Truth::No && known.get("eventName").is_some();
            match is_left_to_others && is_ordinary(&datum) {
                true => is_any = false,
                false => details.push(detail(&field, &datum)),
            }
            event.set(&field, datum);
        }
        let by = if is_any && details.is_empty() { " by any principal" } else { "" };
        let details = if details.is_empty() { String::new() } else { format!(" {}", details.join(" and ")) };
        format!("{}{by}{details}", self.wanted.title)
    }
}

/// True of patterns that ask for the names of events.
fn names_events(pattern: &FilterPattern) -> bool {
    let mut asks = false;
    pattern.tests(&mut |field, _| asks |= field == "eventName");
    asks
}

/// True of what most events hold: nothing, or nothing that a pattern names.
fn is_ordinary(datum: &Datum) -> bool {
    matches!(datum, Datum::Absent) || matches!(datum, Datum::Text(text) if samples::FILLERS.contains(&text.as_str()))
}

fn detail(field: &str, datum: &Datum) -> String {
    match datum {
        Datum::Absent => format!("without {field}"),
        Datum::Null => format!("with {field} null"),
        Datum::Flag(flag) => format!("with {field} {flag}"),
        Datum::Number(number) => format!("with {field} {number}"),
        Datum::Text(text) => format!("with {field} {text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event_families::catalogue::CLOUDTRAIL;
    use crate::event_families::{CMK, FAMILIES, ORGANIZATIONS, TAMPERING};

    fn family(part: &str) -> &'static Family {
        FAMILIES.iter().find(|family| family.part == part).expect("a family of this name")
    }

    fn seen(family: &Family, patterns: &[&str]) -> Cover {
        let patterns: Vec<FilterPattern> = patterns.iter().map(|pattern| FilterPattern::parse(pattern)).collect();
        cover(family, &patterns.iter().collect::<Vec<_>>())
    }

    fn missed(family: &Family, patterns: &[&str]) -> String {
        match seen(family, patterns) {
            Cover::Missed(event) => event,
            other => panic!("{patterns:?}: {other:?}"),
        }
    }

    const TRAILS: &str = "{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging) }";

    #[test]
    fn every_family_is_seen_by_each_pattern_of_the_benchmark() {
        for family in FAMILIES {
            assert!(!family.texts.is_empty(), "{}", family.part);
            for text in family.texts {
                assert_eq!(seen(family, &[text]), Cover::Seen, "{}: {text}", family.part);
                assert!(family.is_literally(&text.replace(' ', "")), "{}", family.part);
                assert!(text.len() <= 1024, "{}: AWS takes no longer pattern", family.part);
            }
        }
    }

    #[test]
    fn order_spaces_quotes_wildcards_and_more_alternatives_do_not_matter() {
        for pattern in [
            r#"{($.eventName="StopLogging")||$.eventName="StartLogging"||$.eventName=*Trail||$.eventName=DeleteBucket}"#,
            "{ $.eventSource = cloudtrail.amazonaws.com }",
            "{ $.eventSource = cloudtrail.amazonaws.com && ($.eventName = *Trail || $.eventName = St*) }",
            "{ $.eventName = * && $.readOnly IS FALSE && $.eventType = AwsApiCall }",
            "?CreateTrail ?UpdateTrail ?DeleteTrail ?StartLogging ?StopLogging",
            "cloudtrail.amazonaws.com",
            "",
        ] {
            assert_eq!(seen(&CLOUDTRAIL, &[pattern]), Cover::Seen, "{pattern}");
        }
    }

    #[test]
    fn filters_may_see_a_family_together() {
        let halves = ["{ $.eventName = *Trail }", "{ $.eventName = StartLogging || $.eventName = StopLogging }"];
        assert_eq!(seen(&CLOUDTRAIL, &halves), Cover::Seen);
        let by_who = [
            format!("{} && $.userIdentity.type = Root }}", TRAILS.replace("{ ", "{ (").replace(" }", ")")),
            format!("{} && $.userIdentity.type != Root }}", TRAILS.replace("{ ", "{ (").replace(" }", ")")),
        ];
        assert_eq!(seen(&CLOUDTRAIL, &[&by_who[0], &by_who[1]]), Cover::Seen);
        assert_eq!(missed(&CLOUDTRAIL, &[&by_who[0]]), "CreateTrail with userIdentity.type \"Something\"");
    }

    #[test]
    fn a_narrower_filter_misses_an_event_and_says_which() {
        let without = |name: &str| TRAILS.replace(&format!(" || ($.eventName = {name})"), "");
        assert_eq!(missed(&CLOUDTRAIL, &[&without("DeleteTrail")]), "DeleteTrail by any principal");
        let but = |more: &str| TRAILS.replace("{ ", "{ (").replace(" }", &format!(") && {more} }}"));
        assert_eq!(
            missed(&CLOUDTRAIL, &[&but("$.userIdentity.arn != \"arn:aws:iam::111122223333:role/deploy\"")]),
            "CreateTrail with userIdentity.arn \"arn:aws:iam::111122223333:role/deploy\""
        );
        let at_home = but("$.awsRegion = eu-*");
        assert_eq!(missed(&CLOUDTRAIL, &[&at_home]), "CreateTrail with awsRegion \"Something\"");
        let succeeded = but("$.errorCode NOT EXISTS");
        assert_eq!(missed(&CLOUDTRAIL, &[&succeeded]), "CreateTrail with errorCode \"Something\"");
        let typo = TRAILS.replace("StopLogging", "stopLogging");
        assert_eq!(missed(&CLOUDTRAIL, &[&typo]), "StopLogging by any principal");
        assert_eq!(missed(&CLOUDTRAIL, &["StopLogging"]), "CreateTrail by any principal");
        assert_eq!(missed(&CLOUDTRAIL, &[]), "CreateTrail by any principal");
        assert_eq!(missed(&TAMPERING, &[TRAILS]), "PutEventSelectors by any principal");
        let beside = ["{ $.userIdentity.type = Root }", "{ $.errorCode = AccessDenied* }"];
        assert_eq!(missed(&CLOUDTRAIL, &[beside[0], beside[1], &without("DeleteTrail")]), "DeleteTrail");
    }

    #[test]
    fn other_services_with_events_of_the_same_name_are_not_asked_for() {
        let iam = "{ $.eventSource = iam.amazonaws.com && $.eventName = *Policy* }";
        assert_eq!(seen(family("iam-policy-changes"), &[iam]), Cover::Seen);
        assert_eq!(missed(&ORGANIZATIONS, &[iam]), "AcceptHandshake by any principal");
        let keys = "{ $.eventSource = kms* && $.eventName = DisableKey || $.eventName = ScheduleKeyDeletion }";
        assert_eq!(seen(&CMK, &[keys]), Cover::Seen);
    }

    #[test]
    fn refused_calls_root_and_sign_ins_are_compared_by_their_fields() {
        let refused = family("unauthorized-api-calls");
        assert_eq!(
            missed(refused, &["{ $.errorCode = AccessDenied || $.errorCode = *UnauthorizedOperation }"]),
            "a refused call with errorCode \"AccessDeniedSomethingSomething\""
        );
        assert_eq!(seen(refused, &["{ $.errorCode = \"*\" }"]), Cover::Seen);
        assert_eq!(seen(refused, &["?AccessDenied ?UnauthorizedOperation"]), Cover::Seen);
        let root = family("root-usage");
        assert_eq!(seen(root, &["{ $.userIdentity.type = Root && $.userIdentity.invokedBy NOT EXISTS }"]), Cover::Seen);
        assert_eq!(
            missed(root, &["{ $.userIdentity.type = Root && $.eventType = AwsApiCall }"]),
            "an action of the root user with eventType \"AwsConsoleAction\""
        );
        let failed = family("console-authentication-failures");
        assert_eq!(
            seen(failed, &["{ $.eventName = ConsoleLogin && $.responseElements.ConsoleLogin = Failure }"]),
            Cover::Seen
        );
        let mfa = family("console-sign-in-without-mfa");
        assert_eq!(seen(mfa, &["{ $.eventName = ConsoleLogin && $.additionalEventData.MFAUsed = No }"]), Cover::Seen);
        assert_eq!(
            missed(mfa, &["{ $.eventName = ConsoleLogin && $.additionalEventData.MFAUsed IS FALSE }"]),
            "ConsoleLogin of an IAM user without MFA"
        );
    }

    #[test]
    fn what_cannot_be_decided_is_not_guessed() {
        for pattern in ["{ $.eventName = %Trail|Logging% }", "%Trail%", "[ip, user]"] {
            assert!(matches!(seen(&CLOUDTRAIL, &[pattern]), Cover::Undecided(_)), "{pattern}");
        }
        // What a plain filter sees needs no regular expression.
        assert_eq!(seen(&CLOUDTRAIL, &["{ $.eventName = %Trail% }", TRAILS]), Cover::Seen);
    }

    proptest! {
        #[test]
        fn leaving_any_name_out_is_noticed(index in 0_usize..15, left_out in 0_usize..18) {
            let family = FAMILIES[index];
            let events = family.monitored();
            prop_assume!(events.len() > 1);
            let left_out = left_out % events.len();
            let names = events.iter().enumerate().filter(|(at, _)| *at != left_out);
            let pattern: Vec<String> = names.map(|(_, event)| format!("$.eventName = {}", event.title)).collect();
            let expected = format!("{} by any principal", events[left_out].title);
            prop_assert_eq!(missed(family, &[&format!("{{ {} }}", pattern.join(" || "))]), expected);
        }

        #[test]
        fn patterns_of_any_shape_are_compared(odd in "[{}()$.a =!<>&|\"%*?-]{0,80}", index in 0_usize..15) {
            let _ = seen(FAMILIES[index], &[&odd, &format!("{{ $.eventName = a || {odd} }}")]);
        }
    }
}
