//! What goes wrong: errors that travel to the client as AWS errors, and errors of the sandbox itself.

/// An error of an AWS operation, before a wire format has shaped it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsError {
    /// The code clients match on, for example `TrailNotFoundException`.
    pub code: String,
    /// The words.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
    /// Extra response headers, for example `x-amz-bucket-region`.
    pub headers: Vec<(String, String)>,
    /// Extra members beside code and message, for example `Reason` or `BucketName`.
    pub fields: Vec<(String, String)>,
}

impl AwsError {
    /// An error with any status.
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), status, headers: Vec::new(), fields: Vec::new() }
    }

    /// A client error with status 400, as most services answer.
    pub fn bad(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// A client error with status 404, as IAM and S3 answer for things that do not exist.
    pub fn missing(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(404, code, message)
    }

    /// The same error with one more response header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same error with one more member in its body.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push((name.to_owned(), value.into()));
        self
    }
}

/// An error of the sandbox itself.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// Another process listens there.
    #[error("port {port} on 127.0.0.1 is in use")]
    PortInUse {
        /// The port asked for.
        port: u16,
    },
    /// The listener could not be made.
    #[error("listening on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
    /// No scenario has this name.
    #[error("there is no scenario {name:?}; there are {known}")]
    UnknownScenario {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A scenario does not say what it should.
    #[error("scenario {name}: {reason}")]
    Scenario {
        /// Which scenario.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The state file that is to be resumed is not there.
    #[error("there is no state file {path}")]
    NoState {
        /// The file.
        path: String,
    },
    /// The state file could not be read or written.
    #[error("state file {path}: {reason}")]
    State {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
}

impl SandboxError {
    /// What a person can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::PortInUse { .. } => Some("choose another port, or 0 for any free one"),
            Self::State { .. } => Some("remove the file to start from the scenario again"),
            Self::NoState { .. } => Some("`trailwarden sandbox serve --state FILE` makes one"),
            Self::Listen { .. } | Self::UnknownScenario { .. } | Self::Scenario { .. } => None,
        }
    }
}
