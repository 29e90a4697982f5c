//! `trailwarden scp usage`: who used lately what a profile denies, and what would become of that, before anything is changed.

mod radius;

pub(super) use radius::{Ask, Radius, own_roles};

use std::collections::BTreeSet;

use trailwarden_aws::{Selection, Session};
use trailwarden_model::baseline::Baseline;
use trailwarden_model::organization::Organization;
use trailwarden_model::snapshot::Need;
use trailwarden_policy::{Guarded, Limits, Profile, compose};
use trailwarden_report::scp::usage::{render, render_json, render_markdown};

use super::super::source::{Facts, collect_in, sandbox_notice, with_session};
use crate::baseline_file::{check_against, read_baseline};
use crate::cli::{self, Output, Select, UsageFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{check_writable, write_file, write_stdout};
use crate::settings::Settings;
use crate::terminal::Bar;

/// Asks and reports; that somebody would be denied, or that it cannot be told, is the exit code.
pub(super) fn usage(arguments: &cli::Usage, settings: &Settings) -> Result<Exit, Failure> {
    let baseline = read_baseline(arguments.baseline.as_deref())?;
    let paths = arguments.output.iter().filter_map(|output| output.path.as_deref());
    paths.chain(arguments.keep.as_deref()).try_for_each(check_writable)?;
    let radius = with_session(&arguments.connect, settings, async |session, bar| {
        let radius = ask(arguments, &baseline, session, bar, settings).await?;
        let n_accounts = radius.effort.n_accounts;
        Ok((radius, n_accounts))
    })?;
    let exit = radius.exit();
    for output in &arguments.output {
        write(arguments, output, &radius, exit, settings)?;
    }
    Ok(exit)
}

async fn ask(
    arguments: &cli::Usage,
    baseline: &Baseline,
    session: &Session,
    bar: &Bar,
    settings: &Settings,
) -> Result<Radius, Failure> {
    let (organization, guarded) = guarded(arguments.profile, baseline, session, bar, settings).await?;
    check_against(&organization, baseline, arguments.baseline.as_deref())?;
    let set = compose(arguments.profile, &guarded, Limits::from(baseline))
        .map_err(|error| super::generate::not_composed(arguments.profile, &error))?;
    let select = &arguments.select;
    let selection = Selection {
        accounts: select.account.iter().cloned().collect(),
        ous: select.ou.iter().cloned().collect(),
        exclude_accounts: select.exclude_account.iter().cloned().collect(),
        regions: select.region.iter().cloned().collect(),
        ..Selection::default()
    };
    let ask = Ask {
        organization: &organization,
        set: &set,
        at: &BTreeSet::new(),
        exceptions: &baseline.tamper_exceptions,
        selection: &selection,
        days: arguments.days,
        now: settings.now,
        logs: arguments.logs.as_ref(),
        keep: arguments.keep.as_deref(),
        role: arguments.apply_role.as_deref().unwrap_or(&arguments.connect.role_name),
        accelerator_prefix: &arguments.accelerator_prefix,
    };
    ask.radius(session, bar).await
}

/// The organization with what the profile guards in it. Only the strict one names resources, so that accounts must be entered.
async fn guarded(
    profile: Profile,
    baseline: &Baseline,
    session: &Session,
    bar: &Bar,
    settings: &Settings,
) -> Result<(Organization, Guarded), Failure> {
    let of_organization = [Need::ServiceControlPolicies, Need::DelegatedAdministrators];
    let behind_trails = [Need::Trails, Need::BucketOwner, Need::Key, Need::LogGroup, Need::DeliveryRole];
    match profile {
        Profile::Minimal | Profile::Standard => {
            let organization = trailwarden_aws::collect_organization(session, &of_organization.into()).await?;
            let guarded = Guarded::from_organization(&organization, &baseline.tamper_exceptions);
            Ok((organization, guarded))
        }
        Profile::Strict => {
            let needs: Vec<Need> = of_organization.into_iter().chain(behind_trails).collect();
            let snapshot = collect_in(session, &Select::default(), Facts::only(&needs), settings.now, bar).await?;
            let guarded = Guarded::from_snapshot(&snapshot, baseline);
            Ok((snapshot.organization, guarded))
        }
    }
}

fn write(
    arguments: &cli::Usage,
    output: &Output<UsageFormat>,
    radius: &Radius,
    exit: Exit,
    settings: &Settings,
) -> Result<(), Failure> {
    let usage = radius.report();
    let text = match output.format {
        UsageFormat::Json => render_json(&usage).map_err(Failure::internal)?,
        UsageFormat::Markdown => render_markdown(&usage),
        UsageFormat::Table => {
            let notice = sandbox_notice(&arguments.connect);
            let meaning = format!("exit code {}: {}", exit.code(), exit.meaning_of_usage());
            render(&usage, &settings.view(output.path.is_some(), notice.as_deref(), &meaning))
        }
    };
    match &output.path {
        Some(path) => write_file(path, &text),
        None => write_stdout(&text),
    }
}
