//! The generated pages and roles are what the code says. `cargo xtask docs` writes them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::reference;
use crate::support::{program, root};

/// Set by `cargo xtask docs`: write the pages instead of comparing them.
const WRITE: &str = "TRAILWARDEN_WRITE_DOCS";

#[test]
fn generated_pages_are_fresh() {
    let pages = reference::pages();
    let wanted: BTreeSet<PathBuf> = pages.keys().cloned().collect();
    let stray: Vec<PathBuf> = files_below(&root().join("docs/generated")).difference(&wanted).cloned().collect();
    if std::env::var_os(WRITE).is_some() {
        for (path, text) in &pages {
            let path = root().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("makes the folder");
            fs::write(path, text).expect("writes the page");
        }
        stray.iter().for_each(|path| fs::remove_file(root().join(path)).expect("removes a stray page"));
        return;
    }
    for (path, text) in &pages {
        let found = fs::read_to_string(root().join(path)).unwrap_or_default();
        assert!(found == *text, "{} is stale: run `cargo xtask docs`", path.display());
    }
    assert_eq!(stray, Vec::<PathBuf>::new(), "nothing generates these: run `cargo xtask docs`");
}

#[test]
fn documents_link_only_to_files_that_exist() {
    let written = ["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(PathBuf::from);
    let pages =
        files_below(&root().join("docs")).into_iter().filter(|path| path.extension().is_some_and(|e| e == "md"));
    for page in pages.chain(written) {
        let text = fs::read_to_string(root().join(&page)).expect("a page");
        for target in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            if target.is_empty() || target.starts_with("http") {
                continue;
            }
            let linked = root().join(&page).with_file_name("").join(target);
            assert!(linked.exists(), "{} links to {target}, which does not exist", page.display());
        }
    }
}

#[test]
fn the_readme_shows_what_the_program_prints() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    let explain: &[&str] = &["explain", "log-bucket-exists-83cd489db6b6", "--sandbox"];
    let plan: &[&str] = &["plan", "--sandbox=blank", "--exclude", "config"];
    let staged = ["--stages", "713350482219", "--target", "ou-ac7f-sandboxs", "ou-ac7f-workload"];
    let rollout = [&["scp", "plan", "--sandbox", "--profile", "standard", "--deny-own-role"], &staged[..]].concat();
    let prove: &[&str] = &["scp", "prove", "--sandbox"];
    let commands: [&[&str]; 5] = [&["audit", "--sandbox"], explain, plan, prove, &rollout];
    let pictures: Vec<&str> = readme.split("```text\n").skip(1).collect();
    assert_eq!(pictures.len(), commands.len(), "each picture is of one command");
    for (picture, command) in pictures.iter().zip(commands) {
        let (picture, _) = picture.split_once("\n```").expect("the end of the picture");
        let run = program(command).env("COLUMNS", "100").output().expect("the program runs");
        let printed = String::from_utf8(run.stdout).expect("UTF-8");
        let printed: BTreeSet<&str> = printed.lines().collect();
        for line in picture.lines().filter(|line| *line != "[…]" && !line.contains(" UTC")) {
            assert!(printed.contains(line), "the README shows a line that {command:?} does not print: {line}");
        }
    }
}

fn files_below(folder: &Path) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.insert(path.strip_prefix(root()).expect("below the root").to_owned());
        }
    }
    files
}
