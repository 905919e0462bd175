//! What the scan found, where, how sure it is and how bad it is; never the secret itself.

use keytide_jose::{Secret, digest};
use serde::Serialize;

use crate::rules::Rule;
use crate::strength::Verdict;

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Confidence {
    /// A name alone says so.
    Low,
    /// A name says so, and the file speaks of tokens.
    Medium,
    /// It is used as a signing key, or its name leaves no doubt.
    High,
    /// A token verifies with it.
    Proven,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// To be known: a fixture, an example, a comment.
    Note,
    /// To be looked at.
    Warning,
    /// To be mended.
    Error,
}

impl Severity {
    /// The word for it, which SARIF's `level` takes too.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What surrounds a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Context {
    /// Code or configuration that runs.
    Live,
    /// A test, or a file of one.
    Test,
    /// A comment.
    Comment,
    /// Prose.
    Documentation,
    /// A file that declares itself a template.
    Template,
}

impl Context {
    /// Said in a report, after "in".
    pub(crate) const fn phrase(self) -> &'static str {
        match self {
            Self::Live => "live code",
            Self::Test => "a test",
            Self::Comment => "a comment",
            Self::Documentation => "documentation",
            Self::Template => "a template",
        }
    }
}

/// One thing that was found.
///
/// There is no way from a finding to its secret: what is shown is masked.
#[derive(Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// What surrounds it.
    pub context: Context,
    /// The file, relative to where the scan began, with `/`.
    pub path: String,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// Where in the excerpt it begins, in characters from 0.
    pub caret: usize,
    /// How many characters of the excerpt stand for the secret.
    pub width: usize,
    /// The line, its secrets masked.
    pub excerpt: String,
    /// What was found, in a sentence.
    pub message: String,
    /// What is known besides: what was proven, how the secret is read.
    pub facts: Vec<String>,
    /// What the secret is worth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// The finding's identity: the same secret under the same rule, wherever it moves to.
    pub fingerprint: String,
    /// How the file is read.
    pub kind: &'static str,
    /// The commit in which a scan of the history met it first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The keys it stands for; kept here for the proof alone.
    #[serde(skip)]
    pub(crate) keys: Vec<Secret>,
    /// The names by which other files may use it.
    #[serde(skip)]
    pub(crate) names: Vec<String>,
    /// The secret as it is written; kept here until it is judged.
    #[serde(skip)]
    pub(crate) written: Secret,
    /// The secret's bytes in its line.
    #[serde(skip)]
    pub(crate) span: (usize, usize),
    #[serde(skip)]
    pub(crate) own_rule: &'static Rule,
}

impl core::fmt::Debug for Finding {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}:{}:{} {} {:?}", self.path, self.line, self.column, self.rule, self.severity)
    }
}

/// The identity of `secret` under `rule`: a keyed hash, so that the key makes one list of identities
/// useless beside another.
pub(crate) fn fingerprint(key: &[u8], rule: &str, secret: &[u8]) -> String {
    let mut input = Vec::with_capacity(key.len() + rule.len() + secret.len() + 2);
    for part in [key, rule.as_bytes(), secret] {
        input.extend(part.len().to_be_bytes());
        input.extend(part);
    }
    let input = Secret::new(input);
    let digest = digest::sha256(input.expose());
    digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}
