//! Both views of the sample plan.

use super::*;
use crate::View;

fn shown(plan: &trailwarden_model::plan::Plan, width: usize, colour: bool) -> String {
    let exit = "exit code 20: the plan has steps";
    render_text(plan, &View { width, colour, notice: None, exit }).expect("renders")
}

#[test]
fn at_80_columns() {
    insta::assert_snapshot!(shown(&sample::plan(), 80, false));
}

#[test]
fn at_140_columns() {
    insta::assert_snapshot!(shown(&sample::plan(), 140, false));
}

#[test]
fn as_markdown() {
    insta::assert_snapshot!(render_markdown(&sample::plan()).expect("renders"));
}

#[test]
fn a_plan_of_nothing_is_one_line() {
    let view = View { width: 200, colour: false, notice: None, exit: "" };
    let text = render_text(&sample::empty(), &view).expect("renders");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("Nothing to do in organization o-acme123456"), "{text}");
    assert_eq!(render_markdown(&sample::empty()).expect("renders").lines().count(), 1);
}

#[test]
fn hostile_names_reach_neither_terminal_nor_markup() {
    let (text, markdown) = (shown(&sample::plan(), 100, false), render_markdown(&sample::plan()).expect("renders"));
    for rendered in [&text, &markdown] {
        assert!(!rendered.chars().any(|c| c.is_control() && c != '\n'), "{rendered}");
        assert!(!rendered.lines().any(|line| line.starts_with("FAKE") || line.starts_with("Undo")), "{rendered}");
    }
    assert!(markdown.contains(r"pay\|ments \`x\` &lt;b&gt;\*prod\*&lt;/b&gt;"), "{markdown}");
    assert!(!markdown.contains("<b>"), "{markdown}");
}

#[test]
fn nothing_is_said_by_colour_alone() {
    let (coloured, plain) = (shown(&sample::plan(), 140, true), shown(&sample::plan(), 140, false));
    assert_ne!(coloured, plain);
    let mut parts = coloured.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    let stripped = parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest));
    assert_eq!(stripped, plain);
}

#[test]
fn lines_stay_inside_the_width_but_for_what_has_no_spaces() {
    for line in shown(&sample::plan(), 100, false).lines() {
        let longest = line.split(' ').map(textwrap::core::display_width).max().unwrap_or_default();
        assert!(textwrap::core::display_width(line) <= 100.max(longest + 8), "too wide: {line}");
    }
}

/// The sample with the steps of AWS Config once more in another region, and `change` made to what the first of them sends.
fn in_two_regions(change: impl Fn(&str) -> String) -> trailwarden_model::plan::Plan {
    let mut plan = sample::plan();
    let is_config = |step: &&trailwarden_model::plan::Step| step.call.operation().starts_with("config:");
    let steps: Vec<_> = plan.steps.iter().filter(is_config).cloned().collect();
    assert!(steps.len() > 1);
    let region = steps[0].subject.place.region.to_string();
    for (index, step) in steps.iter().enumerate() {
        let mut text = serde_json::to_string(step).expect("JSON").replace(&region, "sa-east-1");
        for (known, one) in steps.iter().enumerate() {
            text = text.replace(&one.id, &format!("s9{known:02}"));
        }
        let text = if index == 0 { change(&text) } else { text };
        plan.steps.push(serde_json::from_str(&text).expect("a step"));
    }
    plan
}

#[test]
fn steps_that_differ_by_their_region_alone_are_shown_once() {
    let views = |plan| [shown(&plan, 120, false), render_markdown(&plan).expect("renders")];
    let one_region = views(sample::plan());
    let alike = views(in_two_regions(str::to_owned));
    let unlike = views(in_two_regions(|text| text.replacen("\"title\":\"", "\"title\":\"also ", 1)));
    for ((one, alike), unlike) in one_region.iter().zip(&alike).zip(&unlike) {
        let n_headings =
            |text: &str| text.lines().filter(|line| line.trim_start_matches([' ', '#']).starts_with("s9")).count();
        assert!(alike.contains("1 more region: sa-east-1 (s900)"), "{alike}");
        assert_eq!((n_headings(one), n_headings(alike)), (0, 0), "{alike}");
        assert!(n_headings(unlike) > 0 && unlike.contains("also "), "{unlike}");
    }
}
