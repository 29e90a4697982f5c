//! Whom composed policies would deny what they did lately, and what they would deny to this tool itself.

#[cfg(test)]
mod usage {
    mod world;

    use std::collections::{BTreeMap, BTreeSet};

    use trailwarden_policy::Proposal;
    use trailwarden_policy::usage::{Automation, Caller, Fate, Use, denied_to_own_roles, lookups, unseen, uses};
    use trailwarden_policy::{Profile, Unbound};

    use world::{ARCHIVE, Event, GUARDIAN, MANAGEMENT, OU, WORKLOAD, account, composed, organization, place};

    /// Judges events of one account.
    fn judged(profile: Profile, of: &str, events: &[Event<'_>]) -> Vec<Use> {
        let organization = organization(&[]);
        let proposal = Proposal::new(&organization, &composed(profile), &BTreeSet::new()).expect("proposed");
        let exceptions = BTreeSet::from([GUARDIAN.to_owned()]);
        uses(&organization, &proposal, &exceptions, "", &[place(of, events)]).expect("judged")
    }

    fn stop(role: &'static str, day: u32) -> Event<'static> {
        Event { role, day, ..Event::of("cloudtrail", "StopLogging") }
    }

    #[test]
    fn a_role_that_stopped_a_trail_would_be_denied_and_the_exception_is_spared() {
        let used = judged(
            Profile::Standard,
            WORKLOAD,
            &[
                stop("deploy", 3),
                stop("deploy", 9),
                stop("TrailAdministrator", 5),
                Event { error: true, ..stop("deploy", 10) },
            ],
        );
        let [denied, spared] = used.as_slice() else { panic!("two callers: {used:#?}") };
        assert_eq!(denied.caller, Caller::Identity(format!("arn:aws:iam::{WORKLOAD}:role/deploy")));
        assert!(matches!(&denied.fate, Fate::Denied { by, today: None } if by.policy == "trailwarden-standard-1"));
        assert_eq!((denied.n_succeeded, denied.n_failed), (2, 1));
        assert_eq!(
            (denied.first.to_string().as_str(), denied.last.to_string().as_str()),
            ("2026-11-03T00:00:00Z", "2026-11-10T00:00:00Z")
        );
        assert_eq!(spared.fate, Fate::Spared(GUARDIAN.to_owned()));
    }

    #[test]
    fn whoever_no_policy_binds_is_told_apart() {
        let linked = "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig";
        let used = judged(Profile::Standard, WORKLOAD, &[stop(linked, 1), Event { role: "", ..stop("", 2) }]);
        let fates: Vec<&Fate> = used.iter().map(|used| &used.fate).collect();
        assert_eq!(fates, [&Fate::Service, &Fate::NotBound(Unbound::ServiceLinkedRole)]);
        let management = judged(Profile::Standard, MANAGEMENT, &[stop("deploy", 1)]);
        assert_eq!(management[0].fate, Fate::NotBound(Unbound::ManagementAccount));
    }

    #[test]
    fn what_a_service_does_for_a_role_is_the_roles_doing() {
        let used = judged(
            Profile::Standard,
            WORKLOAD,
            &[Event { via: Some("cloudformation.amazonaws.com"), ..stop("stacksets-exec-0a1b", 4) }],
        );
        assert!(matches!(used[0].fate, Fate::Denied { .. }), "{used:#?}");
        assert_eq!(used[0].automation, Some(Automation::StackSets));
        assert_eq!(used[0].via, BTreeSet::from(["cloudformation.amazonaws.com".to_owned()]));
    }

    #[test]
    fn only_the_guarded_bucket_key_and_group_count_under_the_strict_profile() {
        let on = |service, name, resource| Event { role: "ops", resources: vec![resource], ..Event::of(service, name) };
        let used = judged(
            Profile::Strict,
            ARCHIVE,
            &[
                on("s3", "PutBucketLifecycle", "acme-trail"),
                on("s3", "PutBucketPolicy", "scratch"),
                on("kms", "DisableKey", "1a2b"),
                on("kms", "ScheduleKeyDeletion", "9z9z"),
                Event { role: "ops", ..Event::of("kms", "PutKeyPolicy") },
            ],
        );
        let fate =
            |action: &str| used.iter().find(|used| used.action == action).map(|used| used.fate.clone()).expect(action);
        assert!(matches!(fate("s3:PutLifecycleConfiguration"), Fate::Denied { .. }));
        assert_eq!(fate("s3:PutBucketPolicy"), Fate::Elsewhere);
        assert!(matches!(fate("kms:DisableKey"), Fate::Denied { .. }));
        assert_eq!(fate("kms:ScheduleKeyDeletion"), Fate::Elsewhere);
        assert!(matches!(fate("kms:PutKeyPolicy"), Fate::Undecided(_)), "the record names no key");
        let group = judged(
            Profile::Strict,
            WORKLOAD,
            &[on("logs", "PutRetentionPolicy", "own"), on("iam", "DeleteRole", "Delivery")],
        );
        assert!(
            group.iter().all(|used| matches!(used.fate, Fate::Denied { .. })),
            "the path of a role is not in a record: {group:#?}"
        );
    }

    #[test]
    fn what_is_denied_today_loses_nothing_unless_it_succeeded() {
        let guard = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"cloudtrail:StopLogging","Resource":"*"}]}"#;
        let organization = organization(&[("p-guard", guard, OU)]);
        let proposal = Proposal::new(&organization, &composed(Profile::Minimal), &BTreeSet::new()).expect("proposed");
        let events = [Event { error: true, ..stop("a", 1) }, stop("b", 2)];
        let used = uses(&organization, &proposal, &BTreeSet::new(), "", &[place(WORKLOAD, &events)]).expect("judged");
        assert!(matches!(&used[0].fate, Fate::Denied { today: Some(by), .. } if by.contains("p-guard")), "{used:#?}");
        assert!(matches!(&used[1].fate, Fate::DeniedToday(by) if by.contains("p-guard")), "{used:#?}");
    }

    #[test]
    fn where_policies_are_disabled_the_proposal_enables_them_as_aws_does() {
        let mut organization = organization(&[]);
        organization.root = trailwarden_model::observed::Observed::Known(trailwarden_model::organization::Root {
            id: "r-1".to_owned(),
            enabled_policy_types: BTreeSet::new(),
        });
        let proposal = Proposal::new(&organization, &composed(Profile::Minimal), &BTreeSet::new()).expect("proposed");
        let chains = trailwarden_policy::Chains::new(&proposal.organization).expect("chains");
        assert_eq!(chains.of(&account(WORKLOAD)).expect("a chain").unbound, None);
        let used =
            uses(&organization, &proposal, &BTreeSet::new(), "", &[place(WORKLOAD, &[stop("a", 1)])]).expect("judged");
        assert!(matches!(used[0].fate, Fate::Denied { today: None, .. }), "{used:#?}");
    }

    #[test]
    fn only_accounts_below_the_node_are_asked_and_denied_when_one_is_named() {
        let organization = organization(&[]);
        let at = BTreeSet::from([OU.to_owned()]);
        let proposal = Proposal::new(&organization, &composed(Profile::Minimal), &at).expect("proposed");
        let asked = lookups(&proposal).expect("lookups");
        assert!(asked.everywhere.is_empty());
        assert_eq!(asked.accounts.keys().map(ToString::to_string).collect::<Vec<_>>(), [WORKLOAD]);
        let fate = |of| {
            uses(&organization, &proposal, &BTreeSet::new(), "", &[place(of, &[stop("a", 1)])]).expect("judged")[0]
                .fate
                .clone()
        };
        assert!(matches!(fate(WORKLOAD), Fate::Denied { .. }));
        assert_eq!(fate(ARCHIVE), Fate::Elsewhere);
    }

    #[test]
    fn only_owners_are_asked_about_what_is_guarded_there_and_objects_are_said_to_be_unseen() {
        let proposal =
            Proposal::new(&organization(&[]), &composed(Profile::Strict), &BTreeSet::new()).expect("proposed");
        let asked = lookups(&proposal).expect("lookups");
        let has =
            |set: &BTreeSet<trailwarden_model::usage::Lookup>, name: &str| set.iter().any(|lookup| lookup.name == name);
        assert!(has(&asked.everywhere, "StopLogging") && !has(&asked.everywhere, "PutBucketPolicy"));
        assert!(has(&asked.accounts[&account(ARCHIVE)], "PutBucketLifecycle"));
        assert!(!asked.accounts[&account(WORKLOAD)].iter().any(|lookup| lookup.source == "s3.amazonaws.com"));
        assert!(unseen(&proposal, true)["s3:DeleteObject"].contains("data event"));
        assert!(!unseen(&proposal, true).contains_key("organizations:LeaveOrganization"));
        assert!(unseen(&proposal, false)["organizations:LeaveOrganization"].contains("leader region"));
    }

    #[test]
    fn the_tools_own_role_is_told_what_it_would_lose_unless_it_is_an_exception() {
        let organization = organization(&[]);
        let proposal = Proposal::new(&organization, &composed(Profile::Strict), &BTreeSet::new()).expect("proposed");
        let denied = |role: &str| -> Vec<(String, String)> {
            let members = [ARCHIVE, WORKLOAD, MANAGEMENT].map(account);
            let roles: BTreeMap<_, _> = members.map(|id| (id.clone(), format!("arn:aws:iam::{id}:role/{role}"))).into();
            let actions = BTreeSet::from(["cloudtrail:UpdateTrail", "cloudtrail:CreateTrail", "s3:PutBucketPolicy"]);
            let denials = denied_to_own_roles(&organization, &proposal, &roles, &actions).expect("told");
            denials.into_iter().map(|denial| (denial.account.to_string(), denial.action)).collect()
        };
        let pair = |account: &str, action: &str| (account.to_owned(), action.to_owned());
        assert_eq!(
            denied("Remediate"),
            [
                pair(WORKLOAD, "cloudtrail:UpdateTrail"),
                pair(ARCHIVE, "cloudtrail:UpdateTrail"),
                pair(ARCHIVE, "s3:PutBucketPolicy"),
            ],
            "no policy binds the management account"
        );
        assert_eq!(denied("TrailAdministrator"), []);
    }
}
