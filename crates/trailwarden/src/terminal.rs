//! Progress of a collection, drawn on standard error when that is a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use trailwarden_aws::{Event, Progress};

use crate::settings::Settings;

/// A line that moves while regions are read, and goes away at the end.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new(settings: &Settings) -> Self {
        if !settings.progress {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {pos}/{len} regions  {msg}") {
            bar.set_style(style);
        }
        bar.set_message("reading the organization");
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }
}

impl Progress for Bar {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::OrganizationRead { n_accounts, n_in_scope } => {
                self.0.set_message(format!("accounts in scope: {n_in_scope} of {n_accounts}; reading their trails"));
            }
            Event::AccountEntered { n_regions, .. } => self.0.inc_length(n_regions.try_into().unwrap_or_default()),
            Event::RegionRead { .. } => self.0.inc(1),
            Event::TrailsRead { n_trails } => {
                self.0.set_message(format!("trails found: {n_trails}; reading their buckets, keys and log groups"));
            }
            Event::Finished { .. } => self.0.finish_and_clear(),
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
