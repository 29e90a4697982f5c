//! Listing objects and their versions, in key order, with prefix, delimiter and pages.

use std::collections::BTreeSet;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::buckets::time;
use super::objects::{bytes, etag};
use super::settings::NAMESPACE;
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::world::s3::{Bucket, ObjectVersion};
use crate::xml::Element;

const MOST_KEYS: usize = 1000;

/// What a listing asks for.
struct Ask<'r> {
    prefix: &'r str,
    delimiter: &'r str,
    after: &'r str,
    limit: usize,
    encode: bool,
}

/// What it found: keys in order, common prefixes, and the last key seen when there is more.
struct Found<'b> {
    keys: Vec<(&'b String, &'b Vec<ObjectVersion>)>,
    prefixes: BTreeSet<String>,
    more_after: Option<String>,
}

impl Ask<'_> {
    fn name(&self, text: &str) -> String {
        if self.encode { utf8_percent_encode(text, NON_ALPHANUMERIC).to_string() } else { text.to_owned() }
    }

    fn find<'b>(&self, bucket: &'b Bucket, wanted: impl Fn(&[ObjectVersion]) -> bool) -> Found<'b> {
        let mut found = Found { keys: Vec::new(), prefixes: BTreeSet::new(), more_after: None };
        let mut last = None;
        for (key, versions) in &bucket.objects {
            let Some(rest) = key.strip_prefix(self.prefix) else { continue };
            if key.as_str() <= self.after || !wanted(versions) {
                continue;
            }
            let common = (!self.delimiter.is_empty())
                .then(|| rest.find(self.delimiter))
                .flatten()
                .map(|at| format!("{}{}{}", self.prefix, rest.get(..at).unwrap_or_default(), self.delimiter));
            if common.as_deref().is_some_and(|common| found.prefixes.contains(common) || self.after.starts_with(common))
            {
                last = Some(key.clone());
                continue;
            }
            if found.keys.len() + found.prefixes.len() == self.limit {
                found.more_after = last;
                break;
            }
            match common {
                Some(common) => {
                    found.prefixes.insert(common);
                }
                None => found.keys.push((key, versions)),
            }
            last = Some(key.clone());
        }
        found
    }
}

/// Serves `ListObjects`, `ListObjectsV2` and `ListObjectVersions`.
pub fn serve(request: &Request, bucket: &Bucket, name: &str) -> Result<Reply, AwsError> {
    let text = |key: &str| request.http.query.get(key).map(String::as_str);
    let limit = text("max-keys").map(str::parse::<usize>).transpose();
    let limit = limit
        .map_err(|_| AwsError::bad("InvalidArgument", "Provided max-keys not an integer or within integer range"))?;
    let operation = request.operation.as_str();
    let marker = match operation {
        "ListObjectsV2" => text("continuation-token").or_else(|| text("start-after")),
        "ListObjects" => text("marker"),
        _ => text("key-marker"),
    };
    let ask = Ask {
        prefix: text("prefix").unwrap_or_default(),
        delimiter: text("delimiter").unwrap_or_default(),
        after: marker.unwrap_or_default(),
        limit: limit.unwrap_or(MOST_KEYS).min(MOST_KEYS),
        encode: text("encoding-type") == Some("url"),
    };
    let common = |root: &str| {
        Element::new(root)
            .attribute("xmlns", NAMESPACE)
            .leaf("Name", name)
            .leaf("Prefix", ask.name(ask.prefix))
            .leaf("MaxKeys", ask.limit)
            .maybe("Delimiter", Some(ask.name(ask.delimiter)).filter(|text| !text.is_empty()))
            .maybe("EncodingType", ask.encode.then_some("url"))
    };
    let is_current = |versions: &[ObjectVersion]| versions.last().is_some_and(|version| !version.delete_marker);
    let result = match operation {
        "ListObjectVersions" => versions(request, &ask, ask.find(bucket, |_| true), common("ListVersionsResult")),
        _ => {
            let found = ask.find(bucket, is_current);
            let n_found = found.keys.len() + found.prefixes.len();
            let root = common("ListBucketResult").leaf("IsTruncated", found.more_after.is_some());
            let root = if operation == "ListObjectsV2" {
                root.leaf("KeyCount", n_found)
                    .maybe("ContinuationToken", text("continuation-token"))
                    .maybe("StartAfter", text("start-after"))
                    .maybe("NextContinuationToken", found.more_after.as_deref())
            } else {
                let next = found.more_after.as_deref().filter(|_| !ask.delimiter.is_empty());
                root.leaf("Marker", ask.name(ask.after)).maybe("NextMarker", next.map(|next| ask.name(next)))
            };
            let shown = found.keys.iter().filter_map(|(key, versions)| {
                versions.last().map(|version| entry(request, "Contents", &ask.name(key), version))
            });
            root.all(shown).all(prefixes(&ask, &found))
        }
    };
    Ok(Reply::xml(result))
}

fn prefixes(ask: &Ask<'_>, found: &Found<'_>) -> Vec<Element> {
    found.prefixes.iter().map(|prefix| Element::new("CommonPrefixes").leaf("Prefix", ask.name(prefix))).collect()
}

fn entry(request: &Request, element: &str, key: &str, version: &ObjectVersion) -> Element {
    let body = bytes(version);
    Element::new(element)
        .leaf("Key", key)
        .leaf("LastModified", time(version.modified.by(request.now)))
        .leaf("ETag", etag(&body))
        .leaf("Size", body.len())
        .leaf("StorageClass", "STANDARD")
}

/// Versions newest first; pages break between keys, never inside one.
fn versions(request: &Request, ask: &Ask<'_>, found: Found<'_>, root: Element) -> Element {
    let shown = found.keys.iter().flat_map(|(key, versions)| {
        let name = ask.name(key);
        versions.iter().rev().enumerate().map(move |(age, version)| {
            let element = if version.delete_marker {
                let modified = time(version.modified.by(request.now));
                Element::new("DeleteMarker").leaf("Key", &name).leaf("LastModified", modified)
            } else {
                entry(request, "Version", &name, version)
            };
            element.leaf("VersionId", &version.version_id).leaf("IsLatest", age == 0)
        })
    });
    root.leaf("IsTruncated", found.more_after.is_some())
        .leaf("KeyMarker", ask.name(ask.after))
        .maybe("NextKeyMarker", found.more_after.as_deref().map(|next| ask.name(next)))
        .maybe("NextVersionIdMarker", found.more_after.as_ref().map(|_| "null"))
        .all(shown)
        .all(prefixes(ask, &found))
}
