//! The AWS Security Finding Format, as far as findings of configuration checks use it: what is required, how long it may be,
//! which words it may be.
//!
//! Source: Security Hub User Guide, "ASFF syntax" and the pages it links to; botocore's model of `securityhub`.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// What a member must be.
enum Kind {
    /// Text of at most so many characters that is not blank.
    Text(usize),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A time in RFC 3339.
    Instant,
    /// A list of so many at least, at most, each being this.
    List(usize, usize, &'static Kind),
    /// Texts by name: so many, of so many characters.
    Texts { most: usize, name: usize, value: usize },
    /// An object of these members.
    Object(&'static [Member]),
    /// Whatever it is: not looked at here.
    Any,
}

/// A member: its name, whether it must be there, and what it must be.
type Member = (&'static str, bool, Kind);

const SEVERITY: Kind = Kind::Object(&[
    ("Label", false, Kind::Word(&["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"])),
    ("Original", false, Kind::Text(64)),
    ("Normalized", false, Kind::Any),
    ("Product", false, Kind::Any),
]);

const PARTITIONS: &[&str] = &["aws", "aws-cn", "aws-us-gov", "aws-us-iso", "aws-us-iso-b", "AzureCloud"];

const RESOURCE: Kind = Kind::Object(&[
    ("Type", true, Kind::Text(256)),
    ("Id", true, Kind::Text(512)),
    ("Partition", false, Kind::Word(PARTITIONS)),
    ("Region", false, Kind::Text(16)),
    ("ResourceRole", false, Kind::Text(256)),
    ("Tags", false, Kind::Texts { most: 50, name: 128, value: 256 }),
    ("Details", false, Kind::Any),
]);

const PROVIDER: Kind = Kind::Object(&[
    ("Severity", false, SEVERITY),
    ("Types", false, Kind::List(0, 50, &Kind::Text(256))),
    ("Confidence", false, Kind::Any),
    ("Criticality", false, Kind::Any),
    ("RelatedFindings", false, Kind::Any),
]);

const COMPLIANCE: Kind = Kind::Object(&[
    ("Status", false, Kind::Word(&["PASSED", "WARNING", "FAILED", "NOT_AVAILABLE"])),
    ("RelatedRequirements", false, Kind::List(0, 32, &Kind::Text(64))),
    ("StatusReasons", false, Kind::Any),
    ("SecurityControlId", false, Kind::Any),
    ("AssociatedStandards", false, Kind::Any),
]);

const REMEDIATION: Kind = Kind::Object(&[(
    "Recommendation",
    false,
    Kind::Object(&[("Text", false, Kind::Text(512)), ("Url", false, Kind::Text(2048))]),
)]);

const FINDING: &[Member] = &[
    ("SchemaVersion", true, Kind::Word(&["2018-10-08"])),
    ("Id", true, Kind::Text(512)),
    ("ProductArn", true, Kind::Text(2048)),
    ("GeneratorId", true, Kind::Text(512)),
    ("AwsAccountId", true, Kind::Text(12)),
    ("CreatedAt", true, Kind::Instant),
    ("UpdatedAt", true, Kind::Instant),
    ("FirstObservedAt", false, Kind::Instant),
    ("LastObservedAt", false, Kind::Instant),
    ("Title", true, Kind::Text(256)),
    ("Description", true, Kind::Text(1024)),
    ("Resources", true, Kind::List(1, 32, &RESOURCE)),
    ("Severity", false, SEVERITY),
    ("Types", false, Kind::List(0, 50, &Kind::Text(256))),
    ("FindingProviderFields", false, PROVIDER),
    ("Compliance", false, COMPLIANCE),
    ("Remediation", false, REMEDIATION),
    ("ProductFields", false, Kind::Texts { most: 50, name: 128, value: 2048 }),
    ("UserDefinedFields", false, Kind::Texts { most: 50, name: 128, value: 1024 }),
    ("RecordState", false, Kind::Word(&["ACTIVE", "ARCHIVED"])),
    ("Workflow", false, Kind::Any),
    ("VerificationState", false, Kind::Any),
    ("Note", false, Kind::Any),
    ("SourceUrl", false, Kind::Text(2048)),
    ("Confidence", false, Kind::Any),
    ("Criticality", false, Kind::Any),
];

const NAMESPACES: &[&str] =
    &["Software and Configuration Checks", "TTPs", "Effects", "Unusual Behaviors", "Sensitive Data Identifications"];

/// What is wrong with a finding, in the words of AWS.
pub fn problems(finding: &Map<String, Value>) -> Vec<String> {
    let mut problems = Vec::new();
    object("data", finding, FINDING, &mut problems);
    let provided = |name: &str| finding.get("FindingProviderFields").and_then(|fields| fields.get(name)).is_some();
    for name in ["Severity", "Types"] {
        if !finding.contains_key(name) && !provided(name) {
            problems.push(format!("data should have required property '{name}'"));
        }
    }
    for place in [Some(finding), finding.get("FindingProviderFields").and_then(Value::as_object)].into_iter().flatten()
    {
        let types = place.get("Types").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for wrong in types.filter(|text| !is_type(text)) {
            problems.push(format!("data.Types {wrong:?} should be namespace/category/classifier"));
        }
    }
    problems
}

/// `namespace/category/classifier`, of which the last two may be left out.
fn is_type(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    parts.len() <= 3 && parts.first().is_some_and(|first| NAMESPACES.contains(first)) && !parts.contains(&"")
}

/// A time of the format.
pub fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

fn object(at: &str, found: &Map<String, Value>, members: &[Member], problems: &mut Vec<String>) {
    for (name, required, kind) in members {
        match found.get(*name) {
            Some(value) => check(&format!("{at}.{name}"), value, kind, problems),
            None if *required => problems.push(format!("{at} should have required property '{name}'")),
            None => {}
        }
    }
    for name in found.keys().filter(|name| !members.iter().any(|(known, ..)| known == name)) {
        problems.push(format!("{at} should NOT have additional property '{name}'"));
    }
}

fn check(at: &str, value: &Value, kind: &Kind, problems: &mut Vec<String>) {
    let wrong = match (kind, value) {
        (Kind::Any, _) => None,
        (Kind::Text(most), Value::String(text)) => text_problem(text, *most),
        (Kind::Word(words), Value::String(text)) => {
            (!words.contains(&text.as_str())).then(|| "should be equal to one of the allowed values".to_owned())
        }
        (Kind::Instant, _) => instant(value).is_none().then(|| "should match format \"date-time\"".to_owned()),
        (Kind::List(least, most, each), Value::Array(items)) => {
            let checked = items.iter().enumerate();
            checked.for_each(|(n, item)| check(&format!("{at}[{n}]"), item, each, problems));
            (!(*least..=*most).contains(&items.len())).then(|| format!("should have {least} to {most} items"))
        }
        (Kind::Texts { most, name, value }, Value::Object(pairs)) => {
            for (key, held) in pairs {
                check(&format!("{at}.{key}"), &Value::from(key.as_str()), &Kind::Text(*name), problems);
                check(&format!("{at}.{key}"), held, &Kind::Text(*value), problems);
            }
            (pairs.len() > *most).then(|| format!("should NOT have more than {most} properties"))
        }
        (Kind::Object(members), Value::Object(found)) => {
            object(at, found, members, problems);
            None
        }
        _ => Some("is of another type".to_owned()),
    };
    problems.extend(wrong.map(|wrong| format!("{at} {wrong}")));
}

fn text_problem(text: &str, most: usize) -> Option<String> {
    if text.trim().is_empty() {
        return Some("should match pattern \".*\\S.*\"".to_owned());
    }
    (text.chars().count() > most).then(|| format!("should NOT be longer than {most} characters"))
}
