//! iam-simulate in a process of its own: a line of JSON for each question, a line for each answer.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

const DRIVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/iam_simulate/evaluate.mjs");

pub struct Simulator {
    child: Child,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Simulator {
    pub fn start() -> Self {
        let folder = std::env::var("TRAILWARDEN_TEST_NODE")
            .expect("TRAILWARDEN_TEST_NODE names the folder with iam-simulate; run the tests by `cargo xtask test`");
        let mut child = Command::new("node")
            .arg(DRIVER)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts");
        let questions = child.stdin.take().expect("its standard input");
        let answers = BufReader::new(child.stdout.take().expect("its standard output")).lines();
        Self { child, questions, answers }
    }

    /// What it says about each request of a case.
    pub fn ask(&mut self, case: &Value) -> Vec<String> {
        writeln!(self.questions, "{case}").expect("node reads the question");
        let answer = self.answers.next().expect("an answer").expect("a line");
        serde_json::from_str(&answer).expect("a list of words")
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
