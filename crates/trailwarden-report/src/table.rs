//! `table`: the format for people. First one screen with the verdict, then what matters, worst first.

mod findings;
mod places;
mod requirements;
mod unknowns;
mod verdict;
mod waivers;

use textwrap::core::display_width;
use trailwarden_model::assessment::Assessment;

use crate::page::{NARROWEST, View};
use crate::paint::{Paint, wrap};
use crate::report::Report;

/// Renders an assessment for people, ending in a newline.
pub fn render(report: &Report<'_>, view: &View<'_>) -> String {
    report.plainly(|report| render_plain(report, view))
}

fn render_plain(report: Report<'_>, view: &View<'_>) -> String {
    let assessment = report.assessment;
    let page = Page { report, assessment, view, paint: Paint::new(view.colour), width: view.width.max(NARROWEST) };
    let mut parts = vec![verdict::render_verdict(&page)];
    parts.extend(requirements::render_requirements(&page));
    parts.extend(findings::render_failures(&page));
    parts.extend(unknowns::render_unknowns(&page));
    parts.extend(waivers::render_waivers(&page));
    parts.push(verdict::render_footer(&page));
    parts.join("\n")
}

/// Everything a part of the page is made from.
struct Page<'a> {
    report: Report<'a>,
    assessment: &'a Assessment,
    view: &'a View<'a>,
    paint: Paint,
    width: usize,
}

impl Page<'_> {
    /// A heading with an empty line after it.
    fn heading(&self, text: &str) -> String {
        self.wrap(&self.paint.bold(text), "", "  ") + "\n"
    }

    /// A table where it fits the page; else what it says line by line.
    fn fitted(&self, table: &str, lines: impl FnOnce() -> String) -> String {
        let is_too_wide = table.lines().any(|line| display_width(line.trim_end()) > self.width);
        match is_too_wide {
            true => lines(),
            false => table.lines().map(|line| format!("{}\n", line.trim_end())).collect(),
        }
    }

    /// Wraps text to the page, `first` before the first line and `rest` before the others; ends in a newline.
    fn wrap(&self, text: &str, first: &str, rest: &str) -> String {
        wrap(self.width, text, first, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn shown(assessment: &Assessment, width: usize, colour: bool) -> String {
        let controls = sample::catalogue();
        let view = View {
            width,
            colour,
            notice: Some("sandbox acme: a made-up organization inside this program; no AWS account was asked"),
            exit: "exit code 10: at least one finding fails",
        };
        render(&sample::report(assessment, &controls), &view)
    }

    #[test]
    fn at_80_columns() {
        insta::assert_snapshot!(shown(&sample::assessment(), 80, false));
    }

    #[test]
    fn at_140_columns() {
        insta::assert_snapshot!(shown(&sample::assessment(), 140, false));
    }

    #[test]
    fn a_waived_failure_is_never_shown_as_a_pass() {
        let text = shown(&sample::waived(), 100, false);
        assert!(text.contains("fail, but waived (9)") && text.contains("~ waived"), "{text}");
        assert!(!text.contains("What fails") && !text.contains("Unknown:"), "{text}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_big_organization_stays_short_and_inside_the_width() {
        let text = shown(&sample::fleet(300), 100, false);
        assert!(text.lines().count() < 60, "{} lines:\n{text}", text.lines().count());
        for line in text.lines() {
            assert!(textwrap::core::display_width(line) <= 100, "too wide: {line}");
        }
        assert!(text.contains("300 accounts"), "{text}");
    }

    /// Every line is inside the width, but for words that nothing may break: ids, ARNs, digests.
    fn assert_inside(text: &str, width: usize) {
        for line in text.lines() {
            let words = line.trim_start().split(' ');
            let longest = words.map(display_width).max().unwrap_or_default();
            let indent = line.len() - line.trim_start().len();
            assert!(display_width(line) <= width.max(indent + longest), "wider than {width}: {line}");
        }
    }

    #[test]
    fn every_width_holds_whatever_the_accounts_are_called() {
        let mut assessment = sample::assessment();
        let names =
            ["ログ保管庫・本番環境、東日本と西日本の両方を見る監査部門", "결제-프로덕션 서울", "支払い👩‍💻payments"];
        for (name, long) in assessment.organization.accounts.values_mut().zip(names) {
            long.clone_into(name);
        }
        for finding in &mut assessment.findings {
            finding.reason = format!("証跡は{}記録されていません。{}", names[0], finding.reason);
        }
        assessment.framework = Some(sample::answers());
        for width in [40, 60, 80, 100, 140, 200] {
            let text = shown(&assessment, width, false);
            assert_inside(&text, width);
            assert_eq!(strip(&shown(&assessment, width, true)), text, "colour takes no place");
            let whole: String = text.split_whitespace().collect();
            for said in ["CloudTrailonineveryregion".to_owned(), names[0].to_owned()] {
                assert!(whole.contains(&said), "{said} at {width}: {text}");
            }
        }
        insta::assert_snapshot!("at_40_columns", shown(&assessment, 40, false));
    }

    #[test]
    fn nothing_is_said_by_colour_alone() {
        let coloured = shown(&sample::assessment(), 100, true);
        let plain = shown(&sample::assessment(), 100, false);
        assert_ne!(coloured, plain);
        assert_eq!(strip(&coloured), plain);
    }

    #[test]
    fn a_clean_organization_is_told_so() {
        let text = shown(&sample::clean(), 80, false);
        assert!(text.contains("✓ pass"), "{text}");
        assert!(!text.contains("✗ fail"), "{text}");
        assert!(!text.contains("Unknown"), "{text}");
    }

    #[test]
    fn what_was_not_looked_at_is_said_at_the_top() {
        let mut assessment = sample::clean();
        let organization = &mut assessment.organization;
        organization.regions_assumed.clear();
        organization.region_filter.insert("eu-west-1".parse().expect("a region"));
        organization.accounts.insert("999999999998".parse().expect("an account"), "closed".to_owned());
        organization.accounts.insert("999999999999".parse().expect("an account"), "filtered".to_owned());
        organization.excluded.insert("999999999999".parse().expect("an account"));
        let text = shown(&assessment, 100, false);
        for note in ["! only acme-1 (000000000001) and acme-2", "left only eu-west-1:", "! 1 account not audited"] {
            assert!(text.contains(note), "{note}: {text}");
        }
    }

    #[test]
    fn one_of_several_reasons_for_the_same_code_is_called_an_example() {
        let mut assessment = sample::assessment();
        let mut other = assessment.findings.iter().find(|finding| finding.gap.is_some()).expect("a gap").clone();
        if let Some(gap) = &mut other.gap {
            gap.reason.push_str(" elsewhere");
        }
        assert!(!shown(&assessment, 100, false).contains("for example: "), "one reason is no example");
        assessment.findings.push(other);
        assert!(shown(&assessment, 100, false).contains("for example: "));
    }

    fn strip(text: &str) -> String {
        let mut plain = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            plain.push_str(before);
            rest = after.split_once('m').map_or("", |(_, tail)| tail);
        }
        plain + rest
    }
}
