//! What a suite is, and how it can end.

/// One row of the table.
pub(crate) struct Suite {
    pub(crate) name: String,
    run: Box<dyn FnOnce() -> Outcome>,
}

/// How a suite ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// `count` is how many tests it holds, where that means something.
    Passed {
        count: Option<usize>,
        note: String,
    },
    Failed {
        count: Option<usize>,
        why: String,
    },
    /// It could not be run here; `why` says what to install.
    Skipped {
        why: String,
    },
}

impl Suite {
    pub(crate) fn new(name: impl Into<String>, run: impl FnOnce() -> Outcome + 'static) -> Self {
        Self { name: name.into(), run: Box::new(run) }
    }

    /// Whether this name, as given on the command line, means this suite.
    pub(super) fn answers_to(&self, name: &str) -> bool {
        self.name == name || self.name.split('/').any(|part| part == name)
    }

    pub(super) fn run(self) -> Outcome {
        (self.run)()
    }
}

impl Outcome {
    pub(crate) fn passed(note: impl Into<String>) -> Self {
        Self::Passed { count: None, note: note.into() }
    }

    pub(crate) fn failed(why: impl Into<String>) -> Self {
        Self::Failed { count: None, why: why.into() }
    }

    /// In CI a skip is a failure: what is not run there is run nowhere.
    pub(super) fn strict(self, in_ci: bool) -> Self {
        match self {
            Self::Skipped { why } if in_ci => {
                Self::failed(format!("skipped, which CI does not accept: {why}"))
            }
            other => other,
        }
    }
}

/// A pass says its note; an error is printed whole where it happens and its first line goes into the table.
impl From<anyhow::Result<String>> for Outcome {
    fn from(result: anyhow::Result<String>) -> Self {
        match result {
            Ok(note) => Self::passed(note),
            Err(error) => {
                let why = format!("{error:#}");
                eprintln!("{why}");
                Self::failed(why)
            }
        }
    }
}
