//! The filter pattern language of CloudWatch Logs: what a metric filter matches, as far as the text of the pattern tells.
//!
//! Sources: CloudWatch Logs User Guide, "Filter pattern syntax for metric filters, subscription filters, filter log events,
//! and Live Tail", with its parts on regular expressions, unstructured and JSON log events.

mod evaluate;
mod glob;
mod json;
mod terms;
mod token;

pub(crate) use evaluate::{Datum, Event, Truth};
pub(crate) use glob::Glob;
pub(crate) use json::{Expression, Test, Value};
pub(crate) use terms::Terms;

/// What a pattern asks of an event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FilterPattern {
    /// Nothing: an empty pattern matches every event.
    Everything,
    /// Terms somewhere in the text of the event.
    Terms(Terms),
    /// A boolean expression over the fields of a JSON event.
    Json(Expression),
    /// Something that this version cannot decide; the words say what.
    Undecided(&'static str),
    /// No pattern at all: AWS would refuse it, so that it matches nothing. The words say why.
    Malformed(&'static str),
}

impl FilterPattern {
    /// Reads a pattern as stored. Never fails: what cannot be read says so.
    pub(crate) fn parse(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() {
            return Self::Everything;
        }
        if text.starts_with('[') {
            return Self::Undecided("a space-delimited pattern");
        }
        match text.strip_prefix('{').map(|rest| rest.strip_suffix('}')) {
            Some(Some(inside)) => match json::parse(inside) {
                Ok(expression) => Self::Json(expression),
                Err(json::Fault::Malformed(why)) => Self::Malformed(why),
                Err(json::Fault::Undecided(what)) => Self::Undecided(what),
            },
            Some(None) => Self::Malformed("its braces do not close"),
            None => terms::parse(text),
        }
    }

    /// Whether it matches events of which only some fields are known.
    pub(crate) fn matches(&self, event: &Event) -> Truth<'_> {
        match self {
            Self::Everything => Truth::Yes,
            Self::Terms(terms) => terms.matches(event),
            Self::Json(expression) => expression.matches(event),
            Self::Undecided(what) => Truth::Undecided(what),
            Self::Malformed(_) => Truth::No,
        }
    }

    /// Calls back with each test of a field.
    pub(crate) fn tests<'a>(&'a self, visit: &mut impl FnMut(&'a str, &'a Test)) {
        if let Self::Json(expression) = self {
            expression.tests(visit);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(fields: &[(&str, Datum)]) -> Event {
        fields.iter().map(|(field, datum)| ((*field).to_owned(), datum.clone())).collect()
    }

    fn text(value: &str) -> Datum {
        Datum::Text(value.to_owned())
    }

    /// The truth of a pattern about one event, of which all fields are known.
    fn matches(pattern: &str, fields: &[(&str, Datum)]) -> bool {
        match FilterPattern::parse(pattern).matches(&event(fields)) {
            Truth::Yes => true,
            Truth::No => false,
            other => panic!("{pattern}: {other:?}"),
        }
    }

    #[test]
    fn the_examples_of_the_guide_hold() {
        let sample = [
            ("eventType", text("UpdateTrail")),
            ("sourceIPAddress", text("111.111.111.111")),
            ("arrayKey[0]", text("value")),
            ("objectList[1].id", Datum::Number(2.0)),
            ("SomeObject", Datum::Null),
            ("SomeOtherObject", Datum::Absent),
            ("ThisFlag", Datum::Flag(true)),
        ];
        for pattern in [
            r#"{ $.eventType = "UpdateTrail" }"#,
            "{ $.eventType = UpdateTrail }",
            "{ $.eventType = Update* }",
            r#"{ $.eventType = "*Trail" }"#,
            "{ $.sourceIPAddress != 123.123.* }",
            r#"{ $.arrayKey[0] = "value" }"#,
            "{ $.objectList[1].id = 2 }",
            "{ $.objectList[1].id > +1 && $.objectList[1].id <= 20e-1 }",
            "{ $.SomeObject IS NULL }",
            "{ $.SomeOtherObject NOT EXISTS }",
            "{ $.ThisFlag IS TRUE }",
            "{($.eventType=UpdateTrail)}",
        ] {
            assert!(matches(pattern, &sample), "{pattern}");
        }
        for pattern in [
            "{ $.eventType = updateTrail }",
            "{ $.eventType = Up*Trail }",
            "{ $.sourceIPAddress != 111.111.* }",
            "{ $.SomeOtherObject IS NULL }",
            "{ $.ThisFlag IS FALSE }",
            "{ $.SomeOtherObject = \"*\" }",
            "{ $.objectList[1].id < 2 }",
        ] {
            assert!(!matches(pattern, &sample), "{pattern}");
        }
    }

    #[test]
    fn and_binds_tighter_than_or_and_parentheses_before_both() {
        let sample = [("a", text("1")), ("b", text("2")), ("c", text("3"))];
        assert!(matches("{ $.a = 1 || $.b = 0 && $.c = 0 }", &sample));
        assert!(!matches("{ ($.a = 1 || $.b = 0) && $.c = 0 }", &sample));
    }

    #[test]
    fn terms_are_looked_for_in_the_text_of_the_event() {
        let sample = [("eventName", text("StopLogging")), ("eventSource", text("cloudtrail.amazonaws.com"))];
        for pattern in [
            "StopLogging",
            "Stop",
            "?DeleteTrail ?StopLogging",
            "StopLogging cloudtrail",
            "\"\\\"eventName\\\":\\\"StopLogging\\\"\"",
            "",
        ] {
            assert!(matches(pattern, &sample), "{pattern}");
        }
        for pattern in ["DeleteTrail", "StopLogging DeleteTrail", "StopLogging -cloudtrail", "stoplogging"] {
            assert!(!matches(pattern, &sample), "{pattern}");
        }
    }

    #[test]
    fn what_is_no_pattern_matches_nothing_and_says_why() {
        for pattern in [
            "{ $.a = }",
            "{ ($.a = 1 }",
            "{ $.a = 1 ) }",
            "{ }",
            "{ $.a = 1",
            "{ $.a = \"1 }",
            "{ a = 1 }",
            "{ $.a = 1 $.b = 2 }",
            "{ $.a = 1 && }",
            "{ $.a == 1 }",
            "{ $.a IS SET }",
            "{ $.a < text }",
        ] {
            assert!(matches!(FilterPattern::parse(pattern), FilterPattern::Malformed(_)), "{pattern}");
        }
        let deep = format!("{{ {}$.a = 1{} }}", "(".repeat(5000), ")".repeat(5000));
        assert!(matches!(FilterPattern::parse(&deep), FilterPattern::Malformed(_)));
    }

    #[test]
    fn what_cannot_be_decided_says_so() {
        let sample = event(&[("eventName", text("StopLogging"))]);
        for pattern in [
            "{ $.eventName = %Stop.*% }",
            "[ip, user]",
            "%Stop%",
            "?Stop Delete",
            "{ $.list[*].id = 1 }",
            "{ $.['a b'] = 1 }",
        ] {
            let truth = FilterPattern::parse(pattern);
            assert!(matches!(truth.matches(&sample), Truth::Undecided(_)), "{pattern}: {truth:?}");
        }
        assert_eq!(FilterPattern::parse("{ $.userAgent = x }").matches(&sample), Truth::Open("userAgent"));
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd_to_read(text in ".{0,200}", odd in "[{}()\\[\\]$.a1 =!<>&|\"%*?-]{0,120}") {
            let sample = event(&[("a", Datum::Absent)]);
            for text in [text, odd.clone(), format!("{{{odd}}}")] {
                let _ = FilterPattern::parse(&text).matches(&sample);
            }
        }

        #[test]
        fn spaces_quotes_and_order_do_not_matter(a in "[A-Za-z]{1,8}", b in "[A-Za-z]{1,8}", seen in "[A-Za-z]{1,8}") {
            let sample = [("n", text(&seen))];
            let first = matches(&format!("{{ ($.n = {a}) || ($.n = \"{b}\") }}"), &sample);
            let second = matches(&format!("{{$.n=\"{b}\"||($.n={a})}}"), &sample);
            prop_assert_eq!(first, second);
            prop_assert_eq!(first, seen == a || seen == b);
        }
    }
}
