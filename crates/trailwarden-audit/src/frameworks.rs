//! Findings seen through a published framework: which controls answer a requirement, and what they found.

use std::collections::BTreeMap;

use trailwarden_model::assessment::{Assessment, Counts};
use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::framework::{Answer, Framework, FrameworkAnswers, Requirement};

use crate::control::Control;

impl Control {
    /// True when it answers any requirement of a framework.
    pub fn answers_any_of(&self, framework: &str) -> bool {
        self.requirements_of(framework).next().is_some()
    }

    /// The requirements of a framework that it answers.
    pub fn requirements_of(&self, framework: &str) -> impl Iterator<Item = &'static str> {
        let mappings = self.frameworks.iter().filter(move |(id, _)| *id == framework);
        mappings.flat_map(|(_, requirements)| requirements.iter().copied())
    }
}

/// What an assessment says about each requirement of a framework. The controls must be those of the assessment.
pub fn answers(framework: &Framework, controls: &[&'static Control], assessment: &Assessment) -> FrameworkAnswers {
    let mut by_control: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &assessment.findings {
        by_control.entry(&finding.control).or_default().push(finding);
    }
    let answer_to = |asked: &Requirement| {
        let is_answering = |control: &&&Control| control.requirements_of(&framework.id).any(|id| id == asked.id);
        answer(asked, controls.iter().filter(is_answering).map(|control| control.id), &by_control)
    };
    FrameworkAnswers {
        id: framework.id.clone(),
        title: framework.title.clone(),
        version: framework.version.clone(),
        covers: framework.covers.clone(),
        answers: framework.requirements.iter().map(answer_to).collect(),
    }
}

fn answer<'c>(
    asked: &Requirement,
    controls: impl Iterator<Item = &'c str>,
    by_control: &BTreeMap<&str, Vec<&Finding>>,
) -> Answer {
    let controls: Vec<String> = controls.map(str::to_owned).collect();
    let mut findings = Counts::default();
    let mut verdict = None;
    for finding in controls.iter().filter_map(|control| by_control.get(control.as_str())).flatten() {
        let outcome = outcome_for(asked, finding);
        findings.add_part(finding, outcome);
        verdict = verdict.max(Some(outcome));
    }
    Answer { requirement: asked.clone(), controls, verdict, findings }
}

/// The outcome of the part that the requirement asks for; of the whole where the finding does not tell parts apart.
fn outcome_for(asked: &Requirement, finding: &Finding) -> Outcome {
    let part = asked.part.as_ref().and_then(|part| finding.parts.get(part));
    part.copied().unwrap_or(finding.outcome)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use trailwarden_model::baseline::{Baseline, DataEvents, Operations, Required};

    use super::*;
    use crate::testing::{ORG_TRAIL, WORKLOAD, World};
    use crate::{assess, controls};

    /// The frameworks as published with the program.
    fn frameworks() -> Vec<Framework> {
        #[derive(serde::Deserialize)]
        struct File {
            framework: Vec<Framework>,
        }
        toml::from_str::<File>(include_str!("../../../policies/frameworks.toml")).expect("the file").framework
    }

    fn framework(id: &str) -> Framework {
        frameworks().into_iter().find(|framework| framework.id == id).expect(id)
    }

    fn assess_all(world: &World) -> Assessment {
        assess(&world.snapshot, &Baseline::default(), &[], controls::ALL, "test")
    }

    #[test]
    fn every_mapping_names_a_requirement_that_exists_once() {
        let known: BTreeSet<(String, String)> = frameworks()
            .into_iter()
            .flat_map(|framework| framework.requirements.into_iter().map(move |asked| (framework.id.clone(), asked.id)))
            .collect();
        let listed: usize = frameworks().iter().map(|framework| framework.requirements.len()).sum();
        assert_eq!(known.len(), listed, "a requirement is listed twice");
        for control in controls::ALL {
            for (framework, requirements) in control.frameworks {
                for requirement in *requirements {
                    let pair = ((*framework).to_owned(), (*requirement).to_owned());
                    assert!(known.contains(&pair), "{}: {pair:?}", control.id);
                }
            }
        }
    }

    #[test]
    fn every_part_that_a_requirement_names_is_in_findings_of_a_control_that_answers_it() {
        let objects =
            DataEvents { resource_type: "AWS::S3::Object".to_owned(), arn_prefix: None, operations: Operations::All };
        let required = Required { data_events: [objects].into(), ..Required::default() };
        let baseline = Baseline { required, ..Baseline::default() };
        let assessment = assess(&World::clean().snapshot, &baseline, &[], controls::ALL, "test");
        for framework in frameworks() {
            for Requirement { id, part, .. } in &framework.requirements {
                let Some(part) = part else { continue };
                let mut answering = controls::ALL
                    .iter()
                    .filter(|control| control.requirements_of(&framework.id).any(|other| other == id));
                let has_part = |finding: &Finding, control: &Control| {
                    finding.control == control.id && finding.parts.contains_key(part)
                };
                let is_told = answering.any(|control| assessment.findings.iter().any(|it| has_part(it, control)));
                assert!(is_told, "{} {id}: no control tells the part {part}", framework.id);
            }
        }
    }

    #[test]
    fn a_requirement_has_the_worst_outcome_of_its_controls_and_says_when_none_answers() {
        let world = World::clean().hide_from(ORG_TRAIL, WORKLOAD);
        let answers = answers(&framework("cis-aws-5.0.0"), controls::ALL, &assess_all(&world));
        let of = |id: &str| answers.answers.iter().find(|answer| answer.requirement.id == id).expect(id);
        assert_eq!(of("3.1").verdict, Some(Outcome::Fail));
        assert!(of("3.1").findings.fail > 0 && of("3.1").findings.pass > 0, "{:?}", of("3.1").findings);
        assert_eq!(of("3.1").controls, ["multi-region-trail-enabled", "management-events-recorded"]);
        assert_eq!((of("4.16").controls.len(), of("4.16").verdict), (0, None));
    }

    #[test]
    fn a_part_of_a_finding_answers_for_itself() {
        let mut assessment = assess_all(&World::clean());
        let control = controls::find("log-file-validation-enabled").expect("registered");
        for finding in assessment.findings.iter_mut().filter(|finding| finding.control == control.id) {
            finding.parts.insert("digests".to_owned(), Outcome::Fail);
        }
        let mut asked = framework("cis-aws-5.0.0");
        asked.requirements.retain(|requirement| requirement.id == "3.2");
        assert_eq!(answers(&asked, &[control], &assessment).answers[0].verdict, Some(Outcome::Pass));
        asked.requirements[0].part = Some("digests".to_owned());
        assert_eq!(answers(&asked, &[control], &assessment).answers[0].verdict, Some(Outcome::Fail));
    }
}
