#!/usr/bin/env bash
# Checks the embedded sandbox, scenario acme, with the AWS CLI. The environment variables that
# `trailwarden sandbox serve` prints must be set, and `aws` be on the PATH.
set -euo pipefail
export AWS_PAGER="" AWS_DEFAULT_REGION=eu-central-1 AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=8

refused() { # CODE command…: the command must fail with this error code
  local code=$1 answer
  shift
  if answer=$("$@" 2>&1); then
    echo "accepted, but should be refused with $code: $*" && exit 1
  fi
  grep -q "($code)" <<<"$answer" || { echo "wanted $code from: $*"; echo "$answer"; exit 1; }
  echo "ok   refused with $code: ${*:2:2}"
}

accounts=$(aws organizations list-accounts --query 'length(Accounts)')
[ "$accounts" -ge 14 ]; echo "ok   $accounts accounts"
management=$(aws organizations describe-organization --query Organization.MasterAccountId --output text)
archive=$(aws organizations list-accounts --query "Accounts[?contains(Name, 'rchive')].Id | [0]" --output json | tr -d '"')
role=arn:aws:iam::$archive:role/OrganizationAccountAccessRole
trail=$(aws cloudtrail describe-trails --query 'trailList[?IsOrganizationTrail] | [0]')
bucket=$(sed -n 's/.*"S3BucketName": "\(.*\)".*/\1/p' <<<"$trail")
key=$(sed -n 's/.*"KmsKeyId": "\(.*\)".*/\1/p' <<<"$trail")
arn=$(sed -n 's/.*"TrailARN": "\(.*\)".*/\1/p' <<<"$trail")
echo "ok   organization trail $arn"

refused AccessDenied aws s3api get-bucket-lifecycle-configuration --bucket "$bucket"
refused TrailAlreadyExistsException aws cloudtrail create-trail --name "${arn##*/}" --s3-bucket-name "$bucket"
refused S3BucketDoesNotExistException aws cloudtrail create-trail --name fresh --s3-bucket-name no-such-bucket-anywhere
refused PolicyNotFoundException aws organizations attach-policy --policy-id p-00000000 --target-id "$archive"
guard=$(aws organizations create-policy --name cli-guard --description "" --type SERVICE_CONTROL_POLICY --query Policy.PolicySummary.Id --output text \
  --content '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"cloudtrail:StopLogging","Resource":"*"}}')
aws organizations attach-policy --policy-id "$guard" --target-id "$archive"
refused DuplicatePolicyAttachmentException aws organizations attach-policy --policy-id "$guard" --target-id "$archive"

topic=$(aws sns create-topic --name cli-alerts --query TopicArn --output text)
aws sns subscribe --topic-arn "$topic" --protocol email --notification-endpoint a@example.com --query SubscriptionArn --output text | grep -qx "pending confirmation"
aws sns list-subscriptions-by-topic --topic-arn "$topic" --query 'Subscriptions[].SubscriptionArn' --output text | grep -qx PendingConfirmation; echo "ok   topic"
aws cloudwatch put-metric-alarm --alarm-name cli-alarm --metric-name m --namespace CIS --statistic Sum --period 300 --evaluation-periods 1 \
  --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold --alarm-actions "$topic"
aws cloudwatch describe-alarms --alarm-names cli-alarm --query 'MetricAlarms[].AlarmActions[]' --output text | grep -qx "$topic"; echo "ok   alarm"
refused ResourceNotFound aws cloudwatch delete-alarms --alarm-names no-such-alarm
aws events put-rule --name cli-rule --event-pattern '{"source": ["aws.cloudtrail"]}' --query RuleArn --output text | grep -q rule/cli-rule
aws events put-targets --rule cli-rule --targets "Id=1,Arn=$topic" --query FailedEntryCount --output text | grep -qx 0; echo "ok   rule"
refused ValidationException aws events delete-rule --name cli-rule
aws sns delete-topic --topic-arn "$topic"
refused NotFound aws sns get-topic-attributes --topic-arn "$topic"

refused IllegalLocationConstraintException aws s3api create-bucket --bucket cli-bucket
aws s3api create-bucket --bucket cli-bucket --create-bucket-configuration LocationConstraint=$AWS_DEFAULT_REGION --query Location --output text
refused InvalidArgument aws s3api put-bucket-lifecycle-configuration --bucket cli-bucket --lifecycle-configuration \
  '{"Rules":[{"ID":"a","Status":"Enabled","Filter":{"Prefix":""},"Expiration":{"Days":0}}]}'
refused InvalidParameterException aws logs create-log-group --log-group-name cli-group --kms-key-id "arn:aws:kms:$AWS_DEFAULT_REGION:$management:key/none"
refused InvalidInput aws iam create-service-linked-role --aws-service-name cloudtrail.amazonaws.com
refused InvalidRoleException aws configservice put-configuration-recorder \
  --configuration-recorder "name=default,roleARN=arn:aws:iam::$management:role/nobody"
aws iam create-role --role-name cli-role --tags Key=a,Value=b --query Role.RoleName --output text \
  --assume-role-policy-document '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sts:AssumeRole"}}'
aws iam list-role-tags --role-name cli-role --query 'Tags[].Key' --output text | grep -qx a; echo "ok   tagged role"

read -r id secret token < <(aws sts assume-role --role-arn "$role" --role-session-name cli \
  --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
export AWS_ACCESS_KEY_ID=$id AWS_SECRET_ACCESS_KEY=$secret AWS_SESSION_TOKEN=$token
[ "$(aws sts get-caller-identity --query Account --output text)" = "$archive" ]; echo "ok   entered $archive"
refused AccessDeniedException aws organizations list-accounts
refused TrailNotFoundException aws cloudtrail get-trail-status --name "${arn##*/}"
aws cloudtrail get-trail-status --name "$arn" --query IsLogging --output text | grep -qx True; echo "ok   status by ARN"
aws s3api get-bucket-policy --bucket "$bucket" --query Policy --output text | grep -q "$management"; echo "ok   bucket policy"
aws s3api get-bucket-lifecycle-configuration --bucket "$bucket" --query 'Rules[0].Status' --output text; echo "ok   lifecycle"
aws kms get-key-policy --region "$(cut -d: -f4 <<<"$key")" --key-id "$key" --query Policy --output text | grep -q cloudtrail.amazonaws.com; echo "ok   key policy"
aws s3api head-bucket --bucket "$bucket" --query BucketRegion --output text; echo "ok   bucket region"
echo "all AWS CLI checks passed"
