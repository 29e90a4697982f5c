//! The words of a JSON filter pattern.

use super::json::Fault;

/// One word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    And,
    Or,
    /// `=`, `!=`, `<`, `<=`, `>` or `>=`.
    Operator(&'static str),
    /// `$.eventName`, without the `$.`.
    Selector(String),
    /// A value or keyword without quotes.
    Bare(String),
    /// A value in double quotes, without them.
    Quoted(String),
    /// `%…%`.
    Regex,
}

/// Longer ones first, so that `<` does not hide `<=`.
const SIGNS: [(&str, Token); 10] = [
    ("&&", Token::And),
    ("||", Token::Or),
    ("(", Token::Open),
    (")", Token::Close),
    ("!=", Token::Operator("!=")),
    ("<=", Token::Operator("<=")),
    (">=", Token::Operator(">=")),
    ("=", Token::Operator("=")),
    ("<", Token::Operator("<")),
    (">", Token::Operator(">")),
];

/// Splits the inside of a JSON pattern into words.
pub(super) fn tokens(mut text: &str) -> Result<Vec<Token>, Fault> {
    let mut found = Vec::new();
    loop {
        text = text.trim_start();
        if text.is_empty() {
            return Ok(found);
        }
        let (token, rest) = next(text)?;
        found.push(token);
        text = rest;
    }
}

fn next(text: &str) -> Result<(Token, &str), Fault> {
    if let Some((token, rest)) = SIGNS.iter().find_map(|(sign, token)| Some((token, text.strip_prefix(sign)?))) {
        return Ok((token.clone(), rest));
    }
    if let Some(inside) = text.strip_prefix('"') {
        let (value, rest) = quoted(inside).ok_or(Fault::Malformed("a quotation mark does not close"))?;
        return Ok((Token::Quoted(value), rest));
    }
    if let Some(inside) = text.strip_prefix('%') {
        let (_, rest) = inside.split_once('%').ok_or(Fault::Malformed("a regular expression does not close"))?;
        return Ok((Token::Regex, rest));
    }
    if let Some(path) = text.strip_prefix('$') {
        let end = path.find(|c: char| !(c.is_alphanumeric() || "._-[]*'\":@".contains(c))).unwrap_or(path.len());
        let (path, rest) = path.split_at(end);
        return Ok((Token::Selector(selector(path)?), rest));
    }
    let end = text.find(|c: char| c.is_whitespace() || "()\"=!<>&|{}%".contains(c)).unwrap_or(text.len());
    match text.split_at(end) {
        ("", _) => Err(Fault::Malformed("it holds a sign that stands for nothing")),
        (word, rest) => Ok((Token::Bare(word.to_owned()), rest)),
    }
}

/// The value up to the closing quotation mark, and what follows. A backslash takes the next sign as it is.
pub(super) fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut signs = text.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\\' => value.push(signs.next()?.1),
            _ => value.push(sign),
        }
    }
    None
}

/// The path of a selector, as far as it leads to one value.
fn selector(path: &str) -> Result<String, Fault> {
    if path.contains(['*', '\'', '"', ':', '@']) {
        return Err(Fault::Undecided("a selector with a wildcard or quotes"));
    }
    match path.strip_prefix('.') {
        Some(path) if !path.is_empty() && !path.starts_with(['.', '[']) && !path.ends_with('.') => Ok(path.to_owned()),
        _ => Err(Fault::Malformed("a selector names no field")),
    }
}
