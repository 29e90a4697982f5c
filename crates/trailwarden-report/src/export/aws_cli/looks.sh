# == trusted-access
look_trusted_access() {
  ask none organizations list-aws-service-access-for-organization | normal trusted_access "$1"
}
# == policy-type
look_policy_type() { ask none organizations list-roots | normal policy_type "$1"; }
# == authorization-policy
look_authorization_policy() { # NAME TYPE
  local listed id
  listed=$(ask none organizations list-policies --filter "$2") || return
  id=$(printf '%s\n' "$listed" | normal policy_id "$1") || return
  if [[ $id == null ]]; then
    printf 'null\n'
  else
    id=${id//\"/}
    listed=$(ask PolicyNotFoundException organizations describe-policy --policy-id "$id") || return
    listed+=$(ask TargetNotFoundException organizations list-tags-for-resource --resource-id "$id") || return
    printf '%s\n' "$listed" | normal authorization_policy
  fi
}
# == policy-attachment
look_policy_attachment() { # POLICY TYPE TARGET
  ask TargetNotFoundException organizations list-policies-for-target --target-id "$3" --filter "$2" |
    normal policy_attachment "$1"
}
# == role
look_role() { ask NoSuchEntity iam get-role --role-name "$1" | normal role; }
# == role-policy
look_role_policy() { # NAME ROLE
  ask NoSuchEntity iam get-role-policy --policy-name "$1" --role-name "$2" | normal document PolicyDocument
}
# == tagged-key
look_tagged_key() {
  local keys key tags
  keys=$(aws kms list-keys --query 'Keys[].KeyId' --output text) || return
  for key in $keys; do
    tags=$(ask NotFoundException kms list-resource-tags --key-id "$key") || return
    if printf '%s\n' "$tags" | normal is_tagged "$1" >/dev/null; then
      ask NotFoundException kms describe-key --key-id "$key" || return
    fi
  done | normal usable_key
}
# == key
look_key() { ask NotFoundException kms describe-key --key-id "$1" | normal key; }
# == key-deletion
look_key_deletion() { ask NotFoundException kms describe-key --key-id "$1" | normal key_deletion; }
# == key-alias
look_key_alias() { ask none kms list-aliases | normal key_alias "$1"; }
# == key-policy
look_key_policy() {
  ask NotFoundException kms get-key-policy --key-id "$1" --policy-name default | normal document Policy
}
# == key-rotation
look_key_rotation() {
  ask 'NotFoundException|UnsupportedOperationException' kms get-key-rotation-status --key-id "$1" |
    normal part KeyRotationEnabled
}
# == bucket
look_bucket() {
  local exists owned
  exists=$(ask '404|NoSuchBucket' s3api head-bucket --bucket "$1" 2>"$work/head") || exists='{}'
  if [[ $exists == null ]]; then
    printf 'null\n'
    return 0
  fi
  owned=$(ask none s3api list-buckets) || return
  if printf '%s\n' "$owned" | normal is_owned "$1" >/dev/null; then
    ask none s3api get-bucket-location --bucket "$1" | normal bucket
  else
    printf '{"Owner": "another account"}\n'
  fi
}
# == bucket-policy
look_bucket_policy() {
  ask 'NoSuchBucketPolicy|NoSuchBucket' s3api get-bucket-policy --bucket "$1" | normal document Policy
}
# == bucket-public-access
look_bucket_public_access() {
  ask 'NoSuchPublicAccessBlockConfiguration|NoSuchBucket' s3api get-public-access-block --bucket "$1" |
    normal part PublicAccessBlockConfiguration
}
# == bucket-versioning
look_bucket_versioning() { ask NoSuchBucket s3api get-bucket-versioning --bucket "$1" | normal only Status MFADelete; }
# == bucket-encryption
look_bucket_encryption() {
  ask 'ServerSideEncryptionConfigurationNotFoundError|NoSuchBucket' s3api get-bucket-encryption --bucket "$1" |
    normal part ServerSideEncryptionConfiguration
}
# == bucket-ownership
look_bucket_ownership() {
  ask 'OwnershipControlsNotFoundError|NoSuchBucket' s3api get-bucket-ownership-controls --bucket "$1" |
    normal part OwnershipControls
}
# == bucket-object-lock
look_bucket_object_lock() {
  ask 'ObjectLockConfigurationNotFoundError|NoSuchBucket' s3api get-object-lock-configuration --bucket "$1" |
    normal part ObjectLockConfiguration
}
# == bucket-lifecycle
look_bucket_lifecycle() {
  ask 'NoSuchLifecycleConfiguration|NoSuchBucket' s3api get-bucket-lifecycle-configuration --bucket "$1" |
    normal only Rules TransitionDefaultMinimumObjectSize
}
# == bucket-logging
look_bucket_logging() { ask NoSuchBucket s3api get-bucket-logging --bucket "$1" | normal part LoggingEnabled; }
# == log-group
look_log_group() {
  ask none logs describe-log-groups --log-group-name-prefix "$1" |
    normal log_group "$1" logGroupClass
}
# == log-group-retention
look_log_group_retention() {
  ask none logs describe-log-groups --log-group-name-prefix "$1" |
    normal log_group "$1" retentionInDays isAccountRetention
}
# == log-group-key
look_log_group_key() {
  ask none logs describe-log-groups --log-group-name-prefix "$1" | normal log_group "$1" kmsKeyId
}
# == metric-filter
look_metric_filter() { # GROUP NAME
  ask ResourceNotFoundException logs describe-metric-filters --log-group-name "$1" --filter-name-prefix "$2" |
    normal metric_filter "$2"
}
# == alarm
look_alarm() { ask none cloudwatch describe-alarms --alarm-types MetricAlarm --alarm-names "$1" | normal alarm; }
# == topic
look_topic() { ask 'NotFound|NotFoundException' sns get-topic-attributes --topic-arn "$1" | normal topic; }
# == topic-policy
look_topic_policy() {
  ask 'NotFound|NotFoundException' sns get-topic-attributes --topic-arn "$1" | normal document Attributes Policy
}
# == subscription
look_subscription() { # ENDPOINT PROTOCOL TOPIC
  ask 'NotFound|NotFoundException' sns list-subscriptions-by-topic --topic-arn "$3" | normal subscription "$1" "$2"
}
# == trail
look_trail() { ask TrailNotFoundException cloudtrail get-trail --name "$1" | normal trail; }
# == trail-logging
look_trail_logging() {
  ask TrailNotFoundException cloudtrail get-trail-status --name "$1" | normal part IsLogging
}
# == trail-selectors
look_trail_selectors() {
  ask TrailNotFoundException cloudtrail get-event-selectors --trail-name "$1" | normal trail_selectors
}
# == trail-insights
look_trail_insights() {
  local trail
  trail=$(ask TrailNotFoundException cloudtrail get-trail --name "$1") || return
  if [[ $trail == null ]]; then
    printf 'null\n'
  else
    ask InsightNotEnabledException cloudtrail get-insight-selectors --trail-name "$1" | normal trail_insights
  fi
}
# == event-data-store
look_event_data_store() {
  ask EventDataStoreNotFoundException cloudtrail get-event-data-store --event-data-store "$1" |
    normal only Status RetentionPeriod TerminationProtectionEnabled KmsKeyId BillingMode
}
# == config-recorder
look_config_recorder() { ask none configservice describe-configuration-recorders | normal config_recorder; }
# == config-channel
look_config_channel() { ask none configservice describe-delivery-channels | normal config_channel; }
# == config-recording
look_config_recording() {
  ask none configservice describe-configuration-recorder-status | normal config_recording
}
# == tags
look_tags() {
  local name=${1##*:}
  case $1 in
    arn:*:cloudtrail:*)
      ask 'TrailNotFoundException|ResourceNotFoundException' cloudtrail list-tags --resource-id-list "$1"
      ;;
    arn:*:s3:*)
      # A bucket without tags answers as one that is not there does not.
      ask 'NoSuchBucket' s3api get-bucket-tagging --bucket "$name" 2>"$work/tags" ||
        { grep -q NoSuchTagSet "$work/tags" && printf '{}\n'; }
      ;;
    arn:*:kms:*) ask NotFoundException kms list-resource-tags --key-id "$1" ;;
    arn:*:logs:*) ask ResourceNotFoundException logs list-tags-for-resource --resource-arn "${1%:\*}" ;;
    arn:*:sns:*) ask 'ResourceNotFound|ResourceNotFoundException' sns list-tags-for-resource --resource-arn "$1" ;;
    arn:*:iam:*) ask NoSuchEntity iam list-role-tags --role-name "${1##*/}" ;;
    *) return 1 ;;
  esac | normal tags
}
