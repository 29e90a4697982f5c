//! waf-logging-enabled: every web ACL logs the requests it looks at.

use trailwarden_model::control::Severity;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::log_source::WebAcl;
use trailwarden_model::snapshot::Need;

use crate::control::{Applies, Control, Judge, Judged, Regions};
use crate::cx::Cx;
use crate::verdict::{Tally, Verdict, enumerate, fact};

pub(super) static CONTROL: Control = Control {
    id: "waf-logging-enabled",
    title: "Every web ACL logs",
    severity: Severity::Medium,
    practice: None,
    needs: &[Need::WebAcls],
    rule: "Fails when a web ACL of AWS WAF has no logging configuration. Web ACLs of CloudFront belong to no region and are \
           judged in the leader region. Not applicable without a web ACL.",
    why: "What a web ACL let through, blocked or counted is the trace that an attack on a web application leaves, and \
          CloudTrail does not see it.",
    remedy: "Give the web ACL a logging configuration with a log group, bucket or delivery stream whose name begins with \
             aws-waf-logs-.",
    references: &["AWS WAF Developer Guide: Logging AWS WAF protection pack (web ACL) traffic"],
    frameworks: &[
        ("aws-fsbp-1.0.0", &["WAF.11"]),
        ("cis-aws-7.0.0", &["4.10"]),
        ("nist-800-53-r5", &["AU-2", "AU-3", "AU-6", "AU-10", "AU-12", "SI-7"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("soc-2", &["CC7.2"]),
    ],
    applies: Applies::Always,
    judge: Judge::AccountRegion(Regions::All, judge),
};

fn judge(cx: &Cx<'_>, account: &AccountId, region: &Region) -> Judged {
    let web_acls = cx.here(account, region)?.web_acls.get()?;
    let name = cx.name(account);
    if web_acls.is_empty() {
        return Ok(Verdict::not_applicable(format!("{name} has no web ACL in {region}")));
    }
    let mut tally = Tally::default();
    for web_acl in web_acls {
        let saw = |text: String| fact(text, "wafv2:GetLoggingConfiguration", account, Some(region));
        let destinations: Vec<&String> = web_acl.log_destinations.iter().collect();
        match destinations.is_empty() {
            true => tally.fail(saw(named(web_acl))),
            false => tally.support(saw(format!("{} logs to {}", named(web_acl), enumerate(&destinations)))),
        }
    }
    Ok(tally.settle(
        cx,
        || format!("Every web ACL of {name} in {region} logs"),
        |failures| {
            let words: Vec<&str> = failures.iter().map(|failure| failure.fact.as_str()).collect();
            format!(
                "{} of {} web ACLs of {name} in {region} do not log: {}",
                words.len(),
                web_acls.len(),
                enumerate(&words)
            )
        },
    ))
}

fn named(web_acl: &WebAcl) -> String {
    let kind = if web_acl.is_global { "web ACL of CloudFront" } else { "web ACL" };
    format!("{kind} {} ({})", web_acl.name, web_acl.arn)
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::{Finding, Outcome};
    use trailwarden_model::log_source::WebAcl;
    use trailwarden_model::observed::Observed;

    use crate::testing::{HOME, LEADER, WORKLOAD, World, arn, denied};

    const ID: &str = super::CONTROL.id;

    fn web_acl(name: &str, is_logging: bool) -> WebAcl {
        let destination = "arn:aws:logs:eu-west-1:333333333333:log-group:aws-waf-logs-front".to_owned();
        WebAcl {
            arn: arn(&format!("arn:aws:wafv2:eu-west-1:333333333333:regional/webacl/{name}/0aaa")),
            name: name.to_owned(),
            is_global: false,
            log_destinations: is_logging.then_some(destination).into_iter().collect(),
        }
    }

    fn at(code: &str, web_acls: Vec<WebAcl>) -> Finding {
        let world = World::clean().here(WORKLOAD, code, |here| here.web_acls = Observed::Known(web_acls));
        world.judge(ID).at_region(WORKLOAD, code).clone()
    }

    #[test]
    fn each_web_acl_needs_its_logs() {
        assert_eq!(at(HOME, vec![web_acl("front", true)]).outcome, Outcome::Pass);
        let finding = at(HOME, vec![web_acl("front", true), web_acl("back", false)]);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("1 of 2 web ACLs") && finding.reason.contains("web ACL back"));
    }

    #[test]
    fn one_of_cloudfront_is_named_so_in_the_leader_region() {
        let finding = at(LEADER, vec![WebAcl { is_global: true, ..web_acl("cdn", false) }]);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("of CloudFront cdn"), "{}", finding.reason);
    }

    #[test]
    fn none_does_not_apply_and_unread_is_unknown() {
        assert_eq!(at(HOME, vec![]).outcome, Outcome::NotApplicable);
        let unread = World::clean().here(WORKLOAD, HOME, |here| here.web_acls = Observed::Gap(denied("wafv2:X")));
        assert_eq!(unread.judge(ID).at_region(WORKLOAD, HOME).outcome, Outcome::Unknown);
    }
}
