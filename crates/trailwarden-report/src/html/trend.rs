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

/// Where the plots begin and end, in the units of the charts.
const LEFT: f64 = 62.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 150.0;
/// How wide the charts are, for a desk and for a phone: text of one size is read on both.
const WIDTHS: [(&str, f64); 2] = [("wide", 780.0), ("narrow", 350.0)];
/// What the names of the lines take at the right.
const NAMES: f64 = 68.0;

/// Charts of what fails and what is unknown, by time, and the numbers.
pub(super) struct Trend {
    pub(super) runs: Vec<Run>,
    pub(super) charts: Vec<Chart>,
    /// The days, or times of one day, of the first and the last run.
    pub(super) ends: [String; 2],
}

/// One chart.
pub(super) struct Chart {
    /// The style of its size.
    pub(super) class: &'static str,
    pub(super) width: f64,
    /// Where the plot ends.
    pub(super) right: f64,
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
    let run =
        |point: &Point| Run { at: point.collected_at.strftime("%Y-%m-%d %H:%M").to_string(), counts: point.findings };
    let is_one_day = first.collected_at.strftime("%F").to_string() == last.collected_at.strftime("%F").to_string();
    let end = |point: &Point| {
        let format = if is_one_day { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d" };
        point.collected_at.strftime(format).to_string()
    };
    Some(Trend {
        runs: points.iter().map(run).collect(),
        charts: WIDTHS.iter().map(|(class, width)| chart(points, class, *width)).collect(),
        ends: [end(first), end(last)],
    })
}

fn chart(points: &[Point], class: &'static str, width: f64) -> Chart {
    let right = width - NAMES;
    let seconds = |point: &Point| point.collected_at.as_second() as f64;
    let first = points.first().map(seconds).unwrap_or_default();
    let last = points.last().map(seconds).unwrap_or_default();
    let span = (last - first).max(1.0);
    let most = points.iter().map(|point| point.findings.fail.max(point.findings.unknown)).max().unwrap_or_default();
    let most = round_up(most);
    let y = |n: usize| BOTTOM - (BOTTOM - TOP) * n as f64 / most as f64;
    let at = |point: &Point, n| (LEFT + (right - LEFT) * (seconds(point) - first) / span, y(n));
    let line = |word, of: fn(&Counts) -> usize| {
        let marks: Vec<(f64, f64)> = points.iter().map(|point| at(point, of(&point.findings))).collect();
        let points: Vec<String> = marks.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        Line {
            word,
            points: points.join(" "),
            label: (right + 8.0, marks.last().map_or(TOP, |(_, y)| *y + 4.0)),
            marks,
        }
    };
    let mut lines = vec![line("fail", |counts| counts.fail), line("unknown", |counts| counts.unknown)];
    part(&mut lines);
    Chart { class, width, right, scale: [0, most / 2, most].map(|n| Rule { y: y(n), n }).into(), lines }
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
        let [wide, narrow] = [0, 1].map(|n| &drawn.charts[n]);
        assert_eq!(wide.lines[0].marks, [(62.0, 150.0), (224.5, 82.0), (712.0, 14.0)]);
        assert_eq!(narrow.lines[0].marks, [(62.0, 150.0), (117.0, 82.0), (282.0, 14.0)]);
        assert_eq!(drawn.ends, ["2026-11-01", "2026-11-05"]);
        let rules: Vec<_> = wide.scale.iter().map(|rule| (rule.y, rule.n)).collect();
        assert_eq!(rules, [(150.0, 0), (82.0, 10), (14.0, 20)]);
        assert!(trend(&[point(1, 0)]).is_none());
    }
}
