//! One finding explained: for people, and as `trailwarden.explanation/1`.

use jiff::Timestamp;
use serde::Serialize;
use trailwarden_model::finding::{Evidence, Finding, Input, Outcome};
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::Gap;
use trailwarden_model::organization::Organization;
use trailwarden_model::waiver::Acceptance;

use crate::ReportError;
use crate::names::Names;
use crate::scp::{Page, View};

/// The format written by [`render_json`].
pub const FORMAT: &str = "trailwarden.explanation/1";

/// A finding, and everything that makes it what it is.
#[derive(Debug)]
pub struct Explanation<'a> {
    /// Whose accounts.
    pub organization: &'a Organization,
    /// When the evidence was read.
    pub collected_at: Timestamp,
    /// The finding.
    pub finding: &'a Finding,
    /// What exactly its control judges.
    pub rule: &'a str,
    /// Why it matters.
    pub why: &'a str,
    /// What to change when it fails.
    pub remedy: &'a str,
    /// Pages to read on, by title.
    pub references: &'a [&'a str],
    /// Frameworks and their requirements.
    pub frameworks: &'a [(&'a str, &'a [&'a str])],
    /// What it was judged by besides the evidence.
    pub inputs: Vec<Input>,
}

/// Renders an explanation for people, ending in a newline.
pub fn render(explanation: &Explanation<'_>, view: &View<'_>) -> String {
    let page = Page::new(view);
    let finding = explanation.finding;
    let names = Names { organization: explanation.organization };
    let mut text = String::new();
    text.extend(view.notice.map(|notice| page.line(0, &format!("! {notice}"))));
    let severity = finding.severity.as_str();
    let label = page.paint.label(finding.outcome);
    text.push_str(&page.line(0, &format!("{label}  {severity}  {}", page.paint.bold(&finding.id()))));
    text.push_str(&page.line(2, &format!("{}.", finding.title)));
    text.push_str(&page.line(2, &place(finding, names)));
    text.push_str(&page.line(2, &finding.reason));
    text.extend(finding.waiver.as_ref().map(|waiver| section(page, "Waived", &waived(page, waiver))));
    text.push_str(&section(page, "What is judged", &[explanation.rule.to_owned()]));
    let inputs: Vec<String> = explanation.inputs.iter().map(input).collect();
    text.push_str(&section(page, "Judged by", &inputs));
    let read = format!("Evidence, as read at {}", explanation.collected_at.strftime("%Y-%m-%d %H:%M:%S UTC"));
    text.push_str(&section(page, &read, &evidence(finding, names)));
    text.extend(finding.gap.as_ref().map(|gap| section(page, "What could not be read", &[unread(gap, names)])));
    text.push_str(&section(page, "Why it matters", &[explanation.why.to_owned()]));
    let heading = if finding.outcome == Outcome::Fail { "How to fix it" } else { "When it fails" };
    text.push_str(&section(page, heading, &[explanation.remedy.to_owned()]));
    let references: Vec<String> = explanation.references.iter().map(|&title| title.to_owned()).collect();
    text.push_str(&section(page, "References", &references));
    let frameworks =
        explanation.frameworks.iter().map(|(id, requirements)| format!("{id}: {}", requirements.join(", ")));
    text.push_str(&section(page, "Frameworks", &frameworks.collect::<Vec<_>>()));
    text + "\n" + &page.line(0, view.exit)
}

/// A heading and its lines; nothing without lines.
fn section(page: Page, heading: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let lines: String = lines.iter().map(|line| page.line(2, line)).collect();
    format!("\n{}\n{lines}", page.paint.bold(heading))
}

fn place(finding: &Finding, names: Names<'_>) -> String {
    let region = finding.region.as_ref().map(|region| format!(", {region}")).unwrap_or_default();
    let resource = finding.resource.as_ref().map(|resource| format!(": {resource}")).unwrap_or_default();
    format!("{}{region}{resource}", names.account(finding.account.as_str()))
}

fn waived(page: Page, waiver: &Acceptance) -> Vec<String> {
    let by = format!("{}  {} by {}, until {}", page.paint.waived(), waiver.id, waiver.owner, waiver.expires);
    vec![by, waiver.reason.clone()]
}

fn input(input: &Input) -> String {
    format!("{} = {}  ({})", input.name, input.value, input.source)
}

fn evidence(finding: &Finding, names: Names<'_>) -> Vec<String> {
    let line = |fact: &Evidence| {
        let asked =
            |call: &String| format!("  ({call}{})", asked_in(fact.account.as_ref(), fact.region.as_ref(), names));
        format!("{}{}", fact.fact, fact.call.as_ref().map(asked).unwrap_or_default())
    };
    finding.evidence.iter().map(line).collect()
}

fn unread(gap: &Gap, names: Names<'_>) -> String {
    let place = asked_in(gap.account.as_ref(), gap.region.as_ref(), names);
    format!("{}{place}: {}: {}", gap.call, gap.code, gap.reason)
}

/// Where a call was made, to follow its name: ` in payments-prod (111122223333), eu-west-1`.
fn asked_in(account: Option<&AccountId>, region: Option<&Region>, names: Names<'_>) -> String {
    let account = account.map(|account| format!(" in {}", names.account(account.as_str()))).unwrap_or_default();
    let region = region.map(|region| format!(", {region}")).unwrap_or_default();
    account + &region
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    collected_at: String,
    finding: crate::json::Finding<'a>,
    rule: &'a str,
    why: &'a str,
    remedy: &'a str,
    references: &'a [&'a str],
    frameworks: Vec<Framework<'a>>,
    inputs: &'a [Input],
}

#[derive(Serialize)]
struct Framework<'a> {
    id: &'a str,
    requirements: &'a [&'a str],
}

/// Renders an explanation as pretty-printed JSON with a newline at the end.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn render_json(explanation: &Explanation<'_>) -> Result<String, ReportError> {
    let Explanation { rule, why, remedy, references, .. } = *explanation;
    let frameworks = explanation.frameworks.iter().map(|&(id, requirements)| Framework { id, requirements });
    let document = Document {
        format: FORMAT,
        collected_at: explanation.collected_at.to_string(),
        finding: crate::json::finding(explanation.finding),
        rule,
        why,
        remedy,
        references,
        frameworks: frameworks.collect(),
        inputs: &explanation.inputs,
    };
    crate::json::write(FORMAT, &document)
}
