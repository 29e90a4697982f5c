//! Names that want to break out of a format: whatever an account, a trail or a reason is called, every format is read back
//! as it was meant, by a reader that is not its writer.

use proptest::collection::vec;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use quick_xml::Reader;
use quick_xml::events::Event as Xml;
use serde_json::Value;
use trailwarden_model::assessment::{Assessment, Provenance};
use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::framework::{Answer, FrameworkAnswers, Requirement};
use trailwarden_model::map::{Denied, Recorded};

use crate::page::View;
use crate::plain::{is_visible, plain, plain_assessment};
use crate::report::{Catalogue, Report};
use crate::{asff, csv, json, junit, markdown, ndjson, ocsf, sample, sarif, table};

/// What breaks out of one format or another.
const PIECES: &[&str] = &[
    "<script>alert(1)</script>",
    "<!--",
    "]]>",
    "<![CDATA[",
    "&amp;",
    "&#x41;",
    "&",
    "\"",
    "'",
    "''",
    "`",
    "```",
    "~~~",
    "=cmd|' /C calc'!A0",
    "=",
    "+",
    "-",
    "@",
    "@SUM(1)",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\u{0}",
    "\u{1b}[2J",
    "\u{7f}",
    "\u{9b}",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
    "\u{feff}",
    "\u{2028}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{e0041}",
    "|",
    "\\",
    "\\|",
    "\\n",
    "- ",
    "1. ",
    "> ",
    "# ",
    "===",
    "---",
    "    ",
    "  ",
    "[a](javascript:b)",
    "![a](b)",
    "*a*",
    "_a_",
    "**",
    "$x$",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "%s%n",
    "%2e%2e/",
    "../",
    ";",
    ",",
    "\u{10ffff}",
    "ログ保管",
    "🚨",
    "a",
    "e\u{301}",
    "http://x.example/",
    "＝1",
    "::error::x",
];

pub(crate) fn hostile() -> impl Strategy<Value = String> {
    let known = proptest::sample::select(PIECES).prop_map(str::to_owned);
    let piece = prop_oneof![4 => known, 1 => any::<char>().prop_map(String::from)];
    let short = vec(piece, 1..12).prop_map(|pieces| pieces.concat());
    prop_oneof![8 => short.clone(), 1 => short.prop_map(|text| text.chars().cycle().take(4_000).collect())]
}

/// Some of everything, with every text that comes from outside replaced.
pub(crate) fn named(texts: &[String]) -> Assessment {
    let mut texts = texts.iter().cycle().cloned();
    let mut next = || texts.next().expect("texts");
    let mut assessment = sample::assessment();
    assessment.organization.accounts.values_mut().for_each(|name| *name = next());
    (assessment.organization.id, assessment.tool_version) = (next(), next());
    if let Some(Provenance { partition, snapshot, baseline, sandbox }) = &mut assessment.provenance {
        (*partition, *snapshot, *baseline, *sandbox) = (next(), next(), next(), Some(next()));
    }
    let practices = &mut assessment.summary.practices;
    practices.iter_mut().for_each(|practice| (practice.title, practice.remedy) = (next(), Some(next())));
    assessment.framework = Some(answers(&mut next));
    if let Some(tree) = &mut assessment.tree {
        tree.notes.fill_with(&mut next);
        for node in &mut tree.nodes {
            node.name = next();
            node.gaps = vec![next()];
            node.policies.iter_mut().for_each(|policy| (policy.name, policy.malformed) = (next(), Some(next())));
            node.denies.insert("z".to_owned(), Denied::Undecided(next()));
        }
    }
    let states = assessment.coverage.iter_mut().flatten().flat_map(|place| place.classes.values_mut());
    for state in states {
        if let Recorded::Lost(text) | Recorded::Unknown(text) = state {
            *text = next();
        }
    }
    let waiver = sample::waived().findings.remove(0).waiver.expect("a waiver");
    for (n, finding) in assessment.findings.iter_mut().enumerate() {
        (finding.title, finding.reason, finding.resource) = (next(), next(), (n % 2 == 0).then(&mut next));
        finding.evidence.iter_mut().for_each(|of| (of.fact, of.call) = (next(), Some(next())));
        finding.parts.insert(next(), finding.outcome);
        if let Some(gap) = &mut finding.gap {
            (gap.call, gap.code, gap.reason) = (next(), next(), next());
        }
        if n == 0 {
            let mut waiver = waiver.clone();
            (waiver.id, waiver.reason, waiver.owner) = (next(), next(), next());
            finding.waiver = Some(waiver);
        }
    }
    assessment
}

fn answers(next: &mut dyn FnMut() -> String) -> FrameworkAnswers {
    let FrameworkAnswers { answers, .. } = sample::answers();
    let mut of = |mut answer: Answer| {
        let Requirement { id, title, limit, .. } = &mut answer.requirement;
        (*id, *title, *limit) = (next(), next(), Some(next()));
        answer.controls.fill_with(&mut *next);
        answer
    };
    let answers = answers.into_iter().map(&mut of).collect();
    FrameworkAnswers { id: next(), title: next(), version: next(), covers: next(), answers }
}

/// Every text in a value, with the names of members.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => {
            members.iter().flat_map(|(name, member)| [name.as_str()].into_iter().chain(texts(member))).collect()
        }
        _ => vec![],
    }
}

type Render = fn(&Report<'_>, &mut dyn std::io::Write) -> std::io::Result<()>;

fn written(assessment: &Assessment, render: Render) -> String {
    let controls = sample::catalogue();
    let mut out = vec![];
    render(&sample::report(assessment, &controls), &mut out).expect("writes");
    String::from_utf8(out).expect("UTF-8")
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

pub(crate) fn all_visible(text: &str) {
    let hidden = text.chars().find(|c| !is_visible(*c) && *c != '\n');
    assert_eq!(hidden, None, "{text:?}");
}

/// A SARIF message as its readers show it, and how many placeholders and links they see in it.
fn read_message(message: &str) -> (String, usize) {
    let (mut read, mut n) = (String::new(), 0);
    let mut rest = message.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => read.extend(rest.next()),
            '{' | '}' if rest.next_if_eq(&c).is_some() => read.push(c),
            '{' | '}' | '[' | ']' => n += 1,
            c => read.push(c),
        }
    }
    (read, n)
}

/// The text of elements and the values of attributes, and the names of the elements.
fn xml(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut names, mut values) = (vec![], vec![]);
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    loop {
        match reader.read_event().expect("well-formed") {
            Xml::Eof => return (names, values),
            Xml::Start(element) | Xml::Empty(element) => {
                names.push(element.name().as_ref().to_owned());
                for attribute in element.attributes() {
                    let value = attribute.expect("an attribute").value;
                    values.push(quick_xml::escape::unescape(&value).expect("escapes").into_owned());
                }
            }
            Xml::CData(_) | Xml::Comment(_) | Xml::DocType(_) | Xml::PI(_) => panic!("only elements: {text}"),
            _ => {}
        }
    }
}

/// Kinds of markup, without the text.
fn markup(text: &str) -> Vec<String> {
    let kind = |event: Event<'_>| match event {
        Event::Start(Tag::Heading { level, .. }) => Some(format!("heading {level}")),
        Event::Start(tag) => Some(format!("{tag:?}")),
        Event::Text(_) | Event::End(_) | Event::SoftBreak => None,
        Event::Code(_) => Some("code".to_owned()),
        other => Some(format!("{other:?}")),
    };
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH).filter_map(kind).collect()
}

/// The text without the markup.
fn prose(text: &str) -> String {
    let each = Parser::new_ext(text, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(text.into_string()),
        Event::End(_) => Some(" ".to_owned()),
        _ => None,
    });
    words(&each.collect::<String>())
}

pub(crate) fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn markdown(assessment: &Assessment) -> String {
    markdown::render(&sample::report(assessment, &Catalogue::new()), "exit")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_gives_every_text_back(texts in vec(hostile(), 8)) {
        let assessment = named(&texts);
        prop_assert_eq!(json::read(&json::render(&assessment).expect("writes")).expect("reads"), assessment.clone());
        let lines = written(&assessment, ndjson::render);
        prop_assert_eq!(lines.matches('\n').count(), assessment.findings.len());
        for (line, finding) in lines.split_terminator('\n').zip(&assessment.findings) {
            prop_assert_eq!(&parsed(line)["reason"], &Value::from(finding.reason.as_str()));
        }
        let ocsf = parsed(&written(&assessment, ocsf::render));
        for (n, finding) in assessment.findings.iter().enumerate() {
            prop_assert_eq!(ocsf[n]["message"].as_str(), Some(finding.reason.as_str()));
        }
    }

    #[test]
    fn code_scanning_gets_messages_without_placeholders_links_or_what_turns_text_around(texts in vec(hostile(), 8)) {
        let assessment = named(&texts);
        let sarif = parsed(&written(&assessment, sarif::render));
        let results = sarif["runs"][0]["results"].as_array().expect("results");
        let open: Vec<&Finding> = assessment.findings.iter().filter(|finding| finding.is_open()).collect();
        prop_assert_eq!(results.len(), open.len());
        for (result, finding) in results.iter().zip(open) {
            prop_assert_eq!(result["properties"]["reason"].as_str(), Some(finding.reason.as_str()));
            let message = result["message"]["text"].as_str().expect("a message");
            all_visible(message);
            let (read, n_links) = read_message(message);
            prop_assert_eq!(n_links, 0, "{:?}", message);
            prop_assert!(read.ends_with(&format!(": {}", plain(&finding.reason))), "{message:?}");
            let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str();
            let uri = uri.expect("a path");
            prop_assert!(uri.is_ascii() && !uri.contains(' ') && !uri.split('/').any(|part| part == ".."), "{uri}");
        }
    }

    #[test]
    fn every_text_of_an_assessment_is_made_plain(given in vec(hostile(), 8)) {
        let mut plain = plain_assessment(&named(&given));
        (plain.tree, plain.coverage) = (None, None);
        plain.findings.iter_mut().for_each(|finding| finding.resource = None);
        let plain = serde_json::to_value(plain).expect("writes");
        for text in texts(&plain) {
            all_visible(text);
            prop_assert!(!text.contains('\n'), "{text:?}");
        }
    }

    #[test]
    fn security_hub_gets_texts_it_takes(texts in vec(hostile(), 8)) {
        let assessment = named(&texts);
        let requests = written(&assessment, asff::render);
        let findings = requests.lines().flat_map(|line| parsed(line)["Findings"].as_array().cloned().expect("findings"));
        let findings: Vec<Value> = findings.collect();
        prop_assert_eq!(findings.len(), assessment.findings.len());
        for finding in &findings {
            for (name, n_max) in [("Title", 256), ("Description", 1024)] {
                let text = finding[name].as_str().expect("a text");
                prop_assert!(!text.trim().is_empty() && text.chars().count() <= n_max, "{name}: {text:?}");
                prop_assert!(text.chars().all(is_visible), "{text:?}");
            }
            let id = finding["Id"].as_str().and_then(|id| id.rsplit_once('/')).expect("an id").1;
            let sources = assessment.findings.iter().filter(|source| source.id() == id);
            let mut sources = sources.map(|source| plain(&source.reason));
            let is_said = |reason: String| {
                let is_whole = !reason.trim().is_empty() && reason.chars().count() <= 1024;
                !is_whole || finding["Description"] == reason.as_str()
            };
            prop_assert!(sources.any(is_said), "{finding}");
        }
    }

    #[test]
    fn rows_stay_rows_and_no_cell_is_a_formula(texts in vec(hostile(), 8)) {
        let assessment = named(&texts);
        let text = written(&assessment, csv::render);
        all_visible(&text);
        let mut rows = ::csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<::csv::StringRecord> = rows.records().map(|row| row.expect("as many cells as columns")).collect();
        prop_assert_eq!(rows.len(), assessment.findings.len());
        for (row, finding) in rows.iter().zip(&assessment.findings) {
            let is_formula = |cell: &str| cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
            prop_assert!(!row.iter().any(is_formula), "{row:?}");
            prop_assert_eq!(row[9].strip_prefix('\'').unwrap_or(&row[9]), plain(&finding.reason));
        }
    }

    #[test]
    fn xml_is_well_formed_and_has_no_elements_but_ours(texts in vec(hostile(), 8)) {
        let assessment = named(&texts);
        let text = written(&assessment, junit::render);
        all_visible(&text);
        let (names, values) = xml(&text);
        let (innocent, _) = xml(&written(&named(&["innocent".to_owned()]), junit::render));
        prop_assert_eq!(names, innocent);
        let is_said = |finding: &&Finding| finding.waiver.is_none() && finding.outcome != Outcome::Pass;
        for finding in assessment.findings.iter().filter(is_said) {
            prop_assert!(values.contains(&plain(&finding.reason)), "{:?}", finding.reason);
        }
    }

    #[test]
    fn markdown_has_no_markup_but_ours(texts in vec(hostile(), 8)) {
        let mut assessment = named(&texts);
        // One item for every finding, so that both texts have as many.
        for (n, finding) in assessment.findings.iter_mut().enumerate() {
            finding.reason.insert_str(0, &format!("{n} "));
        }
        let mut innocent = named(&["innocent".to_owned()]);
        for (n, finding) in innocent.findings.iter_mut().enumerate() {
            finding.reason = format!("{n} innocent");
        }
        let text = markdown(&assessment);
        all_visible(&text);
        let mut kinds = [markup(&text), markup(&markdown(&innocent))];
        kinds.iter_mut().for_each(|kinds| kinds.sort());
        prop_assert_eq!(&kinds[0], &kinds[1]);
        let prose = prose(&text);
        for finding in assessment.findings.iter().filter(|finding| finding.is_open()) {
            let reason = finding.gap.as_ref().map_or(&finding.reason, |gap| &gap.reason);
            // Of a long reason the beginning is told.
            let said = words(&plain(reason).chars().take(500).collect::<String>());
            prop_assert!(prose.contains(&said), "{said:?} is not in {prose:?}");
        }
    }

    #[test]
    fn a_terminal_is_given_nothing_to_obey(texts in vec(hostile(), 8)) {
        let controls = sample::catalogue();
        let assessment = named(&texts);
        let view = View { width: 80, colour: false, notice: None, exit: "exit" };
        all_visible(&table::render(&sample::report(&assessment, &controls), &view));
    }
}
