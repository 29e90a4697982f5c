//! Three-valued answers: what cannot be understood is neither a match nor a miss.

/// Whether something holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Truth {
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// It cannot be told, for this reason (a lowercase fragment).
    Undecided(String),
}

impl Truth {
    /// An undecided answer.
    pub(crate) fn undecided(reason: impl Into<String>) -> Self {
        Self::Undecided(reason.into())
    }

    /// True only for [`Truth::Yes`].
    pub(crate) fn is_yes(&self) -> bool {
        *self == Self::Yes
    }

    /// True only for [`Truth::No`].
    pub(crate) fn is_no(&self) -> bool {
        *self == Self::No
    }

    /// The conjunction: one `No` decides, else the first undecided part does.
    pub(crate) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::fold(parts, Self::No, Self::Yes)
    }

    /// The disjunction: one `Yes` decides, else the first undecided part does.
    pub(crate) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::fold(parts, Self::Yes, Self::No)
    }

    fn fold(parts: impl IntoIterator<Item = Self>, decides: Self, otherwise: Self) -> Self {
        let mut answer = otherwise;
        for part in parts {
            if part == decides {
                return decides;
            }
            if matches!((&answer, &part), (Self::Yes | Self::No, Self::Undecided(_))) {
                answer = part;
            }
        }
        answer
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            undecided @ Self::Undecided(_) => undecided,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}
