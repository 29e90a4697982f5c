//! The IAM policy language: documents with source places, wildcard patterns as sets, conditions, and what policies say about a
//! request. Pure: no I/O, no clock. What cannot be understood is undecided with a reason, never a match or a miss.
//!
//! ```
//! use trailwarden_policy::{Context, Document, Kind, Principal, Request, evaluate_resource_policy};
//!
//! let policy = Document::parse(Kind::Resource, r#"{
//!     "Version": "2012-10-17",
//!     "Statement": {
//!         "Sid": "Acl", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
//!         "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::logs",
//!         "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"}}
//!     }
//! }"#)?;
//! let request = Request {
//!     principal: Principal::Service("cloudtrail.amazonaws.com".to_owned()),
//!     action: "s3:GetBucketAcl".to_owned(),
//!     resource: "arn:aws:s3:::logs".to_owned(),
//!     context: Context::new().with("aws:SourceArn", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"),
//! };
//! assert!(evaluate_resource_policy(&policy, &request).is_allowed());
//! # Ok::<(), trailwarden_policy::Malformed>(())
//! ```
//!
//! A document that AWS would refuse is [`Malformed`] and never in force. What AWS accepts and that cannot do what it seems to,
//! [`lint`] finds:
//!
//! ```
//! use trailwarden_policy::{Document, Kind, lint};
//!
//! let guard = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"cloudtrail:StopLoging","Resource":"*"}}"#;
//! let lints = lint(&Document::parse(Kind::ServiceControl, guard)?);
//! assert_eq!(lints[0].rule.id(), "unknown-action");
//! assert_eq!(lints[0].suggestion.as_deref(), Some("cloudtrail:StopLogging"));
//! # Ok::<(), trailwarden_policy::Malformed>(())
//! ```
//!
//! Of an organization: [`Chains`] gives each account its [`Chain`] of SCPs, or of RCPs, [`Chain::evaluate`] judges one request,
//! [`prove`] proves that calls are denied to everyone or shows who gets through, [`exemptions`] lists whom they spare, and
//! [`Denials`] tells what one node denies by itself. [`compose`] makes SCPs that are proved, and [`usage`] tells
//! whom they would have denied what lately; [`admits`] asks a key or bucket policy
//! about strangers.
//!
//! ```
//! use trailwarden_policy::{Answer, Call, Chain, LEAVE_ORGANIZATION, Question, Unbound, prove};
//!
//! let chain = Chain {
//!     account: "111122223333".to_owned(),
//!     organization: None,
//!     unbound: Some(Unbound::TypeDisabled),
//!     nodes: Vec::new(),
//! };
//! let calls = [Call { action: LEAVE_ORGANIZATION.to_owned(), resource: "*".to_owned() }];
//! let question = Question { chain: &chain, partition: "aws", calls: &calls, exceptions: &[] };
//! assert!(matches!(prove(&question).as_slice(), [Answer::Open(_)]));
//! ```

mod admission;
mod chain;
mod compare;
mod compose;
mod condition;
mod context;
mod denials;
mod document;
mod evaluate;
mod exemptions;
mod future;
mod json;
mod lint;
mod operator;
mod pattern;
mod prove;
mod reference;
mod refusal;
mod request;
mod size;
mod span;
pub mod tamper;
mod truth;
pub mod usage;
mod variable;

pub use admission::{Admission, admits, roles_named};
pub use chain::{AttachedPolicy, Chain, ChainNode, ChainVerdict, Chains, Place, Unbound};
pub use compose::{
    Attachment, ComposeError, ComposedPolicy, Composition, Guarded, KeptFrom, LeftOut, Limits, Owner, Profile,
    Promised, Proposal, Resource, ResourceKind, UnknownProfile, compose, kept_from, open_to_strangers, promised,
};
pub use context::{Context, Values};
pub use denials::{Denials, Extent};
pub use document::{Document, Kind};
pub use evaluate::{StatementRef, Verdict, evaluate_identity_policies, evaluate_resource_policy};
pub use exemptions::{Exemption, exemptions};
pub use future::{Future, FutureKind, regions_of_partition};
pub use json::MAX_LENGTH;
pub use lint::{Lint, LintRule, lint};
pub use pattern::{Pattern, TooComplex};
pub use prove::{Answer, By, Call, Counterexample, Miss, Missing, Prover, Question, facts_of, prove};
pub use refusal::{Refusal, callers_named, refuses};
pub use request::{Principal, Request};
pub use size::Size;
pub use span::{Malformed, Span};
pub use tamper::{LEAVE_ORGANIZATION, TRAIL_TAMPER_ACTIONS};
