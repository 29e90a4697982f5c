//! One wildcard pattern as a list of tokens, which is also its automaton: a position in the list is a state.

use std::fmt;

/// One character of a pattern's source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// As written in the policy: `*` and `?` are wildcards.
    Written(char),
    /// Itself, even when it is `*` or `?`: the value of a policy variable, or `${*}`.
    Literal(char),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Token {
    Char(char),
    One {
        crosses_colon: bool,
    },
    Many {
        crosses_colon: bool,
    },
    /// `?` within a name: no slash.
    OneOfName,
    /// `*` within a name: no slash.
    ManyOfName,
}

/// A `*` that matches everything.
const ANY: Token = Token::Many { crosses_colon: true };

impl Token {
    fn is_many(self) -> bool {
        matches!(self, Self::Many { .. } | Self::ManyOfName)
    }
}

/// A pattern: the set of strings it matches.
///
/// ```
/// use trailwarden_policy::Pattern;
/// let admins = Pattern::parse("role/*Admin*");
/// assert!(admins.matches("role/NetworkAdmins"));
/// assert!(!admins.matches("role/networkadmins") && admins.ignoring_case().matches("role/networkadmins"));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern {
    pub(super) tokens: Vec<Token>,
    pub(super) ignores_case: bool,
}

impl Pattern {
    /// A case-sensitive pattern in which `*` is any run of characters and `?` any one character.
    pub fn parse(text: &str) -> Self {
        Self::from_pieces(text.chars().map(Piece::Written))
    }

    /// The pattern that matches this text alone.
    pub(crate) fn literal(text: &str) -> Self {
        Self::from_pieces(text.chars().map(Piece::Literal))
    }

    /// A case-sensitive pattern from single characters, some of which may be protected from being wildcards.
    pub(crate) fn from_pieces(pieces: impl IntoIterator<Item = Piece>) -> Self {
        Self::from_tokens(pieces.into_iter().map(|piece| token(piece, true)).collect())
    }

    /// The same pattern, blind to the case of ASCII letters.
    pub fn ignoring_case(mut self) -> Self {
        self.ignores_case = true;
        self
    }

    /// The same pattern with wildcards that match no colon, as within a part of an ARN.
    pub(crate) fn within_parts(mut self) -> Self {
        for token in &mut self.tokens {
            if let Token::One { crosses_colon } | Token::Many { crosses_colon } = token {
                *crosses_colon = false;
            }
        }
        self
    }

    /// The texts of this pattern with what one more character of a pattern stands for.
    pub(crate) fn followed_by(&self, piece: Piece) -> Self {
        let tokens = self.tokens.iter().copied().chain([token(piece, true)]).collect();
        Self { ignores_case: self.ignores_case, ..Self::from_tokens(tokens) }
    }

    /// A text of the pattern with nothing for every `*`.
    pub(crate) fn shortest(&self) -> String {
        let spelt = |token: &Token| match token {
            Token::Char(c) => Some(*c),
            Token::One { .. } | Token::OneOfName => Some('z'),
            Token::Many { .. } | Token::ManyOfName => None,
        };
        self.tokens.iter().filter_map(spelt).collect()
    }

    /// True when nothing is left open behind the last colon: of one account, the pattern holds one name.
    pub(crate) fn is_one_name(&self) -> bool {
        let spelt = self.tokens.iter().rev().take_while(|token| matches!(token, Token::Char(_))).count();
        let ends_in = self.tokens.get(self.tokens.len() - spelt..).unwrap_or_default();
        ends_in.contains(&Token::Char(':'))
    }

    /// The characters that the pattern spells out.
    pub(crate) fn spelt(&self) -> impl Iterator<Item = char> {
        self.tokens.iter().filter_map(|token| match token {
            Token::Char(c) => Some(*c),
            _ => None,
        })
    }

    /// The texts that begin as `prefix` does and end in a name of this pattern; a name holds no slash.
    pub(crate) fn as_name_after(&self, prefix: &Self) -> Self {
        let of_name = |token: &Token| match token {
            Token::One { .. } => Token::OneOfName,
            Token::Many { .. } => Token::ManyOfName,
            other => *other,
        };
        let tokens = prefix.tokens.iter().copied().chain(self.tokens.iter().map(of_name)).collect();
        Self { ignores_case: self.ignores_case, ..Self::from_tokens(tokens) }
    }

    pub(super) fn from_tokens(mut tokens: Vec<Token>) -> Self {
        tokens.dedup_by(|a, b| a == b && a.is_many());
        Self { tokens, ignores_case: false }
    }

    /// True when the text is in the set.
    pub fn matches(&self, text: &str) -> bool {
        let mut rest = text.chars();
        let mut n_spelt = 0;
        // Most texts that differ do so before the first wildcard.
        while let Some(Token::Char(wanted)) = self.tokens.get(n_spelt) {
            if !rest.next().is_some_and(|c| self.is_same(*wanted, c)) {
                return false;
            }
            n_spelt += 1;
        }
        let mut positions = vec![n_spelt];
        let mut next = Vec::new();
        for c in rest {
            self.step(&positions, c, &mut next);
            std::mem::swap(&mut positions, &mut next);
            if positions.is_empty() {
                return false;
            }
        }
        positions.iter().any(|&position| self.accepts(position))
    }

    /// What may follow a text: together, the texts with which it makes one of this pattern.
    pub(crate) fn after(&self, text: &str) -> Vec<Self> {
        let mut positions = vec![0];
        let mut next = Vec::new();
        for c in text.chars() {
            self.step(&positions, c, &mut next);
            std::mem::swap(&mut positions, &mut next);
        }
        let rest = |position: usize| self.tokens.get(position..).map(<[Token]>::to_vec);
        positions.into_iter().filter_map(rest).map(|tokens| Self { tokens, ignores_case: self.ignores_case }).collect()
    }

    /// The byte offsets before which the text is in the set.
    pub(crate) fn prefixes(&self, text: &str) -> Vec<usize> {
        let mut positions = vec![0];
        let mut next = Vec::new();
        let mut found = Vec::new();
        let is_in = |positions: &[usize]| positions.iter().any(|&position| self.accepts(position));
        for (at, c) in text.char_indices() {
            if is_in(&positions) {
                found.push(at);
            }
            self.step(&positions, c, &mut next);
            std::mem::swap(&mut positions, &mut next);
            if positions.is_empty() {
                return found;
            }
        }
        if is_in(&positions) {
            found.push(text.len());
        }
        found
    }

    /// Where the automaton may be after reading `c`, into `next`; sorted, without duplicates.
    pub(super) fn step(&self, positions: &[usize], c: char, next: &mut Vec<usize>) {
        next.clear();
        for &position in positions {
            self.advance(position, c, next);
        }
        if positions.len() > 1 {
            next.sort_unstable();
            next.dedup();
        }
        // At a `*` that matches everything, whatever could still match from further back matches from here as well.
        let furthest = next.iter().rposition(|&position| self.tokens.get(position) == Some(&ANY));
        if let Some(furthest) = furthest {
            next.drain(..furthest);
        }
    }

    fn advance(&self, position: usize, c: char, next: &mut Vec<usize>) {
        for (index, token) in self.tokens.iter().enumerate().skip(position) {
            match token {
                Token::Many { crosses_colon } => {
                    if *crosses_colon || c != ':' {
                        next.push(index);
                    }
                }
                Token::One { crosses_colon } => {
                    if *crosses_colon || c != ':' {
                        next.push(index + 1);
                    }
                    return;
                }
                Token::ManyOfName => {
                    if c != '/' {
                        next.push(index);
                    }
                }
                Token::OneOfName => {
                    if c != '/' {
                        next.push(index + 1);
                    }
                    return;
                }
                Token::Char(wanted) => {
                    if self.is_same(*wanted, c) {
                        next.push(index + 1);
                    }
                    return;
                }
            }
        }
    }

    fn is_same(&self, wanted: char, c: char) -> bool {
        wanted == c || self.ignores_case && wanted.eq_ignore_ascii_case(&c)
    }

    /// True when upper and lower case make no difference.
    pub(crate) fn is_blind_to_case(&self) -> bool {
        self.ignores_case || !self.tokens.iter().any(|token| matches!(token, Token::Char(c) if c.is_ascii_alphabetic()))
    }

    /// True when the pattern spells out the only text it matches.
    pub(crate) fn is_single(&self) -> bool {
        !self.ignores_case && self.tokens.iter().all(|token| matches!(token, Token::Char(_)))
    }

    /// The only character that leads on from here, when there is but one.
    pub(super) fn only_next(&self, position: usize) -> Option<char> {
        match self.tokens.get(position) {
            Some(Token::Char(c)) if !self.ignores_case => Some(*c),
            _ => None,
        }
    }

    /// True when the text may end here.
    pub(super) fn accepts(&self, position: usize) -> bool {
        self.tokens.iter().skip(position).all(|token| token.is_many())
    }
}

pub(super) fn token(piece: Piece, crosses_colon: bool) -> Token {
    match piece {
        Piece::Written('*') => Token::Many { crosses_colon },
        Piece::Written('?') => Token::One { crosses_colon },
        Piece::Written(c) | Piece::Literal(c) => Token::Char(c),
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tokens.iter().try_for_each(|token| match token {
            Token::Char(c @ ('*' | '?' | '$')) => write!(f, "${{{c}}}"),
            Token::Char(c) => write!(f, "{c}"),
            Token::One { .. } | Token::OneOfName => write!(f, "?"),
            Token::Many { .. } | Token::ManyOfName => write!(f, "*"),
        })
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({self})")
    }
}
