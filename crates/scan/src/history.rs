//! The blobs of a repository: of its index, of all its commits, of those after one; each once.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use gix::index::entry::Mode;
use gix::objs::tree::EntryKind;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;
use gix::{ObjectId, Repository, ThreadSafeRepository};

use crate::error::Error;
use crate::project::Collector;

/// A blob with the newest path and commit that have it.
struct Blob {
    id: ObjectId,
    path: String,
    commit: Option<ObjectId>,
}

/// What is staged and is not in the last commit.
pub(crate) fn staged(root: &Path, collector: &Collector<'_>) -> Result<(), Error> {
    let repository = open(root)?;
    let mut committed: HashMap<Vec<u8>, ObjectId> = HashMap::new();
    // Before the first commit there is no tree, and everything staged is new.
    if let Ok(tree) = repository.head_tree() {
        let mut blobs = Vec::new();
        let mut trees = Trees { every_path: true, ..Trees::default() };
        trees.collect(&repository, tree.id, "", tree.id, &mut blobs)?;
        committed.extend(blobs.into_iter().map(|blob| (blob.path.into_bytes(), blob.id)));
    }
    let index = repository.open_index().map_err(|error| failed("the index", &error))?;
    let blobs = index
        .entries()
        .iter()
        .filter(|entry| matches!(entry.mode, Mode::FILE | Mode::FILE_EXECUTABLE))
        .filter(|entry| committed.get(entry.path(&index).as_ref() as &[u8]) != Some(&entry.id))
        .map(|entry| Blob { id: entry.id, path: entry.path(&index).to_string(), commit: None })
        .collect();
    read(&repository.into_sync(), blobs, collector)
}

/// Every blob that commits have brought, from the newest commit back; after `since` where it is given.
pub(crate) fn run(
    root: &Path,
    since: Option<&str>,
    collector: &Collector<'_>,
) -> Result<(), Error> {
    let mut repository = open(root)?;
    repository.object_cache_size_if_unset(CACHED_BYTES);
    let mut seen = Trees::default();
    let walk = match since {
        None => repository.rev_walk(tips(&repository)?),
        Some(revision) => {
            let named = |error: &dyn core::fmt::Display| {
                failed(&format!("the revision `{revision}`"), error)
            };
            let hidden = repository.rev_parse_single(revision).map_err(|error| named(&error))?;
            let commit = hidden
                .object()
                .map_err(|error| named(&error))?
                .peel_to_kind(gix::object::Kind::Commit)
                .map_err(|error| named(&error))?;
            let tree = repository
                .find_commit(commit.id)
                .and_then(|commit| commit.tree_id())
                .map_err(|error| named(&error))?;
            seen.mark(&repository, tree.detach())?;
            let head = repository.head_id().map_err(|error| failed("HEAD", &error))?;
            repository.rev_walk([head.detach()]).with_hidden([commit.id])
        }
    };
    let walk = walk
        .sorting(Sorting::ByCommitTime(CommitTimeOrder::NewestFirst))
        .all()
        .map_err(|error| failed("the history", &error))?;
    let mut blobs = Vec::new();
    for commit in walk {
        if collector.cancelled() {
            return Ok(());
        }
        let commit = commit.map_err(|error| failed("the history", &error))?;
        let id = commit.id;
        let tree = commit
            .object()
            .and_then(|commit| commit.tree_id())
            .map_err(|error| failed("a commit", &error))?;
        seen.collect(&repository, tree.detach(), "", id, &mut blobs)?;
    }
    read(&repository.into_sync(), blobs, collector)
}

/// Trees and blobs that were met: nothing is looked at twice.
#[derive(Default)]
struct Trees {
    trees: HashSet<ObjectId>,
    blobs: HashSet<ObjectId>,
    /// A blob counts under each of its names.
    every_path: bool,
}

impl Trees {
    fn mark(&mut self, repository: &Repository, tree: ObjectId) -> Result<(), Error> {
        self.collect(repository, tree, "", tree, &mut Vec::new())
    }

    fn collect(
        &mut self,
        repository: &Repository,
        tree: ObjectId,
        above: &str,
        commit: ObjectId,
        blobs: &mut Vec<Blob>,
    ) -> Result<(), Error> {
        // Deeper trees than people make are an attack on the stack.
        let new = self.trees.insert(tree) || self.every_path;
        if !new || above.matches('/').count() > DEEPEST {
            return Ok(());
        }
        let tree = repository.find_tree(tree).map_err(|error| failed("a tree", &error))?;
        for entry in tree.iter() {
            let entry = entry.map_err(|error| failed("a tree", &error))?;
            let id = entry.inner.oid.to_owned();
            match entry.inner.mode.kind() {
                EntryKind::Tree if self.every_path || !self.trees.contains(&id) => {
                    let path = format!("{above}{}/", entry.inner.filename);
                    self.collect(repository, id, &path, commit, blobs)?;
                }
                EntryKind::Blob | EntryKind::BlobExecutable
                    if self.blobs.insert(id) || self.every_path =>
                {
                    let path = format!("{above}{}", entry.inner.filename);
                    blobs.push(Blob { id, path, commit: Some(commit) });
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Reads the blobs on all cores.
fn read(
    repository: &ThreadSafeRepository,
    mut blobs: Vec<Blob>,
    collector: &Collector<'_>,
) -> Result<(), Error> {
    // In the order of their names a pack's neighbours, which are each other's bases, come together.
    blobs.sort_by(|a, b| a.path.cmp(&b.path));
    collector.expect(blobs.len() as u64);
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut local = repository.to_thread_local();
                local.object_cache_size_if_unset(CACHED_BYTES);
                let mut share = collector.share();
                while !collector.cancelled() {
                    let from = next.fetch_add(BATCH, Ordering::Relaxed);
                    let Some(batch) = blobs
                        .get(from..(from + BATCH).min(blobs.len()))
                        .filter(|batch| !batch.is_empty())
                    else {
                        break;
                    };
                    for blob in batch {
                        match local.find_object(blob.id) {
                            Ok(object) => {
                                if !crate::text::decode::is_binary(&object.data) {
                                    let commit =
                                        blob.commit.map(|id| id.to_hex_with_len(12).to_string());
                                    share.text(&blob.path, &object.data, commit.as_deref());
                                }
                            }
                            Err(error) => share.unread(Path::new(&blob.path), &error),
                        }
                    }
                }
            });
        }
    });
    Ok(())
}

/// Every reference's commit, and HEAD.
fn tips(repository: &Repository) -> Result<Vec<ObjectId>, Error> {
    let mut tips = Vec::new();
    if let Ok(head) = repository.head_id() {
        tips.push(head.detach());
    }
    let references = repository.references().map_err(|error| failed("the references", &error))?;
    let all = references.all().map_err(|error| failed("the references", &error))?;
    for mut reference in all.flatten() {
        let Ok(id) = reference.peel_to_id() else { continue };
        // A tag may name a tree or a blob.
        if repository.find_commit(id.detach()).is_ok() {
            tips.push(id.detach());
        }
    }
    tips.sort_unstable();
    tips.dedup();
    Ok(tips)
}

fn open(root: &Path) -> Result<Repository, Error> {
    gix::discover(root)
        .map_err(|error| failed(&format!("the repository of {}", root.display()), &error))
}

fn failed(what: &str, error: &dyn core::fmt::Display) -> Error {
    Error::Git(format!("{what} cannot be read: {error}"))
}

const CACHED_BYTES: usize = 32 << 20;
const BATCH: usize = 32;
const DEEPEST: usize = 200;
