//! Composed policies: what they say, that they fit, and that they stop whom they should and nobody else.

#[cfg(test)]
mod compose {
    mod perimeter;
    mod properties;

    use std::collections::{BTreeMap, BTreeSet};

    use trailwarden_model::baseline::Baseline;
    use trailwarden_model::ids::AccountId;
    use trailwarden_model::snapshot::Snapshot;
    use trailwarden_policy::{
        Attachment, ComposeError, Composition, Document, Guarded, Limits, Owner, Profile, Resource, ResourceKind,
        compose, lint,
    };

    const MANAGEMENT: &str = "999988887777";
    const ARCHIVE: &str = "222233334444";
    const WORKLOAD: &str = "111122223333";
    const GUARDIAN: &str = "arn:aws:iam::*:role/TrailAdministrator";

    fn account(id: &str) -> AccountId {
        id.parse().expect("an account id")
    }

    fn resource(kind: ResourceKind, arn: &str, owner: &str) -> (Resource, Owner) {
        (Resource { kind, arn: arn.to_owned() }, Owner::Account(account(owner)))
    }

    /// An organization trail with its bucket and key in the log archive and its log group in the management account.
    fn guarded(exceptions: &[&str]) -> Guarded {
        use ResourceKind::{Alarm, Bucket, Key, LogGroup, Role};
        Guarded {
            partition: "aws".to_owned(),
            organization: "o-a1b2c3d4e5".to_owned(),
            management_account: account(MANAGEMENT),
            members: [ARCHIVE, WORKLOAD].map(account).into(),
            trails: [format!("arn:aws:cloudtrail:eu-west-1:{MANAGEMENT}:trail/org")]
                .map(|arn| arn.parse().expect("an ARN"))
                .into(),
            resources: BTreeMap::from([
                resource(Bucket, "arn:aws:s3:::acme-trail", ARCHIVE),
                resource(Key, "arn:aws:kms:eu-west-1:222233334444:key/1a2b", ARCHIVE),
                resource(LogGroup, "arn:aws:logs:eu-west-1:999988887777:log-group:org", MANAGEMENT),
                resource(LogGroup, "arn:aws:logs:eu-west-1:111122223333:log-group:own", WORKLOAD),
                resource(Role, "arn:aws:iam::111122223333:role/service-role/Delivery", WORKLOAD),
                resource(Alarm, "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:Trail changed?", WORKLOAD),
            ]),
            unread: BTreeMap::new(),
            exceptions: exceptions.iter().map(|text| (*text).to_owned()).collect(),
        }
    }

    fn composed(profile: Profile, exceptions: &[&str]) -> Composition {
        compose(profile, &guarded(exceptions), Limits::default()).expect("composed")
    }

    fn shown(composition: &Composition) -> String {
        let policies = composition.policies.iter().map(|policy| {
            format!(
                "# {} at {}: {} characters\n{}",
                policy.name,
                policy.attach_to,
                policy.characters(),
                policy.pretty()
            )
        });
        let left_out = composition.left_out.iter().map(|out| format!("# left out: {}: {}\n", out.resource, out.reason));
        policies.chain(left_out).collect()
    }

    #[test]
    fn composed_policies_do_what_they_seem_to() {
        for profile in [Profile::Minimal, Profile::Standard, Profile::Strict] {
            for policy in composed(profile, &[GUARDIAN]).policies {
                let document = Document::parse(policy.kind, &policy.text).expect("AWS accepts it");
                assert_eq!(lint(&document), [], "{}", policy.text);
            }
        }
    }

    #[test]
    fn minimal_without_exceptions_is_the_policy_of_the_guidance() {
        let minimal = composed(Profile::Minimal, &[]);
        assert_eq!(
            minimal.policies[0].text,
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["cloudtrail:DeleteTrail","cloudtrail:StopLogging"],"Resource":"*"}]}"#
        );
        assert_eq!((minimal.policies.len(), &minimal.policies[0].attach_to), (1, &Attachment::Root));
        assert!(minimal.left_out.is_empty());
    }

    #[test]
    fn the_profiles_read_as_they_should() {
        for profile in Profile::ALL {
            insta::assert_snapshot!(profile.as_str(), shown(&composed(profile, &[GUARDIAN])));
        }
    }

    #[test]
    fn what_no_policy_can_guard_is_named() {
        let mut unknown = guarded(&[GUARDIAN, "arn:aws:iam::111122223333:user/carol"]);
        let bucket = Resource { kind: ResourceKind::Bucket, arn: "arn:aws:s3:::gone".to_owned() };
        unknown.resources.insert(bucket, Owner::Unknown("it does not exist".to_owned()));
        let foreign = "arn:aws:kms:eu-west-1:555566667777:key/3c4d";
        unknown.resources.extend([resource(ResourceKind::Key, foreign, "555566667777")]);
        let strict = compose(Profile::Strict, &unknown, Limits::default()).expect("composed");
        let left_out: Vec<&str> = strict.left_out.iter().map(|out| out.resource.as_str()).collect();
        assert_eq!(
            left_out,
            [
                "arn:aws:iam::111122223333:user/carol",
                foreign,
                "arn:aws:logs:eu-west-1:999988887777:log-group:org",
                "arn:aws:s3:::gone",
            ]
        );
        assert!(strict.policies.iter().all(|policy| !policy.text.contains("gone")));
        let standard = compose(Profile::Standard, &unknown, Limits::default()).expect("composed");
        assert!(standard.left_out.is_empty(), "the standard profile speaks of trails alone");
    }

    #[test]
    fn a_snapshot_tells_what_to_guard_and_what_cannot_be() {
        let text = include_str!("../../../tests/corpus/broken-storage/snapshot.json");
        let mut snapshot: Snapshot = serde_json::from_str(text).expect("a snapshot");
        let left: AccountId = account("222222222222");
        snapshot.accounts.remove(&left);
        let baseline = Baseline { tamper_exceptions: [GUARDIAN.to_owned()].into(), ..Baseline::default() };
        let guarded = Guarded::from_snapshot(&snapshot, &baseline);
        let strict = compose(Profile::Strict, &guarded, Limits::from(&baseline)).expect("composed");
        let names: Vec<&str> = strict.policies.iter().map(|policy| policy.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "trailwarden-strict-1",
                "trailwarden-strict-222222222222-1",
                "trailwarden-strict-333333333333-1",
                "trailwarden-strict-rcp-222222222222-1",
                "trailwarden-strict-rcp-333333333333-1",
            ]
        );
        assert!(strict.policies[1].text.contains(r#""Resource":"arn:aws:kms:eu-west-1:222222222222:key/0aaaaaaa"#));
        assert!(strict.policies[2].text.contains(r#""Resource":"arn:aws:s3:::payments-logs/*""#));
        let left_out: Vec<String> =
            strict.left_out.iter().map(|out| format!("{}: {}", out.resource, out.reason)).collect();
        assert_eq!(
            left_out,
            [
                "account 222222222222: not all of its trails are known: the snapshot was taken without this account",
                "arn:aws:iam::111111111111:role/trail-to-logs: the management account owns it, which no SCP binds",
                "arn:aws:logs:eu-west-1:111111111111:log-group:org-trail: the management account owns it, which no SCP binds",
                "arn:aws:s3:::acme-log-archive: an account outside the organization owns it",
            ]
        );
    }

    #[test]
    fn exceptions_that_leave_nobody_are_refused() {
        let everybody = compose(Profile::Minimal, &guarded(&["arn:aws:*:*:*:*"]), Limits::default());
        assert!(everybody.is_err_and(|error| error == ComposeError::EverybodySpared && error.hint().is_some()));
        // An account as a whole may be exempt: the others are guarded.
        composed(Profile::Strict, &[&format!("arn:aws:iam::{ARCHIVE}:*"), &format!("arn:aws:sts::{ARCHIVE}:*")]);
    }

    #[test]
    fn a_set_that_does_not_fit_is_refused_with_a_hint() {
        let names: Vec<String> = (0..300).map(|n| format!("arn:aws:iam::*:role/Administrator{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let error = compose(Profile::Minimal, &guarded(&names), Limits::default()).expect_err("too large");
        assert!(matches!(&error, ComposeError::TooLarge { n_exceptions: 300, .. }), "{error}");
        assert!(error.hint().is_some());
        let limits = Limits { policies_per_node: 2, characters: 450, ..Limits::default() };
        let error = compose(Profile::Strict, &guarded(&[GUARDIAN]), limits).expect_err("too many");
        assert!(matches!(&error, ComposeError::TooMany { limit: 2, .. }), "{error}");
        let limits = Limits { rcp_policies_per_node: 3, rcp_characters: 450, ..Limits::default() };
        let error = compose(Profile::Strict, &guarded(&[GUARDIAN]), limits).expect_err("too many");
        assert!(matches!(&error, ComposeError::TooMany { limit: 3, n_policies: 4, .. }), "{error}");
    }

    #[test]
    fn policies_are_counted_by_the_place_they_belong_to() {
        let strict = composed(Profile::Strict, &[GUARDIAN]);
        let counts: Vec<(String, usize)> =
            strict.policies_by_node().into_iter().map(|(at, n)| (at.to_string(), n)).collect();
        let expected = ["the root", "account 111122223333", "account 222233334444"].map(|at| (at.to_owned(), 1));
        assert_eq!(counts, expected);
        assert!(strict.n_proved > 0);
        let names: BTreeSet<&str> = strict.policies.iter().map(|policy| policy.name.as_str()).collect();
        assert!(names.contains("trailwarden-strict-222233334444-1"));
    }
}
