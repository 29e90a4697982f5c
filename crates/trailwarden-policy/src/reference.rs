//! What AWS knows: services, and for some their actions, the resources these take, and condition keys; from `policies/actions.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::pattern::{ArnPattern, Pattern, Piece};

/// Longer names are not compared by similarity.
const MAX_NAME: usize = 64;

static REFERENCE: LazyLock<Reference> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../policies/actions.json")).unwrap_or_default());

/// The forms of resources by the service in their ARN.
static FORMS: LazyLock<BTreeMap<&str, Vec<Pattern>>> = LazyLock::new(|| {
    let mut forms: BTreeMap<&str, Vec<Pattern>> = BTreeMap::new();
    let kept = REFERENCE.services.values().flatten().filter_map(|service| service.resources.as_ref());
    for form in kept.flat_map(BTreeMap::values) {
        if let Some(service) = form.split(':').nth(2) {
            forms.entry(service).or_default().push(resource_form(form));
        }
    }
    forms
});

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reference {
    /// Where the facts come from.
    #[expect(dead_code, reason = "for the reader of the file")]
    source: String,
    /// Of which day they are.
    #[expect(dead_code, reason = "for the reader of the file")]
    date: String,
    /// Condition keys of no service, with their types; a star stands for any name.
    global_keys: BTreeMap<String, String>,
    /// Every service by its prefix; none where nothing else is kept.
    services: BTreeMap<String, Option<Service>>,
}

/// What is kept of one service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    /// Types of resources, with the form of their ARNs; none where not kept.
    pub(crate) resources: Option<BTreeMap<String, String>>,
    /// Its condition keys, with their types; none where not kept.
    pub(crate) keys: Option<BTreeMap<String, String>>,
    /// Its actions, with the types of resources they take; an empty list for those that are authorized on `*`.
    pub(crate) actions: BTreeMap<String, Option<Vec<String>>>,
}

/// What is known of a condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KnownKey {
    /// A key with a type such as `String`, `Bool` or `ArrayOfString`.
    Typed(&'static str),
    /// AWS has no such key.
    No,
    /// The keys of this service are not kept.
    Unkept,
}

/// The facts.
pub(crate) fn reference() -> &'static Reference {
    &REFERENCE
}

impl Reference {
    /// True when there is a service of this prefix, in any case.
    pub(crate) fn has_service(&self, prefix: &str) -> bool {
        self.services.contains_key(&prefix.to_ascii_lowercase())
    }

    /// What is kept of a service, with its prefix as AWS spells it.
    pub(crate) fn service(&self, prefix: &str) -> Option<(&str, &Service)> {
        let (prefix, service) = self.services.get_key_value(&prefix.to_ascii_lowercase())?;
        Some((prefix, service.as_ref()?))
    }

    /// The prefix most like this one.
    pub(crate) fn service_like(&self, prefix: &str) -> Option<&str> {
        nearest(prefix, self.services.keys().map(String::as_str))
    }

    /// The forms of all resources that have this service in their ARN; none when they are not kept.
    pub(crate) fn resources_of(&self, service: &str) -> &'static [Pattern] {
        FORMS.get(service).map_or(&[], Vec::as_slice)
    }

    /// What is known of a condition key, given in any case.
    pub(crate) fn key(&'static self, key: &str) -> KnownKey {
        let typed = |keys: &'static BTreeMap<String, String>| {
            keys.iter().find(|(form, _)| is_key(form, key)).map(|(_, key_type)| KnownKey::Typed(key_type))
        };
        if let Some(known) = typed(&self.global_keys) {
            return known;
        }
        let Some((prefix, _)) = key.split_once(':') else { return KnownKey::No };
        let prefix = prefix.to_ascii_lowercase();
        match self.services.get(&prefix) {
            Some(Some(Service { keys: Some(keys), .. })) => typed(keys).unwrap_or(KnownKey::No),
            Some(_) => KnownKey::Unkept,
            None if prefix == "aws" => KnownKey::No,
            // Keys of identity providers begin with a domain or a word of their own.
            None if prefix.contains('.') || FEDERATED.contains(&prefix.as_str()) => KnownKey::Unkept,
            None => KnownKey::No,
        }
    }

    /// The condition key most like this one; of any service when its prefix names none.
    pub(crate) fn key_like(&self, key: &str) -> Option<&str> {
        let keys_of = |service: &'static Option<Service>| service.as_ref()?.keys.as_ref();
        let own = key.split_once(':').filter(|(prefix, _)| self.has_service(prefix) || *prefix == "aws");
        let services = reference().services.iter();
        let near = services.filter(|(prefix, _)| own.is_none_or(|(own, _)| own.eq_ignore_ascii_case(prefix)));
        let keys = || near.clone().filter_map(|(_, service)| keys_of(service)).flat_map(BTreeMap::keys);
        let all = || reference().global_keys.keys().chain(keys()).map(String::as_str);
        let has_name = |known: &&str| known.split_once(':').is_some_and(|(_, name)| name.eq_ignore_ascii_case(key));
        all().find(has_name).or_else(|| nearest(key, all()))
    }
}

/// Prefixes of condition keys that stand for identity providers.
const FEDERATED: &[&str] =
    &["saml", "identitycenter", "catalog", "identitystore", "cognito-identity-auth", "cognito-identity-unauth"];

impl Service {
    /// Names of the actions that a pattern of names matches.
    pub(crate) fn actions_in(&self, names: &Pattern) -> impl Iterator<Item = &str> {
        self.actions.keys().map(String::as_str).filter(move |name| names.matches(name))
    }

    /// Names of the actions that a pattern of names matches and that are authorized on a type of resource.
    pub(crate) fn actions_on(&self, names: &str, resource_type: &str) -> impl Iterator<Item = &str> {
        let takes_it = move |name: &&str| {
            let types = self.actions.get(*name).and_then(Option::as_ref);
            types.is_some_and(|types| types.iter().any(|known| known == resource_type))
        };
        let names = Pattern::parse(names).ignoring_case();
        let matching = self.actions.keys().map(String::as_str).filter(move |name| names.matches(name));
        matching.filter(takes_it)
    }

    /// The action most like this one.
    pub(crate) fn action_like(&self, name: &str) -> Option<&str> {
        nearest(name, self.actions.keys().map(String::as_str))
    }
}

/// The set of ARNs that a form such as `arn:*:s3:::*` stands for: no name in it is empty.
pub(crate) fn resource_form(form: &str) -> Pattern {
    let pieces = form.chars().flat_map(|c| match c {
        '*' => vec![Piece::Written('?'), Piece::Written('*')],
        c => vec![Piece::Literal(c)],
    });
    ArnPattern::from_pieces(&pieces.collect::<Vec<_>>()).widest().clone()
}

/// Whether a form such as `aws:PrincipalTag/*` stands for a key.
fn is_key(form: &str, key: &str) -> bool {
    match form.split_once('*') {
        None => form.eq_ignore_ascii_case(key),
        Some((before, after)) => {
            let (key, before, after) =
                (key.to_ascii_lowercase(), before.to_ascii_lowercase(), after.to_ascii_lowercase());
            key.len() > before.len() + after.len() && key.starts_with(&before) && key.ends_with(&after)
        }
    }
}

/// The name that differs least, if little.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > MAX_NAME {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let near = name.len().div_ceil(4).min(4);
    let distance = |known: &str| strsim::damerau_levenshtein(&name, &known.to_ascii_lowercase());
    known.map(|known| (distance(known), known)).filter(|(distance, _)| *distance <= near).min().map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::Profile;

    #[test]
    fn the_file_is_read_and_says_where_it_comes_from() {
        let read: serde_json::Value =
            serde_json::from_str(include_str!("../../../policies/actions.json")).expect("the file is JSON");
        assert!(read["source"].as_str().is_some_and(|source| source.contains("Service Authorization Reference")));
        assert_eq!(
            serde_json::from_value::<Reference>(read).expect("of this shape").services.len(),
            reference().services.len()
        );
        assert!(reference().services.len() > 400);
    }

    #[test]
    fn every_action_that_the_profiles_deny_exists() {
        let statements = Profile::Strict.statements();
        for action in statements.iter().flat_map(|statement| &statement.deny) {
            let (service, name) = action.split_once(':').expect("a service");
            assert!(reference().service(service).expect("kept").1.actions.contains_key(name), "{action}");
        }
    }

    #[test]
    fn keys_are_known_whatever_their_case_and_with_names_of_the_users_choice() {
        let known = |key: &str| reference().key(key);
        assert_eq!(known("AWS:principalarn"), KnownKey::Typed("ARN"));
        assert_eq!(known("aws:PrincipalTag/team"), KnownKey::Typed("String"));
        assert_eq!(known("aws:PrincipalTag/"), KnownKey::No);
        assert_eq!(known("kms:EncryptionContext:aws:cloudtrail:arn"), KnownKey::Typed("String"));
        assert_eq!(known("aws:PrincipleArn"), KnownKey::No);
        assert_eq!(known("s3locationconstraint"), KnownKey::No);
        assert_eq!(known("token.actions.githubusercontent.com:sub"), KnownKey::Unkept);
        assert_eq!(known("rds:DatabaseEngine"), KnownKey::Unkept);
        assert_eq!(reference().key_like("aws:PrincipleArn"), Some("aws:PrincipalArn"));
        assert_eq!(reference().key_like("s3:x-amz-server-side-encription"), Some("s3:x-amz-server-side-encryption"));
        assert_eq!(reference().key_like("PrincipalArn"), Some("aws:PrincipalArn"));
        assert_eq!(reference().key_like("s3locationconstraint"), Some("s3:locationconstraint"));
    }

    #[test]
    fn a_misspelt_action_or_service_finds_its_like() {
        let (_, cloudtrail) = reference().service("CloudTrail").expect("kept");
        assert_eq!(cloudtrail.action_like("StopLoging"), Some("StopLogging"));
        assert_eq!(cloudtrail.action_like("Sing"), None);
        assert_eq!(reference().service_like("clodtrail"), Some("cloudtrail"));
    }
}
