//! `cargo xtask bench audit`: calls, CPU, memory and wall time of one audit of a generated fleet.
//!
//! The fleet is served by another process of the same program, so that the numbers are the client's alone. CPU and
//! memory come from `/proc`, so this runs on Linux.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::run::{Done, cargo, doing, root, run, target_dir, tell};

/// Clock ticks per second in `/proc`, the same on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;
/// Regions of every account in a fleet.
const N_REGIONS: usize = 17;

/// What to measure.
#[derive(clap::Args)]
pub struct Options {
    /// Accounts of the fleet.
    #[arg(long, default_value_t = 100)]
    accounts: usize,
    /// What the server waits before each answer.
    #[arg(long, default_value = "20ms")]
    latency: String,
    /// How often to measure.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Also write the table to this file.
    #[arg(long)]
    write: Option<PathBuf>,
}

/// One measured audit.
struct Measured {
    n_calls: u64,
    cpu: Duration,
    peak_kib: u64,
    wall: Duration,
}

/// Builds the release, measures, prints the table.
pub fn audit(options: &Options) -> Done {
    run(cargo().args(["build", "--release", "--package", "trailwarden"]))?;
    let program = target_dir().join("release/trailwarden");
    let mut server = Server::start(&program, options.accounts, &options.latency)?;
    let runs: Done<Vec<Measured>> = (0..options.runs.max(1)).map(|_| measure(&program, &server.environment)).collect();
    server.stop()?;
    let table = render(options, &program, &runs?)?;
    tell(&table);
    match &options.write {
        Some(path) => fs::write(root().join(path), table).map_err(doing("writing the table")),
        None => Ok(()),
    }
}

/// `sandbox serve` in a process of its own, and the environment that leads to it.
pub(super) struct Server {
    child: Child,
    environment: Vec<(String, String)>,
}

impl Server {
    pub(super) fn start(program: &Path, accounts: usize, latency: &str) -> Done<Self> {
        let scenario = format!("fleet:{accounts}");
        let mut child = Command::new(program)
            .args(["sandbox", "serve", "--scenario", &scenario, "--port", "0", "--latency", latency])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(doing("starting the server"))?;
        let stdout = child.stdout.take().ok_or("the server has no standard output")?;
        let mut environment = vec![];
        for line in BufReader::new(stdout).lines() {
            let line = line.map_err(doing("reading what the server prints"))?;
            match line.strip_prefix("export ").and_then(|rest| rest.split_once('=')) {
                Some((name, value)) => environment.push((name.to_owned(), value.to_owned())),
                None => break,
            }
        }
        if environment.is_empty() {
            return Err("the server did not print its environment".to_owned());
        }
        Ok(Self { child, environment })
    }

    /// The variables that lead to it.
    pub(super) fn environment(&self) -> impl Iterator<Item = (&String, &String)> {
        self.environment.iter().map(|(name, value)| (name, value))
    }

    pub(super) fn stop(&mut self) -> Done {
        self.child.kill().map_err(doing("stopping the server"))?;
        self.child.wait().map(drop).map_err(doing("stopping the server"))
    }
}

fn measure(program: &Path, environment: &[(String, String)]) -> Done<Measured> {
    let log = target_dir().join("bench-audit.log");
    let file = fs::File::create(&log).map_err(doing("making the log"))?;
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(["audit", "--output", "json:/dev/null"])
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::null())
        .stderr(file)
        .spawn()
        .map_err(doing("starting the audit"))?;
    let (cpu, peak_kib) = watch(child.id())?;
    let wall = start.elapsed();
    let status = child.wait().map_err(doing("waiting for the audit"))?;
    let said = fs::read_to_string(&log).map_err(doing("reading the log"))?;
    let words: Vec<&str> = said.split_whitespace().collect();
    let n_calls = words.windows(3).find_map(|window| match window {
        [n, "API", "calls"] => n.parse().ok(),
        _ => None,
    });
    let n_calls = n_calls.ok_or_else(|| format!("the audit ended with {status} and said: {said}"))?;
    Ok(Measured { n_calls, cpu, peak_kib, wall })
}

/// CPU time and peak memory of a child, read until it has ended but not yet been waited for.
fn watch(pid: u32) -> Done<(Duration, u64)> {
    let mut peak_kib = 0;
    loop {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).map_err(doing("reading /proc"))?;
        let peak =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")).and_then(|rest| rest.split_whitespace().next());
        peak_kib = peak.and_then(|kib| kib.parse().ok()).unwrap_or(peak_kib);
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).map_err(doing("reading /proc"))?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        // After the name in brackets: state first, then user and system time as fields 14 and 15 of the whole line.
        if let (Some(&"Z"), Some(user), Some(system)) = (fields.first(), fields.get(11), fields.get(12)) {
            let ticks = user.parse::<f64>().unwrap_or_default() + system.parse::<f64>().unwrap_or_default();
            return Ok((Duration::from_secs_f64(ticks / TICKS_PER_SECOND), peak_kib));
        }
        sleep(Duration::from_millis(10));
    }
}

fn render(options: &Options, program: &Path, runs: &[Measured]) -> Done<String> {
    let size = fs::metadata(program).map_err(doing("looking at the program"))?.len();
    let n_places = (options.accounts * N_REGIONS) as f64;
    let mut text = format!(
        "`audit` of `fleet:{}` × {N_REGIONS} regions, latency {}, server on the same machine; program {:.1} MiB\n\n\
         | run | API calls | calls per account-region | client CPU | CPU per call | peak RSS | wall time |\n\
         |---|---|---|---|---|---|---|\n",
        options.accounts,
        options.latency,
        size as f64 / 1024.0 / 1024.0,
    );
    for (index, run) in runs.iter().enumerate() {
        text.push_str(&format!(
            "| {} | {} | {:.2} | {:.2} s | {:.0} µs | {:.0} MiB | {:.1} s |\n",
            index + 1,
            run.n_calls,
            run.n_calls as f64 / n_places,
            run.cpu.as_secs_f64(),
            run.cpu.as_secs_f64() * 1e6 / run.n_calls as f64,
            run.peak_kib as f64 / 1024.0,
            run.wall.as_secs_f64(),
        ));
    }
    Ok(text)
}
