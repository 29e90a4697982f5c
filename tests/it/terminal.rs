//! The table on narrow and wide pages, through pipes, without colour, and with account names in wide characters.

use std::fs;
use std::io::Read;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Run, acme, program};

const NAME: &str = "本番決済アカウント（東日本と西日本の両方）";

#[test]
fn the_table_holds_at_every_width_and_through_pipes() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut snapshot: Value = serde_json::from_str(&fs::read_to_string(acme()).expect("a snapshot")).expect("JSON");
    snapshot["organization"]["accounts"]["523908114477"]["name"] = NAME.into();
    let path = folder.path().join("snapshot.json");
    fs::write(&path, snapshot.to_string()).expect("writes");
    let path = path.to_str().expect("UTF-8");
    let audit = |columns: &str, more: &[&str]| {
        let mut command = program(&[&["audit", "--snapshot", path], more].concat());
        command.env("COLUMNS", columns).env("TERM", "xterm-256color").env_remove("NO_COLOR");
        command
    };
    for (columns, most) in [("10", 40), ("40", 40), ("60", 60), ("100", 100), ("200", 140)] {
        for more in [&[][..], &["--framework", "cis-aws-5.0.0"]] {
            let run: Run = audit(columns, more).output().expect("the program runs").into();
            assert_eq!(run.code, Some(10), "{}", run.stderr);
            assert!(!run.stdout.contains('\u{1b}'), "a pipe gets no colour");
            for line in run.stdout.lines() {
                let longest = line.split(' ').map(textwrap::core::display_width).max().unwrap_or_default();
                let indent = line.len() - line.trim_start().len();
                let width = textwrap::core::display_width(line);
                assert!(width <= most.max(indent + longest), "wider than {most}: {line}");
            }
            let whole: String = run.stdout.split_whitespace().collect();
            assert!(!more.is_empty() || whole.contains(NAME), "{}", run.stdout);
        }
    }

    let mut left = audit("40", &["-o", "table"]).stdout(Stdio::piped()).spawn().expect("the program runs");
    let mut first = [0; 16];
    left.stdout.take().expect("a pipe").read_exact(&mut first).expect("reads");
    assert_eq!(left.wait().expect("ends").code(), Some(10), "a reader that left early is no failure");
}
