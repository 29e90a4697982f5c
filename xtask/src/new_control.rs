//! `cargo xtask new-control ID --scope S --severity V`: the file of a control, and its lines in the registry. What it writes
//! compiles, judges everything *unknown*, and fails its own tests until somebody writes the control.

use std::fs;
use std::path::Path;

use crate::run::{Done, doing, root, tell};

/// Which control.
#[derive(clap::Args)]
pub struct Options {
    /// The good state in kebab-case, for example `trail-is-logging`.
    id: String,
    /// What it judges, one at a time.
    #[arg(long, value_enum)]
    scope: Scope,
    /// How bad a failure is.
    #[arg(long, value_enum)]
    severity: Severity,
}

/// The scopes of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Scope {
    Organization,
    Account,
    AccountRegion,
    Trail,
    LogBucket,
    TrailKey,
    LogGroup,
}

/// The severities of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Severity {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

/// What a scope asks of the file of a control.
struct Shape {
    /// The parameters of `judge` after the first: name, type and the path it is imported from.
    judged: &'static [(&'static str, &'static str, &'static str)],
    /// The arguments of the variant of `Judge` before the function, with the type they are of.
    which: Option<(&'static str, &'static str)>,
}

impl Scope {
    fn shape(self) -> Shape {
        const ACCOUNT: (&str, &str, &str) = ("account", "AccountId", "trailwarden_model::ids");
        const REGION: (&str, &str, &str) = ("region", "Region", "trailwarden_model::ids");
        let trailless = Some(("Trailless", "NotApplicable"));
        match self {
            Self::Organization => Shape { judged: &[], which: None },
            Self::Account => Shape { judged: &[ACCOUNT], which: Some(("Accounts", "Entered")) },
            Self::AccountRegion => Shape { judged: &[ACCOUNT, REGION], which: Some(("Regions", "WithTrails")) },
            Self::Trail => Shape { judged: &[("trail", "Trail", "trailwarden_model::trail")], which: trailless },
            Self::LogBucket => {
                Shape { judged: &[("bucket", "LogBucket", "trailwarden_model::storage")], which: trailless }
            }
            Self::TrailKey => Shape { judged: &[("key", "TrailKey", "trailwarden_model::storage")], which: trailless },
            Self::LogGroup => {
                Shape { judged: &[("group", "LogGroup", "trailwarden_model::storage")], which: trailless }
            }
        }
    }
}

/// Writes the file and registers it.
pub fn new_control(options: &Options) -> Done {
    let controls = root().join("crates/trailwarden-audit/src");
    let file = scaffold_in(&controls, options)?;
    tell(&format!("wrote {file}; write the control, then the corpus cases that pass, fail and are unknown"));
    Ok(())
}

fn scaffold_in(source: &Path, options: &Options) -> Done<String> {
    let is_kebab = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    if !options.id.split('-').all(is_kebab) {
        return Err(format!("{:?} is not kebab-case", options.id));
    }
    let registry = source.join("controls.rs");
    let text = fs::read_to_string(&registry).map_err(doing("reading the registry"))?;
    let file = source.join("controls").join(format!("{}.rs", module(&options.id)));
    if file.exists() {
        return Err(format!("{} exists already", file.display()));
    }
    let registered = registered(&text, options)?;
    fs::write(&file, scaffold(options)).map_err(doing("writing the control"))?;
    fs::write(&registry, registered).map_err(doing("writing the registry"))?;
    Ok(file.display().to_string())
}

fn module(id: &str) -> String {
    id.replace('-', "_")
}

/// The registry with the control at the end of each list, its module in the order of the alphabet.
fn registered(text: &str, options: &Options) -> Done<String> {
    let Options { id, scope, severity } = options;
    let module = module(id);
    let declaration = format!("mod {module};");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let is_module = |line: &String| line.starts_with("mod ") && line.ends_with(';');
    let place = lines.iter().position(|line| is_module(line) && **line > *declaration);
    let place = place.or_else(|| lines.iter().rposition(is_module).map(|last| last + 1));
    lines.insert(place.ok_or("the registry has no modules")?, declaration);
    append(&mut lines, "pub static ALL:", "];", format!("    &{module}::CONTROL,"))?;
    let row = format!("        (\"{id}\", Scope::{scope:?}, Severity::{severity:?}),");
    append(&mut lines, "    const CATALOGUE:", "    ];", row)?;
    Ok(lines.join("\n") + "\n")
}

/// Adds a line at the end of the list that begins with one line and ends with another.
fn append(lines: &mut Vec<String>, begin: &str, end: &str, line: String) -> Done {
    let begins = lines.iter().position(|line| line.starts_with(begin));
    let ends = begins.and_then(|at| Some(at + lines.get(at..)?.iter().position(|line| line == end)?));
    lines.insert(ends.ok_or_else(|| format!("the registry has no list that begins with {begin:?}"))?, line);
    Ok(())
}

fn scaffold(options: &Options) -> String {
    let Options { id, scope, severity } = options;
    let Shape { judged, which } = scope.shape();
    let mut imports =
        vec!["trailwarden_model::control::Severity".to_owned(), "trailwarden_model::observed::Gap".to_owned()];
    imports.push("trailwarden_model::snapshot::Need".to_owned());
    let paths: Vec<&str> = judged.iter().map(|(_, _, path)| *path).collect();
    let types: Vec<&str> = judged.iter().map(|(_, kind, _)| *kind).collect();
    match (paths.first(), types.as_slice()) {
        (Some(path), [one]) => imports.push(format!("{path}::{one}")),
        (Some(path), several) => imports.push(format!("{path}::{{{}}}", several.join(", "))),
        (None, _) => {}
    }
    imports.sort();
    let imports: String = imports.into_iter().map(|import| format!("use {import};\n")).collect();
    let mut words = vec!["Applies", "Control", "Judge", "Judged"];
    words.extend(which.map(|(kind, _)| kind));
    words.sort_unstable();
    let which = which.map(|(kind, value)| format!("{kind}::{value}, ")).unwrap_or_default();
    let parameters: String = judged.iter().map(|(name, kind, _)| format!(", {name}: &{kind}")).collect();
    let names: String = judged.iter().map(|(name, ..)| format!(", {name}")).collect();
    let (control, end) = (words.join(", "), TESTS);
    let unused = if names.is_empty() { "cx".to_owned() } else { format!("(cx{names})") };
    format!(
        r#"//! {id}: say in one line what holds when it passes.

{imports}
use crate::control::{{{control}}};
use crate::cx::Cx;

/// The call behind the gap of a control that nobody has written yet; it goes with the first line of `judge`.
const UNWRITTEN: &str = "nobody:HasWrittenThisYet";

pub(super) static CONTROL: Control = Control {{
    id: "{id}",
    title: "Say the good state in a few words",
    severity: Severity::{severity:?},
    practice: None,
    needs: &[Need::Trails],
    rule: "Say when it fails, when it passes, when it is not known and when it does not apply.",
    why: "Say why it matters.",
    remedy: "Say what to change.",
    references: &["Name the page of the AWS documentation that it rests on"],
    frameworks: &[],
    applies: Applies::Always,
    judge: Judge::{scope:?}({which}judge),
}};

fn judge(cx: &Cx<'_>{parameters}) -> Judged {{
    // Nothing is known until this is written: `?` on a fact is the short way to the same answer.
    let _ = {unused};
    Err(Gap::not_collected(UNWRITTEN, None, None))
}}
{end}"#
    )
}

/// Tests that fail until the control and they are written.
const TESTS: &str = r"
#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;

    use crate::testing::World;

    const ID: &str = super::CONTROL.id;

    #[test]
    fn the_good_state_passes() {
        assert_eq!(World::clean().judge(ID).outcomes(), [Outcome::Pass].into());
    }

    #[test]
    fn the_flaw_fails() {
        let flawed = World::clean(); // and one thing broken
        assert_eq!(flawed.judge(ID).outcomes(), [Outcome::Fail].into());
    }

    #[test]
    fn what_could_not_be_read_is_unknown() {
        let unread = World::clean(); // and one fact replaced by a gap
        let gap = unread.judge(ID).0.iter().find_map(|finding| finding.gap.clone());
        assert!(gap.is_some_and(|gap| gap.call != super::UNWRITTEN));
    }
}
";

#[cfg(test)]
mod tests {
    use super::*;

    fn options(id: &str, scope: Scope) -> Options {
        Options { id: id.to_owned(), scope, severity: Severity::Medium }
    }

    /// A copy of the registry, with an empty folder of controls.
    fn copy(name: &str) -> std::path::PathBuf {
        let copy = std::env::temp_dir().join(format!("trailwarden-new-control-{name}-{}", std::process::id()));
        fs::create_dir_all(copy.join("controls")).expect("a folder");
        let registry = root().join("crates/trailwarden-audit/src/controls.rs");
        fs::copy(registry, copy.join("controls.rs")).expect("the registry");
        copy
    }

    #[test]
    fn a_control_is_written_and_registered_in_each_list() {
        let source = copy("written");
        scaffold_in(&source, &options("queue-is-watched", Scope::AccountRegion)).expect("written");
        let registry = fs::read_to_string(source.join("controls.rs")).expect("the registry");
        let file = fs::read_to_string(source.join("controls/queue_is_watched.rs")).expect("the control");
        fs::remove_dir_all(&source).expect("removed");
        let modules: Vec<&str> =
            registry.lines().filter(|line| line.starts_with("mod ") && line.ends_with(';')).collect();
        assert!(modules.is_sorted() && modules.contains(&"mod queue_is_watched;"), "{modules:?}");
        assert!(registry.contains("    &queue_is_watched::CONTROL,\n];"), "{registry}");
        let row = "        (\"queue-is-watched\", Scope::AccountRegion, Severity::Medium),\n    ];";
        assert!(registry.contains(row), "{registry}");
        assert!(file.contains("judge: Judge::AccountRegion(Regions::WithTrails, judge)"), "{file}");
        assert!(file.contains("fn judge(cx: &Cx<'_>, account: &AccountId, region: &Region) -> Judged"), "{file}");
        assert!(file.contains("use trailwarden_model::ids::{AccountId, Region};"), "{file}");
    }

    #[test]
    fn a_name_that_is_taken_or_not_kebab_case_changes_nothing() {
        let source = copy("refused");
        let before = fs::read_to_string(source.join("controls.rs")).expect("the registry");
        fs::write(source.join("controls/is_taken.rs"), "").expect("a file");
        for id in ["is-taken", "Is-Upper", "two--dashes", "", "under_score"] {
            assert!(scaffold_in(&source, &options(id, Scope::Trail)).is_err(), "{id}");
        }
        let after = fs::read_to_string(source.join("controls.rs")).expect("the registry");
        fs::remove_dir_all(&source).expect("removed");
        assert_eq!(before, after);
    }

    #[test]
    fn every_scope_has_a_judge_of_its_shape() {
        for scope in <Scope as clap::ValueEnum>::value_variants() {
            let text = scaffold(&options("some-state", *scope));
            assert!(text.contains(&format!("judge: Judge::{scope:?}(")), "{text}");
            assert!(text.contains("the_flaw_fails") && !text.contains("todo"), "{text}");
        }
    }
}
