//! Names from outside made harmless: what is not plain text is written out as an escape, so that no name can move the
//! cursor, forge a line or turn text around. The only place that does it: every view of a plan or run begins here.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use trailwarden_model::assessment::{Assessment, Provenance, Summary};
use trailwarden_model::finding::{Evidence, Finding};
use trailwarden_model::framework::{Answer, FrameworkAnswers, Requirement};
use trailwarden_model::observed::Gap;
use trailwarden_model::waiver::Acceptance;

use crate::ReportError;

/// Characters that format text without being seen: marks and overrides of direction, joiners, line separators, tags; and
/// two that XML cannot hold.
const INVISIBLE: &[std::ops::RangeInclusive<char>] = &[
    '\u{ad}'..='\u{ad}',
    '\u{61c}'..='\u{61c}',
    '\u{180e}'..='\u{180e}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
    '\u{fff9}'..='\u{fffb}',
    '\u{fffe}'..='\u{ffff}',
    '\u{e0000}'..='\u{e007f}',
];

/// True for what a reader sees as it is.
pub(crate) fn is_visible(c: char) -> bool {
    !c.is_control() && !INVISIBLE.iter().any(|range| range.contains(&c))
}

/// One line of plain text.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => plain.push_str("\\n"),
            c if is_visible(c) => plain.push(c),
            c => plain.extend(c.escape_unicode()),
        }
    }
    plain
}

/// The same artifact with every text in it made plain.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub(crate) fn plainly<T: Serialize + DeserializeOwned>(artifact: &T) -> Result<T, ReportError> {
    let read = |artifact| serde_json::from_value(plain_value(serde_json::to_value(artifact)?));
    read(artifact).map_err(|source| ReportError::Json { format: "plain text", source })
}

/// The same assessment with every text in it made plain, but for the resources, which ids are made from, and the tree and
/// coverage, which only the page shows: it makes them plain itself. No member is passed over unnamed, so that a new one must
/// be decided on.
pub(crate) fn plain_assessment(assessment: &Assessment) -> Assessment {
    let mut plain = assessment.clone();
    let Assessment {
        format,
        tool_version,
        collected_at: _,
        provenance,
        organization,
        summary,
        framework,
        tree: _,
        coverage: _,
        findings,
    } = &mut plain;
    [format, tool_version].into_iter().for_each(make_plain);
    if let Some(Provenance { partition, snapshot, baseline, sandbox }) = provenance {
        [partition, snapshot, baseline].into_iter().chain(sandbox).for_each(make_plain);
    }
    // Accounts and regions are parsed: their ids hold nothing else.
    make_plain(&mut organization.id);
    organization.accounts.values_mut().for_each(make_plain);
    let Summary { practices, findings: _, controls } = summary;
    practices.iter_mut().flat_map(|of| [&mut of.title].into_iter().chain(&mut of.remedy)).for_each(make_plain);
    make_keys_plain(controls);
    framework.iter_mut().for_each(make_answers_plain);
    findings.iter_mut().for_each(make_finding_plain);
    plain
}

fn make_answers_plain(answers: &mut FrameworkAnswers) {
    let FrameworkAnswers { id, title, version, covers, answers } = answers;
    [id, title, version, covers].into_iter().for_each(make_plain);
    for Answer { requirement: Requirement { id, title, limit, part }, controls, verdict: _, findings: _ } in answers {
        [id, title].into_iter().chain(limit).chain(part).chain(controls).for_each(make_plain);
    }
}

fn make_finding_plain(finding: &mut Finding) {
    let Finding {
        control,
        outcome: _,
        severity: _,
        account: _,
        region: _,
        resource: _,
        title,
        reason,
        evidence,
        parts,
        gap,
        waiver,
    } = finding;
    [control, title, reason].into_iter().for_each(make_plain);
    for Evidence { fact, call, account: _, region: _ } in evidence {
        [fact].into_iter().chain(call).for_each(make_plain);
    }
    make_keys_plain(parts);
    if let Some(Gap { kind: _, call, account: _, region: _, code, reason }) = gap {
        [call, code, reason].into_iter().for_each(make_plain);
    }
    if let Some(Acceptance { id, reason, owner, expires: _ }) = waiver {
        [id, reason, owner].into_iter().for_each(make_plain);
    }
}

fn make_keys_plain<T>(members: &mut BTreeMap<String, T>) {
    if !members.keys().flat_map(|name| name.chars()).all(is_visible) {
        *members = std::mem::take(members).into_iter().map(|(name, member)| (plain(&name), member)).collect();
    }
}

fn make_plain(text: &mut String) {
    if !text.chars().all(is_visible) {
        *text = plain(text);
    }
}

fn plain_value(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(plain(&text)),
        Value::Array(items) => items.into_iter().map(plain_value).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, member)| (plain(&name), plain_value(member))).collect()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        assert_eq!(plain("a\u{1b}[2Jb\u{9b}m\r\nc\u{7f}"), "a\\u{1b}[2Jb\\u{9b}m\\u{d}\\nc\\u{7f}");
        assert_eq!(plain("\u{202e}txt.exe\u{200b}"), "\\u{202e}txt.exe\\u{200b}");
        assert_eq!(plain("ログ保管 – ü"), "ログ保管 – ü");
    }

    #[test]
    fn names_of_members_are_made_plain_too() {
        let value = plainly(&serde_json::json!({"\u{1b}": ["\u{7}"]})).expect("reads");
        assert_eq!(value, serde_json::json!({"\\u{1b}": ["\\u{7}"]}));
    }
}
