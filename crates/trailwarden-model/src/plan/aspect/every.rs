//! One aspect of every kind, for whoever needs to know what can be looked at: roles and tests.

use super::Aspect;

impl Aspect {
    /// One aspect of every kind, its texts empty.
    pub fn every() -> Vec<Self> {
        let t = String::new;
        vec![
            Self::TrustedAccess { service: t() },
            Self::PolicyType { policy_type: t() },
            Self::AuthorizationPolicy { policy_type: t(), name: t() },
            Self::PolicyAttachment { policy_type: t(), policy: t(), target: t() },
            Self::Role { name: t() },
            Self::RolePolicy { role: t(), name: t() },
            Self::TaggedKey { tag: t() },
            Self::Key { key: t() },
            Self::KeyDeletion { key: t() },
            Self::KeyAlias { name: t() },
            Self::KeyPolicy { key: t() },
            Self::KeyRotation { key: t() },
            Self::Bucket { bucket: t() },
            Self::BucketPolicy { bucket: t() },
            Self::BucketPublicAccess { bucket: t() },
            Self::BucketVersioning { bucket: t() },
            Self::BucketEncryption { bucket: t() },
            Self::BucketOwnership { bucket: t() },
            Self::BucketObjectLock { bucket: t() },
            Self::BucketLifecycle { bucket: t() },
            Self::BucketLogging { bucket: t() },
            Self::LogGroup { group: t() },
            Self::LogGroupRetention { group: t() },
            Self::LogGroupKey { group: t() },
            Self::MetricFilter { group: t(), name: t() },
            Self::Alarm { name: t() },
            Self::Topic { topic: t() },
            Self::TopicPolicy { topic: t() },
            Self::Subscription { topic: t(), protocol: t(), endpoint: t() },
            Self::Trail { trail: t() },
            Self::TrailLogging { trail: t() },
            Self::TrailSelectors { trail: t() },
            Self::TrailInsights { trail: t() },
            Self::EventDataStore { store: t() },
            Self::ConfigRecorder,
            Self::ConfigChannel,
            Self::ConfigRecording,
            Self::Tags { resource: t() },
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Serde lists the names of all variants when it is given one that does not exist.
    #[test]
    fn no_kind_of_aspect_is_forgotten() {
        let error = serde_json::from_str::<Aspect>("{\"of\": \"nothing\"}").expect_err("unknown").to_string();
        let named: BTreeSet<String> = error.split('`').skip(3).step_by(2).map(str::to_owned).collect();
        let name = |aspect: &Aspect| serde_json::to_value(aspect).expect("writes")["of"].as_str().map(str::to_owned);
        let listed: BTreeSet<String> = Aspect::every().iter().filter_map(name).collect();
        assert_eq!(named, listed);
        assert_eq!(listed.len(), Aspect::every().len());
    }
}
