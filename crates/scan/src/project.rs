//! A whole scan: texts from a tree or a history, on all cores, then what only the whole can tell.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde::Serialize;

use crate::allow::Allowances;
use crate::baseline::Baseline;
use crate::error::Error;
use crate::file::{self, Seen, Settings};
use crate::finding::{Confidence, Finding, Severity};
use crate::proof::{self, KnownSecret};
use crate::{history, walk};

/// Which texts are scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// The files below these paths, as they are.
    Tree(Vec<PathBuf>),
    /// What is staged, as it would be committed.
    Staged,
    /// Every blob of every commit that any reference leads to.
    History,
    /// The blobs that commits after this revision brought.
    Since(String),
}

/// What a scan is given.
#[non_exhaustive]
pub struct Options {
    /// Which texts.
    pub what: What,
    /// Where paths are relative to.
    pub root: PathBuf,
    /// Read what `.gitignore` names too.
    pub no_ignore: bool,
    /// The project's decisions.
    pub allowances: Allowances,
    /// What was there before.
    pub baseline: Option<Baseline>,
    /// Further secrets to try tokens with.
    pub secrets: Vec<KnownSecret>,
    /// Unix seconds.
    pub now: i64,
}

impl Options {
    /// Of these texts, with nothing further.
    #[must_use]
    pub fn new(what: What, root: PathBuf, now: i64) -> Self {
        let (allowances, baseline, secrets) = (Allowances::default(), None, Vec::new());
        Self { what, root, no_ignore: false, allowances, baseline, secrets, now }
    }
}

/// What a scan found, and how much it looked at.
#[derive(Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// By path and line.
    pub findings: Vec<Finding>,
    /// How many texts were looked at.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many findings a comment or a path's rule allows.
    pub allowed: usize,
    /// How many findings the baseline knows.
    pub known: usize,
    /// How many tokens have their secret.
    pub proven: usize,
    /// Files that could not be read, or not to their end.
    pub unread: Vec<String>,
}

impl Report {
    /// Whether anything is at least as bad as this.
    #[must_use]
    pub fn has(&self, least: Severity) -> bool {
        self.findings.iter().any(|finding| finding.severity >= least)
    }
}

/// How far a scan has come; shared with whoever shows it or stops it.
#[derive(Default)]
pub struct Progress {
    /// Texts looked at.
    pub done: AtomicU64,
    /// Texts there are, as far as is known.
    pub total: AtomicU64,
    /// Set to stop.
    pub cancelled: AtomicBool,
}

/// Scans.
///
/// # Errors
/// [`Error`]; where the scan is stopped there is no report, and no half of one.
pub fn scan(options: &Options, progress: &Progress) -> Result<Report, Error> {
    let key = options.baseline.as_ref().map(|baseline| baseline.key().to_vec()).unwrap_or_default();
    let collector = Collector {
        settings: Settings { fingerprint_key: key, now: options.now, ..Settings::default() },
        progress,
        all: Mutex::new(All::default()),
    };
    match &options.what {
        What::Tree(paths) => walk::run(paths, &options.root, options.no_ignore, &collector)?,
        What::Staged => history::staged(&options.root, &collector)?,
        What::History => history::run(&options.root, None, &collector)?,
        What::Since(revision) => history::run(&options.root, Some(revision), &collector)?,
    }
    if progress.cancelled.load(Ordering::Relaxed) {
        return Err(Error::Cancelled);
    }
    Ok(finish(collector, options))
}

/// Takes texts from whatever finds them.
pub(crate) struct Collector<'p> {
    settings: Settings,
    progress: &'p Progress,
    all: Mutex<All>,
}

#[derive(Default)]
struct All {
    seen: Seen,
    files: u64,
    bytes: u64,
    unread: Vec<String>,
}

/// What one thread has collected; it is handed in when the thread ends.
pub(crate) struct Share<'c, 'p> {
    collector: &'c Collector<'p>,
    own: All,
}

impl<'p> Collector<'p> {
    pub(crate) fn share(&self) -> Share<'_, 'p> {
        Share { collector: self, own: All::default() }
    }

    pub(crate) fn cancelled(&self) -> bool {
        self.progress.cancelled.load(Ordering::Relaxed)
    }

    pub(crate) fn expect(&self, texts: u64) {
        self.progress.total.fetch_add(texts, Ordering::Relaxed);
    }
}

impl Share<'_, '_> {
    /// Scans one text.
    pub(crate) fn text(&mut self, path: &str, bytes: &[u8], commit: Option<&str>) {
        self.own.files += 1;
        self.own.bytes += bytes.len() as u64;
        self.collector.progress.done.fetch_add(1, Ordering::Relaxed);
        let utf16 = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
        let kind = crate::text::language::of(Path::new(path));
        if !utf16 && !crate::anchors::worth_reading(bytes, kind) {
            return;
        }
        let mut seen = file::scan(path, bytes, &self.collector.settings);
        if let Some(commit) = commit {
            for finding in seen.findings.iter_mut().chain(&mut seen.pending) {
                finding.commit = Some(commit.to_owned());
            }
        }
        self.own.seen.add(seen);
    }

    pub(crate) fn unread(&mut self, path: &Path, why: &dyn core::fmt::Display) {
        self.own.unread.push(format!("{}: {why}", path.display()));
    }
}

impl Drop for Share<'_, '_> {
    fn drop(&mut self) {
        let own = std::mem::take(&mut self.own);
        // A thread that panicked has spoilt nothing that others wrote.
        let mut all = self.collector.all.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        all.seen.add(own.seen);
        all.files += own.files;
        all.bytes += own.bytes;
        all.unread.extend(own.unread);
    }
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.pending.extend(other.pending);
        self.tokens.extend(other.tokens);
        self.uses.extend(other.uses);
        self.allowed += other.allowed;
    }
}

/// One hop across files, proof, what the project decided, and an order that does not depend on threads.
fn finish(collector: Collector<'_>, options: &Options) -> Report {
    let Collector { settings, all, .. } = collector;
    let all = all.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let All { seen, files, bytes, mut unread } = all;
    let Seen { mut findings, pending, tokens, uses, mut allowed } = seen;
    for mut finding in pending {
        let used = |name: &String| uses.iter().any(|file| file.means(&finding, name));
        if finding.names.iter().any(used) {
            finding.confidence = Confidence::Medium;
            file::weigh(&mut finding, &settings);
            finding
                .facts
                .push("Another file gives a value of this name to a signing call.".to_owned());
            findings.push(finding);
        }
    }
    let proven = proof::prove(&mut findings, &tokens, &options.secrets);
    findings.sort_by(|a, b| {
        (&a.path, a.line, a.column, a.rule).cmp(&(&b.path, b.line, b.column, b.rule))
    });
    // The same secret in several versions of a file is one finding of a history.
    if findings.iter().any(|finding| finding.commit.is_some()) {
        let mut known = BTreeSet::new();
        findings
            .retain(|finding| known.insert((finding.fingerprint.clone(), finding.path.clone())));
    }
    let before = findings.len();
    findings.retain(|finding| !options.allowances.allow(&finding.path, finding.rule));
    allowed += before - findings.len();
    let before = findings.len();
    if let Some(baseline) = &options.baseline {
        findings.retain(|finding| !baseline.knows(finding));
    }
    let known = before - findings.len();
    unread.sort();
    Report { findings, files, bytes, allowed, known, proven, unread }
}
