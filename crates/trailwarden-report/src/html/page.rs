//! The page: what the template shows, and the policy that lets it run its own script and style and nothing else.

use std::io;

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use trailwarden_model::assessment::{Counts, PracticeSummary};

use super::Around;
use super::frameworks::{Framework, framework};
use super::grid::{self, Grid, Group};
use super::open::{OpenControl, open};
use super::pack::{Pack, plainly};
use super::sight::{Unread, Waived, unread, waived};
use super::tree::{Branch, branches};
use super::trend::{Trend, trend};
use crate::report::Report;
use crate::scope::{headline, limits};
use crate::words::{self, counted, sentence};

/// What the page looks like.
pub(super) const STYLE: &str = include_str!("report.css");
/// What the page does; one script, so that one digest lets it run.
pub(super) const SCRIPT: &str = concat!(
    "\"use strict\";(() => {\n",
    include_str!("script/data.js"),
    include_str!("script/dom.js"),
    include_str!("script/findings.js"),
    include_str!("script/grid.js"),
    include_str!("script/main.js"),
    "})();"
);

#[derive(Template)]
#[template(path = "page.html")]
pub(super) struct Page {
    policy: String,
    margins: String,
    organization: String,
    management_account: String,
    collected_at: String,
    tool_version: String,
    notice: Option<String>,
    headline: String,
    limits: Vec<String>,
    facts: Vec<(String, String)>,
    practices: Vec<Practice>,
    totals: Counts,
    n_left_out: usize,
    min_severity: &'static str,
    open: Vec<OpenControl>,
    groups: Vec<Group>,
    heat: Grid,
    coverage: Option<Grid>,
    branches: Option<Vec<Branch>>,
    tree_notes: Vec<String>,
    frameworks: Vec<Framework>,
    waived: Vec<Waived>,
    unread: Vec<Unread>,
    trend: Option<Trend>,
    data: String,
    digests: String,
}

struct Practice {
    title: String,
    verdict: &'static str,
    is_waived: bool,
    organization: &'static str,
    accounts: Vec<Share>,
}

/// Accounts with one outcome, and where their part of the bar begins and how wide it is, in hundredths.
struct Share {
    word: &'static str,
    n: usize,
    begin: f64,
    width: f64,
}

impl Page {
    pub(super) fn new(report: Report<'_>, around: &Around<'_>) -> io::Result<Self> {
        let assessment = report.assessment;
        let organization = &assessment.organization;
        let pack = Pack::new(report);
        let accounts = pack.accounts.values();
        let groups = grid::groups(assessment, accounts);
        let (heat, coverage) = (grid::heat(assessment, accounts), grid::coverage(assessment, accounts));
        let notes = assessment.tree.iter().flat_map(|tree| &tree.notes);
        let margins = margins(report);
        Ok(Self {
            policy: policy(&margins),
            margins,
            organization: plainly(&organization.id).into_owned(),
            management_account: plainly(&report.account(&organization.management_account)).into_owned(),
            collected_at: assessment.collected_at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            tool_version: plainly(&assessment.tool_version).into_owned(),
            notice: around.notice.map(|notice| plainly(notice).into_owned()),
            headline: sentence(&plainly(&headline(report))),
            limits: limits(report).iter().map(|limit| sentence(&plainly(limit))).collect(),
            facts: facts(report, around.exit),
            practices: assessment.summary.practices.iter().map(practice).collect(),
            totals: assessment.summary.findings,
            n_left_out: report.n_left_out(),
            min_severity: report.min_severity.as_str(),
            open: open(report, &pack),
            data: pack.packed(&groups, &heat, coverage.as_ref())?,
            groups,
            heat,
            coverage,
            branches: assessment.tree.as_ref().map(branches),
            tree_notes: notes.map(|note| plainly(note).into_owned()).collect(),
            frameworks: around.frameworks.iter().map(framework).collect(),
            waived: waived(assessment),
            unread: unread(report),
            trend: trend(around.trend),
            digests: pack.digests(),
        })
    }

    fn style(&self) -> &'static str {
        STYLE
    }

    fn script(&self) -> &'static str {
        SCRIPT
    }
}

/// What stands on each sheet of paper: whose report it is, of when, and which sheet. A style cannot take text from the page, so
/// this one is made for it.
fn margins(report: Report<'_>) -> String {
    let assessment = report.assessment;
    let collected_at = assessment.collected_at.strftime("%Y-%m-%d %H:%M UTC");
    let whose = format!("CloudTrail of {}, collected {collected_at}", plainly(&assessment.organization.id));
    let scenario = assessment.provenance.as_ref().and_then(|made| made.sandbox.as_deref());
    let made_up = scenario.map(|scenario| format!("sandbox {}: made up", plainly(scenario))).unwrap_or_default();
    format!(
        "@page{{@top-left{{content:\"{}\"}}@top-right{{content:\"{}\"}}\
         @bottom-right{{content:\"Page \" counter(page) \" of \" counter(pages)}}}}",
        css_text(&whose),
        css_text(&made_up)
    )
}

/// Text inside a string of a style, of which nothing but letters and digits stands as it is.
fn css_text(text: &str) -> String {
    let escaped = |c: char| match c {
        c if c.is_ascii_alphanumeric() => c.to_string(),
        c => format!("\\{:x} ", u32::from(c)),
    };
    text.chars().map(escaped).collect()
}

/// Nothing may be fetched, sent or run but the styles and the script of this page, which are known by their digests.
fn policy(margins: &str) -> String {
    let digest = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}' 'sha256-{}'; base-uri 'none'; form-action 'none'",
        digest(SCRIPT),
        digest(STYLE),
        digest(margins)
    )
}

fn facts(report: Report<'_>, exit: &str) -> Vec<(String, String)> {
    let organization = &report.assessment.organization;
    let mut facts: Vec<(String, String)> = report
        .provenance()
        .into_iter()
        .map(|(name, value)| (name.replace('_', " "), plainly(&value).into_owned()))
        .collect();
    let n_excluded = organization.excluded.len();
    facts.push(("accounts in scope".to_owned(), organization.n_accounts_in_scope.to_string()));
    if n_excluded > 0 {
        facts.push(("accounts left out".to_owned(), format!("{n_excluded}, by filters of the run")));
    }
    if !organization.region_filter.is_empty() {
        let regions: Vec<&str> = organization.region_filter.iter().map(|region| region.as_str()).collect();
        facts.push(("regions looked at".to_owned(), regions.join(", ")));
    }
    facts.push(("result of the run".to_owned(), exit.to_owned()));
    let n_assumed = organization.regions_assumed.len();
    if n_assumed > 0 {
        facts.push((
            "regions assumed".to_owned(),
            format!("in {}, whose list of regions could not be read", counted(n_assumed, "account")),
        ));
    }
    facts
}

fn practice(from: &PracticeSummary) -> Practice {
    Practice {
        title: plainly(&from.title).into_owned(),
        verdict: from.verdict.as_str(),
        is_waived: from.is_waived,
        organization: from.organization.as_str(),
        accounts: shares(from.accounts),
    }
}

fn shares(counts: Counts) -> Vec<Share> {
    let Counts { pass, fail, unknown, not_applicable, waived } = counts;
    let counts =
        [("fail", fail), ("unknown", unknown), ("waived", waived), ("pass", pass), ("not-applicable", not_applicable)];
    let total = counts.iter().map(|(_, n)| n).sum::<usize>().max(1) as f64;
    let mut begin = 0.0;
    let share = |(word, n): (&'static str, usize)| {
        let width = n as f64 * 100.0 / total;
        let share = Share { word, n, begin, width };
        begin += width;
        share
    };
    counts.into_iter().filter(|(_, n)| *n > 0).map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_bar_fill_it() {
        let shares = shares(Counts { pass: 1, fail: 2, unknown: 0, not_applicable: 0, waived: 1 });
        let parts: Vec<_> = shares.iter().map(|share| (share.word, share.begin, share.width)).collect();
        assert_eq!(parts, [("fail", 0.0, 50.0), ("waived", 50.0, 25.0), ("pass", 75.0, 25.0)]);
    }

    #[test]
    fn nothing_leaves_a_string_of_the_style() {
        assert_eq!(css_text("a\"}</style>"), "a\\22 \\7d \\3c \\2f style\\3e ");
    }

    #[test]
    fn the_policy_names_the_script_and_the_styles() {
        let policy = policy("");
        assert_eq!(policy.matches("sha256-").count(), 3);
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    }
}
