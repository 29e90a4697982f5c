//! Who calls: the signature's scope and the access key. The signature itself is not verified (see the decision on it).

use jiff::Timestamp;
use trailwarden_model::ids::Region;

use crate::error::AwsError;
use crate::request::{Caller, CallerKind, Http};
use crate::service::Wire;
use crate::world::{Credential, Principal, World};

/// What the `Authorization` header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The access key id.
    pub access_key: String,
    /// The region signed for.
    pub region: Region,
    /// The signing name of the service.
    pub service: String,
}

/// Reads the scope of a signature, version 4; none when the header is missing or not one.
pub fn scope(http: &Http) -> Option<Scope> {
    let header = http.headers.get("authorization")?.strip_prefix("AWS4-HMAC-SHA256")?;
    let credential = header.split(',').find_map(|part| part.trim().strip_prefix("Credential="))?;
    let mut parts = credential.split('/');
    let (key, _date, region, service) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    (parts.next() == Some("aws4_request") && header.contains("Signature=")).then_some(())?;
    Some(Scope { access_key: key.to_owned(), region: region.parse().ok()?, service: service.to_owned() })
}

/// The error for a request without a usable signature, as the wire format's services word it.
pub fn missing(wire: Wire) -> AwsError {
    match wire {
        Wire::RestXml { .. } => AwsError::new(403, "AccessDenied", "Access Denied"),
        Wire::Query(_) | Wire::QueryCompatible { .. } => {
            AwsError::new(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
        }
        Wire::Ec2(_) => AwsError::bad("MissingParameter", "The request must contain the parameter AWSAccessKeyId"),
        Wire::Json(_) => AwsError::bad("MissingAuthenticationTokenException", "Missing Authentication Token"),
        Wire::RestJson => AwsError::new(403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
    }
}

/// The error for credentials that nobody holds; also what a region answers that the account has not enabled.
pub fn unknown(wire: Wire) -> AwsError {
    const TOKEN: &str = "The security token included in the request is invalid.";
    match wire {
        Wire::RestXml { .. } => AwsError::new(
            403,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
        ),
        Wire::Query(_) | Wire::QueryCompatible { .. } => AwsError::new(403, "InvalidClientTokenId", TOKEN),
        Wire::Ec2(_) => {
            AwsError::new(401, "AuthFailure", "AWS was not able to validate the provided access credentials")
        }
        Wire::Json(_) => AwsError::bad("UnrecognizedClientException", TOKEN),
        Wire::RestJson => AwsError::new(403, "UnrecognizedClientException", TOKEN),
    }
}

fn expired(wire: Wire) -> AwsError {
    const EXPIRED: &str = "The security token included in the request is expired";
    match wire {
        Wire::RestXml { .. } => AwsError::bad("ExpiredToken", "The provided token has expired."),
        Wire::Query(_) | Wire::QueryCompatible { .. } => AwsError::new(403, "ExpiredToken", EXPIRED),
        Wire::Ec2(_) => AwsError::bad("RequestExpired", "Request has expired."),
        Wire::Json(_) => AwsError::bad("ExpiredTokenException", EXPIRED),
        Wire::RestJson => AwsError::new(403, "ExpiredTokenException", EXPIRED),
    }
}

/// Finds the caller behind the access key. Temporary keys need their token and a time before their end.
pub fn caller(world: &World, scope: &Scope, http: &Http, wire: Wire, now: Timestamp) -> Result<Caller, AwsError> {
    let credential = world.credentials.get(&scope.access_key).ok_or_else(|| unknown(wire))?;
    if let Some(session) = &credential.session {
        let token = http.headers.get("x-amz-security-token");
        if token != Some(&session.token) {
            return Err(unknown(wire));
        }
        if session.expires <= now {
            return Err(expired(wire));
        }
    }
    describe(world, &scope.access_key, credential).ok_or_else(|| unknown(wire))
}

fn describe(world: &World, access_key: &str, credential: &Credential) -> Option<Caller> {
    let (account, partition) = (&credential.account, world.partition_id());
    let iam = world.iam.get(account);
    let (kind, name, arn, principal_arn, user_id) = match &credential.principal {
        Principal::Root => {
            let arn = format!("arn:{partition}:iam::{account}:root");
            (CallerKind::Root, String::new(), arn.clone(), arn, account.to_string())
        }
        Principal::User(name) => {
            let user = iam?.users.get(name)?;
            let arn = format!("arn:{partition}:iam::{account}:user/{name}");
            (CallerKind::User, name.clone(), arn.clone(), arn, user.id.clone())
        }
        Principal::Role(name) => {
            let role = iam?.roles.get(name)?;
            let session = credential.session.as_ref().map_or("session", |session| session.name.as_str());
            let arn = format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session}");
            let principal_arn = iam?.role_arn(partition, account, name);
            (CallerKind::Role, name.clone(), arn, principal_arn, format!("{}:{session}", role.id))
        }
    };
    let account = account.clone();
    Some(Caller { access_key: access_key.to_owned(), account, kind, name, arn, principal_arn, user_id })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http(authorization: &str) -> Http {
        let mut http = Http::default();
        http.headers.insert("authorization".to_owned(), authorization.to_owned());
        http
    }

    #[test]
    fn region_and_service_come_from_the_scope() {
        let header = "AWS4-HMAC-SHA256 Credential=AKIA1/20261120/eu-west-1/cloudtrail/aws4_request, \
                      SignedHeaders=host;x-amz-date, Signature=abc";
        let scope = scope(&http(header)).expect("a signature");
        assert_eq!((scope.access_key.as_str(), scope.service.as_str()), ("AKIA1", "cloudtrail"));
        assert_eq!(scope.region.as_str(), "eu-west-1");
    }

    #[test]
    fn what_is_not_a_signature_has_no_scope() {
        for header in ["", "Basic Zm9v", "AWS4-HMAC-SHA256 Credential=AKIA1/20261120/eu-west-1", "Bearer x"] {
            assert_eq!(scope(&http(header)), None, "{header}");
        }
    }
}
