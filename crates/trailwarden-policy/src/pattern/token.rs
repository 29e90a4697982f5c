//! One wildcard pattern as a list of tokens, which is also its automaton: a position in the list is a state.

use std::fmt;

/// One character of a pattern's source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// As written in the policy: `*` and `?` are wildcards.
    Written(char),
    /// Itself, even when it is `*` or `?`: the value of a policy variable, or `${*}`.
    Literal(char),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Token {
    Char(char),
    One { crosses_colon: bool },
    Many { crosses_colon: bool },
}

/// A pattern: the set of strings it matches.
///
/// ```
/// use trailwarden_policy::Pattern;
/// let admins = Pattern::parse("role/*Admin*");
/// assert!(admins.matches("role/NetworkAdmins"));
/// assert!(Pattern::parse("role/SuperAdmin").is_subset_of(&admins).unwrap());
/// assert!(admins.intersects(&Pattern::parse("role/team-*")).unwrap());
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
    pub fn literal(text: &str) -> Self {
        Self::from_pieces(text.chars().map(Piece::Literal))
    }

    /// A case-sensitive pattern from single characters, some of which may be protected from being wildcards.
    pub fn from_pieces(pieces: impl IntoIterator<Item = Piece>) -> Self {
        Self::from_tokens(pieces.into_iter().map(|piece| token(piece, true)).collect())
    }

    /// The same pattern, blind to the case of ASCII letters.
    pub fn ignoring_case(mut self) -> Self {
        self.ignores_case = true;
        self
    }

    /// The same pattern with wildcards that match no colon, as within a part of an ARN.
    pub fn within_parts(mut self) -> Self {
        for token in &mut self.tokens {
            if let Token::One { crosses_colon } | Token::Many { crosses_colon } = token {
                *crosses_colon = false;
            }
        }
        self
    }

    pub(super) fn from_tokens(mut tokens: Vec<Token>) -> Self {
        tokens.dedup_by(|a, b| a == b && matches!(a, Token::Many { .. }));
        Self { tokens, ignores_case: false }
    }

    /// True when the text is in the set.
    pub fn matches(&self, text: &str) -> bool {
        let mut positions = vec![0];
        for c in text.chars() {
            positions = self.step(&positions, c);
            if positions.is_empty() {
                return false;
            }
        }
        positions.iter().any(|&position| self.accepts(position))
    }

    /// Where the automaton may be after reading `c`; sorted, without duplicates.
    pub(super) fn step(&self, positions: &[usize], c: char) -> Vec<usize> {
        let mut next = Vec::with_capacity(positions.len() + 1);
        for &position in positions {
            self.advance(position, c, &mut next);
        }
        next.sort_unstable();
        next.dedup();
        next
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
                Token::Char(wanted) => {
                    if *wanted == c || (self.ignores_case && wanted.eq_ignore_ascii_case(&c)) {
                        next.push(index + 1);
                    }
                    return;
                }
            }
        }
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
        self.tokens.iter().skip(position).all(|token| matches!(token, Token::Many { .. }))
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
            Token::One { .. } => write!(f, "?"),
            Token::Many { .. } => write!(f, "*"),
        })
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({self})")
    }
}
