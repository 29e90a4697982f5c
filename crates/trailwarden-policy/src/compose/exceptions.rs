//! Declared exceptions as the one condition that spares them and nobody else.

use std::collections::BTreeSet;

use super::error::ComposeError;
use super::statement::values;
use crate::pattern::{ArnPattern, Pattern};

/// The exceptions of a composed set, none of which is contained in another.
pub(super) struct Exceptions {
    patterns: BTreeSet<String>,
}

impl Exceptions {
    /// Takes declared patterns over ARNs. Refuses those that a condition would read in another way, and those that spare nobody of
    /// the partition.
    pub(super) fn new(declared: &BTreeSet<String>, partition: &str) -> Result<Self, ComposeError> {
        declared.iter().try_for_each(|pattern| check(pattern, partition))?;
        let sets: Vec<Declared<'_>> = declared.iter().map(Declared::new).collect();
        let is_needed = |(index, this): &(usize, &Declared<'_>)| {
            let mut others = sets.iter().enumerate().filter(|(other, _)| other != index);
            // Of two that are equal the first stays.
            !others.any(|(other, that)| this.is_within(that) && (other < *index || !that.is_within(this)))
        };
        let needed = sets.iter().enumerate().filter(is_needed);
        Ok(Self { patterns: needed.map(|(_, declared)| declared.pattern.clone()).collect() })
    }

    pub(super) fn patterns(&self) -> &BTreeSet<String> {
        &self.patterns
    }

    /// Those that are roles, as a statement on IAM names them.
    pub(super) fn roles(&self) -> impl Iterator<Item = &String> {
        self.patterns.iter().filter(|pattern| is_role(pattern))
    }

    /// Those that are not, or not only, roles.
    pub(super) fn others(&self) -> impl Iterator<Item = &String> {
        self.patterns.iter().filter(|pattern| !is_role(pattern))
    }

    /// The condition of a Deny that spares them; empty when there are none.
    pub(super) fn condition(&self) -> String {
        self.test().map(|test| format!("{{{test}}}")).unwrap_or_default()
    }

    /// The operator with its key and values that stands in such a condition.
    ///
    /// `ArnNotLike` rather than `StringNotLike`, whose star runs past colons: a role may have a path with a colon in it, and
    /// `arn:aws:iam::*:role/Guardian` would also spare `arn:aws:iam::111122223333:role/x:role/Guardian`. One list, because two
    /// negated conditions, or two statements, would each spare or deny on their own.
    pub(super) fn test(&self) -> Option<String> {
        (!self.patterns.is_empty())
            .then(|| format!(r#""ArnNotLike":{{"aws:PrincipalArn":{}}}"#, values(&self.patterns)))
    }
}

/// One exception and the ARNs it spares.
struct Declared<'a> {
    pattern: &'a String,
    spares: ArnPattern,
    /// One of these ARNs: whoever does not match it does not contain them, and that is quickly seen.
    example: String,
}

impl<'a> Declared<'a> {
    fn new(pattern: &'a String) -> Self {
        let example = pattern.replace('*', "").replace('?', "x");
        Self { pattern, spares: ArnPattern::parse(pattern), example }
    }

    /// Patterns that are too complex to compare are both kept.
    fn is_within(&self, other: &Self) -> bool {
        let that = other.spares.widest();
        that.matches(&self.example) && self.spares.widest().is_subset_of(that) == Ok(true)
    }
}

fn is_role(pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", _, "iam", "", _, resource] if resource.starts_with("role/"))
}

fn check(pattern: &str, partition: &str) -> Result<(), ComposeError> {
    let refuse = |reason, hint| Err(ComposeError::Exception { pattern: pattern.to_owned(), reason, hint });
    if pattern.contains("${") {
        return refuse("`${` begins a variable in a policy", "use `*` and `?` alone");
    }
    if pattern.contains(",arn:") {
        return refuse("it is several ARNs in one", "declare each by itself");
    }
    if !pattern.chars().all(|c| c.is_ascii_graphic()) {
        return refuse("no ARN of IAM holds a space or a letter beyond ASCII", "write the ARN as IAM shows it");
    }
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", other, ..] if !Pattern::parse(other).matches(partition) => {
            refuse("it is of another partition than the organization", "begin it as the ARNs of your accounts begin")
        }
        ["arn", _, "sts", _, _, resource] if resource.starts_with("assumed-role/") => refuse(
            "AWS compares the ARN of the role, not that of the session",
            "declare the role, for example arn:aws:iam::*:role/TrailAdministrator",
        ),
        ["arn", _, _, _, _, resource]
            if ["role/aws-service-role/", "role/AWSServiceRoleFor"].iter().any(|start| resource.starts_with(start)) =>
        {
            refuse("no SCP binds a service-linked role, and anybody may give a plain role the same name", "remove it")
        }
        ["arn", _, _, _, _, resource] if !resource.is_empty() => Ok(()),
        _ => refuse(
            "conditions compare the six parts of an ARN one by one",
            "write all six parts, for example arn:aws:iam::*:role/TrailAdministrator",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exceptions(declared: &[&str]) -> Result<Exceptions, ComposeError> {
        Exceptions::new(&declared.iter().map(|text| (*text).to_owned()).collect(), "aws")
    }

    fn condition(declared: &[&str]) -> String {
        exceptions(declared).expect("expressible").condition()
    }

    #[test]
    fn all_stand_in_one_list() {
        assert_eq!(condition(&[]), "");
        assert_eq!(
            condition(&["arn:aws:iam::*:role/B", "arn:aws:iam::*:role/A"]),
            r#"{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/A","arn:aws:iam::*:role/B"]}}"#
        );
    }

    #[test]
    fn what_another_spares_already_is_not_repeated() {
        let one = r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/team/*"}}"#;
        assert_eq!(condition(&["arn:aws:iam::*:role/team/*", "arn:aws:iam::111122223333:role/team/A"]), one);
        assert_eq!(
            condition(&["arn:aws:iam::*:role/*", "arn:aws:iam::*:role/**"]),
            condition(&["arn:aws:iam::*:role/*"])
        );
    }

    #[test]
    fn what_spares_nobody_is_refused_with_a_hint() {
        for pattern in [
            "arn:aws-cn:iam::*:role/Guardian",
            "arn:aws:iam::111122223333:role/A,arn:aws:iam::444455556666:role/A",
            "arn:aws:iam::*:role/Guardian ",
            "arn:aws:iam::*:role/Wächter",
        ] {
            let error = exceptions(&[pattern]).map(|_| ()).expect_err(pattern);
            assert!(error.hint().is_some() && error.to_string().contains(pattern), "{error}");
        }
        assert_eq!(exceptions(&["arn:aws*:iam::*:role/Guardian"]).map(|_| ()), Ok(()));
    }

    #[test]
    fn what_a_condition_would_read_otherwise_is_refused_with_a_hint() {
        for pattern in [
            "*",
            "*TrailAdmin",
            "arn:aws:iam::*",
            "arn:*:role/A",
            "arn:aws:iam::*:",
            "arn:aws:iam::*:role/${aws:username}",
            "arn:aws:sts::*:assumed-role/A/*",
            "arn:aws:iam::*:role/AWSServiceRoleForConfig",
        ] {
            let error = exceptions(&[pattern]).map(|_| ()).expect_err(pattern);
            assert!(error.hint().is_some() && error.to_string().contains(pattern), "{error}");
        }
    }
}
