//! Real calls that must be refused: one for each stage, in the first account of it that can be entered.

use trailwarden_model::ids::AccountId;
use trailwarden_model::plan::{Choice, Hindrance, Probe};
use trailwarden_policy::Pattern;

use super::Rollout;
use super::reach::Reach;
use crate::bench::Bench;
use crate::facts::Stop;

/// The probe of each stage. Stages without one are told.
pub(super) fn of_stages(
    bench: &mut Bench<'_>,
    rollout: &Rollout<'_>,
    reach: &Reach,
) -> Result<Vec<Option<Probe>>, Stop> {
    let Some(role) = rollout.probe_role else { return Ok(vec![None; rollout.stages.len()]) };
    let mut probes = Vec::new();
    for number in 0..rollout.stages.len() {
        let entered = |account: &AccountId| {
            let region = bench.inputs.snapshot.accounts.get(account)?.regions.keys().next()?;
            Some(Probe { account: account.clone(), region: region.clone(), role: role.to_owned() })
        };
        let probe = reach.newly(number).iter().find_map(entered);
        match &probe {
            Some(probe) => check(bench, rollout, probe)?,
            None => bench.choose(Choice {
                what: format!(
                    "real call of stage {}, {}",
                    number + 1,
                    reach.name(&bench.inputs.snapshot.organization, number)
                ),
                chosen: "none".to_owned(),
                because: "no account that it is the first to reach could be entered".to_owned(),
                otherwise: None,
            }),
        }
        probes.push(probe);
    }
    Ok(probes)
}

/// Stops where the policies spare the role: AWS would not refuse it.
fn check(bench: &Bench<'_>, rollout: &Rollout<'_>, probe: &Probe) -> Result<(), Stop> {
    let Probe { account, role, .. } = probe;
    let arn = format!("arn:{}:iam::{account}:role/{}", bench.partition(), role.trim_matches('/'));
    match rollout.guarded.exceptions.iter().find(|pattern| Pattern::parse(pattern).matches(&arn)) {
        Some(pattern) => {
            let reason =
                format!("role {role} may stop trails in {} as declared exception {pattern}", bench.name(account));
            Err(Stop::new(Hindrance::Impossible, reason)
                .hint("name another role in --probe-role, one that is denied it"))
        }
        None => Ok(()),
    }
}
