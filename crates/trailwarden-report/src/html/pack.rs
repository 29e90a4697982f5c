//! The findings as the script reads them: what many of them share is said once, with marks where each has its own account,
//! region or resource, so that a million findings fit into a few megabytes.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use trailwarden_model::finding::{Evidence, Finding, Outcome};
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::Gap;
use trailwarden_model::waiver::Acceptance;

use super::covered::Covered;
use super::grid::{Grid, Group};
use super::intern::Interned;
use crate::plain::{is_visible, plain};
use crate::report::Report;

/// Marks of what a finding has of its own. No plain text holds them.
const RESOURCE: &str = "\u{1}";
const ACCOUNT: &str = "\u{2}";
const REGION: &str = "\u{3}";
const NAME: &str = "\u{4}";
/// Names shorter than this are left where they stand: they are part of too many words.
const MIN_NAME: usize = 4;

/// What some findings say, whatever their places. Texts are named by their place in [`Pack::texts`], where the first is empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub(super) struct Statement {
    pub(super) control: usize,
    outcome: &'static str,
    severity: &'static str,
    title: usize,
    pub(super) reason: usize,
    /// Fact, call, account and region.
    evidence: Vec<[usize; 4]>,
    parts: Vec<(usize, &'static str)>,
    /// Call, account, region, code and reason.
    gap: Option<[usize; 5]>,
    waiver: Option<usize>,
}

/// Where one finding says it. No region and no resource are zero.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) statement: usize,
    pub(super) account: usize,
    region: usize,
    resource: usize,
}

/// The findings to show, what is worst first.
pub(super) struct Pack<'a> {
    report: Report<'a>,
    pub(super) findings: Vec<&'a Finding>,
    pub(super) rows: Vec<Row>,
    pub(super) statements: Interned<Statement>,
    texts: Interned<String>,
    pub(super) accounts: Interned<AccountId>,
    regions: Interned<String>,
    resources: Interned<String>,
    pub(super) controls: Interned<String>,
    /// Id, reason, owner and last day.
    waivers: Interned<[String; 4]>,
}

/// A map of accounts, as letters.
#[derive(Serialize)]
struct Heat {
    /// The names of the practices, which are the first columns.
    names: Vec<String>,
    rows: Vec<String>,
    words: BTreeMap<char, &'static str>,
}

#[derive(Serialize)]
struct Document<'p> {
    groups: &'p [Group],
    heat: Heat,
    coverage: Option<Covered>,
    accounts: Vec<(&'p str, Cow<'p, str>)>,
    regions: &'p [String],
    resources: &'p [String],
    texts: &'p [String],
    controls: Vec<Control<'p>>,
    waivers: &'p [[String; 4]],
    statements: &'p [Statement],
    rows: Columns,
}

#[derive(Serialize)]
struct Control<'p> {
    id: &'p str,
    why: &'p str,
    rule: &'p str,
    remedy: &'p str,
    /// The place of the best practice it helps to decide, when the run told it.
    practice: Option<usize>,
    requirements: Vec<String>,
}

/// The rows by column, each number as its distance from the one before: most are zero or one, which packs well.
#[derive(Serialize)]
struct Columns {
    statement: Vec<i64>,
    account: Vec<i64>,
    region: Vec<i64>,
    resource: Vec<i64>,
}

impl<'a> Pack<'a> {
    pub(super) fn new(report: Report<'a>) -> Self {
        let mut findings: Vec<&Finding> = report.findings().collect();
        findings.sort_by_key(|finding| (standing(finding), Reverse(finding.severity)));
        let mut pack = Self {
            report,
            findings,
            rows: Vec::new(),
            statements: Interned::new(),
            texts: Interned::new(),
            accounts: Interned::new(),
            regions: Interned::new(),
            resources: Interned::new(),
            controls: Interned::new(),
            waivers: Interned::new(),
        };
        pack.texts.place("");
        pack.regions.place("");
        pack.resources.place("");
        report.assessment.organization.accounts.keys().for_each(|id| _ = pack.accounts.place(id));
        pack.rows = pack.findings.clone().into_iter().map(|finding| pack.row(finding)).collect();
        pack
    }

    fn row(&mut self, finding: &Finding) -> Row {
        let statement = Statement {
            control: self.controls.place(plainly(&finding.control).as_ref()),
            outcome: finding.outcome.as_str(),
            severity: finding.severity.as_str(),
            title: self.text(finding, &finding.title),
            reason: self.text(finding, &finding.reason),
            evidence: finding.evidence.iter().map(|fact| self.evidence(finding, fact)).collect(),
            parts: finding.parts.iter().map(|(part, outcome)| (self.text(finding, part), outcome.as_str())).collect(),
            gap: finding.gap.as_ref().map(|gap| self.gap(finding, gap)),
            waiver: finding.waiver.as_ref().map(|waiver| self.waivers.place(&words(waiver))),
        };
        Row {
            statement: self.statements.place(&statement),
            account: self.accounts.place(&finding.account),
            region: self.regions.place(finding.region.as_ref().map_or("", Region::as_str)),
            resource: self.resources.place(finding.resource.as_deref().map(plainly).as_deref().unwrap_or_default()),
        }
    }

    fn evidence(&mut self, finding: &Finding, evidence: &Evidence) -> [usize; 4] {
        let Evidence { fact, call, account, region } = evidence;
        let [account, region] = [account.as_ref().map(AccountId::as_str), region.as_ref().map(Region::as_str)];
        [Some(fact.as_str()), call.as_deref(), account, region].map(|text| self.text(finding, text.unwrap_or_default()))
    }

    fn gap(&mut self, finding: &Finding, gap: &Gap) -> [usize; 5] {
        let Gap { call, account, region, code, reason, .. } = gap;
        let [account, region] = [account.as_ref().map(AccountId::as_str), region.as_ref().map(Region::as_str)];
        [call, account.unwrap_or_default(), region.unwrap_or_default(), code, reason]
            .map(|text| self.text(finding, text))
    }

    /// The place of a text with marks for what the finding has of its own.
    fn text(&mut self, finding: &Finding, text: &str) -> usize {
        let resource = finding.resource.as_deref().map(plainly);
        let region = finding.region.as_ref().map(Region::as_str);
        let name = self.report.account_name(&finding.account).map(plainly);
        let mut marked = plainly(text);
        let own = [
            (resource.as_deref(), RESOURCE),
            (Some(finding.account.as_str()), ACCOUNT),
            (region, REGION),
            (name.as_deref().filter(|name| name.len() >= MIN_NAME), NAME),
        ];
        for (own, mark) in own {
            if let Some(own) = own.filter(|own| !own.is_empty() && marked.contains(own)) {
                marked = Cow::Owned(marked.replace(own, mark));
            }
        }
        self.texts.place(marked.as_ref())
    }

    /// The pack, ready to stand in the page.
    pub(super) fn packed(&self, groups: &[Group], heat: &Grid, coverage: Option<&Grid>) -> io::Result<String> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        serde_json::to_writer(io::BufWriter::new(&mut gzip), &self.document(groups, heat, coverage))?;
        gzip.flush()?;
        Ok(STANDARD.encode(gzip.finish()?))
    }

    /// The digests in the ids of those findings that do not pass, in their order. They do not pack, and nobody cites an id
    /// of what is well.
    pub(super) fn digests(&self) -> String {
        let cited = self.findings.iter().filter(|finding| is_cited(finding));
        cited.filter_map(|finding| Some(finding.id().rsplit_once('-')?.1.to_owned())).collect()
    }

    fn document<'p>(&'p self, groups: &'p [Group], heat: &Grid, coverage: Option<&Grid>) -> Document<'p> {
        let assessment = self.report.assessment;
        let account = |id| self.report.account_name(id).map(plainly).unwrap_or_default();
        let column = |of: fn(&Row) -> usize| {
            let mut before = 0;
            let distance = |row| {
                let value = of(row) as i64;
                let distance = value - before;
                before = value;
                distance
            };
            self.rows.iter().map(distance).collect()
        };
        Document {
            groups,
            heat: Heat {
                names: assessment.summary.practices.iter().map(|of| plainly(&of.title).into_owned()).collect(),
                rows: heat.letters(),
                words: heat.words_by_letter(),
            },
            coverage: coverage.map(|grid| Covered::new(assessment, self.accounts.values(), grid)),
            accounts: self.accounts.values().iter().map(|id| (id.as_str(), account(id))).collect(),
            regions: self.regions.values(),
            resources: self.resources.values(),
            texts: self.texts.values(),
            controls: self.controls.values().iter().map(|id| self.control(id)).collect(),
            waivers: self.waivers.values(),
            statements: self.statements.values(),
            rows: Columns {
                statement: column(|row| row.statement),
                account: column(|row| row.account),
                region: column(|row| row.region),
                resource: column(|row| row.resource),
            },
        }
    }

    fn control<'p>(&'p self, id: &'p str) -> Control<'p> {
        let text = self.report.controls.get(id);
        let practices = &self.report.assessment.summary.practices;
        let decides = text.and_then(|text| text.practice);
        Control {
            id,
            why: text.map_or("", |text| &text.why),
            rule: text.map_or("", |text| &text.rule),
            remedy: text.map_or("", |text| &text.remedy),
            practice: decides.and_then(|decides| practices.iter().position(|told| told.practice == decides)),
            requirements: text.map(|text| text.requirement_names().collect()).unwrap_or_default(),
        }
    }
}

fn words(waiver: &Acceptance) -> [String; 4] {
    let Acceptance { id, reason, owner, expires } = waiver;
    [plain(id), plain(reason), plain(owner), expires.to_string()]
}

/// What is open, then what is accepted, then what is well.
fn standing(finding: &Finding) -> u8 {
    match (finding.outcome, &finding.waiver) {
        (Outcome::Fail, None) => 0,
        (Outcome::Unknown, None) => 1,
        (Outcome::Fail | Outcome::Unknown, Some(_)) => 2,
        (Outcome::Pass, _) => 3,
        (Outcome::NotApplicable, _) => 4,
    }
}

fn is_cited(finding: &Finding) -> bool {
    matches!(finding.outcome, Outcome::Fail | Outcome::Unknown)
}

/// [`plain`], without a copy of what is plain already.
pub(super) fn plainly(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_visible) { Cow::Borrowed(text) } else { Cow::Owned(plain(text)) }
}
