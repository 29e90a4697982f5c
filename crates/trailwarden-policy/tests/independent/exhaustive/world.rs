//! A world so small that every request in it can be tried: the callers of one account and the values of the keys they may choose.

use std::ops::ControlFlow;

use crate::naive::Context;
use crate::organization::ACCOUNT;

/// Roles, users, federated users and the root user.
pub fn principals() -> Vec<String> {
    let names: Vec<String> = strings(&["a", "b", "x"], 2).into_iter().filter(|name| !name.is_empty()).collect();
    let roles = names.iter().cloned().chain(["a/b", "b/a", "x/a", "axx"].map(str::to_owned));
    let roles = roles.map(|name| format!("arn:aws:iam::{ACCOUNT}:role/{name}"));
    let users = ["a", "b", "x", "ab", "a/b"].map(|name| format!("arn:aws:iam::{ACCOUNT}:user/{name}"));
    let federated = ["a", "x"].map(|name| format!("arn:aws:sts::{ACCOUNT}:federated-user/{name}"));
    roles.chain(users).chain(federated).chain([format!("arn:aws:iam::{ACCOUNT}:root")]).collect()
}

/// All strings over some letters up to a length.
fn strings(letters: &[&str], most: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut longest = all.clone();
    for _ in 0..most {
        longest = longest.iter().flat_map(|text| letters.iter().map(move |letter| format!("{text}{letter}"))).collect();
        all.extend(longest.iter().cloned());
    }
    all
}

/// What AWS itself puts into the context of a call (global condition context keys).
pub fn facts(principal: &str, action: &str, resource: &str) -> Context {
    let mut facts = Context::new();
    let mut set = |key: &str, value: &str| drop(facts.insert(key.to_owned(), vec![value.to_owned()]));
    set("aws:principalarn", principal);
    set("aws:principalaccount", ACCOUNT);
    set("aws:securetransport", "true");
    let name = principal.rsplit(['/', ':']).next().unwrap_or_default();
    match principal.splitn(6, ':').nth(5).and_then(|resource| resource.split('/').next()) {
        Some("root") => set("aws:principaltype", "Account"),
        Some("user") => {
            set("aws:principaltype", "User");
            set("aws:username", name);
        }
        Some("federated-user") => set("aws:principaltype", "FederatedUser"),
        _ => set("aws:principaltype", "AssumedRole"),
    }
    match resource.split(':').collect::<Vec<_>>().as_slice() {
        [_, _, _, region, account, ..] => {
            set("aws:requestedregion", region);
            set("aws:resourceaccount", account);
        }
        _ if action.starts_with("organizations:") => set("aws:requestedregion", "us-east-1"),
        _ => {}
    }
    facts
}

/// The values of a key that callers may choose.
fn domain(key: &str) -> Vec<Vec<String>> {
    let alone = |texts: &[&str]| texts.iter().map(|text| vec![(*text).to_owned()]).collect::<Vec<_>>();
    match key {
        "aws:multifactorauthpresent" | "aws:viaawsservice" => alone(&["true", "false"]),
        "aws:multifactorauthage" => alone(&["-1", "0", "0.5", "1", "1.5", "2", "2.5", "3", "4"]),
        "aws:sourceip" => alone(&[
            "9.255.255.255",
            "10.0.0.0",
            "10.0.0.9",
            "10.1.0.0",
            "10.255.255.255",
            "11.0.0.0",
            "0.0.0.0",
            "255.255.255.255",
            "2001:db8::1",
            "::",
            "2002::",
        ]),
        "aws:calledvia" => {
            let texts: Vec<String> = ["a", "b", "x", "aa", "ab", "ba", "xx", "bx", ""].map(str::to_owned).to_vec();
            let alone = texts.iter().map(|text| vec![text.clone()]);
            let pairs = texts.iter().flat_map(|one| texts.iter().map(move |other| vec![one.clone(), other.clone()]));
            let three = [["a", "b", "x"], ["a", "ab", "x"], ["a", "aa", "b"], ["ab", "ba", "xx"]];
            let three = three.map(|texts| texts.map(str::to_owned).to_vec());
            alone.chain(pairs.filter(|pair| pair[0] < pair[1])).chain(three).collect()
        }
        _ => {
            let more = ["axx", "bxx", "xxa", "xxb", "xxx", "aab", "A", "AB", "Ab", "*", "true"];
            strings(&["a", "b", "x"], 2).into_iter().chain(more.map(str::to_owned)).map(|text| vec![text]).collect()
        }
    }
}

fn is_always_there(key: &str) -> bool {
    key == "aws:viaawsservice"
}

fn is_never_there(key: &str, principal: &str) -> bool {
    key == "aws:sourcearn" || key.starts_with("aws:principaltag/") && principal.ends_with(":root")
}

/// The keys that are not settled, with their values.
pub fn domains(keys: &[String]) -> Vec<(String, Vec<Vec<String>>)> {
    let free = keys.iter().filter(|key| !SETTLED.contains(&key.as_str()));
    free.map(|key| (key.clone(), domain(key))).collect()
}

/// Shows the context of a caller with every value of every key.
pub fn each_context(
    domains: &[(String, Vec<Vec<String>>)],
    principal: &str,
    context: &mut Context,
    show: &mut impl FnMut(&Context) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let Some(((key, values), others)) = domains.split_first() else { return show(context) };
    if is_never_there(key, principal) {
        return each_context(others, principal, context, show);
    }
    if !is_always_there(key) {
        each_context(others, principal, context, show)?;
    }
    for values in values {
        context.insert(key.clone(), values.clone());
        each_context(others, principal, context, show)?;
    }
    context.remove(key);
    ControlFlow::Continue(())
}

/// Keys in which the caller has no say.
const SETTLED: &[&str] = &[
    "aws:principalarn",
    "aws:principalaccount",
    "aws:securetransport",
    "aws:principaltype",
    "aws:username",
    "aws:requestedregion",
    "aws:resourceaccount",
];

/// Whether a caller can have these values for a key.
pub fn may_be(key: &str, values: &[String], principal: &str) -> bool {
    let is_bool = |value: &String| ["true", "false"].contains(&value.as_str());
    !is_never_there(key, principal)
        && match key {
            "aws:calledvia" => true,
            "aws:multifactorauthpresent" | "aws:viaawsservice" => values.len() == 1 && values.iter().all(is_bool),
            _ => values.len() == 1,
        }
}
