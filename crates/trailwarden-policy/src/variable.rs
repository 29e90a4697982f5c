//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'default'}`, `${*}`.
//!
//! Not settled by the IAM user guide, and therefore undecided where it matters:
//! - a `${` without an end, and a default that is not set off by a comma, a space and single quotes: AWS may refuse the document,
//!   or take the text as it stands;
//! - a variable of several values, which the guide does not allow for;
//! - a variable before the fifth colon of a resource, where the guide says none can be used (see the resource element).

use crate::context::{Context, Values};
use crate::pattern::Piece;

/// A text of a policy that may hold variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    source: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Written(String),
    Literal(char),
    Variable {
        key: String,
        default: Option<String>,
    },
    /// A `${` that is no variable AWS documents.
    Broken,
}

impl Template {
    /// Reads a text of a policy of version 2012-10-17.
    pub(crate) fn parse(source: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = source;
        while let Some((before, after)) = rest.split_once("${") {
            push_written(&mut parts, before);
            let Some((inner, behind)) = split_variable(after) else {
                parts.push(Part::Broken);
                rest = "";
                break;
            };
            parts.push(variable(inner));
            rest = behind;
        }
        push_written(&mut parts, rest);
        Self { source: source.to_owned(), parts }
    }

    /// A text of a policy of version 2008-10-17, where `${` has no meaning.
    pub(crate) fn plain(source: &str) -> Self {
        Self { source: source.to_owned(), parts: vec![Part::Written(source.to_owned())] }
    }

    /// The text as written.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// The text with [`Template::VARIABLE`] in the place of every variable and escape: a colon in a key is no colon of the ARN.
    pub(crate) fn shape(&self) -> String {
        let mut shape = String::with_capacity(self.source.len());
        for part in &self.parts {
            match part {
                Part::Written(text) => shape.push_str(text),
                Part::Literal(_) | Part::Variable { .. } | Part::Broken => shape.push(Self::VARIABLE),
            }
        }
        shape
    }

    /// Stands for a variable in [`Template::shape`]; no policy holds it.
    pub(crate) const VARIABLE: char = '\u{fffc}';

    /// The condition keys that the variables read.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable { key, .. } => Some(key.as_str()),
            _ => None,
        })
    }

    /// The text with the variables filled in. `Ok(None)` when a variable has neither value nor default: nothing equals such a text.
    /// An error says why the text cannot be understood.
    pub(crate) fn resolve(&self, context: &Context) -> Result<Option<Vec<Piece>>, String> {
        let mut pieces = Vec::with_capacity(self.source.len());
        for part in &self.parts {
            match part {
                Part::Written(text) => pieces.extend(text.chars().map(Piece::Written)),
                Part::Literal(c) => pieces.push(Piece::Literal(*c)),
                Part::Broken => return Err(format!("{:?} holds a variable that cannot be read", self.source)),
                Part::Variable { key, default } => {
                    let value = match (context.get(key), default) {
                        (Some(Values::One(value)), _) | (None, Some(value)) => value,
                        (Some(Values::Many(_)), _) => return Err(format!("variable {key} has several values")),
                        (None, None) => return Ok(None),
                    };
                    pieces.extend(value.chars().map(Piece::Literal));
                }
            }
        }
        Ok(Some(pieces))
    }
}

/// What surrounds one use of a variable.
pub(crate) type Around = (Vec<Piece>, Vec<Piece>);

impl Template {
    /// The key and the default when the text is one variable and nothing else.
    pub(crate) fn sole_variable(&self) -> Option<(&str, Option<&str>)> {
        match self.parts.as_slice() {
            [Part::Variable { key, default }] => Some((key, default.as_deref())),
            _ => None,
        }
    }

    /// For every use of a key: the pieces before and after, where any other variable without a value is a `*`.
    pub(crate) fn around(&self, key: &str, context: &Context) -> Vec<Around> {
        let uses = self
            .parts
            .iter()
            .enumerate()
            .filter(|(_, part)| matches!(part, Part::Variable { key: used, .. } if used.eq_ignore_ascii_case(key)));
        let pieces = |parts: &[Part]| parts.iter().flat_map(|part| pieces_of(part, context)).collect();
        uses.filter_map(|(at, _)| {
            let (before, after) = self.parts.split_at_checked(at)?;
            Some((pieces(before), pieces(after.get(1..)?)))
        })
        .collect()
    }
}

fn pieces_of(part: &Part, context: &Context) -> Vec<Piece> {
    match part {
        Part::Written(text) => text.chars().map(Piece::Written).collect(),
        Part::Literal(c) => vec![Piece::Literal(*c)],
        Part::Broken => vec![Piece::Written('*')],
        Part::Variable { key, .. } => match context.get(key) {
            Some(Values::One(value)) => value.chars().map(Piece::Literal).collect(),
            _ => vec![Piece::Written('*')],
        },
    }
}

fn push_written(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Written(text.to_owned()));
    }
}

/// Cuts at the `}` that ends the variable; one inside the quotes of a default does not.
fn split_variable(text: &str) -> Option<(&str, &str)> {
    let mut is_quoted = false;
    let end = text.char_indices().find_map(|(at, c)| {
        is_quoted ^= c == '\'';
        (c == '}' && !is_quoted).then_some(at)
    })?;
    let (inner, behind) = text.split_at_checked(end)?;
    Some((inner, behind.strip_prefix('}')?))
}

fn variable(inner: &str) -> Part {
    match inner.trim() {
        "*" => return Part::Literal('*'),
        "?" => return Part::Literal('?'),
        "$" => return Part::Literal('$'),
        _ => {}
    }
    // A default is set off by a comma and a space (IAM user guide, specifying default values).
    let (key, default) = match inner.split_once(", ") {
        None => (inner.trim(), None),
        Some((key, default)) => {
            let unquoted = default.trim().strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
            let Some(default) = unquoted else { return Part::Broken };
            (key.trim(), Some(default.to_owned()))
        }
    };
    if key.is_empty() || key.contains(['$', '{', '\'', ',']) {
        return Part::Broken;
    }
    Part::Variable { key: key.to_owned(), default }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Pattern;

    fn matches(template: &str, context: &Context, text: &str) -> Result<Option<bool>, String> {
        Ok(Template::parse(template).resolve(context)?.map(|pieces| Pattern::from_pieces(pieces).matches(text)))
    }

    #[test]
    fn the_value_of_a_variable_is_never_a_wildcard() {
        let context = Context::new().with("aws:PrincipalTag/team", "*");
        assert_eq!(matches("trail/${aws:principaltag/TEAM}-*", &context, "trail/*-1"), Ok(Some(true)));
        assert_eq!(matches("trail/${aws:PrincipalTag/team}-*", &context, "trail/hr-1"), Ok(Some(false)));
    }

    #[test]
    fn a_default_stands_in_for_an_absent_key_and_may_hold_a_brace() {
        assert_eq!(matches("a${aws:username, 'x}y'}b", &Context::new(), "ax}yb"), Ok(Some(true)));
        assert_eq!(matches("a${aws:username}b", &Context::new(), "ab"), Ok(None));
    }

    #[test]
    fn escapes_stand_for_themselves() {
        assert_eq!(matches("a${*}b", &Context::new(), "axb"), Ok(Some(false)));
        assert_eq!(matches("a${$}{b", &Context::new(), "a${b"), Ok(Some(true)));
    }

    #[test]
    fn an_open_variable_is_not_understood() {
        assert!(matches("a${aws:username", &Context::new(), "a").is_err());
    }
}
