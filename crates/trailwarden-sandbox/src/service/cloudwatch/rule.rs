//! The rule of a composite alarm: states of alarms joined by `AND`, `OR` and `NOT`.

/// One piece of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Comma,
    /// A keyword, a number, or a name without quotes.
    Word(String),
    /// A name in quotes.
    Quoted(String),
}

/// The alarms that a rule names, by name or ARN; none when it is not a rule.
pub fn alarms(text: &str) -> Option<Vec<String>> {
    let mut reader = Reader { tokens: tokens(text)?, at: 0, alarms: Vec::new() };
    reader.either()?;
    (reader.at == reader.tokens.len()).then_some(reader.alarms)
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            '"' | '\'' => {
                let (name, _) = rest.get(1..)?.split_once(first)?;
                (Token::Quoted(name.to_owned()), name.len() + 2)
            }
            _ => {
                let word = rest.split(|c: char| c.is_whitespace() || "(),\"'".contains(c)).next()?;
                (Token::Word(word.to_owned()), word.len())
            }
        };
        tokens.push(token);
        rest = rest.get(length..)?.trim_start();
    }
    Some(tokens)
}

/// Reads the grammar; each function takes what it names, or answers none.
struct Reader {
    tokens: Vec<Token>,
    at: usize,
    alarms: Vec<String>,
}

impl Reader {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn take(&mut self, token: &Token) -> Option<()> {
        (self.next().as_ref() == Some(token)).then_some(())
    }

    /// True, and past it, when the next word is this one.
    fn is_word(&mut self, word: &str) -> bool {
        let is_it = matches!(self.tokens.get(self.at), Some(Token::Word(next)) if next.eq_ignore_ascii_case(word));
        self.at += usize::from(is_it);
        is_it
    }

    fn either(&mut self) -> Option<()> {
        self.both()?;
        while self.is_word("OR") {
            self.both()?;
        }
        Some(())
    }

    fn both(&mut self) -> Option<()> {
        self.one()?;
        while self.is_word("AND") {
            self.one()?;
        }
        Some(())
    }

    fn one(&mut self) -> Option<()> {
        while self.is_word("NOT") {}
        if self.is_word("TRUE") || self.is_word("FALSE") {
            return Some(());
        }
        if self.is_word("AT_LEAST") {
            return self.at_least();
        }
        if self.is_state() {
            self.take(&Token::Open)?;
            self.name()?;
            return self.take(&Token::Close);
        }
        self.take(&Token::Open)?;
        self.either()?;
        self.take(&Token::Close)
    }

    fn is_state(&mut self) -> bool {
        ["ALARM", "OK", "INSUFFICIENT_DATA"].iter().any(|state| self.is_word(state))
    }

    fn name(&mut self) -> Option<()> {
        match self.next()? {
            Token::Word(name) | Token::Quoted(name) => self.alarms.push(name),
            _ => return None,
        }
        Some(())
    }

    /// `(2, ALARM, (a, b, c))`: a number or a percentage, a state, and names.
    fn at_least(&mut self) -> Option<()> {
        self.take(&Token::Open)?;
        let Token::Word(number) = self.next()? else { return None };
        number.trim_end_matches('%').parse::<u32>().ok()?;
        self.take(&Token::Comma)?;
        while self.is_word("NOT") {}
        self.is_state().then_some(())?;
        self.take(&Token::Comma)?;
        self.take(&Token::Open)?;
        self.name()?;
        while self.tokens.get(self.at) == Some(&Token::Comma) {
            self.at += 1;
            self.name()?;
        }
        self.take(&Token::Close)?;
        self.take(&Token::Close)
    }
}

#[cfg(test)]
mod tests {
    use super::alarms;

    #[test]
    fn a_rule_names_its_alarms() {
        for (rule, names) in [
            ("ALARM(cpu)", vec!["cpu"]),
            (r#"ALARM("a b") OR (OK('c') AND NOT INSUFFICIENT_DATA(d))"#, vec!["a b", "c", "d"]),
            ("TRUE", vec![]),
            ("not ALARM(x) and false", vec!["x"]),
            ("AT_LEAST(2, ALARM, (a, b, c)) OR AT_LEAST(50%, NOT OK, (d))", vec!["a", "b", "c", "d"]),
            (
                "ALARM(arn:aws:cloudwatch:eu-west-1:111111111111:alarm:a)",
                vec!["arn:aws:cloudwatch:eu-west-1:111111111111:alarm:a"],
            ),
        ] {
            assert_eq!(alarms(rule), Some(names.into_iter().map(str::to_owned).collect()), "{rule}");
        }
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for rule in
            ["", "a", "ALARM()", "ALARM(a", "ALARM(a) ALARM(b)", "ALARM(a) OR", "OR ALARM(a)", "ALARM(\"a)", "(TRUE"]
        {
            assert_eq!(alarms(rule), None, "{rule}");
        }
    }
}
