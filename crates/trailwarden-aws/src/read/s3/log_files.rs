//! S3: the log files that CloudTrail delivered to a bucket, listed and opened by the account that owns it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Read as _;
use std::sync::atomic::{AtomicU32, Ordering};

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;
use trailwarden_model::history::PastEvent;
use trailwarden_model::usage::Lookup;

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::cloudtrail::history;
use crate::read::pages;
use crate::session::{Session, Site, at};

reads! {
    // AWS allows 5,500 of both a second for each prefix. Opening an encrypted file takes `kms:Decrypt` besides.
    LIST_OBJECTS = Read::regional("s3:ListObjectsV2", 100).needs("s3:ListBucket");
    GET_OBJECT = Read::regional("s3:GetObject", 500);
}

/// Who reads which bucket.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    /// The account that owns it, in its region.
    pub(crate) site: Site,
    /// Its name.
    pub(crate) bucket: String,
}

/// The names of the folders right below a prefix that ends in `/`.
pub(crate) async fn folders(session: &Session, reader: &Reader, prefix: &str) -> Result<Vec<String>, Failure> {
    let Reader { site, bucket } = reader;
    pages::all(|token| async move {
        let call = session.clients.s3.list_objects_v2().bucket(bucket).expected_bucket_owner(site.account.as_str());
        let call = call.prefix(prefix).delimiter("/").set_continuation_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_s3, site)).send();
        let answer = session.call(&LIST_OBJECTS, site, call).await?;
        let name = |folder: &str| folder.strip_prefix(prefix).map(|name| name.trim_end_matches('/').to_owned());
        let folders = answer.common_prefixes().iter().filter_map(|folder| name(folder.prefix()?));
        Ok((folders.collect(), answer.next_continuation_token().map(str::to_owned)))
    })
    .await
}

/// The keys below a prefix from one key to another, both left out, in their order; how many pages were asked for comes with them.
pub(crate) async fn keys(
    session: &Session,
    reader: &Reader,
    prefix: &str,
    (after, before): (&str, &str),
) -> (Result<Vec<String>, Failure>, u32) {
    let n_pages = AtomicU32::new(0);
    let pages = &n_pages;
    let Reader { site, bucket } = reader;
    let keys = pages::all(|token| async move {
        let call = session.clients.s3.list_objects_v2().bucket(bucket).expected_bucket_owner(site.account.as_str());
        let call = call.prefix(prefix).start_after(after).set_continuation_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_s3, site)).send();
        pages.fetch_add(1, Ordering::Relaxed);
        let answer = session.call(&LIST_OBJECTS, site, call).await?;
        let listed: Vec<String> =
            answer.contents().iter().filter_map(|object| Some(object.key()?.to_owned())).collect();
        let is_over = listed.last().is_some_and(|last| last.as_str() >= before);
        let keys = listed.into_iter().filter(|key| key.as_str() < before).collect();
        Ok((keys, answer.next_continuation_token().filter(|_| !is_over).map(str::to_owned)))
    })
    .await;
    (keys, n_pages.into_inner())
}

/// The events of one log file that are looked up. Source: CloudTrail User Guide, "CloudTrail log file examples".
pub(crate) async fn events(
    session: &Session,
    reader: &Reader,
    key: &str,
    lookups: &BTreeSet<&Lookup>,
) -> Result<Vec<PastEvent>, Failure> {
    let Reader { site, bucket } = reader;
    let broken = |reason: String| {
        unexpected(&GET_OBJECT, &site.account, &site.region, &format!("s3://{bucket}/{key}: {reason}"))
    };
    let call = session.clients.s3.get_object().bucket(bucket).key(key).expected_bucket_owner(site.account.as_str());
    let call = || call.clone().customize().config_override(at!(aws_sdk_s3, site)).send();
    let answer = session.call(&GET_OBJECT, site, call).await?;
    let packed = answer.body.collect().await.map_err(|error| broken(error.to_string()))?.into_bytes();
    wanted(&packed, lookups).map_err(broken)
}

#[derive(Deserialize)]
struct LogFile<'a> {
    #[serde(rename = "Records", borrow)]
    records: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named<'a> {
    #[serde(borrow)]
    event_source: Cow<'a, str>,
    #[serde(borrow)]
    event_name: Cow<'a, str>,
}

/// Of a packed log file what is looked up. Only those records are read in full.
fn wanted(packed: &[u8], lookups: &BTreeSet<&Lookup>) -> Result<Vec<PastEvent>, String> {
    let mut text = String::new();
    MultiGzDecoder::new(packed).read_to_string(&mut text).map_err(|error| error.to_string())?;
    let file: LogFile<'_> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let mut events = Vec::new();
    for record in file.records {
        let named: Named<'_> = serde_json::from_str(record.get()).map_err(|error| error.to_string())?;
        if lookups.iter().any(|lookup| lookup.source == named.event_source && lookup.name == named.event_name) {
            let record = serde_json::from_str(record.get()).map_err(|error| error.to_string())?;
            events.push(history::of_record(&record).ok_or("a record says not when, where or what")?);
        }
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use serde_json::json;

    use super::*;

    fn packed(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn record(source: &str, name: &str) -> serde_json::Value {
        json!({"eventID": name, "eventTime": "2026-11-03T10:11:12Z", "eventSource": source, "eventName": name,
            "awsRegion": "eu-west-1", "userIdentity": {"arn": "arn:aws:iam::111122223333:user/\u{e9}"}})
    }

    #[test]
    fn of_a_file_what_is_looked_up_is_read() {
        let stop =
            Lookup { source: "cloudtrail.amazonaws.com".to_owned(), name: "StopLogging".to_owned(), is_global: false };
        let lookups = BTreeSet::from([&stop]);
        let records = [record(&stop.source, "StopLogging"), record(&stop.source, "Other"), record("x", "StopLogging")];
        let events = wanted(&packed(&json!({"Records": records}).to_string()), &lookups).unwrap();
        let who: Vec<_> = events.iter().map(|event| (event.id.as_str(), event.principal.as_deref())).collect();
        assert_eq!(who, [("StopLogging", Some("arn:aws:iam::111122223333:user/\u{e9}"))]);
        assert_eq!(wanted(&packed(r#"{"Records":[]}"#), &lookups), Ok(vec![]));
    }

    #[test]
    fn a_file_that_is_none_is_no_empty_one() {
        let lookups = BTreeSet::new();
        let torn = packed(r#"{"Records":[]}"#);
        for broken in [&b"{}"[..], &packed("{}"), &packed(r#"{"Records":[{}]}"#), &torn[..torn.len() - 9]] {
            assert!(wanted(broken, &lookups).is_err(), "{broken:?}");
        }
    }
}
