//! The syntax of filter patterns: words, `[columns]`, and `{ conditions on JSON }`.

/// True when CloudWatch Logs would take the pattern.
pub fn is_valid(pattern: &str) -> bool {
    let pattern = pattern.trim();
    match pattern.chars().next() {
        Some('{') => inside(pattern, '}').is_some_and(|conditions| {
            tokens(conditions).is_some_and(|tokens| {
                let mut rest = tokens.as_slice();
                expression(&mut rest).is_some() && rest.is_empty()
            })
        }),
        Some('[') => inside(pattern, ']').is_some(),
        _ => pattern.matches('"').count().is_multiple_of(2),
    }
}

/// What stands between the first character and this last one.
fn inside(pattern: &str, close: char) -> Option<&str> {
    pattern.strip_suffix(close)?.get(1..)
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Compare,
    Selector,
    Quoted,
    Word(String),
}

/// The tokens of conditions; none when something is not one.
fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (token, length) = token(rest)?;
        found.push(token);
        rest = rest.get(length..)?.trim_start();
    }
    Some(found)
}

fn token(rest: &str) -> Option<(Token, usize)> {
    const FIXED: [(&str, Token); 10] = [
        ("&&", Token::And),
        ("||", Token::Or),
        ("!=", Token::Compare),
        ("<=", Token::Compare),
        (">=", Token::Compare),
        ("=", Token::Compare),
        ("<", Token::Compare),
        (">", Token::Compare),
        ("(", Token::Open),
        (")", Token::Close),
    ];
    if let Some((text, token)) = FIXED.iter().find(|(text, _)| rest.starts_with(text)) {
        return Some((token.clone(), text.len()));
    }
    for quote in ['"', '%'] {
        if let Some(after) = rest.strip_prefix(quote) {
            return Some((Token::Quoted, quoted(after, quote)? + 1));
        }
    }
    let end = rest.find(|c: char| c.is_whitespace() || "=<>!()&|\"".contains(c)).unwrap_or(rest.len());
    let word = rest.get(..end).filter(|word| !word.is_empty())?;
    if word.starts_with('$') {
        return (word.len() > 2 && (word.starts_with("$.") || word.starts_with("$[")))
            .then_some((Token::Selector, end));
    }
    Some((Token::Word(word.to_ascii_uppercase()), end))
}

/// How many bytes a quoted text takes with its closing quote; a backslash protects what follows it.
fn quoted(after: &str, quote: char) -> Option<usize> {
    let mut is_protected = false;
    for (at, c) in after.char_indices() {
        match c {
            _ if is_protected => is_protected = false,
            '\\' => is_protected = true,
            _ if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Conditions joined by `&&` and `||`.
fn expression(rest: &mut &[Token]) -> Option<()> {
    condition(rest)?;
    while let [Token::And | Token::Or, after @ ..] = *rest {
        *rest = after;
        condition(rest)?;
    }
    Some(())
}

fn condition(rest: &mut &[Token]) -> Option<()> {
    let is = |word: &str, wanted: &str| word == wanted;
    match *rest {
        [Token::Open, after @ ..] => {
            *rest = after;
            expression(rest)?;
            let [Token::Close, after @ ..] = *rest else { return None };
            *rest = after;
        }
        [Token::Selector, Token::Compare, Token::Quoted | Token::Word(_), after @ ..] => *rest = after,
        [Token::Selector, Token::Word(not), Token::Word(exists), after @ ..]
            if is(not, "NOT") && is(exists, "EXISTS") =>
        {
            *rest = after;
        }
        [Token::Selector, Token::Word(word), Token::Word(what), after @ ..]
            if is(word, "IS") && ["NULL", "TRUE", "FALSE"].contains(&what.as_str()) =>
        {
            *rest = after;
        }
        [Token::Selector, Token::Word(exists), after @ ..] if is(exists, "EXISTS") => *rest = after,
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn benchmark_filters_words_and_columns_are_patterns() {
        for pattern in [
            r#"{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }"#,
            "{($.eventName=CreateTrail)||($.eventName=UpdateTrail)}",
            r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = AccessDenied*) && ($.x != a.b-c.com) }"#,
            "{ $.a.b[0].c >= 1.5 && ($.d IS NULL || $.e IS TRUE) && $.f = %^x\\%y$% }",
            r#"{ $.x = "a \" b" }"#,
            "[ip, user, status = 4*]",
            "ERROR -\"out of memory\"",
            "",
        ] {
            assert!(is_valid(pattern), "{pattern}");
        }
    }

    #[test]
    fn what_breaks_off_is_none() {
        for pattern in [
            "{ $.x = 1",
            "{ }",
            "{ $.x }",
            "{ $.x = }",
            "{ x = 1 }",
            "{ $.x = 1 && }",
            "{ ($.x = 1 }",
            "{ $.x = 1 $.y = 2 }",
            "{ $.x == 1 }",
            "{ $.x = \"a }",
            "{ $.x IS NOT NULL }",
            "{ $. = 1 }",
            "[a, b",
            "\"a",
        ] {
            assert!(!is_valid(pattern), "{pattern}");
        }
    }
}
