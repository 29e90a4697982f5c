//! A trail with what it records.

use hcl::Structure;
use serde_json::json;
use trailwarden_model::plan::{Aspect, Step};

use super::{Drafted, Drafter};
use crate::export::resource::Resource;
use crate::export::terraform::draft::{Draft, attribute};
use crate::export::terraform::rules;

impl<'a> Drafter<'a> {
    pub(super) fn trail(&self, resource: &'a Resource<'a>, arn: &str) -> Drafted<'a> {
        let Some(step) = resource.step(|aspect| matches!(aspect, Aspect::Trail { .. })) else {
            return Err("aws_cloudtrail is imported as a whole, and the plan holds only some of the trail's settings"
                .to_owned());
        };
        let mut draft = self.whole(resource, "aws_cloudtrail", arn);
        self.rename_step(&mut draft, step, rules::TRAIL);
        let is_created = resource.is_created();
        match resource.after(|aspect| matches!(aspect, Aspect::TrailLogging { .. })) {
            Some(logging) => draft.argument("enable_logging", self.express.value(logging)),
            None if is_created => draft.argument("enable_logging", false),
            None => draft.ignored.push("enable_logging"),
        }
        match resource.step(|aspect| matches!(aspect, Aspect::TrailSelectors { .. })) {
            Some(step) => self.rename_step(&mut draft, step, rules::SELECTORS),
            None if is_created => {}
            None => draft.ignored.extend(["advanced_event_selector", "event_selector"]),
        }
        match resource.step(|aspect| matches!(aspect, Aspect::TrailInsights { .. })) {
            Some(step) => self.insights(&mut draft, step),
            None if is_created => {}
            None => draft.ignored.push("insight_selector"),
        }
        if !is_created {
            draft.ignored.push("tags");
        }
        draft.members.sort_by_key(|member| matches!(member, Structure::Block(_)));
        Ok(vec![self.with_tags(draft, resource)])
    }

    /// The provider knows no categories of events: what it sets is for management events.
    fn insights(&self, draft: &mut Draft<'a>, step: &'a Step) {
        for one in step.after.as_array().into_iter().flatten() {
            let kind = one.get("InsightType").map(|kind| self.express.value(kind));
            draft.block("insight_selector", kind.into_iter().map(|kind| attribute("insight_type", kind)).collect());
            if one.get("EventCategories").is_some_and(|categories| *categories != json!(["Management"])) {
                draft.lost.push((step.id.clone(), "EventCategories".to_owned()));
            }
        }
    }
}
