//! What every export says first: which plan it was made from.

use trailwarden_model::plan::Plan;

use crate::plain::plain;

/// One line each, plain.
pub(super) fn provenance(plan: &Plan) -> Vec<String> {
    let lines = [
        format!("Made by trailwarden {} from a remediation plan.", plan.tool_version),
        format!("Organization: {} (management account {})", plan.organization, plan.management_account),
        format!("Plan:         {}", plan.digest),
        format!("Snapshot:     {}, {}", plan.collected_at, plan.snapshot),
    ];
    lines.iter().chain(&stages(plan)).map(|line| plain(line)).collect()
}

/// What no other tool does: waiting between stages until the one before is shown to hold.
fn stages(plan: &Plan) -> Vec<String> {
    let n_stages = plan.stages.len();
    if n_stages < 2 {
        return Vec::new();
    }
    let said =
        format!("Stages:       {n_stages}, all at once here. `trailwarden apply` shows each to hold before the next:");
    let each = (1..).zip(&plan.stages).map(|(number, stage)| format!("  {number} {}", stage.name));
    std::iter::once(said).chain(each).collect()
}

/// Lines as comments that begin with `#`; each is plain, so none can end its comment.
pub(super) fn comments(lines: &[String]) -> String {
    lines.iter().map(|line| format!("# {}", plain(line)).trim_end().to_owned() + "\n").collect()
}
