//! What the tests write, and what surrounds the targets.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use keytide_jose::{Algorithm, Secret};
use keytide_ring::{Delivered, Delivery, Epoch, Material};
use keytide_sync::{
    Content, Document, Drift, Names, Outcome, Round, Span, Surroundings, Target, TargetSpec,
};
use serde_json::Value;
use tokio::runtime::Runtime;

/// Stands in every secret of the tests, so that no message may hold it.
pub(crate) const MARK: &str = "s3cr3t";

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());

/// Waits for what is async.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.block_on(future)
}

/// What a provider's own library reads, by a script of `tests/sync`; `None`, with a word on the console,
/// without its interpreter.
pub(crate) fn read_by_library(script: &str, args: &[&str], ca: &Path) -> Option<Value> {
    let Some(python) = std::env::var_os("KEYTIDE_TEST_PYTHON") else {
        println!("skipped {script}: KEYTIDE_TEST_PYTHON is not set");
        return None;
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sync").join(script);
    // Apart from its folder, where a server would be taken for the library of its name.
    let mut reader = Command::new(python);
    let read = reader.arg("-I").arg(path).args(args).arg(ca).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    Some(serde_json::from_slice(&read.stdout).unwrap())
}

/// The secret of a key; `k7` is the one that signs at epoch 7.
pub(crate) fn secret_of(kid: &str) -> String {
    format!("{MARK}-of-{kid}-which-is-long-enough-to-sign")
}

fn key(kid: &str) -> Delivered {
    let text = secret_of(kid);
    Delivered {
        kid: kid.parse().unwrap(),
        algorithm: Algorithm::HS256,
        published_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        material: Material::Secret(Secret::new(text.into_bytes())),
    }
}

/// The set of an epoch: every third has no previous key, so that a name comes and goes.
pub(crate) fn document_of(ring: &str, epoch: u64) -> Document {
    document_named(ring, epoch, &Names::default())
}

pub(crate) fn document_named(ring: &str, epoch: u64, names: &Names) -> Document {
    let delivery = Delivery {
        ring: ring.parse().unwrap(),
        epoch: Epoch::new(epoch),
        algorithm: Algorithm::HS256,
        active: key(&format!("k{epoch}")),
        next: key(&format!("k{}", epoch + 1)),
        previous: if epoch.is_multiple_of(3) {
            vec![]
        } else {
            vec![key(&format!("k{}", epoch.wrapping_sub(1)))]
        },
        to: None,
    };
    Document::of(&delivery, names).unwrap()
}

pub(crate) fn document(epoch: u64) -> Document {
    document_of("billing.production", epoch)
}

pub(crate) fn texts(document: &Document) -> BTreeMap<String, String> {
    let text = |text: Secret| String::from_utf8(text.expose().to_vec()).unwrap();
    document.texts().into_iter().map(|(name, secret)| (name.to_owned(), text(secret))).collect()
}

/// A round that mends and adopts nothing.
pub(crate) fn round(document: &Document) -> Round<'_> {
    Round { document, drift: Drift::Mend, may_adopt: false, no_write_for: Span::ZERO }
}

pub(crate) fn converge(target: &dyn Target, document: &Document) -> Outcome {
    run(keytide_sync::converge(target, round(document)))
}

/// The epoch that a place holds a whole copy of.
pub(crate) fn holds(target: &dyn Target) -> Option<u64> {
    match run(target.read()).unwrap()?.content {
        Content::Ours(document) => Some(document.epoch().get()),
        Content::Foreign { .. } => None,
    }
}

/// An environment of its own, the files of this host, and a clock that is turned by hand.
#[derive(Default)]
pub(crate) struct Around {
    pub(crate) variables: Mutex<BTreeMap<String, String>>,
    pub(crate) elapsed: Mutex<Duration>,
    /// Files that stand elsewhere than where they are looked for.
    pub(crate) moved: Mutex<BTreeMap<PathBuf, PathBuf>>,
}

impl Around {
    pub(crate) fn with(variables: &[(&str, &str)]) -> Arc<Self> {
        let variables = variables.iter().map(|(name, text)| ((*name).into(), (*text).into()));
        Arc::new(Self { variables: Mutex::new(variables.collect()), ..Self::default() })
    }
}

impl Surroundings for Around {
    fn variable(&self, name: &str) -> Option<Secret> {
        let text = self.variables.lock().unwrap().get(name).cloned();
        text.map(|text| Secret::new(text.into_bytes()))
    }

    fn file(&self, path: &Path) -> std::io::Result<Secret> {
        let moved = self.moved.lock().unwrap().get(path).cloned();
        std::fs::read(moved.as_deref().unwrap_or(path)).map(Secret::new)
    }

    fn monotonic(&self) -> Duration {
        *self.elapsed.lock().unwrap()
    }
}

pub(crate) fn open(spec: &serde_json::Value, around: &Arc<Around>) -> Box<dyn Target> {
    let around: Arc<dyn Surroundings> = Arc::<Around>::clone(around);
    TargetSpec::read(spec.to_string().as_bytes()).unwrap().open(&around).unwrap()
}
