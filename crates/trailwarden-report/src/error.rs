//! Why an assessment could not be rendered.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The JSON writer refused a value; a bug of ours, since every type here can be written.
    #[error("writing {format}: {source}")]
    Json {
        /// The format being written.
        format: &'static str,
        /// What the writer said.
        source: serde_json::Error,
    },
    /// The HCL writer refused a value; a bug of ours as well.
    #[error("writing terraform: {source}")]
    Hcl {
        /// What the writer said.
        source: hcl::Error,
    },
}
