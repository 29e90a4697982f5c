//! Why a command could not do its work: one line for people, a hint, and the exit code.

use std::fmt::Display;

use crate::exit::Exit;

/// A command that failed. Kinds are few: the caller must change something, or we or the machine failed.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    hint: Option<String>,
    exit: Exit,
}

impl Failure {
    /// The caller must change arguments, credentials, configuration or an input file.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self { message: message.to_string(), hint: None, exit: Exit::Usage }
    }

    /// A bug of ours, or the machine failed us.
    pub(crate) fn internal(message: impl Display) -> Self {
        Self { message: message.to_string(), hint: None, exit: Exit::Internal }
    }

    /// A plan that does not fit what is there, or is none that was made here.
    pub(crate) fn stale(message: impl Display) -> Self {
        Self::with(Exit::PlanStale, message)
    }

    /// Any other reason, by its exit code.
    pub(crate) fn with(exit: Exit, message: impl Display) -> Self {
        Self { message: message.to_string(), hint: None, exit }
    }

    /// The same with a hint what to do.
    pub(crate) fn hint(self, hint: impl Display) -> Self {
        Self { hint: Some(hint.to_string()), ..self }
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// `error: …` and, when there is one, `hint: …`; each on one line whatever the cause said.
    pub(crate) fn render(&self) -> String {
        let mut text = format!("error: {}\n", one_line(&self.message));
        if let Some(hint) = &self.hint {
            text.push_str(&format!("hint: {}\n", one_line(hint)));
        }
        text
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
