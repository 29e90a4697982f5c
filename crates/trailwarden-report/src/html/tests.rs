//! The page read back by others than its script: as markup, and the pack as what it holds.

use std::io::Read;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use proptest::collection::vec;
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use quick_xml::events::attributes::Attribute;
use serde_json::Value;
use trailwarden_model::assessment::Assessment;

use super::page::{SCRIPT, STYLE};
use super::{Around, Point, render};
use crate::hostile::{all_visible, hostile, named, words};
use crate::plain::plain;
use crate::sample;

fn page(assessment: &Assessment) -> String {
    let controls = sample::catalogue();
    let points = ["2026-11-19T13:00:00Z", "2026-11-20T13:00:00Z"]
        .map(|time| Point { collected_at: time.parse().expect("a time"), findings: assessment.summary.findings });
    let mut out = vec![];
    let around =
        Around { notice: None, exit: "exit code 10: at least one finding fails", frameworks: &[], trend: &points };
    render(&sample::report(assessment, &controls), &around, &mut out).expect("writes");
    String::from_utf8(out).expect("UTF-8")
}

/// Elements with the names of their attributes, and the text between them.
fn markup(page: &str) -> (Vec<String>, String) {
    let page = page.replacen(STYLE, "", 1).replacen(SCRIPT, "", 1);
    let (mut elements, mut text) = (vec![], String::new());
    let mut reader = Reader::from_str(&page);
    reader.config_mut().check_end_names = true;
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Eof => return (elements, words(&text)),
            Event::Start(element) | Event::Empty(element) => {
                let name = |attribute: Attribute<'_>| attribute.key.as_ref().to_owned();
                let attributes = element.attributes().map(|attribute| name(attribute.expect("an attribute")));
                elements.push(format!("{} {:?}", element.name().as_ref(), attributes.collect::<Vec<_>>()));
            }
            Event::Text(part) => text.push_str(&part),
            Event::GeneralRef(reference) => text.push_str(&named_reference(&reference)),
            Event::End(_) => text.push(' '),
            Event::DocType(_) => {}
            other => panic!("only elements and text: {other:?}"),
        }
    }
}

fn named_reference(reference: &quick_xml::events::BytesRef<'_>) -> String {
    let name: &str = reference;
    quick_xml::escape::unescape(&format!("&{name};")).expect("a reference").into_owned()
}

fn pack(page: &str) -> Value {
    let (_, rest) = page.split_once("id=\"pack\">").expect("a pack");
    let packed = STANDARD.decode(rest.split('<').next().expect("text")).expect("base64");
    let mut text = String::new();
    GzDecoder::new(packed.as_slice()).read_to_string(&mut text).expect("gzip");
    serde_json::from_str(&text).expect("JSON")
}

/// Numbers from their distances.
fn sums(distances: &Value) -> Vec<usize> {
    let mut sum = 0;
    let distances = distances.as_array().expect("a column").iter();
    distances
        .map(|distance| {
            sum += distance.as_i64().expect("a number");
            sum as usize
        })
        .collect()
}

/// The reason of every row, with the marks replaced.
fn reasons(pack: &Value) -> Vec<String> {
    let rows = |name: &str| sums(&pack["rows"][name]);
    let columns = [rows("account"), rows("region"), rows("resource")];
    let reason = |(row, statement): (usize, usize)| {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let reason = pack["statements"][statement]["reason"].as_u64().expect("a place") as usize;
        let [account, region, resource] = [&columns[0], &columns[1], &columns[2]].map(|column| column[row]);
        let own = [
            text(&pack["resources"][resource]),
            text(&pack["accounts"][account][0]),
            text(&pack["regions"][region]),
            text(&pack["accounts"][account][1]),
        ];
        text(&pack["texts"][reason]).chars().fold(String::new(), |text, c| match c {
            '\u{1}'..='\u{4}' => text + &own[c as usize - 1],
            c => text + &c.to_string(),
        })
    };
    rows("statement").into_iter().enumerate().map(reason).collect()
}

/// The elements of a page on which nothing is hostile.
static INNOCENT: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut innocent = named(&["innocent".to_owned()]);
    for (n, finding) in innocent.findings.iter_mut().enumerate() {
        finding.reason = format!("{n} innocent");
    }
    sorted(markup(&page(&innocent)).0)
});

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_page_has_no_elements_but_ours_and_says_every_reason(texts in vec(hostile(), 8)) {
        let mut assessment = named(&texts);
        // One reason for every finding, so that both pages list as many.
        for (n, finding) in assessment.findings.iter_mut().enumerate() {
            finding.reason.insert_str(0, &format!("{n} "));
        }
        let page = page(&assessment);
        all_visible(&page);
        let (elements, text) = markup(&page);
        prop_assert_eq!(sorted(elements), INNOCENT.clone());
        let n_told = assessment.findings.iter().filter(|finding| text.contains(&words(&plain(&finding.reason)))).count();
        prop_assert!(n_told >= 5, "{n_told} reasons are told in {text}");
        let told = assessment.findings.iter().map(|finding| plain(&finding.reason)).collect();
        prop_assert_eq!(sorted(reasons(&pack(&page))), sorted(told));
    }
}

#[test]
fn what_findings_share_is_said_once() {
    let pack = pack(&page(&sample::fleet(1_000)));
    assert_eq!(pack["statements"].as_array().map(Vec::len), Some(1), "{}", pack["statements"]);
    assert_eq!(pack["rows"]["statement"].as_array().map(Vec::len), Some(2_000));
}

#[test]
fn equal_assessments_give_equal_pages() {
    assert_eq!(page(&sample::waived()), page(&sample::waived()));
}

#[test]
fn what_does_not_pass_has_its_id_in_the_order_of_the_rows() {
    let assessment = sample::assessment();
    let page = page(&assessment);
    let (_, rest) = page.split_once("id=\"digests\">").expect("digests");
    let digests = rest.split('<').next().expect("text");
    let first = assessment.findings.iter().find(|finding| finding.reason.contains("eu-west-1")).expect("a failure");
    assert_eq!(first.id(), format!("{}-{}", first.control, &digests[..12]));
    assert_eq!(digests.len(), 12 * assessment.findings.iter().filter(|finding| finding.is_open()).count());
}
