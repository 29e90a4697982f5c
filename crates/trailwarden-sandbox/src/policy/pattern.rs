//! Wildcards and policy variables.

use super::Context;

/// True when the text fits the pattern, in which `*` stands for any text and `?` for one character.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let mut reachable = vec![true];
    reachable.resize(pattern.len() + 1, false);
    skip_stars(&pattern, &mut reachable);
    for character in text.chars() {
        let mut next = vec![false; pattern.len() + 1];
        for (index, wanted) in pattern.iter().enumerate() {
            if reachable.get(index) != Some(&true) {
                continue;
            }
            let target = match wanted {
                '*' => index,
                '?' => index + 1,
                literal if *literal == character => index + 1,
                _ => continue,
            };
            if let Some(slot) = next.get_mut(target) {
                *slot = true;
            }
        }
        skip_stars(&pattern, &mut next);
        reachable = next;
    }
    reachable.last() == Some(&true)
}

/// A star may stand for nothing: what is reachable before it is reachable after it.
fn skip_stars(pattern: &[char], reachable: &mut [bool]) {
    for (index, character) in pattern.iter().enumerate() {
        if *character == '*'
            && reachable.get(index) == Some(&true)
            && let Some(slot) = reachable.get_mut(index + 1)
        {
            *slot = true;
        }
    }
}

/// Replaces `${key}` and `${key, 'default'}` by values of the request; none when a value is missing.
pub fn substitute(text: &str, context: &Context) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (variable, tail) = after.split_once('}')?;
        out.push_str(before);
        match variable {
            "*" | "?" | "$" => out.push_str(variable),
            _ => {
                let (key, default) = match variable.split_once(',') {
                    Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\''))),
                    None => (variable, None),
                };
                out.push_str(context.get(key).and_then(<[String]>::first).map(String::as_str).or(default)?);
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    Some(out)
}
