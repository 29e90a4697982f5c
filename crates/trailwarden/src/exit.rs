//! The exit codes: this list is the source of what scripts rely on and of the page that documents it.

use trailwarden_model::assessment::{Assessment, Counts};
use trailwarden_model::control::Severity;

/// How a run ended. The numbers never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; for an audit, nothing fails and nothing is unknown but what waivers accept.
    Ok,
    /// A bug of trailwarden, or the machine failed it.
    Internal,
    /// The caller must change something: arguments, credentials, configuration or an input file.
    Usage,
    /// At least one finding fails.
    FindingsFailed,
    /// Nothing fails, but something could not be read.
    FindingsUnknown,
    /// The plan has steps, and the caller asked to be told.
    PlanHasChanges,
    /// Nothing is planned, because what fails is blocked.
    PlanBlocked,
    /// Not every step was made, or what was made was rolled back.
    ApplyIncomplete,
    /// Something could not be rolled back: a person is needed.
    RollbackFailed,
    /// The plan does not fit what is there, or is no plan for this organization.
    PlanStale,
    /// A stage is done and soaks: the next one may begin later.
    ApplySoaking,
    /// What is there is not what the plan promised.
    VerificationDiverged,
    /// What is there is not what was signed.
    IntegrityBroken,
}

impl Exit {
    /// Every code, in order.
    pub const ALL: [Self; 13] = [
        Self::Ok,
        Self::Internal,
        Self::Usage,
        Self::FindingsFailed,
        Self::FindingsUnknown,
        Self::PlanHasChanges,
        Self::PlanBlocked,
        Self::ApplyIncomplete,
        Self::RollbackFailed,
        Self::PlanStale,
        Self::ApplySoaking,
        Self::VerificationDiverged,
        Self::IntegrityBroken,
    ];

    /// The number given to the operating system.
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::FindingsFailed => 10,
            Self::FindingsUnknown => 11,
            Self::PlanHasChanges => 20,
            Self::PlanBlocked => 21,
            Self::ApplyIncomplete => 30,
            Self::RollbackFailed => 31,
            Self::PlanStale => 32,
            Self::ApplySoaking => 33,
            Self::VerificationDiverged => 40,
            Self::IntegrityBroken => 41,
        }
    }

    /// What it means, in words for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "done; nothing fails and nothing is unknown, but for what waivers accept",
            Self::Internal => "internal error, or the machine failed",
            Self::Usage => "the arguments, the credentials, the configuration or an input file must be corrected",
            Self::FindingsFailed => "at least one finding fails",
            Self::FindingsUnknown => "nothing fails, but something could not be read",
            Self::PlanHasChanges => "`plan --exit-code`: the plan has steps",
            Self::PlanBlocked => "`plan`: nothing is planned, because what fails is blocked",
            Self::ApplyIncomplete => {
                "`apply`: not every step was made; `rollback`: what was made is rolled back; `report push`: not every finding was \
                 taken"
            }
            Self::RollbackFailed => "something could not be rolled back, or is in doubt: a person is needed",
            Self::PlanStale => "`apply`: the plan does not fit what is there now; nothing was changed",
            Self::ApplySoaking => "`apply`: a stage is done and soaks; the next one may begin later",
            Self::VerificationDiverged => "`apply`, `verify`: what is there is not what the plan promised",
            Self::IntegrityBroken => {
                "`report check`: the assessment is not signed, or is not what was signed with this key"
            }
        }
    }

    /// The same of `apply`, `rollback` and `verify` alone, on their last line.
    pub fn meaning_of_run(self) -> &'static str {
        match self {
            Self::Ok => "every promise of the plan holds; `trailwarden audit` judges all the rest",
            Self::FindingsUnknown => "every promise that can be told holds, but for some it is too early",
            Self::ApplyIncomplete => "not every step was made, or what was made is rolled back",
            _ => self.meaning(),
        }
    }

    /// The same of the `scp` commands.
    pub fn meaning_of_scp(self) -> &'static str {
        match self {
            Self::Ok => "done; `prove`: nobody but the declared exceptions can; `lint`: nothing found",
            Self::FindingsFailed => {
                "`prove`: somebody can still blind a trail; `lint`: a problem was found; `evaluate`: a verdict is not the \
                 expected one; `usage`: somebody would be denied what they did"
            }
            Self::FindingsUnknown => "nothing of this, but something could not be read or told",
            _ => "the same",
        }
    }

    /// The same of `scp prove` alone, on its last line.
    pub fn meaning_of_proof(self) -> &'static str {
        match self {
            Self::FindingsFailed => "somebody can still blind a trail",
            Self::FindingsUnknown => "nobody was found who can, but it is not certain",
            Self::Ok => "nobody but the declared exceptions can",
            _ => self.meaning(),
        }
    }

    /// The same of `scp usage` alone, on its last line.
    pub fn meaning_of_usage(self) -> &'static str {
        match self {
            Self::FindingsFailed => "somebody would be denied what they did, or trailwarden what it does",
            Self::FindingsUnknown => "nobody was found who would be denied what they did, but it is not certain",
            Self::Ok => "nobody would be denied what they did",
            _ => self.meaning(),
        }
    }

    /// The same of `coverage`.
    pub fn meaning_of_coverage(self) -> &'static str {
        match self {
            Self::FindingsFailed => "some of these events are not recorded",
            Self::FindingsUnknown => "no event is known to be lost, but something could not be read",
            Self::Ok => "all of these events are recorded",
            _ => self.meaning(),
        }
    }

    /// The same of `diff`.
    pub fn meaning_of_diff(self) -> &'static str {
        match self {
            Self::FindingsFailed => "something changed that --fail-on names",
            Self::Ok => "nothing changed that --fail-on names",
            _ => self.meaning(),
        }
    }

    /// The exit of an audit of which only findings of this severity or worse decide.
    pub fn of_assessment(assessment: &Assessment, fail_on: Severity) -> Self {
        Self::of_findings(counted(assessment, |severity| severity >= fail_on))
    }

    /// The code of such an audit and what it means: what the findings that decide amount to, and how many of the others are
    /// open.
    pub fn words_of_assessment(self, assessment: &Assessment, fail_on: Severity) -> String {
        let code = self.code();
        if fail_on == Severity::Informational {
            return format!("exit code {code}: {}", self.meaning());
        }
        let worse = if fail_on == Severity::Critical { "" } else { " or worse" };
        let those = format!("of severity {}{worse}", fail_on.as_str());
        let decided = match self {
            Self::FindingsFailed => format!("at least one finding {those} fails"),
            Self::FindingsUnknown => format!("nothing {those} fails, but something could not be read"),
            _ => format!("nothing {those} fails or is unknown, but for what waivers accept"),
        };
        let below = match counted(assessment, |severity| severity < fail_on) {
            Counts { fail: 0, unknown: 0, .. } => String::new(),
            Counts { fail, unknown, .. } => format!("; of lower severity, {fail} fail and {unknown} are unknown"),
        };
        format!("exit code {code}: {decided}{below}")
    }

    /// The exit of an audit with these findings. What waivers accept is counted apart and decides nothing.
    pub fn of_findings(findings: Counts) -> Self {
        match findings {
            Counts { fail: 1.., .. } => Self::FindingsFailed,
            Counts { unknown: 1.., .. } => Self::FindingsUnknown,
            _ => Self::Ok,
        }
    }
}

/// The findings of some severities.
fn counted(assessment: &Assessment, is_one: impl Fn(Severity) -> bool) -> Counts {
    let mut counts = Counts::default();
    assessment
        .findings
        .iter()
        .filter(|finding| is_one(finding.severity))
        .for_each(|finding| counts.add_finding(finding));
    counts
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_outweighs_an_unknown_and_an_unknown_outweighs_a_pass() {
        let of =
            |fail, unknown| Exit::of_findings(Counts { pass: 9, fail, unknown, not_applicable: 9, waived: 9 }).code();
        assert_eq!((of(1, 1), of(0, 1), of(0, 0)), (10, 11, 0));
    }
}
