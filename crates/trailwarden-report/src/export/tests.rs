//! The exports of the sample plan.

use trailwarden_model::ids::AccountId;

use super::*;
use crate::plan::sample;

fn caller() -> AccountId {
    sample::ROOT.parse().expect("an account")
}

#[test]
fn as_a_script() {
    insta::assert_snapshot!(aws_cli(&sample::plan(), &Access { role: "TrailwardenApply", caller: &caller() }));
}

#[test]
fn as_terraform() {
    let access = Access { role: "TrailwardenApply", caller: &caller() };
    insta::assert_snapshot!(terraform(&sample::plan(), &access).expect("writes"));
}

#[test]
fn as_cloudformation() {
    let files = cloudformation(&sample::plan()).expect("writes");
    let texts: Vec<String> = files.iter().map(|(name, text)| format!("===== {name}\n{text}")).collect();
    insta::assert_snapshot!(texts.join("\n"));
}
