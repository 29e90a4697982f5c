//! What trailwarden composes, trailwarden's own audit accepts: every case of the corpus, with the composed policies attached.

#[cfg(test)]
mod composed {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::PathBuf;

    use trailwarden_audit::{assess, controls};
    use trailwarden_model::baseline::Baseline;
    use trailwarden_model::finding::{Finding, Outcome};
    use trailwarden_model::observed::Observed;
    use trailwarden_model::organization::{
        AuthorizationPolicy, FULL_AWS_ACCESS, NodeId, Organization, RESOURCE_CONTROL_POLICY, SERVICE_CONTROL_POLICY,
    };
    use trailwarden_model::snapshot::Snapshot;
    use trailwarden_policy::{Attachment, ComposedPolicy, Composition, Guarded, Kind, Limits, Profile, compose};

    /// What RCPs that stop CloudTrail would make fail.
    const DELIVERED: [&str; 2] = ["log-bucket-policy-correct", "kms-key-usable"];
    const CLOSED: [&str; 4] =
        ["tampering-denied-by-scp", "scp-exceptions-declared", "leaving-organization-denied", "log-archive-guarded"];
    const FULL_ACCESS: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

    fn snapshots() -> Vec<(String, Snapshot)> {
        let corpus = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/corpus"));
        let cases = std::fs::read_dir(corpus).expect("the corpus");
        let mut found: Vec<(String, Snapshot)> = cases
            .map(|case| {
                let case = case.expect("a case").path();
                let text = std::fs::read_to_string(case.join("snapshot.json")).expect("a snapshot");
                (case.display().to_string(), serde_json::from_str(&text).expect("a snapshot of this version"))
            })
            .collect();
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        found
    }

    fn policy(id: &str, text: &str, targets: BTreeSet<NodeId>) -> (String, AuthorizationPolicy) {
        let policy = AuthorizationPolicy {
            id: id.to_owned(),
            name: id.to_owned(),
            aws_managed: id == FULL_AWS_ACCESS,
            content: Observed::Known(text.to_owned()),
            targets: Observed::Known(targets),
        };
        (id.to_owned(), policy)
    }

    /// Replaces the policies of an organization by the composed ones.
    fn attach(organization: &mut Organization, composition: &Composition) {
        let Observed::Known(root) = &mut organization.root else { return };
        root.enabled_policy_types.extend([SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY].map(str::to_owned));
        let units = organization.units.known().into_iter().flat_map(BTreeMap::keys).cloned();
        let accounts = organization.accounts.keys().map(ToString::to_string);
        let everywhere = units.chain(accounts).chain([root.id.clone()]).collect();
        let of_kind = |kind: Kind| composition.policies.iter().filter(move |composed| composed.kind == kind);
        let attached = |composed: &ComposedPolicy| {
            let target = match &composed.attach_to {
                Attachment::Root => root.id.clone(),
                Attachment::Account(account) => account.to_string(),
            };
            policy(&composed.name, &composed.text, BTreeSet::from([target]))
        };
        let service_controls = of_kind(Kind::ServiceControl).map(attached);
        organization.service_control_policies =
            Observed::Known(service_controls.chain([policy(FULL_AWS_ACCESS, FULL_ACCESS, everywhere)]).collect());
        organization.resource_control_policies =
            Observed::Known(of_kind(Kind::ResourceControl).map(attached).collect());
    }

    fn findings(snapshot: &Snapshot, baseline: &Baseline, ids: &[&str]) -> Vec<Finding> {
        let judged: Vec<_> = ids.iter().map(|id| controls::find(id).expect("a registered control")).collect();
        assess(snapshot, baseline, &[], &judged, "test").findings
    }

    #[test]
    fn the_audit_accepts_what_is_composed() {
        let exceptions = ["arn:aws:iam::*:role/TrailAdministrator", "arn:aws:iam::*:role/break-glass/*"];
        let baseline = Baseline { tamper_exceptions: exceptions.map(str::to_owned).into(), ..Baseline::default() };
        let (mut n_failed, mut n_passed) = (0, 0);
        // Many cases differ in nothing that policies can change.
        let mut seen = BTreeSet::new();
        for (case, mut snapshot) in snapshots() {
            let guarded = Guarded::from_snapshot(&snapshot, &baseline);
            if !seen.insert(format!("{guarded:?} {:?}", snapshot.organization)) {
                continue;
            }
            n_failed += findings(&snapshot, &baseline, &CLOSED).iter().filter(|it| it.outcome == Outcome::Fail).count();
            let composition = compose(Profile::Strict, &guarded, Limits::from(&baseline)).expect("composed");
            attach(&mut snapshot.organization, &composition);
            for finding in findings(&snapshot, &baseline, &CLOSED) {
                assert!(finding.outcome != Outcome::Fail, "{case}: {finding:#?}");
                n_passed += usize::from(finding.outcome == Outcome::Pass);
            }
        }
        assert!(n_failed > 0 && n_passed > n_failed, "{n_failed} failed before, {n_passed} pass now");
    }
    #[test]
    fn what_is_composed_keeps_no_log_from_arriving() {
        let baseline = Baseline::default();
        let mut n_passed = 0;
        for (case, mut snapshot) in snapshots() {
            // Their own policies may be what stops CloudTrail.
            snapshot.organization.resource_control_policies = Observed::Known(BTreeMap::new());
            let before = findings(&snapshot, &baseline, &DELIVERED);
            let guarded = Guarded::from_snapshot(&snapshot, &baseline);
            let composition = compose(Profile::Strict, &guarded, Limits::from(&baseline)).expect("composed");
            attach(&mut snapshot.organization, &composition);
            let after = findings(&snapshot, &baseline, &DELIVERED);
            for (before, after) in before.iter().zip(&after) {
                assert_eq!((before.id(), before.outcome), (after.id(), after.outcome), "{case}: {after:#?}");
            }
            assert_eq!(before.len(), after.len(), "{case}");
            n_passed += after.iter().filter(|finding| finding.outcome == Outcome::Pass).count();
        }
        assert!(n_passed > 100, "{n_passed} pass");
    }
}
