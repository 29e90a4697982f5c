//! The port through which plans are applied: looking and making calls, in the account and region of the plan.

use serde_json::Value;
use trailwarden_apply::{Cloud, Refusal};
use trailwarden_model::observed::Gap;
use trailwarden_model::plan::{Call, Place, Subject};

use crate::session::{Session, Site};
use crate::write::refusal::not_entered;
use crate::{look, write};

impl Cloud for Session {
    async fn look(&self, subject: &Subject) -> Result<Value, Gap> {
        let site = self.place(&subject.place, look::is_global(&subject.aspect)).await?;
        look::look(self, &site, &subject.aspect).await
    }

    async fn perform(&self, place: &Place, call: &Call) -> Result<(), Refusal> {
        let site = self.place(place, write::is_global(call)).await.map_err(not_entered)?;
        write::perform(self, &site, call).await
    }
}

impl Session {
    /// The site of a place; services of the whole partition are called in its leader region.
    async fn place(&self, place: &Place, is_global: bool) -> Result<Site, Gap> {
        let region = if is_global { &self.leader } else { &place.region };
        self.site(&place.account, region).await
    }
}
