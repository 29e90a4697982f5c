//! Log streams.

use serde_json::{Value, json};

use super::{group, group_mut, invalid, paged};
use crate::error::AwsError;
use crate::request::Request;
use crate::world::World;
use crate::world::when::When;

/// `CreateLogStream`.
pub fn create(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let name = request.require("logStreamName", "InvalidParameterException")?;
    if name.len() > 512 || name.contains([':', '*']) {
        return Err(invalid(format!("{name} is not a valid log stream name.")));
    }
    let group = group_mut(request, world)?;
    if group.streams.contains_key(name) {
        return Err(AwsError::bad("ResourceAlreadyExistsException", "The specified log stream already exists"));
    }
    group.streams.insert(name.to_owned(), When::At(request.now));
    Ok(json!({}))
}

/// `DescribeLogStreams`, in order of names.
pub fn describe(request: &Request, world: &World) -> Result<Value, AwsError> {
    let group = group(request, world)?;
    let prefix = request.text("logStreamNamePrefix").unwrap_or_default();
    if request.text("orderBy") == Some("LastEventTime") && !prefix.is_empty() {
        return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let arn = group.arn(world.partition_id(), &request.caller.account);
    let show = |(name, created): (&String, &When)| {
        json!({
            "logStreamName": name,
            "creationTime": created.by(request.now).as_millisecond(),
            "arn": format!("{arn}:log-stream:{name}"),
            "storedBytes": 0,
        })
    };
    let mut streams: Vec<Value> = group.streams.iter().filter(|(name, _)| name.starts_with(prefix)).map(show).collect();
    if request.flag("descending") == Some(true) {
        streams.reverse();
    }
    paged(request, streams, "logStreams")
}
