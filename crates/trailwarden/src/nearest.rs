//! The known word that a mistyped one was meant to be.

/// Spellings nearer than this to a known word are suggested (Jaro-Winkler, 1 is equal).
const NEAR: f64 = 0.8;

/// The known word that is most like the given one, when any is alike.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
