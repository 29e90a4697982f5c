//! A call as a command of the AWS CLI.

use serde_json::Value;
use trailwarden_model::plan::Call;

/// The command of the AWS CLI and its operation, for example `s3api` and `put-bucket-policy`.
pub(crate) fn words(call: &Call) -> (String, String) {
    let operation = call.operation();
    let (service, name) = operation.split_once(':').unwrap_or_default();
    let command = match service {
        "s3" => "s3api",
        "config" => "configservice",
        other => other,
    };
    (command.to_owned(), kebab(name))
}

/// `PutBucketPolicy` as `put-bucket-policy`; capitals that follow each other are one word.
fn kebab(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut kebab = String::new();
    for (index, c) in characters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| characters.get(index));
        let begins_word = c.is_uppercase()
            && before.is_some_and(|before| {
                !before.is_uppercase() || characters.get(index + 1).is_some_and(|next| next.is_lowercase())
            });
        if begins_word {
            kebab.push('-');
        }
        kebab.extend(c.to_lowercase());
    }
    kebab
}

/// JSON in ASCII on one line: what a terminal or an editor could show otherwise than it is stands there as an escape.
pub(crate) fn ascii_json(value: &Value) -> String {
    escaped(&value.to_string(), |c| matches!(c, ' '..='~'))
}

/// The text of JSON with all characters but some as escapes.
pub(crate) fn escaped(json: &str, is_kept: fn(char) -> bool) -> String {
    let mut escaped = String::new();
    for c in json.chars() {
        if is_kept(c) {
            escaped.push(c);
        } else {
            let mut units = [0; 2];
            escaped.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    escaped
}

/// A word of the shell that stands for exactly this text. What is no printable ASCII is written in the `$'…'` form.
pub(crate) fn quoted(text: &str) -> String {
    if text.chars().all(|c| matches!(c, ' '..='~')) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut word = String::from("$'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => word.extend(['\\', c]),
            ' '..='~' => word.push(c),
            c => {
                let mut bytes = [0; 4];
                word.extend(c.encode_utf8(&mut bytes).bytes().map(|byte| format!("\\{byte:03o}")));
            }
        }
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_operations_follow_the_cli() {
        for (name, command) in [
            ("EnableAWSServiceAccess", "enable-aws-service-access"),
            ("PutBucketPolicy", "put-bucket-policy"),
            ("AssociateKmsKey", "associate-kms-key"),
        ] {
            assert_eq!(kebab(name), command);
        }
    }

    #[test]
    fn texts_survive_the_shell() {
        assert_eq!(quoted("it's $(x) `y`"), r"'it'\''s $(x) `y`'");
        assert_eq!(quoted("a\u{1b}'ü"), r"$'a\033\'\303\274'");
        assert_eq!(ascii_json(&Value::from("\u{1b}ü😀")), r#""\u001b\u00fc\ud83d\ude00""#);
    }
}
