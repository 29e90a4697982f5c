//! The classes of management events that every account and region must have recorded.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use super::events::{EVERYTHING, Events, Field};
use super::words::{Affix, Words};

/// A class of events that is demanded as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventClass {
    /// Management events that change something, besides those of KMS and the RDS Data API.
    ManagementWrite,
    /// Management events that read, besides the same.
    ManagementRead,
    /// Management events of KMS that change something: disabling and deleting keys, and their policies.
    KmsWrite,
    /// Management events of KMS that read, which includes every use of a key.
    KmsRead,
    /// Management events of the RDS Data API.
    RdsData,
    /// Management events of global services, which are recorded in the leader region.
    GlobalServices,
}

/// Sources that a trail may exclude.
const EXCLUDABLE: [&str; 2] = ["kms.amazonaws.com", "rdsdata.amazonaws.com"];

impl EventClass {
    /// Every class, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::ManagementWrite,
        Self::ManagementRead,
        Self::GlobalServices,
        Self::KmsWrite,
        Self::KmsRead,
        Self::RdsData,
    ];

    /// The management events that no selector can exclude by source: what every account and region must have recorded.
    pub const MANAGEMENT: [Self; 2] = [Self::ManagementRead, Self::ManagementWrite];

    /// Both classes of [`Self::MANAGEMENT`] in one: a single question where all is well.
    pub(crate) fn all_management() -> &'static Events {
        static EVENTS: LazyLock<Events> =
            LazyLock::new(|| not_excludable().with(Field::Category, &Words::is("Management")));
        &EVENTS
    }

    /// The management events of every source that selectors may exclude, in one.
    pub(crate) fn all_excludable() -> &'static Events {
        static EVENTS: LazyLock<Events> = LazyLock::new(|| {
            Events::default()
                .with(Field::Category, &Words::is("Management"))
                .with(Field::Source, &Words::one_of(EXCLUDABLE.map(|name| Affix::Whole(name.to_owned()))))
                .with(Field::Global, &Words::is("false"))
        });
        &EVENTS
    }

    /// The name scripts rely on.
    pub fn id(self) -> &'static str {
        match self {
            Self::ManagementWrite => "management-write",
            Self::ManagementRead => "management-read",
            Self::KmsWrite => "kms-write",
            Self::KmsRead => "kms-read",
            Self::RdsData => "rds-data",
            Self::GlobalServices => "global-services",
        }
    }

    /// The events of the class.
    pub fn events(self) -> &'static Events {
        static EVENTS: LazyLock<BTreeMap<EventClass, Events>> =
            LazyLock::new(|| EventClass::ALL.into_iter().map(|class| (class, class.demanded())).collect());
        EVENTS.get(&self).unwrap_or(&EVERYTHING)
    }

    fn demanded(self) -> Events {
        let read = |value| Events::default().with(Field::ReadOnly, &Words::is(value));
        let source = |name| Events::default().with(Field::Source, &Words::is(name));
        let [kms, rds_data] = EXCLUDABLE;
        let events = match self {
            Self::ManagementWrite => not_excludable().and(&read("false")),
            Self::ManagementRead => not_excludable().and(&read("true")),
            Self::KmsWrite => source(kms).and(&read("false")).with(Field::Global, &Words::is("false")),
            Self::KmsRead => source(kms).and(&read("true")).with(Field::Global, &Words::is("false")),
            Self::RdsData => source(rds_data).with(Field::Global, &Words::is("false")),
            Self::GlobalServices => Events::default()
                .with(Field::Global, &Words::is("true"))
                .with(Field::Source, &Words::none_of(EXCLUDABLE.map(|name| Affix::Whole(name.to_owned())))),
        };
        events.with(Field::Category, &Words::is("Management"))
    }
}

fn not_excludable() -> Events {
    Events::default()
        .with(Field::Source, &Words::none_of(EXCLUDABLE.map(|name| Affix::Whole(name.to_owned()))))
        .with(Field::Global, &Words::is("false"))
}

impl fmt::Display for EventClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ManagementWrite => "management write events",
            Self::ManagementRead => "management read events",
            Self::KmsWrite => "management write events of kms.amazonaws.com",
            Self::KmsRead => "management read events of kms.amazonaws.com",
            Self::RdsData => "management events of rdsdata.amazonaws.com",
            Self::GlobalServices => "management events of global services",
        })
    }
}
