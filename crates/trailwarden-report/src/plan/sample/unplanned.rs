//! Something unplanned for every hindrance.

use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::plan::{Hindrance, Unplanned};

use super::{ARCHIVE, MEMBER, ROOT};

type Row<'a> = (Hindrance, &'a str, Option<&'a str>, &'a str, Option<&'a str>);

const ROWS: &[Row<'_>] = &[
    (
        Hindrance::Unknown,
        MEMBER,
        Some("audit-copy"),
        "the bucket policy could not be read",
        Some("allow s3:GetBucketPolicy"),
    ),
    (
        Hindrance::OwnedElsewhere,
        MEMBER,
        Some("aws-controltower-BaselineCloudTrail"),
        "AWS Control Tower made it and would change it back",
        Some("change it in Control Tower"),
    ),
    (Hindrance::Denied, MEMBER, None, "SCP guard-cloudtrail denies cloudtrail:UpdateTrail to every role here", None),
    (Hindrance::Impossible, ROOT, Some("legacy"), "five trails exist in us-east-1 already, AWS allows no sixth", None),
    (Hindrance::OnRequest, ARCHIVE, Some("old-logs"), "locking the bucket cannot be undone", Some("--lock")),
    (
        Hindrance::Manual,
        ROOT,
        Some("arn:aws:sns:eu-west-1:111122223333:acme-alarms"),
        "the subscription must be confirmed by who gets the mail",
        None,
    ),
    (Hindrance::OtherCommand, ROOT, None, "no SCP keeps trails from being stopped", Some("trailwarden scp generate")),
    (Hindrance::Dependent, MEMBER, Some("audit-copy"), "its encryption waits for its policy", None),
];

pub(super) fn unplanned() -> Vec<Unplanned> {
    ROWS.iter().enumerate().map(|(index, row)| one(index, row)).collect()
}

fn one(index: usize, (hindrance, account, target, reason, hint): &Row<'_>) -> Unplanned {
    Unplanned {
        hindrance: *hindrance,
        account: account.parse().expect("an account"),
        target: target.map(str::to_owned),
        reason: (*reason).to_owned(),
        hint: hint.map(str::to_owned),
        gap: (*hindrance == Hindrance::Unknown).then(gap),
        findings: (0..=index % 3).map(|n| format!("log-bucket-is-private-{index:011}{n}")).collect(),
    }
}

fn gap() -> Gap {
    Gap {
        kind: GapKind::AccessDenied,
        call: "s3:GetBucketPolicy".to_owned(),
        account: Some(MEMBER.parse().expect("an account")),
        region: None,
        code: "AccessDenied".to_owned(),
        reason: "no identity-based policy allows it\u{8}\u{8}".to_owned(),
    }
}
