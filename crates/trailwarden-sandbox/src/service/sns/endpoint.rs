//! Endpoints: what SNS accepts for each protocol, and which of them need no confirmation.

use trailwarden_model::ids::{AccountId, Arn};

use super::invalid;
use crate::error::AwsError;

/// Refuses an endpoint that does not fit the protocol.
pub fn check(protocol: &str, endpoint: &str) -> Result<(), AwsError> {
    let is_arn_of = |service: &str| endpoint.parse::<Arn>().is_ok_and(|arn| arn.service() == service);
    let (fits, reason) = match protocol {
        "http" | "https" => {
            let scheme = endpoint.split_once("://").map(|(scheme, _)| scheme);
            (scheme == Some(protocol), "Endpoint must match the specified protocol")
        }
        "email" | "email-json" => {
            let is_address = |(name, host): (&str, &str)| !name.is_empty() && !host.is_empty() && !host.contains('@');
            (endpoint.split_once('@').is_some_and(is_address), "Email address")
        }
        "sms" => (endpoint.bytes().filter(u8::is_ascii_digit).count() >= 5, "Invalid SMS endpoint: Endpoint"),
        "sqs" => (is_arn_of("sqs"), "SQS endpoint ARN"),
        "lambda" => (is_arn_of("lambda"), "Lambda endpoint ARN"),
        "firehose" => (is_arn_of("firehose"), "Firehose endpoint ARN"),
        "application" => (is_arn_of("sns"), "Application endpoint arn invalid"),
        _ => return Err(invalid(format!("Amazon SNS does not support this protocol string: {protocol}"))),
    };
    if fits { Ok(()) } else { Err(invalid(reason)) }
}

/// True when the endpoint receives at once: people and web servers are always asked, queues and functions only when they
/// belong to another account than the subscriber.
pub fn is_confirmed_at_once(protocol: &str, endpoint: &str, subscriber: &AccountId) -> bool {
    match protocol {
        "http" | "https" | "email" | "email-json" => false,
        "sms" => true,
        _ => endpoint.parse::<Arn>().is_ok_and(|arn| arn.account().as_ref() == Some(subscriber)),
    }
}
