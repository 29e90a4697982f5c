//! ARN patterns: six parts with wildcards, as the `ArnLike` operators and the resource elements read them.
//!
//! The two differ in one point that the IAM user guide settles: `ArnLike` checks each part by itself, while in a resource
//! element a `*` at the end of a part may run past the colon (resource element, wildcards in resource ARNs).
//!
//! Not settled, and undecided where it matters: a pattern of fewer than six parts. In an SCP one that ends in `*` is read as all
//! that begins so, and AWS refuses any other; elsewhere implementations disagree whether the missing parts match anything or the
//! whole matches nothing.

use super::token::{Pattern, Piece, Token, token};
use crate::truth::Truth;

/// How many colons stand before the resource part of an ARN.
const COLONS: usize = 5;

/// A pattern over ARNs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArnPattern {
    pattern: Pattern,
    is_settled: bool,
}

impl ArnPattern {
    /// Reads a pattern such as `arn:aws:iam::*:role/Audit*` as the `ArnLike` operators do.
    pub(crate) fn parse(text: &str) -> Self {
        Self::from_pieces(&text.chars().map(Piece::Written).collect::<Vec<_>>())
    }

    /// As [`ArnPattern::parse`], from single characters, some of which may be protected from being wildcards.
    pub(crate) fn from_pieces(pieces: &[Piece]) -> Self {
        let is_whole = n_colons(pieces) >= COLONS;
        let tokens = tokens(pieces, |ends_part| !is_whole && ends_part);
        Self { pattern: Pattern::from_tokens(tokens), is_settled: is_whole }
    }

    /// From the characters of a resource element.
    pub(crate) fn of_resource(pieces: &[Piece]) -> Self {
        let is_whole = n_colons(pieces) >= COLONS;
        let ends_open = pieces.last() == Some(&Piece::Written('*'));
        let mut tokens = tokens(pieces, |ends_part| ends_part);
        if !is_whole && !ends_open {
            tokens.extend([Token::Char(':'), Token::Many { crosses_colon: true }]);
        }
        Self { pattern: Pattern::from_tokens(tokens), is_settled: is_whole || ends_open }
    }

    /// Whether an ARN is in the set.
    pub(crate) fn matches(&self, arn: &str) -> Truth {
        if !self.pattern.matches(arn) {
            Truth::No
        } else if self.is_settled {
            Truth::Yes
        } else {
            Truth::undecided(format!("how AWS reads {}, which has fewer than six parts, is not settled", self.pattern))
        }
    }

    /// False when it is not settled what the pattern matches.
    pub(crate) fn is_settled(&self) -> bool {
        self.is_settled
    }

    /// The ARNs that match, or may match, as a plain set.
    pub(crate) fn widest(&self) -> &Pattern {
        &self.pattern
    }
}

fn n_colons(pieces: &[Piece]) -> usize {
    pieces.iter().filter(|piece| is_colon(piece)).count()
}

fn is_colon(piece: &Piece) -> bool {
    matches!(piece, Piece::Written(':') | Piece::Literal(':'))
}

/// The tokens, where a wildcard crosses colons in the last part, and a `*` elsewhere when `crosses` says so of its place.
fn tokens(pieces: &[Piece], crosses: impl Fn(bool) -> bool) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(pieces.len());
    let mut colons = 0;
    let mut rest = pieces.iter().peekable();
    while let Some(&piece) = rest.next() {
        let ends_part = rest.peek().is_none_or(|next| is_colon(next));
        let is_star = piece == Piece::Written('*');
        tokens.push(token(piece, colons >= COLONS || is_star && crosses(ends_part)));
        colons += usize::from(is_colon(&piece));
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: &str = "arn:aws:logs:eu-west-1:111122223333:log-group:trail:log-stream:x";

    fn resource(pattern: &str, arn: &str) -> Truth {
        ArnPattern::of_resource(&pattern.chars().map(Piece::Written).collect::<Vec<_>>()).matches(arn)
    }

    #[test]
    fn a_resource_star_at_the_end_of_a_part_runs_past_the_colon_and_arn_like_does_not() {
        for pattern in ["arn:aws:logs:*:log-group:trail:*", "arn:aws:logs:eu*:log-group:trail:log-stream:x"] {
            assert_eq!(resource(pattern, GROUP), Truth::Yes, "{pattern}");
            assert_eq!(ArnPattern::parse(pattern).matches(GROUP), Truth::No, "{pattern}");
        }
        assert_eq!(resource("arn:aws:logs:*1:111122223333:log-group:trail:*", GROUP), Truth::Yes);
        assert_eq!(
            resource("arn:aws:logs:*3:log-group:trail:log-stream:x", GROUP),
            Truth::No,
            "not at the end of a part"
        );
        assert_eq!(resource("arn:aws:logs:?:log-group:trail:log-stream:x", GROUP), Truth::No);
    }

    #[test]
    fn fewer_parts_are_settled_only_where_a_resource_ends_in_a_star() {
        assert_eq!(resource("arn:aws:logs:*", GROUP), Truth::Yes);
        assert_eq!(resource("arn:aws:logs:eu-west-*", GROUP), Truth::Yes);
        assert!(matches!(resource("arn:aws:logs", GROUP), Truth::Undecided(_)));
        assert_eq!(resource("arn:aws:s3", GROUP), Truth::No);
        assert!(matches!(ArnPattern::parse("arn:aws:logs:*").matches(GROUP), Truth::Undecided(_)));
        assert!(matches!(ArnPattern::parse("*").matches(GROUP), Truth::Undecided(_)));
        assert_eq!(ArnPattern::parse("arn:aws:s3:*").matches(GROUP), Truth::No);
    }
}
