//! JSON filter patterns: boolean expressions over fields, where `&&` binds tighter than `||`.

use super::evaluate::{Event, Truth};
use super::glob::Glob;
use super::token::{Token, tokens};

/// A pattern of AWS has at most 1024 characters; whatever nests deeper than this is no pattern of hers.
const MAX_DEPTH: usize = 128;

/// Why a pattern has no expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// AWS would refuse it.
    Malformed(&'static str),
    /// Beyond this version.
    Undecided(&'static str),
}

/// A boolean expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Field(String, Test),
}

/// What is asked of one field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    Equals(Value),
    Differs(Value),
    Compares(Comparison, f64),
    IsNull,
    NotExists,
    IsFlag(bool),
}

/// What a field is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// A text, and the number that it is, when it is one without quotes.
    Text(Glob, Option<f64>),
    /// A regular expression, which is not looked into.
    Regex,
}

/// `<`, `<=`, `>` or `>=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Comparison {
    pub(crate) fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Greater => left > right,
            Self::AtLeast => left >= right,
        }
    }
}

impl Expression {
    pub(super) fn matches(&self, event: &Event) -> Truth<'_> {
        match self {
            Self::All(parts) => Truth::all(parts.iter().map(|part| part.matches(event))),
            Self::Any(parts) => Truth::any(parts.iter().map(|part| part.matches(event))),
            Self::Field(field, test) => match event.get(field) {
                Some(datum) => test.holds(datum),
                None => Truth::Open(field),
            },
        }
    }

    pub(super) fn tests<'a>(&'a self, visit: &mut impl FnMut(&'a str, &'a Test)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.tests(visit)),
            Self::Field(field, test) => visit(field, test),
        }
    }
}

/// Reads what stands between the braces.
pub(super) fn parse(text: &str) -> Result<Expression, Fault> {
    let tokens = tokens(text)?;
    let mut reader = Reader { tokens: tokens.into_iter().peekable(), depth: 0 };
    let expression = reader.any()?;
    match reader.tokens.next() {
        None => Ok(expression),
        Some(_) => Err(Fault::Malformed("something follows its end")),
    }
}

struct Reader {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    depth: usize,
}

impl Reader {
    fn takes(&mut self, token: &Token) -> bool {
        self.tokens.next_if_eq(token).is_some()
    }

    fn takes_word(&mut self, word: &str) -> bool {
        self.tokens.next_if(|token| matches!(token, Token::Bare(text) if text == word)).is_some()
    }

    fn any(&mut self) -> Result<Expression, Fault> {
        let mut parts = vec![self.all()?];
        while self.takes(&Token::Or) {
            parts.push(self.all()?);
        }
        Ok(alone(parts).unwrap_or_else(Expression::Any))
    }

    fn all(&mut self) -> Result<Expression, Fault> {
        let mut parts = vec![self.one()?];
        while self.takes(&Token::And) {
            parts.push(self.one()?);
        }
        Ok(alone(parts).unwrap_or_else(Expression::All))
    }

    fn one(&mut self) -> Result<Expression, Fault> {
        match self.tokens.next() {
            Some(Token::Open) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(Fault::Malformed("its parentheses nest too deeply"));
                }
                let inside = self.any()?;
                self.depth -= 1;
                if !self.takes(&Token::Close) {
                    return Err(Fault::Malformed("a parenthesis does not close"));
                }
                Ok(inside)
            }
            Some(Token::Selector(field)) => Ok(Expression::Field(field, self.test()?)),
            _ => Err(Fault::Malformed("a condition does not begin with a selector")),
        }
    }

    fn test(&mut self) -> Result<Test, Fault> {
        if self.takes_word("IS") {
            return match self.tokens.next() {
                Some(Token::Bare(word)) if word == "NULL" => Ok(Test::IsNull),
                Some(Token::Bare(word)) if word == "TRUE" => Ok(Test::IsFlag(true)),
                Some(Token::Bare(word)) if word == "FALSE" => Ok(Test::IsFlag(false)),
                _ => Err(Fault::Malformed("IS is not followed by NULL, TRUE or FALSE")),
            };
        }
        if self.takes_word("NOT") {
            return match self.takes_word("EXISTS") {
                true => Ok(Test::NotExists),
                false => Err(Fault::Malformed("NOT is not followed by EXISTS")),
            };
        }
        let Some(Token::Operator(operator)) = self.tokens.next() else {
            return Err(Fault::Malformed("a condition has no operator"));
        };
        let value = match self.tokens.next() {
            Some(Token::Bare(text)) => Value::Text(Glob::new(&text), number(&text)),
            Some(Token::Quoted(text)) => Value::Text(Glob::new(&text), None),
            Some(Token::Regex) => Value::Regex,
            _ => return Err(Fault::Malformed("an operator is not followed by a value")),
        };
        let comparison = match operator {
            "=" => return Ok(Test::Equals(value)),
            "!=" => return Ok(Test::Differs(value)),
            "<" => Comparison::Less,
            "<=" => Comparison::AtMost,
            ">" => Comparison::Greater,
            _ => Comparison::AtLeast,
        };
        match value {
            Value::Text(_, Some(number)) => Ok(Test::Compares(comparison, number)),
            _ => Err(Fault::Malformed("an order is asked of something that is no number")),
        }
    }
}

/// The only part, or all of them back.
fn alone(mut parts: Vec<Expression>) -> Result<Expression, Vec<Expression>> {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => Ok(only),
        (last, _) => {
            parts.extend(last);
            Err(parts)
        }
    }
}

/// A decimal number with an optional sign and exponent, as the guide defines it; not the words for infinities.
fn number(text: &str) -> Option<f64> {
    let is_plain = text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    text.parse().ok().filter(|number: &f64| is_plain && number.is_finite())
}
