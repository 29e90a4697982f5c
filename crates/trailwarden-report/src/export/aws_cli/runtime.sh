set +x
set -euo pipefail

dry_run=false
case "${1-}" in
  '') ;;
  --dry-run) dry_run=true ;;
  *)
    printf 'usage: %s [--dry-run]\n' "$0" >&2
    exit 2
    ;;
esac

# Says something for people; nothing that a terminal would obey.
say() { printf '%s\n' "$*" | LC_ALL=C tr -d '\000-\010\013-\037\177' >&2; }

stop() {
  say "stopped: $*"
  exit 1
}

for tool in aws python3; do
  command -v "$tool" >/dev/null || stop "$tool is not installed"
done
export AWS_PAGER=''
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
errors=$work/errors

# What AWS said, in ASCII: it may hold names that others chose.
refusal() { LC_ALL=C tr -cd '\11\12\40-\176' <"$errors"; }

# The caller's own credentials, to come back to. They and those of entered accounts stay in this process.
own_key=${AWS_ACCESS_KEY_ID-}
own_secret=${AWS_SECRET_ACCESS_KEY-}
own_token=${AWS_SESSION_TOKEN-}

as_caller() {
  unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
  if [[ -n $own_key ]]; then export AWS_ACCESS_KEY_ID=$own_key AWS_SECRET_ACCESS_KEY=$own_secret; fi
  if [[ -n $own_token ]]; then export AWS_SESSION_TOKEN=$own_token; fi
}

entered='' fresh_until=0
# Enters an account and region. Credentials are obtained anew before they can expire.
at() {
  local answer
  export AWS_REGION=$2 AWS_DEFAULT_REGION=$2
  if [[ $1 == "$entered" ]] && ((SECONDS < fresh_until)); then return 0; fi
  as_caller
  if [[ $1 != "$caller" ]]; then
    answer=$(aws sts assume-role --role-arn "arn:$partition:iam::$1:role/$role" --role-session-name trailwarden \
      --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text) ||
      stop "account $1 cannot be entered as $role"
    AWS_ACCESS_KEY_ID=${answer%%$'\t'*}
    AWS_SESSION_TOKEN=${answer##*$'\t'}
    answer=${answer#*$'\t'}
    AWS_SECRET_ACCESS_KEY=${answer%%$'\t'*}
    export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
  fi
  entered=$1 fresh_until=$((SECONDS + 2700))
}

# Asks AWS: prints the answer, or null where AWS answers with one of the codes for what is not there.
ask() {
  local absent=$1 answer
  shift
  if answer=$(aws "$@" --output json 2>"$errors"); then
    if [[ -z $answer ]]; then answer='{}'; fi
    printf '%s\n' "$answer"
  elif [[ $(<"$errors") =~ \(($absent)\) ]]; then
    printf 'null\n'
  else
    say "$(refusal)"
    return 1
  fi
}

# One of the functions of the embedded Python on the answers that come in.
normal() { python3 -c "$python" "$@"; }

# True when what is observed is what is expected.
same() {
  local status=0
  normal same "$1" "$2" || status=$?
  case $status in
    0) return 0 ;;
    3) return 1 ;;
    *) stop "cannot compare $1 with $2" ;;
  esac
}

# A member of what was found, or the placeholder for it as long as it is not there.
member() { printf '%s\n' "$found" | normal member "$1" "$2"; }

id='' before='' after='' later='' input='' retried='' found=null place=('' '') look=(false)

# Begins a step: what it is called, where it is made, how its subject is looked at.
step() {
  id=$1 later='' retried='' found=null
  place=("$3" "$4") look=("${@:5}")
  say "$id $2 ($3, $4)"
  at "$3" "$4"
}

# True when the step is to be made: its subject is as the plan expects it, and not yet as it will be.
pending() {
  found=null
  if [[ "${look[*]} $input" =~ \$\{s[0-9]+\.[A-Za-z]+\} ]]; then
    if ! $dry_run; then stop "$id needs ${BASH_REMATCH[0]}, which nothing left behind"; fi
    say "  would be made once ${BASH_REMATCH[0]} is known"
    return 1
  fi
  found=$("${look[@]}") || stop "$id: its subject cannot be looked at"
  if same "$after" "$found" || { [[ -n $later ]] && same "$later" "$found"; }; then
    say '  already so'
    return 1
  fi
  if [[ $before != any ]] && ! same "$before" "$found"; then
    stop "$id: expected $before, and found $found: make a new plan"
  fi
}

# A further precondition: why, what must be observed, and where and how to look.
guard() {
  local observed
  at "$3" "$4"
  observed=$("${@:5}") || stop "$id: a precondition cannot be looked at"
  if ! same "$2" "$observed"; then
    if ! $dry_run; then stop "$id: $1: expected $2, and found $observed"; fi
    say "  would stop as things are: $1"
  fi
  at "${place[@]}"
}

# Makes the call, again while AWS has not caught up with earlier steps, and waits for what it is to bring about.
perform() {
  local tries
  if $dry_run; then
    say "  would call aws $1 $2"
    return 0
  fi
  for ((tries = 1; ; tries++)); do
    if aws "$1" "$2" --cli-input-json "$input" --output json >/dev/null 2>"$errors"; then break; fi
    if [[ -z $retried ]] || ! [[ $(<"$errors") =~ $retried ]] || ((tries == 20)); then
      stop "$id: $(refusal)"
    fi
    sleep 6
  done
  for ((tries = 1; tries <= 30; tries++)); do
    found=$("${look[@]}") || stop "$id: its subject cannot be looked at after the call"
    if same "$after" "$found"; then
      say '  done'
      return 0
    fi
    sleep 2
  done
  stop "$id: the call was accepted, and after a minute there is still $found instead of $after"
}

# The plan is for one organization, and the script for one caller.
at "$caller" "$region"
observed=$(aws sts get-caller-identity --query Account --output text) || stop 'AWS does not say who calls'
if [[ $observed != "$caller" ]]; then stop "the caller is in account $observed, not $caller"; fi
observed=$(aws organizations describe-organization --query Organization.Id --output text) ||
  stop 'AWS does not say which organization this is'
if [[ $observed != "$organization" ]]; then stop "this is organization $observed, not $organization"; fi
