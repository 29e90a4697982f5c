//! all-features-enabled: the organization has more than consolidated billing.

use trailwarden_model::control::Severity;
use trailwarden_model::organization::FeatureSet;

use crate::control::{Applies, Control, Judge, Judged};
use crate::cx::Cx;
use crate::verdict::{Verdict, fact};

pub(super) static CONTROL: Control = Control {
    id: "all-features-enabled",
    title: "The organization has all features enabled",
    severity: Severity::Critical,
    practice: None,
    needs: &[],
    rule: "Fails when the feature set of the organization is consolidated billing only.",
    why: "With consolidated billing only there are no service control policies, no trusted access and no organization trail: \
          nothing can be required of a member account, and nothing keeps it from switching its logs off.",
    remedy: "Enable all features from the management account; every invited account has to agree to it.",
    references: &["Organizations User Guide: Enabling all features for an organization"],
    frameworks: &[("mitre-attack", &["T1562.008"])],
    applies: Applies::Always,
    judge: Judge::Organization(judge),
};

fn judge(cx: &Cx<'_>) -> Judged {
    let organization = &cx.snapshot.organization;
    let (verdict, seen) = match organization.feature_set {
        FeatureSet::All => {
            (Verdict::pass(format!("Organization {} has all features", organization.id)), "feature set ALL")
        }
        FeatureSet::ConsolidatedBilling => {
            let reason =
                format!("Organization {} has consolidated billing only, so that no policy binds", organization.id);
            (Verdict::fail(reason), "feature set CONSOLIDATED_BILLING")
        }
    };
    Ok(verdict.with([fact(seen, "organizations:DescribeOrganization", &organization.management_account, None)]))
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::organization::FeatureSet;

    use crate::testing::World;

    const ID: &str = super::CONTROL.id;

    #[test]
    fn all_features_pass_and_billing_alone_fails() {
        assert_eq!(World::clean().judge(ID).only().outcome, Outcome::Pass);
        let billing =
            World::clean().edit(|snapshot| snapshot.organization.feature_set = FeatureSet::ConsolidatedBilling);
        assert_eq!(billing.judge(ID).only().outcome, Outcome::Fail);
    }

    #[test]
    fn it_is_known_of_every_snapshot_whatever_else_was_read() {
        let narrow = World::clean().edit(|snapshot| snapshot.needs.clear());
        assert_eq!(narrow.judge(ID).only().outcome, Outcome::Pass);
    }
}
