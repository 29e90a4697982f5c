//! A request after its wire format was parsed and its caller identified.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use trailwarden_model::ids::{AccountId, Region};

use crate::error::AwsError;

/// What kind of principal calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKind {
    /// The account's root user.
    Root,
    /// An IAM user.
    User,
    /// A session of an IAM role.
    Role,
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The access key id used.
    pub access_key: String,
    /// The account of the principal.
    pub account: AccountId,
    /// Root, user or role session.
    pub kind: CallerKind,
    /// Name of the user or role; empty for root.
    pub name: String,
    /// The ARN that GetCallerIdentity shows: a user ARN, or `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    pub arn: String,
    /// The value of `aws:PrincipalArn`: the role ARN with its path, never the session.
    pub principal_arn: String,
    /// The unique id that GetCallerIdentity shows, `AROA…:SESSION` for a session.
    pub user_id: String,
}

impl Caller {
    /// True for a session of a service-linked role, which service control policies never bind.
    pub fn is_service_linked(&self) -> bool {
        self.principal_arn.contains(":role/aws-service-role/")
    }
}

/// The HTTP part of a request.
#[derive(Debug, Clone, Default)]
pub struct Http {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path, percent-decoded, with its leading slash.
    pub path: String,
    /// The query string, decoded; a key without value maps to the empty string.
    pub query: BTreeMap<String, String>,
    /// Headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Bytes,
}

/// A request as a service sees it.
#[derive(Debug, Clone)]
pub struct Request {
    /// The request id that the answer carries.
    pub id: String,
    /// The operation, for example `DescribeTrails`.
    pub operation: String,
    /// Who calls.
    pub caller: Caller,
    /// The region in the signature's scope.
    pub region: Region,
    /// The time of the call, from the clock passed to the sandbox.
    pub now: Timestamp,
    /// The JSON body; for Query an object of strings by flat key (`Tags.member.1.Key`); null for REST-XML.
    pub input: Value,
    /// The HTTP part, for the REST formats.
    pub http: Http,
}

impl Request {
    /// A text member of the input that is present and not null.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.input.get(member).and_then(Value::as_str)
    }

    /// A text member that must be there; the error has this code.
    pub fn require(&self, member: &str, code: &str) -> Result<&str, AwsError> {
        self.text(member).filter(|text| !text.is_empty()).ok_or_else(|| {
            AwsError::bad(code, format!("1 validation error detected: Value at '{member}' must not be null"))
        })
    }

    /// A boolean member; also reads the texts `true` and `false` of Query.
    pub fn flag(&self, member: &str) -> Option<bool> {
        let value = self.input.get(member)?;
        value.as_bool().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
    }

    /// An integer member; also reads the decimal text of Query.
    pub fn integer(&self, member: &str) -> Option<i64> {
        let value = self.input.get(member)?;
        value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
    }

    /// The texts of a list member: a JSON array, or `NAME.member.1`, `NAME.member.2`, … in Query.
    pub fn texts(&self, member: &str) -> Vec<String> {
        if let Some(Value::Array(items)) = self.input.get(member) {
            return items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect();
        }
        (1..).map_while(|index| self.text(&format!("{member}.member.{index}")).map(str::to_owned)).collect()
    }

    /// A header by lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.http.headers.get(name).map(String::as_str)
    }

    /// True when the query string has this key, with or without a value.
    pub fn has_query(&self, key: &str) -> bool {
        self.http.query.contains_key(key)
    }

    /// The error of an operation that the sandbox does not implement. Nothing ever answers a made-up success.
    pub fn not_implemented(&self, service: &str) -> AwsError {
        AwsError::new(501, "NotImplemented", format!("the sandbox does not implement {service}:{}", self.operation))
    }
}
