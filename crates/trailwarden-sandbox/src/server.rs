//! The listener on 127.0.0.1 and the life of one request.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::error::SandboxError;
use crate::faults::{Fault, Faults};
use crate::state;
use crate::throttle::Throttle;
use crate::world::World;

mod exchange;

/// Tells the time. The library itself never reads a clock.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How a sandbox runs.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port on 127.0.0.1; 0 for any free one.
    pub port: u16,
    /// What exists at the start, unless the state file says otherwise.
    pub world: World,
    /// Every answer takes this long.
    pub latency: Duration,
    /// Whether the published rates are enforced.
    pub throttle: bool,
    /// Faults from the start.
    pub faults: Vec<Fault>,
    /// Where the world is kept between runs.
    pub state: Option<PathBuf>,
    /// How long policies, roles, trusted access and new trails and keys take to count everywhere.
    pub propagation: Duration,
    /// How far the sandbox's clock runs ahead.
    pub later: Duration,
}

impl Options {
    /// Any free port, no latency, throttles on, no faults, no state file, changes that count at once, the time as it is.
    pub fn new(world: World) -> Self {
        Self {
            port: 0,
            world,
            latency: Duration::ZERO,
            throttle: true,
            faults: Vec::new(),
            state: None,
            propagation: Duration::ZERO,
            later: Duration::ZERO,
        }
    }

    /// As [`Options::new`], with the world of a state file, to which changes are written back.
    ///
    /// # Errors
    /// When the file cannot be read, or is not there.
    pub fn resume(path: &Path) -> Result<Self, SandboxError> {
        Ok(Self { state: Some(path.to_owned()), ..Self::new(state::load(path)?.ok_or_else(|| state::missing(path))?) })
    }
}

/// How often each operation was asked, by `service:Operation`.
pub type Stats = BTreeMap<String, u64>;

/// Is shown the world, and the operation as `service:Operation`, after each request that changed something.
type Watch = Box<dyn FnMut(&World, &str) + Send>;

/// What all connections share.
struct Shared {
    clock: Clock,
    later: Duration,
    latency: Duration,
    state_file: Option<PathBuf>,
    inner: Mutex<Inner>,
}

/// What changes while serving, behind one lock: an operation sees and leaves a whole world.
struct Inner {
    world: World,
    throttle: Option<Throttle>,
    faults: Faults,
    stats: Stats,
    n_requests: u64,
    watch: Option<Watch>,
}

impl Shared {
    /// The time, as the sandbox tells it.
    fn now(&self) -> Timestamp {
        ahead(&self.clock, self.later)
    }

    /// A handler that panicked left nothing half-written that matters to a test world, so poison is ignored.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running sandbox. Dropping it stops listening; [`Sandbox::shutdown`] also finishes what is under way.
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    listener: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Binds and begins to serve.
    ///
    /// # Errors
    /// When the port is in use or the state file cannot be read.
    pub async fn start(options: Options, clock: Clock) -> Result<Self, SandboxError> {
        let now = ahead(&clock, options.later);
        let mut world = match &options.state {
            // What is kept grows older: from here on, nothing is said to be so long ago whenever one looks.
            Some(path) => state::load(path)?.map_or_else(|| state::dated(path, &options.world, now), Ok)?,
            None => options.world,
        };
        world.settling.milliseconds = i64::try_from(options.propagation.as_millis()).unwrap_or(i64::MAX);
        let port = options.port;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|source| match source.kind() {
            std::io::ErrorKind::AddrInUse => SandboxError::PortInUse { port },
            _ => SandboxError::Listen { port, source },
        })?;
        let address = listener.local_addr().map_err(|source| SandboxError::Listen { port, source })?;
        let shared = Arc::new(Shared {
            clock,
            later: options.later,
            latency: options.latency,
            state_file: options.state,
            inner: Mutex::new(Inner {
                world,
                throttle: options.throttle.then(Throttle::default),
                faults: Faults::new(options.faults),
                stats: Stats::new(),
                n_requests: 0,
                watch: None,
            }),
        });
        let (stop, stopped) = oneshot::channel();
        let listener = Some(tokio::spawn(accept(listener, Arc::clone(&shared), stopped)));
        Ok(Self { address, shared, stop: Some(stop), listener })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The environment a client needs, in the order to show it.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let inner = self.shared.lock();
        let world = &inner.world;
        let secret = world.credentials.get(&world.entry).map(|credential| credential.secret.clone());
        let region = world.partition().map_or("us-east-1", |partition| partition.leader_region);
        vec![
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_ACCESS_KEY_ID", world.entry.clone()),
            ("AWS_SECRET_ACCESS_KEY", secret.unwrap_or_default()),
            ("AWS_REGION", region.to_owned()),
        ]
    }

    /// How often each operation was asked so far.
    pub fn stats(&self) -> Stats {
        self.shared.lock().stats.clone()
    }

    /// Adds a fault.
    pub fn inject(&self, fault: Fault) {
        self.shared.lock().faults.add(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// A copy of the world as it is now.
    pub fn world(&self) -> World {
        self.shared.lock().world.clone()
    }

    /// Changes the world behind the back of AWS's rules, as a test does.
    pub fn change(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.shared.lock().world);
    }

    /// Shows the world to `watch` after each request that changed something, before the next one is served. It runs inside
    /// the server: what it finds is to be collected there and asserted in the test.
    pub fn watch(&self, watch: impl FnMut(&World, &str) + Send + 'static) {
        self.shared.lock().watch = Some(Box::new(watch));
    }

    /// Stops listening, lets running requests finish (at most two seconds), and saves the state.
    ///
    /// # Errors
    /// When the state file cannot be written.
    pub async fn shutdown(mut self) -> Result<(), SandboxError> {
        if let Some(stop) = self.stop.take() {
            // The listener may already be gone; then there is nothing to stop.
            let _ = stop.send(());
        }
        if let Some(listener) = self.listener.take() {
            // It can only have been aborted, and then it has stopped as well.
            let _ = listener.await;
        }
        match &self.shared.state_file {
            Some(path) => state::save(path, &self.shared.lock().world),
            None => Ok(()),
        }
    }
}

/// The time of a clock that runs ahead.
fn ahead(clock: &Clock, by: Duration) -> Timestamp {
    let now = clock();
    SignedDuration::try_from(by).ok().and_then(|by| now.checked_add(by).ok()).unwrap_or(now)
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, mut stopped: oneshot::Receiver<()>) {
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new());
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => continue,
            },
            _ = &mut stopped => break,
        };
        // Small answers would otherwise wait for the client's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        let serve = service_fn(move |request| exchange::serve(Arc::clone(&shared), request));
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), serve));
        tokio::spawn(async move {
            // Clients hang up when they like, and injected faults drop connections: neither is an error here.
            let _ = connection.await;
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(Duration::from_secs(2), graceful.shutdown()).await;
}

#[cfg(test)]
mod tests;
