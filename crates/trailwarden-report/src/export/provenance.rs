//! What every export says first: which plan it was made from.

use trailwarden_model::plan::Plan;

use crate::plain::plain;

/// One line each, plain.
pub(super) fn provenance(plan: &Plan) -> Vec<String> {
    let mut lines = vec![
        format!("Made by trailwarden {} from a remediation plan.", plan.tool_version),
        format!("Organization: {} (management account {})", plan.organization, plan.management_account),
        format!("Plan:         {}", plan.digest),
        format!("Snapshot:     {}, {}", plan.collected_at, plan.snapshot),
    ];
    if plan.stages.len() > 1 {
        let n_stages = plan.stages.len();
        lines.push(format!(
            "Stages:       {n_stages}, and no pause here: only `trailwarden apply` shows that one holds before the next"
        ));
    }
    lines.iter().map(|line| plain(line)).collect()
}

/// Lines as comments that begin with `#`; each is plain, so none can end its comment.
pub(super) fn comments(lines: &[String]) -> String {
    lines.iter().map(|line| format!("# {}", plain(line)).trim_end().to_owned() + "\n").collect()
}
