//! A bucket: nearly every setting is a resource of its own in Terraform.

use trailwarden_model::plan::{Aspect, Call, Step};

use super::Drafter;
use crate::export::resource::Resource;
use crate::export::terraform::draft::{Draft, block, label, quoted, traversal};
use crate::export::terraform::rules;

impl<'a> Drafter<'a> {
    pub(super) fn bucket(&self, resource: &'a Resource<'a>, name: &str) -> Vec<Draft<'a>> {
        let left = resource.steps.iter().filter(|step| !step.after.is_null());
        left.map(|&step| self.bucket_setting(resource, step, name)).collect()
    }

    fn bucket_setting(&self, resource: &'a Resource<'a>, step: &'a Step, name: &str) -> Draft<'a> {
        let kind = match &step.subject.aspect {
            Aspect::BucketPublicAccess { .. } => "aws_s3_bucket_public_access_block",
            Aspect::BucketVersioning { .. } => "aws_s3_bucket_versioning",
            Aspect::BucketEncryption { .. } => "aws_s3_bucket_server_side_encryption_configuration",
            Aspect::BucketOwnership { .. } => "aws_s3_bucket_ownership_controls",
            Aspect::BucketObjectLock { .. } => "aws_s3_bucket_object_lock_configuration",
            Aspect::BucketLifecycle { .. } => "aws_s3_bucket_lifecycle_configuration",
            Aspect::BucketLogging { .. } => "aws_s3_bucket_logging",
            _ => "aws_s3_bucket",
        };
        let mut draft = self.setting(resource, kind, step, name);
        match &step.call {
            Call::CreateBucket { object_lock_enabled_for_bucket, .. } => {
                draft.argument("bucket", quoted(name));
                object_lock_enabled_for_bucket.iter().for_each(|lock| draft.argument("object_lock_enabled", *lock));
                return draft;
            }
            _ if resource.is_created() => {
                draft
                    .argument("bucket", traversal(&format!("aws_s3_bucket.{}.bucket", label(resource, resource.id()))));
            }
            _ => draft.argument("bucket", quoted(name)),
        }
        match &step.subject.aspect {
            Aspect::BucketPublicAccess { .. } => self.rename(&mut draft, rules::PUBLIC_ACCESS),
            Aspect::BucketEncryption { .. } => self.rename(&mut draft, rules::ENCRYPTION),
            Aspect::BucketOwnership { .. } => self.rename(&mut draft, rules::OWNERSHIP),
            Aspect::BucketObjectLock { .. } => self.rename(&mut draft, rules::OBJECT_LOCK),
            Aspect::BucketLifecycle { .. } => self.rename(&mut draft, rules::LIFECYCLE),
            Aspect::BucketLogging { .. } => {
                self.rename(&mut draft, rules::LOGGING);
                if step.after.get("TargetPrefix").is_none() {
                    draft.argument("target_prefix", "");
                }
            }
            _ => {
                let (members, _) = self.express.members(&step.after, rules::VERSIONING);
                draft.members.push(block("versioning_configuration", members).into());
            }
        }
        draft
    }
}
