//! Repositories: the index rather than the work tree, each blob of a history once, what came after a revision.

use std::path::Path;
use std::process::Command;

use keytide_scan::{Options, Progress, Report, What, scan};
use tempfile::TempDir;

struct Repository(TempDir);

impl Repository {
    fn new() -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    fn git(&self, args: &[&str]) -> String {
        let mut command = Command::new("git");
        command.current_dir(self.0.path()).args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b.example",
        ]);
        let output = command.args(args).output().unwrap();
        assert!(
            output.status.success(),
            "git {args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn commit(&self, name: &str, text: &str) -> String {
        self.write(name, text);
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--message", name]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn scan(&self, what: What) -> Report {
        scan(&Options::new(what, self.0.path().into(), 0), &Progress::default()).unwrap()
    }
}

fn env(secret: &str) -> String {
    format!("JWT_SECRET={secret}\n")
}

fn places(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|found| found.path.as_str()).collect()
}

#[test]
fn a_staged_scan_reads_the_index_and_not_the_work_tree() {
    let repository = Repository::new();
    repository.commit("old/.env", &env("zebra-crossing-40"));
    repository.write("new/.env", &env("zebra-crossing-41"));
    repository.git(&["add", "."]);
    repository.write("new/.env", "JWT_SECRET=\n");
    repository.write("later/.env", &env("zebra-crossing-42"));
    assert_eq!(places(&repository.scan(What::Staged)), ["new/.env"]);
}

#[test]
fn before_the_first_commit_everything_staged_is_new() {
    let repository = Repository::new();
    repository.write(".env", &env("zebra-crossing-41"));
    repository.git(&["add", "."]);
    assert_eq!(places(&repository.scan(What::Staged)), [".env"]);
}

#[test]
fn a_history_gives_up_what_was_deleted_each_blob_once_with_its_newest_commit() {
    let repository = Repository::new();
    repository.commit("a/.env", &env("zebra-crossing-41"));
    let last = repository.commit("b.txt", "nothing");
    repository.git(&["rm", "--quiet", "a/.env"]);
    repository.git(&["commit", "--quiet", "--message", "gone"]);
    repository.commit("c.txt", "nothing"); // The blob is known already.
    let report = repository.scan(What::History);
    assert_eq!(places(&report), ["a/.env"]);
    assert_eq!(report.findings[0].commit.as_deref(), Some(&last[..12]));
    assert_eq!(report.files, 2, "two different blobs");
    assert!(places(&repository.scan(What::Tree(vec![repository.0.path().into()]))).is_empty());
}

#[test]
fn branches_and_tags_belong_to_the_history() {
    let repository = Repository::new();
    repository.commit("a.txt", "a");
    repository.git(&["switch", "--quiet", "--create", "side"]);
    repository.commit("side/.env", &env("zebra-crossing-41"));
    repository.git(&["tag", "--annotate", "--message", "t", "v1"]);
    repository.git(&["switch", "--quiet", "main"]);
    repository.git(&["branch", "--quiet", "--delete", "--force", "side"]);
    assert_eq!(places(&repository.scan(What::History)), ["side/.env"]);
}

#[test]
fn since_a_revision_only_what_came_after_counts() {
    let repository = Repository::new();
    let first = repository.commit("a/.env", &env("zebra-crossing-41"));
    repository.commit("b/.env", &env("zebra-crossing-42"));
    assert_eq!(places(&repository.scan(What::Since(first))), ["b/.env"]);
    let options = Options::new(What::Since("no-such-rev".into()), repository.0.path().into(), 0);
    assert_eq!(scan(&options, &Progress::default()).unwrap_err().code(), "scan_git");
}

#[test]
fn where_there_is_no_repository_it_is_said() {
    let options = Options::new(What::History, Path::new("/proc/self").into(), 0);
    assert_eq!(scan(&options, &Progress::default()).unwrap_err().code(), "scan_git");
}

#[test]
fn what_is_ignored_is_not_read_and_a_stopped_scan_reports_nothing() {
    let repository = Repository::new();
    repository.write(".gitignore", ".env\n");
    repository.write(".keytideignore", "fixed/\n");
    repository.write(".env", &env("zebra-crossing-41"));
    repository.write("fixed/x.env", &env("zebra-crossing-42"));
    repository.write("live/x.env", &env("zebra-crossing-43"));
    let what = What::Tree(vec![repository.0.path().into()]);
    assert_eq!(places(&repository.scan(what.clone())), ["live/x.env"]);
    let progress = Progress::default();
    progress.cancelled.store(true, std::sync::atomic::Ordering::Relaxed);
    let options = Options::new(what, repository.0.path().into(), 0);
    assert_eq!(scan(&options, &progress).unwrap_err().code(), "scan_cancelled");
}
