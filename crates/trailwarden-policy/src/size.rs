//! How long a document is, as the quotas of AWS Organizations count it.

/// The characters of a policy document.
///
/// What is sent by the API counts as it is; the console strips white space outside quotation marks before it saves
/// (Organizations user guide, maximum and minimum values).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size {
    /// All characters, as they count when sent by the API.
    pub as_sent: usize,
    /// Without white space outside quotation marks, as they count when saved by the console.
    pub minified: usize,
}

impl Size {
    /// Counts a text, which need not be a valid document.
    pub fn of(text: &str) -> Self {
        let mut size = Self { as_sent: 0, minified: 0 };
        let (mut is_quoted, mut is_escaped) = (false, false);
        for c in text.chars() {
            size.as_sent += 1;
            size.minified += usize::from(is_quoted || !matches!(c, ' ' | '\t' | '\n' | '\r'));
            is_quoted ^= c == '"' && !is_escaped;
            is_escaped = is_quoted && c == '\\' && !is_escaped;
        }
        size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_counts_within_quotation_marks_only() {
        let text = "{ \"a b\" :\r\n\t[ \"\\\" c\" , \"é\\\\\" ] }";
        let minified = "{\"a b\":[\"\\\" c\",\"é\\\\\"]}";
        let size = Size { as_sent: text.chars().count(), minified: minified.chars().count() };
        assert_eq!(Size::of(text), size);
    }
}
