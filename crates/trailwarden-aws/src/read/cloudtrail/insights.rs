//! CloudTrail: the Insights of a trail.

use std::collections::BTreeSet;

use aws_sdk_cloudtrail::types::InsightSelector;
use trailwarden_model::trail::Insight;

use crate::catalog::{Read, reads};
use crate::gap::Failure;
use crate::session::{Session, Site, at};

reads! {
    GET_INSIGHT_SELECTORS = Read::regional("cloudtrail:GetInsightSelectors", 10);
}

/// The Insights of a trail that are on. The site must be its owner in its home region.
pub(crate) async fn insights(session: &Session, site: &Site, trail: &str) -> Result<BTreeSet<Insight>, Failure> {
    let call = session.clients.cloudtrail.get_insight_selectors().trail_name(trail);
    let call = || call.clone().customize().config_override(at!(aws_sdk_cloudtrail, site)).send();
    match session.call(&GET_INSIGHT_SELECTORS, site, call).await {
        Err(failure) if failure.code() == "InsightNotEnabledException" => Ok(BTreeSet::new()),
        answer => Ok(answer?.insight_selectors().iter().flat_map(of_selector).collect()),
    }
}

/// One Insight per category; a selector that names none is of the time when there was only `Management`.
fn of_selector(selector: &InsightSelector) -> Vec<Insight> {
    let Some(kind) = selector.insight_type() else { return Vec::new() };
    let insight = |category: &str| Insight { kind: kind.as_str().to_owned(), category: category.to_owned() };
    match selector.event_categories() {
        [] => vec![insight("Management")],
        categories => categories.iter().map(|category| insight(category.as_str())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudtrail::types::{InsightType, SourceEventCategory};

    use super::*;

    #[test]
    fn a_selector_without_categories_means_management_events() {
        let selector = InsightSelector::builder().insight_type(InsightType::ApiCallRateInsight);
        let categories = |selector: InsightSelector| -> Vec<String> {
            of_selector(&selector).into_iter().map(|insight| insight.category).collect()
        };
        assert_eq!(categories(selector.clone().build()), ["Management"]);
        assert_eq!(categories(selector.event_categories(SourceEventCategory::Data).build()), ["Data"]);
    }
}
