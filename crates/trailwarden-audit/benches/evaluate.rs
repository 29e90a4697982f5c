//! What judging costs: every control on the snapshots of organizations of 1,000 and 10,000 accounts in 17 regions each.
//!
//! An organization is the clean one of the corpus with its workload account multiplied, below OUs, with a flaw in every few
//! accounts. All facts are present, so that nothing is settled early by a gap.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use trailwarden_audit::{assess, controls};
use trailwarden_model::baseline::Baseline;
use trailwarden_model::finding::Outcome;
use trailwarden_model::format;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::log_source::{FlowLog, Vpc, WebAcl};
use trailwarden_model::observed::Observed;
use trailwarden_model::organization::{Account, Unit};
use trailwarden_model::partition::Partition;
use trailwarden_model::snapshot::{AccountSnapshot, FORMAT, RegionSnapshot, Snapshot};

const CLEAN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/corpus/clean/snapshot.json");
const SIZES: [usize; 2] = [1_000, 10_000];
const ACCOUNTS_PER_UNIT: usize = 25;

type Done<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Done {
    let mut out = std::io::stdout();
    let sizes = std::env::var("TRAILWARDEN_BENCH_ACCOUNTS").ok().and_then(|text| text.parse().ok());
    let sizes = sizes.map_or_else(|| SIZES.to_vec(), |one: usize| vec![one]);
    writeln!(
        out,
        "accounts × 17 regions | seconds | of them computing | findings | fail | resident: snapshot, with the assessment"
    )?;
    for n_accounts in sizes {
        let snapshot = organization(n_accounts)?;
        let (before, spent) = (resident(), cpu_seconds());
        let started = Instant::now();
        let assessment = assess(&snapshot, &Baseline::default(), &[], controls::ALL, "bench");
        let (took, cpu) = (started.elapsed(), cpu_seconds() - spent);
        let n_failed = assessment.findings.iter().filter(|finding| finding.outcome == Outcome::Fail).count();
        let n_unknown = assessment.findings.iter().filter(|finding| finding.outcome == Outcome::Unknown).count();
        if n_unknown > 0 {
            return Err(format!("{n_unknown} findings are unknown though every fact is present").into());
        }
        let (seconds, n_findings) = (took.as_secs_f64(), assessment.findings.len());
        writeln!(
            out,
            "{n_accounts} | {seconds:.2} | {cpu:.2} | {n_findings} | {n_failed} | {before} MiB, {} MiB",
            resident()
        )?;
        if std::env::var_os("TRAILWARDEN_BENCH_CONTROLS").is_some() {
            by_control(&mut out, &snapshot)?;
        }
    }
    Ok(())
}

/// The time of each control alone, the slowest first.
fn by_control(out: &mut impl Write, snapshot: &Snapshot) -> Done {
    let mut times: Vec<(Duration, &str)> = Vec::new();
    for control in controls::ALL {
        let started = Instant::now();
        drop(assess(snapshot, &Baseline::default(), &[], &[control], "bench"));
        times.push((started.elapsed(), control.id));
    }
    times.sort();
    for (took, control) in times.iter().rev() {
        writeln!(out, "  {:.3} {control}", took.as_secs_f64())?;
    }
    Ok(())
}

/// Resident memory of this process in MiB, where the system tells.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}

/// Seconds this process has computed, where the system tells: on a busy machine the rest is waiting for others.
fn cpu_seconds() -> f64 {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11);
    fields.take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS_PER_SECOND
}

/// An organization of so many accounts.
fn organization(n_accounts: usize) -> Done<Snapshot> {
    let mut snapshot: Snapshot = format::read(&fs::read_to_string(CLEAN)?, FORMAT)?;
    for seen in snapshot.accounts.values_mut() {
        spread(seen)?;
    }
    let model: AccountId = "333333333333".parse()?;
    let seen = snapshot.accounts.get(&model).ok_or("no workload account")?.clone();
    let account = snapshot.organization.accounts.get(&model).ok_or("no workload account")?.clone();
    let mut nodes = Vec::new();
    for index in 0..n_accounts.saturating_sub(snapshot.accounts.len()) {
        let id: AccountId = format!("{}", 500_000_000_000_u64 + index as u64).parse()?;
        let unit = format!("ou-root-{:08}", index / ACCOUNTS_PER_UNIT);
        let mut seen = seen.clone();
        flaw(index, &id, &mut seen)?;
        let parent = Observed::Known(unit.clone());
        let account = Account { id: id.clone(), name: format!("team-{index}"), parent, ..account.clone() };
        snapshot.organization.accounts.insert(id.clone(), account);
        snapshot.accounts.insert(id.clone(), seen);
        nodes.extend([id.to_string(), unit]);
    }
    hang(&mut snapshot, &nodes);
    Ok(snapshot)
}

/// Shows an account in every region what its first region shows.
fn spread(seen: &mut AccountSnapshot) -> Done {
    let here: RegionSnapshot = seen.regions.values().next().ok_or("no region")?.clone();
    for region in Partition::by_id("aws").ok_or("no partition")?.default_regions {
        seen.regions.entry(region.parse()?).or_insert_with(|| here.clone());
    }
    Ok(())
}

/// Puts the OUs below the root, with the policy that allows everything on every node.
fn hang(snapshot: &mut Snapshot, nodes: &[String]) {
    let organization = &mut snapshot.organization;
    if let (Observed::Known(units), Observed::Known(root)) = (&mut organization.units, &organization.root) {
        for unit in nodes.iter().filter(|node| node.starts_with("ou-")) {
            let made = Unit { id: unit.clone(), name: unit.clone(), parent: root.id.clone() };
            units.insert(unit.clone(), made);
        }
    }
    if let Observed::Known(policies) = &mut organization.service_control_policies {
        for policy in policies.values_mut().filter(|policy| policy.aws_managed) {
            if let Observed::Known(targets) = &mut policy.targets {
                targets.extend(nodes.iter().cloned());
            }
        }
    }
}

/// A VPC in every region, and a flaw in some of every hundred accounts.
fn flaw(index: usize, id: &AccountId, seen: &mut AccountSnapshot) -> Done {
    for (region, here) in &mut seen.regions {
        here.vpcs = Observed::Known(vec![vpc(id, region, index % 10 != 3)]);
        if index % 20 == 7 {
            here.web_acls = Observed::Known(vec![web_acl(id, region)?]);
        }
    }
    let Some(here) = seen.regions.values_mut().next() else { return Ok(()) };
    match index % 100 {
        11 => here.config_recorders = Observed::Known(Vec::new()),
        42 => stop(here),
        77 => here.trails = Observed::Known(BTreeMap::new()),
        _ => {}
    }
    Ok(())
}

fn stop(here: &mut RegionSnapshot) {
    if let Observed::Known(trails) = &mut here.trails {
        for status in trails.values_mut() {
            if let Observed::Known(status) = status {
                status.is_logging = false;
            }
        }
    }
}

fn vpc(owner: &AccountId, region: &Region, is_logged: bool) -> Vpc {
    let log = FlowLog {
        id: format!("fl-{region}"),
        status: "ACTIVE".to_owned(),
        delivery_status: Some("SUCCESS".to_owned()),
        delivery_error: None,
        traffic: "ALL".to_owned(),
        destination_type: "s3".to_owned(),
    };
    let flow_logs = is_logged.then_some(log).into_iter().collect();
    Vpc { id: format!("vpc-{region}"), owner: owner.clone(), is_default: true, flow_logs }
}

fn web_acl(owner: &AccountId, region: &Region) -> Done<WebAcl> {
    let arn: Arn = format!("arn:aws:wafv2:{region}:{owner}:regional/webacl/front/0a").parse()?;
    let log_destinations = [format!("arn:aws:logs:{region}:{owner}:log-group:aws-waf-logs-front")].into();
    Ok(WebAcl { arn, name: "front".to_owned(), is_global: false, log_destinations })
}
