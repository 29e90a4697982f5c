//! A JSON reader (RFC 8259) that keeps the place of every value and refuses duplicate keys; depth and length are bounded.

use crate::span::{Malformed, Span, Spanned};

/// Longest document read, in bytes: several times the largest policy quota of AWS (32 KiB, key policies).
pub const MAX_LENGTH: usize = 128 * 1024;

/// Deepest nesting read; a policy needs five levels.
const MAX_DEPTH: usize = 32;

/// One JSON value and its place.
pub(crate) type Node = Spanned<Value>;

/// A JSON value. Numbers keep their spelling: conditions compare them as text or parse them later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(String),
    String(String),
    Array(Vec<Node>),
    Object(Vec<(Spanned<String>, Node)>),
}

/// Reads one JSON text.
pub(crate) fn read(text: &str) -> Result<Node, Malformed> {
    if text.len() > MAX_LENGTH {
        let reason = format!("longer than {MAX_LENGTH} bytes");
        return Err(Malformed::new(reason, Span { end: text.len(), line: 1, column: 1, ..Span::default() }));
    }
    let mut reader = Reader { rest: text, place: Span { line: 1, column: 1, ..Span::default() } };
    let node = reader.value(0)?;
    reader.skip_space();
    match reader.peek() {
        None => Ok(node),
        Some(c) => Err(reader.error(format!("unexpected {c:?} after the document"))),
    }
}

struct Reader<'a> {
    rest: &'a str,
    place: Span,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next()?;
        self.rest = chars.as_str();
        self.place.start += c.len_utf8();
        if c == '\n' {
            self.place.line += 1;
            self.place.column = 1;
        } else {
            self.place.column += 1;
        }
        Some(c)
    }

    fn here(&self) -> Span {
        Span { end: self.place.start, ..self.place }
    }

    fn since(&self, begin: Span) -> Span {
        Span { end: self.place.start, ..begin }
    }

    fn error(&self, reason: impl Into<String>) -> Malformed {
        Malformed::new(reason, self.here())
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.next();
        }
    }

    fn expect(&mut self, wanted: char) -> Result<(), Malformed> {
        match self.peek() {
            Some(c) if c == wanted => {
                self.next();
                Ok(())
            }
            Some(c) => Err(self.error(format!("expected {wanted:?}, found {c:?}"))),
            None => Err(self.error(format!("expected {wanted:?}, found the end"))),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, Malformed> {
        if depth > MAX_DEPTH {
            return Err(self.error(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        self.skip_space();
        let begin = self.here();
        let value = match self.peek() {
            Some('{') => self.object(depth)?,
            Some('[') => self.array(depth)?,
            Some('"') => Value::String(self.string()?),
            Some('-' | '0'..='9') => self.number()?,
            Some('t') => self.word("true", Value::Bool(true))?,
            Some('f') => self.word("false", Value::Bool(false))?,
            Some('n') => self.word("null", Value::Null)?,
            Some(c) => return Err(self.error(format!("unexpected {c:?}"))),
            None => return Err(self.error("unexpected end of the document")),
        };
        Ok(Spanned { value, span: self.since(begin) })
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Malformed> {
        for wanted in word.chars() {
            self.expect(wanted)?;
        }
        Ok(value)
    }

    fn digits(&mut self, text: &mut String) -> Result<(), Malformed> {
        let before = text.len();
        while let Some(c @ '0'..='9') = self.peek() {
            text.push(c);
            self.next();
        }
        if text.len() == before { Err(self.error("expected a digit")) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Value, Malformed> {
        let mut text = String::new();
        if self.peek() == Some('-') {
            text.push('-');
            self.next();
        }
        if self.peek() == Some('0') {
            text.push('0');
            self.next();
        } else {
            self.digits(&mut text)?;
        }
        if self.peek() == Some('.') {
            text.push('.');
            self.next();
            self.digits(&mut text)?;
        }
        if let Some(c @ ('e' | 'E')) = self.peek() {
            text.push(c);
            self.next();
            if let Some(c @ ('+' | '-')) = self.peek() {
                text.push(c);
                self.next();
            }
            self.digits(&mut text)?;
        }
        Ok(Value::Number(text))
    }

    fn string(&mut self) -> Result<String, Malformed> {
        self.expect('"')?;
        let mut text = String::new();
        loop {
            match self.next() {
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape()?),
                Some(c) if c < ' ' => return Err(self.error("control character in a string")),
                Some(c) => text.push(c),
                None => return Err(self.error("string without an end")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Malformed> {
        match self.next() {
            Some(c @ ('"' | '\\' | '/')) => Ok(c),
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('u') => self.unicode(),
            _ => Err(self.error("unknown escape in a string")),
        }
    }

    fn unicode(&mut self) -> Result<char, Malformed> {
        let mut units = vec![self.unit()?];
        if matches!(units.first(), Some(0xD800..=0xDBFF)) {
            self.expect('\\')?;
            self.expect('u')?;
            units.push(self.unit()?);
        }
        let mut decoded = char::decode_utf16(units);
        match (decoded.next(), decoded.next()) {
            (Some(Ok(c)), None) => Ok(c),
            _ => Err(self.error("unpaired surrogate in a string")),
        }
    }

    fn unit(&mut self) -> Result<u16, Malformed> {
        let mut unit = 0_u16;
        for _ in 0..4 {
            let digit = self.next().and_then(|c| c.to_digit(16)).and_then(|d| u16::try_from(d).ok());
            unit = unit << 4 | digit.ok_or_else(|| self.error("expected four hexadecimal digits"))?;
        }
        Ok(unit)
    }

    fn array(&mut self, depth: usize) -> Result<Value, Malformed> {
        self.expect('[')?;
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == Some(']') {
            self.next();
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_space();
            if self.peek() == Some(',') {
                self.next();
            } else {
                self.expect(']')?;
                return Ok(Value::Array(items));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Malformed> {
        self.expect('{')?;
        let mut members: Vec<(Spanned<String>, Node)> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        self.skip_space();
        if self.peek() == Some('}') {
            self.next();
            return Ok(Value::Object(members));
        }
        loop {
            self.skip_space();
            let begin = self.here();
            let key = Spanned { value: self.string()?, span: self.since(begin) };
            if !seen.insert(key.value.clone()) {
                return Err(Malformed::new(format!("duplicate key {:?}", key.value), key.span));
            }
            self.skip_space();
            self.expect(':')?;
            members.push((key, self.value(depth + 1)?));
            self.skip_space();
            if self.peek() == Some(',') {
                self.next();
            } else {
                self.expect('}')?;
                return Ok(Value::Object(members));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_value_knows_its_line_and_column() {
        let node = read("{\n  \"a\": [1,\n   \"é\", \"b\"]\n}").expect("valid");
        let Value::Object(members) = node.value else { panic!("an object") };
        let Value::Array(items) = &members[0].1.value else { panic!("an array") };
        assert_eq!(items[2].span.to_string(), "line 3, column 9");
    }

    #[test]
    fn duplicate_keys_and_deep_nesting_are_refused() {
        assert!(read(r#"{"a":1,"a":2}"#).expect_err("refused").reason.contains("duplicate"));
        assert!(read(&"[".repeat(100_000)).expect_err("refused").reason.contains("nested"));
    }

    #[test]
    fn surrogates_must_be_paired() {
        assert_eq!(read(r#""\ud83d\ude00""#).expect("valid").value, Value::String("😀".into()));
        assert!(read(r#""\ud83d""#).is_err());
        assert!(read(r#""\ud83dA""#).is_err());
    }

    proptest! {
        #[test]
        fn accepts_exactly_what_serde_json_accepts(text in r#"[\[\]{}:,"0-9eE.+\-truefalsn \\/]{0,24}"#) {
            let ours = read(&text).is_ok();
            let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            let is_duplicate = matches!(read(&text), Err(e) if e.reason.contains("duplicate"));
            // serde_json refuses numbers outside f64; policies never hold any.
            let is_huge = matches!(serde_json::from_str::<serde_json::Value>(&text), Err(e) if e.to_string().contains("out of range"));
            prop_assert!(ours == theirs || is_duplicate || is_huge, "{text:?}: ours {ours}, serde_json {theirs}");
        }

        #[test]
        fn spans_cut_out_the_value(key in "[a-z]{1,5}", item in "[ -~]{0,10}") {
            let text = serde_json::json!({ key: [item.clone()] }).to_string();
            let node = read(&text).expect("valid");
            let Value::Object(members) = node.value else { panic!("an object") };
            let Value::Array(items) = &members[0].1.value else { panic!("an array") };
            let cut = &text[items[0].span.start..items[0].span.end];
            prop_assert_eq!(serde_json::from_str::<String>(cut).expect("valid"), item);
        }
    }
}
