//! ARN patterns: six parts compared one by one, as AWS does for resources and for `ArnLike`.

use super::token::{Pattern, Piece, Token, token};
use crate::truth::Truth;

/// How many colons stand before the resource part of an ARN.
const COLONS: usize = 5;

/// A pattern over ARNs.
///
/// A wildcard stays within its part, except in the last one, which may hold colons itself. A pattern of fewer parts that ends in
/// `*` stands for all ARNs that begin so. Where a `*` would have to run past a colon otherwise, AWS documents it and
/// implementations disagree: such a match is undecided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArnPattern {
    by_parts: Pattern,
    running_past: Pattern,
    is_complete: bool,
}

impl ArnPattern {
    /// Reads a pattern such as `arn:aws:iam::*:role/Audit*`.
    pub fn parse(text: &str) -> Self {
        Self::from_pieces(&text.chars().map(Piece::Written).collect::<Vec<_>>())
    }

    /// From single characters, some of which may be protected from being wildcards.
    pub fn from_pieces(pieces: &[Piece]) -> Self {
        let is_colon = |piece: &Piece| matches!(piece, Piece::Written(':') | Piece::Literal(':'));
        let n_colons = pieces.iter().filter(|piece| is_colon(piece)).count();
        let ends_open = pieces.last() == Some(&Piece::Written('*'));
        let mut by_parts = Vec::with_capacity(pieces.len());
        let mut running_past = Vec::with_capacity(pieces.len());
        let mut colons = 0;
        let mut rest = pieces.iter().peekable();
        while let Some(&piece) = rest.next() {
            let is_last = rest.peek().is_none();
            let ends_part = rest.peek().is_none_or(|next| is_colon(next));
            let in_resource = colons >= COLONS;
            by_parts.push(token(piece, in_resource || is_last && n_colons < COLONS));
            running_past.push(token(piece, in_resource || ends_part));
            colons += usize::from(is_colon(&piece));
        }
        Self {
            by_parts: Pattern::from_tokens(by_parts),
            running_past: Pattern::from_tokens(running_past),
            is_complete: n_colons >= COLONS || ends_open,
        }
    }

    /// Whether an ARN is in the set.
    pub fn matches(&self, arn: &str) -> Truth {
        if self.is_complete && self.by_parts.matches(arn) {
            Truth::Yes
        } else if self.running_past.matches(arn) {
            Truth::undecided(format!("whether a wildcard of {} runs past a colon is not settled", self.by_parts))
        } else {
            Truth::No
        }
    }

    /// The ARNs matched for certain, as a plain set.
    pub fn certain(&self) -> &Pattern {
        &self.by_parts
    }

    /// True when every ARN matches.
    pub fn is_everything(&self) -> bool {
        self.by_parts.tokens == [Token::Many { crosses_colon: true }]
    }
}
