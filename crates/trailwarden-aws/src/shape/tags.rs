//! Tags as each service spells them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::shapes;

shapes! {
    aws_sdk_cloudtrail::types::Tag {
        "Key" key set_key,
        "Value" value set_value,
    }
    aws_sdk_iam::types::Tag {
        "Key" key set_key,
        "Value" value set_value,
    }
    aws_sdk_kms::types::Tag {
        "TagKey" tag_key set_tag_key,
        "TagValue" tag_value set_tag_value,
    }
    aws_sdk_s3::types::Tag {
        "Key" key set_key,
        "Value" value set_value,
    }
    aws_sdk_sns::types::Tag {
        "Key" key set_key,
        "Value" value set_value,
    }
}

/// Tags as an object from key to value.
pub(crate) fn tag_object<K: Into<String>, V: Into<String>>(tags: impl IntoIterator<Item = (K, V)>) -> Value {
    let tags: BTreeMap<String, String> = tags.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
    json!(tags)
}
