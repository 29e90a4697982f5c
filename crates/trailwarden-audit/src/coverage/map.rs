//! The coverage of all accounts of a snapshot, for those who ask about it outside an audit.

use trailwarden_model::baseline::Baseline;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Snapshot;
use trailwarden_model::trail::Trail;

use super::class::EventClass;
use super::events::Events;
use super::union::{Answer, Contribution};
use crate::cx::Cx;

/// The trails of a snapshot and what they record.
pub struct CoverageMap<'a> {
    cx: Cx<'a>,
}

/// What each trail does for some events of an account and region, and what they amount to.
#[derive(Debug)]
pub struct Explanation<'a> {
    /// What they amount to.
    pub answer: Answer<'a>,
    /// The trails that are shown in the account and region.
    pub contributions: Vec<Contribution<'a>>,
    /// Other trails of the account and of the organization, with why they do not count; the words follow the name.
    pub elsewhere: Vec<(&'a Trail, String)>,
}

impl<'a> CoverageMap<'a> {
    /// Reads the selectors of a snapshot, each once.
    pub fn new(snapshot: &'a Snapshot, baseline: &'a Baseline) -> Self {
        Self { cx: Cx::new(snapshot, baseline) }
    }

    /// The region that global services record to; none in a partition that is not known.
    pub fn leader_region(&self) -> Option<Region> {
        self.cx.leader_region()
    }

    /// True when events of the class happen in the region at all. In a partition whose leader region is not known, those of
    /// global services may happen in any.
    pub fn happens(&self, class: EventClass, region: &Region) -> bool {
        class != EventClass::GlobalServices || self.leader_region().is_none_or(|leader| leader == *region)
    }

    /// Whether some events of an account and region are recorded.
    pub fn answer(&self, account: &AccountId, region: &Region, events: &Events) -> Answer<'_> {
        match self.cx.contributions(account, region, events, |_| true) {
            Ok(contributions) => self.cx.together(&contributions, events),
            Err(gap) => Answer::Undecided(gap),
        }
    }

    /// The same, trail by trail. Fails when the trails of the region could not be listed.
    pub fn explain(&self, account: &AccountId, region: &Region, events: &Events) -> Result<Explanation<'_>, Gap> {
        let contributions = self.cx.contributions(account, region, events, |_| true)?;
        let is_shown = |trail: &Trail| contributions.iter().any(|one| one.trail.arn == trail.arn);
        let trails = self.cx.snapshot.trails.values();
        let elsewhere = trails
            .filter(|trail| (trail.owner == *account || trail.is_organization) && !is_shown(trail))
            .map(|trail| (trail, why_elsewhere(trail, region)))
            .collect();
        Ok(Explanation { answer: self.cx.together(&contributions, events), contributions, elsewhere })
    }
}

/// What comparing needs of the snapshot behind the map.
impl<'a> CoverageMap<'a> {
    pub(super) fn trails(&self) -> impl Iterator<Item = &'a Trail> {
        self.cx.snapshot.trails.values()
    }

    /// Where a trail is shown.
    pub(super) fn places_of(&self, trail: &Trail) -> Vec<(AccountId, Region)> {
        let sightings = self.cx.sightings(trail).iter();
        sightings.map(|sighting| (sighting.account.clone(), sighting.region.clone())).collect()
    }

    /// The boxes of events that a trail takes.
    pub(super) fn recorded_by(&self, trail: &Trail) -> Result<Vec<&Events>, String> {
        match self.cx.recording(trail).map_err(|gap| gap.to_string())? {
            (_, Ok(recording)) => Ok(recording.0.iter().map(|taken| &taken.events).collect()),
            (_, Err(gap)) => Err(gap.to_string()),
        }
    }

    pub(super) fn contributions(
        &self,
        account: &AccountId,
        region: &Region,
        events: &Events,
        counts: impl Fn(&Trail) -> bool,
    ) -> Result<Vec<Contribution<'_>>, String> {
        self.cx.contributions(account, region, events, counts).map_err(|gap| gap.to_string())
    }

    pub(super) fn sum<'c>(&'c self, contributions: &[Contribution<'c>], events: &Events) -> Answer<'c> {
        self.cx.together(contributions, events)
    }
}

fn why_elsewhere(trail: &Trail, region: &Region) -> String {
    match trail.is_multi_region || trail.home_region == *region {
        true => "is not shown in this account and region".to_owned(),
        false => format!("is a single-Region trail of {}", trail.home_region),
    }
}

#[cfg(test)]
mod tests {
    use trailwarden_model::baseline::Baseline;
    use trailwarden_model::observed::{GapKind, Observed};
    use trailwarden_model::trail::{Insight, ReadWriteType, Selectors};

    use super::*;
    use crate::coverage::{NamedEvent, Share, Told, insight};
    use crate::testing::selectors::{advanced, basic, basic_data, equals, not_equals};
    use crate::testing::{HOME, LEADER, ORG_TRAIL, WORKLOAD, World, account, denied, region};

    const HERE: (&str, &str) = (WORKLOAD, HOME);

    /// The names of the trails that cover, or what is lost, or why it is not known.
    fn answer(world: &World, (id, code): (&str, &str), events: &Events) -> Result<Vec<String>, String> {
        let baseline = Baseline::default();
        match CoverageMap::new(&world.snapshot, &baseline).answer(&account(id), &region(code), events) {
            Answer::Covered(trails) => Ok(trails.into_iter().map(|trail| trail.name.clone()).collect()),
            Answer::Undecided(gap) => Err(format!("unknown: {}", gap.code)),
            Answer::Lost(event) => Err(format!("lost: {event}")),
        }
    }

    fn of_class(world: &World, class: EventClass) -> Result<Vec<String>, String> {
        answer(world, HERE, class.events())
    }

    fn with(world: World, name: &str, selectors: Selectors) -> World {
        world.add_trail(name, WORKLOAD, |trail| trail.selectors = Observed::Known(selectors))
    }

    fn without_kms() -> Selectors {
        advanced(vec![vec![equals("eventCategory", "Management"), not_equals("eventSource", "kms.amazonaws.com")]])
    }

    #[test]
    fn a_clean_organization_is_covered_by_its_trail_in_every_class() {
        for class in EventClass::ALL {
            assert_eq!(of_class(&World::clean(), class), Ok(vec![ORG_TRAIL.to_owned()]), "{class}");
        }
    }

    #[test]
    fn kms_left_out_here_and_recorded_there_is_covered() {
        let narrow = with(World::bare(), "narrow", without_kms());
        let lost = Err("lost: kms.amazonaws.com ScheduleKeyDeletion".to_owned());
        assert_eq!(of_class(&narrow, EventClass::KmsWrite), lost);
        assert_eq!(of_class(&narrow, EventClass::ManagementWrite), Ok(vec!["narrow".to_owned()]));
        let writes = with(narrow, "writes", basic(ReadWriteType::WriteOnly, true));
        assert_eq!(of_class(&writes, EventClass::KmsWrite), Ok(vec!["writes".to_owned()]));
        assert_eq!(of_class(&writes, EventClass::KmsRead), Err("lost: kms.amazonaws.com Decrypt".to_owned()));
    }

    #[test]
    fn two_trails_cover_together_what_neither_covers() {
        let half = |value| {
            vec![
                equals("eventCategory", "Data"),
                equals("resources.type", "AWS::S3::Object"),
                equals("readOnly", value),
            ]
        };
        let world = with(World::bare(), "reads", advanced(vec![half("true")]));
        let world = with(world, "writes", advanced(vec![half("false")]));
        let told = Told { read_only: None, ..Told::default() };
        let select = NamedEvent::parse("s3:SelectObjectContent", &told).expect("known").events("aws", false);
        assert_eq!(answer(&world, HERE, &select), Ok(vec!["reads".to_owned(), "writes".to_owned()]));
        let stopped = world.status("writes", HERE, |status| status.is_logging = false);
        let lost = answer(&stopped, HERE, &select).expect_err("half is lost");
        assert!(lost.starts_with("lost: s3.amazonaws.com SelectObjectContent"), "{lost}");
    }

    #[test]
    fn a_trail_without_global_service_events_loses_them_and_nothing_else() {
        let world = World::clean().trail(ORG_TRAIL, |trail| trail.includes_global_service_events = false);
        let global = answer(&world, (WORKLOAD, LEADER), EventClass::GlobalServices.events());
        assert_eq!(global, Err("lost: iam.amazonaws.com CreateUser".to_owned()));
        assert!(answer(&world, (WORKLOAD, LEADER), EventClass::ManagementWrite.events()).is_ok());
        let local = world.add_trail("leader", WORKLOAD, |trail| trail.is_multi_region = true);
        assert!(answer(&local, (WORKLOAD, LEADER), EventClass::GlobalServices.events()).is_ok());
        let baseline = Baseline::default();
        let map = CoverageMap::new(&local.snapshot, &baseline);
        assert!(!map.happens(EventClass::GlobalServices, &region(HOME)));
    }

    #[test]
    fn selectors_that_were_not_read_decide_only_what_others_leave_open() {
        let unread = World::clean().trail(ORG_TRAIL, |trail| {
            trail.selectors = Observed::Gap(denied("cloudtrail:GetEventSelectors"));
        });
        let unknown = Err("unknown: AccessDenied".to_owned());
        assert_eq!(of_class(&unread, EventClass::ManagementWrite), unknown);
        let writes = with(unread, "writes", basic(ReadWriteType::WriteOnly, true));
        assert_eq!(of_class(&writes, EventClass::ManagementWrite), Ok(vec!["writes".to_owned()]));
        assert_eq!(of_class(&writes, EventClass::ManagementRead), unknown);
    }

    #[test]
    fn a_status_that_was_not_read_is_unknown_only_where_the_trail_could_matter() {
        let world = with(World::bare(), "reads", basic(ReadWriteType::ReadOnly, true));
        let world = world.status_gap("reads", HERE, GapKind::Throttled);
        assert_eq!(of_class(&world, EventClass::ManagementRead), Err("unknown: Throttled".to_owned()));
        assert!(of_class(&world, EventClass::ManagementWrite).expect_err("no trail writes").starts_with("lost"));
    }

    #[test]
    fn each_trail_says_why_it_does_not_record_an_event() {
        let world = with(World::bare(), "narrow", without_kms());
        let world = with(world, "stopped", basic(ReadWriteType::All, true));
        let world = world.status("stopped", HERE, |status| status.is_logging = false);
        let world = world.add_trail("elsewhere", WORKLOAD, |trail| {
            trail.is_multi_region = false;
            trail.home_region = region(LEADER);
        });
        let disable = NamedEvent::parse("kms:DisableKey", &Told::default()).expect("known").events("aws", false);
        let baseline = Baseline::default();
        let map = CoverageMap::new(&world.snapshot, &baseline);
        let explained = map.explain(&account(WORKLOAD), &region(HOME), &disable).expect("listed");
        let share = |name: &str| {
            let one = explained.contributions.iter().find(|one| one.trail.name == name).expect("shown");
            one.share.clone()
        };
        let why = "selector 1 takes only events whose eventSource is not kms.amazonaws.com";
        assert_eq!(share("narrow"), Share::Nothing(why.to_owned()));
        assert!(matches!(share("stopped"), Share::Broken(link) if link.fact.contains("is not logging")));
        let elsewhere: Vec<&str> = explained.elsewhere.iter().map(|(_, why)| why.as_str()).collect();
        assert_eq!(elsewhere, ["is a single-Region trail of us-east-1"]);
        assert!(matches!(explained.answer, Answer::Lost(event) if event.to_string() == "kms.amazonaws.com DisableKey"));
    }

    #[test]
    fn a_region_that_was_not_listed_is_unknown() {
        let world = World::clean().unread_region(WORKLOAD, HOME);
        assert_eq!(of_class(&world, EventClass::KmsRead), Err("unknown: AccessDenied".to_owned()));
    }

    fn rate() -> Insight {
        Insight { kind: "ApiCallRateInsight".to_owned(), category: "Management".to_owned() }
    }

    #[test]
    fn insights_are_events_of_the_trails_that_have_them_on_and_record_what_they_analyse() {
        let of_insight = |world: &World| answer(world, HERE, &insight::events_of(&rate()));
        let lost = Err("lost: ApiCallRateInsight on Management events".to_owned());
        assert_eq!(of_insight(&World::clean()), lost);
        let on = World::clean().trail(ORG_TRAIL, |trail| trail.insights = Observed::Known([rate()].into()));
        assert_eq!(of_insight(&on), Ok(vec![ORG_TRAIL.to_owned()]));
        let reads = on.clone().trail(ORG_TRAIL, |trail| {
            trail.selectors = Observed::Known(basic(ReadWriteType::ReadOnly, true));
        });
        assert_eq!(of_insight(&reads), lost, "the call rate is that of writes");
        let unread = on.trail(ORG_TRAIL, |trail| {
            trail.insights = Observed::Gap(denied("cloudtrail:GetInsightSelectors"));
        });
        assert_eq!(of_insight(&unread), Err("unknown: AccessDenied".to_owned()));
        assert!(of_class(&unread, EventClass::ManagementWrite).is_ok(), "Insights decide nothing else");
    }

    #[test]
    fn dropping_its_own_deliveries_takes_nothing_else_from_a_trail() {
        let objects = basic_data(ReadWriteType::All, "AWS::S3::Object", &["arn:aws:s3"]);
        let world = with(World::bare(), "own", objects).trail("own", |trail| trail.recursive_logging = Some(false));
        let put = NamedEvent::parse("s3:PutObject", &Told::default()).expect("known").events("aws", false);
        assert_eq!(answer(&world, HERE, &put), Ok(vec!["own".to_owned()]));
    }

    #[test]
    fn what_is_kept_from_one_account_is_not_taken_for_another_in_another_state() {
        let world = with(World::clean(), "writes", basic(ReadWriteType::WriteOnly, true))
            .trail(ORG_TRAIL, |trail| trail.selectors = Observed::Known(basic(ReadWriteType::ReadOnly, true)))
            .status(ORG_TRAIL, (WORKLOAD, LEADER), |status| status.is_logging = false)
            .status_gap("writes", HERE, GapKind::Throttled);
        let baseline = Baseline::default();
        let shared = CoverageMap::new(&world.snapshot, &baseline);
        for (id, seen) in &world.snapshot.accounts {
            for (code, class) in seen.regions.keys().flat_map(|code| EventClass::ALL.map(|class| (code, class))) {
                let fresh = CoverageMap::new(&world.snapshot, &baseline);
                let (kept, asked) = (shared.answer(id, code, class.events()), fresh.answer(id, code, class.events()));
                assert_eq!(kept, asked, "{id} {code} {class}");
            }
        }
        let places = [HERE, (WORKLOAD, LEADER)];
        let writes = places.map(|place| answer(&world, place, EventClass::ManagementWrite.events()));
        assert_eq!(writes, [Err("unknown: Throttled".to_owned()), Ok(vec!["writes".to_owned()])]);
    }
}
