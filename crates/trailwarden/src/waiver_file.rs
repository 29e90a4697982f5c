//! The waiver file (TOML): failures that somebody accepts for a time, with errors that name line and column.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;
use trailwarden_audit::controls;
use trailwarden_model::waiver::{Accepted, Scope, Waiver};

use crate::failure::Failure;
use crate::nearest::nearest;
use crate::output::read_file;
use crate::toml_file::{Mistake, each, node};

const HINT: &str = "policies/waivers.toml of the source shows what a waiver says";

/// What stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WaiverFile {
    #[serde(default)]
    waiver: Vec<Spanned<WaiverKeys>>,
}

/// One entry.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WaiverKeys {
    id: Option<Spanned<String>>,
    control: Spanned<String>,
    /// Must be said of a waiver that names no account, OU, region or resource, so that nobody waives everything by omission.
    scope: Option<Spanned<Whole>>,
    #[serde(default)]
    accounts: Vec<Spanned<String>>,
    #[serde(default)]
    ous: Vec<Spanned<String>>,
    #[serde(default)]
    regions: Vec<Spanned<String>>,
    #[serde(default)]
    resources: Vec<Spanned<String>>,
    accepts: Option<Vec<Accepted>>,
    reason: Spanned<String>,
    owner: Spanned<String>,
    expires: Spanned<Datetime>,
}

/// The only scope that is said in a word.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Whole {
    Organization,
}

/// Reads a waiver file. No file, no waivers.
pub(crate) fn read_waivers(path: Option<&Path>) -> Result<Vec<Waiver>, Failure> {
    let Some(path) = path else { return Ok(vec![]) };
    let text = read_file(path)?;
    parse(&text).map_err(|mistake| mistake.in_file("waivers", path, &text, HINT))
}

fn parse(text: &str) -> Result<Vec<Waiver>, Mistake> {
    let file: WaiverFile = toml::from_str(text)?;
    let mut ids = BTreeSet::new();
    let mut waivers = vec![];
    for entry in file.waiver {
        let place = Spanned::new(entry.span(), ());
        let waiver = waiver(entry)?;
        if !ids.insert(waiver.id.clone()) {
            return Err(Mistake::at(&place, format!("two waivers are called {:?}, or say the same", waiver.id))
                .hint("give each an id of its own, or delete one"));
        }
        waivers.push(waiver);
    }
    Ok(waivers)
}

fn waiver(entry: Spanned<WaiverKeys>) -> Result<Waiver, Mistake> {
    let place = Spanned::new(entry.span(), ());
    let keys = entry.into_inner();
    let control = control(&keys.control)?;
    let scope = Scope {
        accounts: each(keys.accounts, |text| text.parse().map_err(words))?,
        units: each(keys.ous, unit)?,
        regions: each(keys.regions, |text| text.parse().map_err(words))?,
        resources: each(keys.resources, pattern)?,
    };
    match keys.scope {
        None if scope.is_everything() => {
            return Err(Mistake::at(&place, "this waiver names no account, OU, region or resource")
                .hint("narrow it with accounts, ous, regions or resources; or write scope = \"organization\""));
        }
        Some(whole) if !scope.is_everything() => {
            return Err(Mistake::at(&whole, "scope = \"organization\" contradicts the narrower scope of this waiver")
                .hint("keep one of them"));
        }
        _ => {}
    }
    let id = match keys.id {
        Some(id) => said(id, "an id")?,
        None => scope.id_of(&control),
    };
    Ok(Waiver {
        id,
        control,
        scope,
        accepts: keys.accepts.map_or_else(|| BTreeSet::from([Accepted::Fail]), BTreeSet::from_iter),
        reason: said(keys.reason, "a reason")?,
        owner: said(keys.owner, "an owner")?,
        expires: date(&keys.expires)?,
    })
}

fn words(error: trailwarden_model::ids::IdError) -> String {
    error.to_string()
}

fn control(id: &Spanned<String>) -> Result<String, Mistake> {
    if controls::find(id.get_ref()).is_some() {
        return Ok(id.get_ref().clone());
    }
    let mistake = Mistake::at(id, format!("no control is called {:?}", id.get_ref()));
    Err(match nearest(id.get_ref(), controls::ALL.iter().map(|control| control.id)) {
        Some(near) => mistake.hint(format!("did you mean {near}?")),
        None => mistake.hint("`trailwarden controls` lists them"),
    })
}

fn unit(text: &str) -> Result<String, String> {
    match node(text) {
        Ok(id) if id.starts_with("ou-") => Ok(id),
        _ => Err(format!("{text:?} is not the id of an OU (ou-…)")),
    }
}

/// A pattern that fits every ARN narrows nothing.
fn pattern(text: &str) -> Result<String, String> {
    match text.starts_with("arn:") && text.trim_start_matches("arn:").contains(|c: char| !"*?:".contains(c)) {
        true => Ok(text.to_owned()),
        false => Err(format!("{text:?} is no pattern of an ARN such as \"arn:aws:s3:::payments-*\"")),
    }
}

fn said(text: Spanned<String>, what: &str) -> Result<String, Mistake> {
    match text.get_ref().trim().is_empty() {
        true => Err(Mistake::at(&text, format!("a waiver needs {what}"))),
        false => Ok(text.into_inner().trim().to_owned()),
    }
}

fn date(written: &Spanned<Datetime>) -> Result<Date, Mistake> {
    let refused = || Mistake::at(written, "must be a date without a time, such as 2027-01-31");
    let (Some(date), None, None) = (written.get_ref().date, written.get_ref().time, written.get_ref().offset) else {
        return Err(refused());
    };
    let part = |number: u8| i8::try_from(number).map_err(|_| refused());
    let year = i16::try_from(date.year).map_err(|_| refused())?;
    Date::new(year, part(date.month)?, part(date.day)?).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toml_file::testing::shown;

    const REST: &str = "reason = \"r\"\nowner = \"o\"\nexpires = 2027-01-31\n";

    fn refused(text: &str) -> (String, Option<String>) {
        match parse(text) {
            Ok(_) => panic!("accepted: {text}"),
            Err(mistake) => shown(&mistake, text),
        }
    }

    #[test]
    fn the_published_example_waives_nothing_and_its_comments_are_right() {
        let text = include_str!("../../../policies/waivers.toml");
        assert!(parse(text).is_ok_and(|waivers| waivers.is_empty()));
        let uncommented: String =
            text.lines().map(|line| line.strip_prefix("#: ").unwrap_or(line).to_owned() + "\n").collect();
        let waivers = parse(&uncommented).unwrap_or_else(|mistake| panic!("{:?}", shown(&mistake, &uncommented)));
        assert!(!waivers.is_empty());
    }

    #[test]
    fn an_id_is_made_from_what_is_waived_and_not_from_who_waives_it() {
        let id = |owner: &str| {
            let text = format!(
                "[[waiver]]\ncontrol = \"kms-key-usable\"\naccounts = [\"111122223333\"]\nreason = \"r\"\nowner = {owner:?}\nexpires = 2027-01-31\n"
            );
            parse(&text).expect("a waiver").remove(0).id
        };
        assert_eq!(id("a"), id("b"));
        assert!(id("a").starts_with("kms-key-usable-w"));
    }

    #[test]
    fn a_mistake_is_named_with_line_and_column() {
        let with = |keys: &str| format!("[[waiver]]\ncontrol = \"kms-key-usable\"\n{keys}\n{REST}");
        for (text, position, word) in [
            (with(""), "1:1:", "names no account, OU, region or resource"),
            (with("accounts = [\"1\"]"), "3:13:", "twelve digits"),
            (with("ous = [\"r-ac7f\"]"), "3:8:", "OU"),
            (with("resources = [\"*\"]"), "3:14:", "pattern"),
            (with("resources = [\"arn:*:*\"]"), "3:14:", "pattern"),
            (with("regions = [\"Europe\"]"), "3:12:", "region"),
            (with("scope = \"organization\"\nregions = [\"eu-west-1\"]"), "3:9:", "contradicts"),
            (with("accepts = [\"pass\"]\nregions = [\"eu-west-1\"]"), "3:12:", "unknown variant `pass`"),
            (with("account = [\"111122223333\"]"), "3:1:", "unknown field `account`"),
            (format!("[[waiver]]\ncontrol = \"kms-key-usabel\"\n{REST}"), "2:11:", "no control"),
            ("[[waiver]]\ncontrol = \"kms-key-usable\"\nreason = \"r\"\nowner = \"o\"\n".to_owned(), "1:1:", "expires"),
            (with("scope = \"organization\"").replace("2027-01-31", "2027-01-31T00:00:00Z"), "6:11:", "date"),
            (with("scope = \"organization\"").replace("2027-01-31", "\"2027-01-31\""), "6:11:", ""),
            (with("scope = \"organization\"").replace("\"o\"", "\" \""), "5:9:", "an owner"),
        ] {
            let (message, _) = refused(&text);
            assert!(message.starts_with(position), "{text}: {message}");
            assert!(message.contains(word), "{text}: {message}");
        }
        let one = with("scope = \"organization\"");
        assert!(refused(&format!("{one}{one}")).0.contains("two waivers"));
    }

    #[test]
    fn a_misspelt_word_is_answered_with_the_nearest() {
        let hint = |text: &str| refused(text).1.unwrap_or_default();
        assert_eq!(hint(&format!("[[waiver]]\ncontrol = \"kms-key-usabel\"\n{REST}")), "did you mean kms-key-usable?");
        assert_eq!(hint(&format!("[[waiver]]\ncontroll = \"kms-key-usable\"\n{REST}")), "did you mean control?");
    }
}
