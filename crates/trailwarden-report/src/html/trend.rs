//! How findings went over the runs that are kept: a chart, and the numbers in it.

use jiff::Timestamp;
use trailwarden_model::assessment::Counts;

/// One run.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    /// When it was collected.
    pub collected_at: Timestamp,
    /// Its findings.
    pub findings: Counts,
}

/// Where the chart's plot begins and ends, in its own units.
const LEFT: f64 = 46.0;
const RIGHT: f64 = 690.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 150.0;

/// A chart of what fails and what is unknown, by time.
pub(super) struct Trend {
    pub(super) runs: Vec<Run>,
    /// Nothing, the most that the scale shows, and its half.
    pub(super) scale: Vec<Rule>,
    pub(super) lines: Vec<Line>,
}

/// A line across the chart.
pub(super) struct Rule {
    pub(super) y: f64,
    pub(super) n: usize,
}

pub(super) struct Run {
    pub(super) at: String,
    pub(super) counts: Counts,
}

pub(super) struct Line {
    pub(super) word: &'static str,
    pub(super) points: String,
    pub(super) marks: Vec<(f64, f64)>,
    /// Where the name of the line stands.
    pub(super) label: (f64, f64),
}

/// The chart; none for a single run.
pub(super) fn trend(points: &[Point]) -> Option<Trend> {
    let (first, last) = (points.first()?, points.last()?);
    if points.len() < 2 {
        return None;
    }
    let seconds = |point: &Point| point.collected_at.as_second() as f64;
    let span = (seconds(last) - seconds(first)).max(1.0);
    let most = points.iter().map(|point| point.findings.fail.max(point.findings.unknown)).max().unwrap_or_default();
    let most = round_up(most);
    let y = |n: usize| BOTTOM - (BOTTOM - TOP) * n as f64 / most as f64;
    let at = |point: &Point, n| (LEFT + (RIGHT - LEFT) * (seconds(point) - seconds(first)) / span, y(n));
    let line = |word, of: fn(&Counts) -> usize| {
        let marks: Vec<(f64, f64)> = points.iter().map(|point| at(point, of(&point.findings))).collect();
        let points: Vec<String> = marks.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        Line {
            word,
            points: points.join(" "),
            label: (RIGHT + 8.0, marks.last().map_or(TOP, |(_, y)| *y + 4.0)),
            marks,
        }
    };
    let mut lines = vec![line("fail", |counts| counts.fail), line("unknown", |counts| counts.unknown)];
    part(&mut lines);
    let run =
        |point: &Point| Run { at: point.collected_at.strftime("%Y-%m-%d %H:%M").to_string(), counts: point.findings };
    Some(Trend {
        runs: points.iter().map(run).collect(),
        scale: [0, most / 2, most].map(|n| Rule { y: y(n), n }).into(),
        lines,
    })
}

/// Keeps the names of two lines apart.
fn part(lines: &mut [Line]) {
    if let [one, other] = lines
        && (one.label.1 - other.label.1).abs() < 14.0
    {
        let lower = if one.label.1 > other.label.1 { one } else { other };
        lower.label.1 += 14.0;
    }
}

/// The least even number of one significant digit, or two, that is not under `n`.
fn round_up(n: usize) -> usize {
    let mut step = 2;
    while n > step * 10 {
        step *= 10;
    }
    n.div_ceil(step).max(1) * step
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(day: i8, fail: usize) -> Point {
        let collected_at = format!("2026-11-{day:02}T00:00:00Z").parse().expect("a time");
        Point { collected_at, findings: Counts { fail, ..Counts::default() } }
    }

    #[test]
    fn a_scale_ends_at_a_round_number() {
        assert_eq!([0, 1, 7, 21, 310, 1_470_032].map(round_up), [2, 2, 8, 40, 400, 1_600_000]);
    }

    #[test]
    fn runs_stand_where_their_time_and_count_put_them() {
        let drawn = trend(&[point(1, 0), point(2, 10), point(5, 20)]).expect("a chart");
        let fail = &drawn.lines[0];
        assert_eq!(fail.marks, [(46.0, 150.0), (207.0, 82.0), (690.0, 14.0)]);
        let rules: Vec<_> = drawn.scale.iter().map(|rule| (rule.y, rule.n)).collect();
        assert_eq!(rules, [(150.0, 0), (82.0, 10), (14.0, 20)]);
        assert!(trend(&[point(1, 0)]).is_none());
    }
}
