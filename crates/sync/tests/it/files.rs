//! Copies in files: their modes, links, locks, and what else is in them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use keytide_sync::{Content, Outcome, Target};
use serde_json::json;

use crate::conformance::{Setting, promises};
use crate::scene::{Around, converge, document, holds, open, run, texts};

struct Files {
    folder: tempfile::TempDir,
    form: &'static str,
}

impl Files {
    fn new(form: &'static str) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), form }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("copy")
    }
}

impl Setting for Files {
    fn target(&self) -> Box<dyn Target> {
        open(&json!({"kind": "file", "path": self.path(), "form": self.form}), &Around::with(&[]))
    }

    fn edit(&self, name: &str, text: &str) {
        let path = self.path();
        match self.form {
            "folder" => {
                fs::create_dir_all(&path).unwrap();
                fs::write(path.join(name), text).unwrap();
            }
            "json" => {
                let old = fs::read(&path).unwrap_or(b"{}".to_vec());
                let mut old: BTreeMap<String, String> = serde_json::from_slice(&old).unwrap();
                old.insert(name.into(), text.into());
                fs::write(path, serde_json::to_vec(&old).unwrap()).unwrap();
            }
            _ => {
                let old = fs::read_to_string(&path).unwrap_or_default();
                let rest =
                    old.split_inclusive('\n').filter(|line| !line.starts_with(&format!("{name}=")));
                fs::write(path, format!("{}{name}=\"{text}\"\n", rest.collect::<String>()))
                    .unwrap();
            }
        }
    }

    fn has_others(&self) -> bool {
        self.form == "dotenv"
    }

    fn others(&self) -> String {
        let file = fs::read_to_string(self.path()).unwrap();
        file.split_inclusive('\n')
            .filter(|line| !line.starts_with("JWT_") && !line.starts_with("KEYTIDE_"))
            .collect()
    }

    fn fault(&self, _: Option<&str>) -> bool {
        false
    }
}

#[test]
fn files_of_every_form_keep_what_targets_promise() {
    for form in ["dotenv", "json", "folder"] {
        promises(&|| Some(Box::new(Files::new(form))));
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_copy_is_for_its_owner_alone_and_keeps_what_its_owner_gave_a_group() {
    for form in ["dotenv", "json"] {
        let files = Files::new(form);
        let target = files.target();
        assert!(converge(target.as_ref(), &document(1)).is_converged());
        assert_eq!(mode(&files.path()), 0o600);
        for (given, kept) in [(0o400, 0o400), (0o640, 0o640), (0o644, 0o640), (0o666, 0o660)] {
            fs::set_permissions(files.path(), fs::Permissions::from_mode(given)).unwrap();
            run(target.write(&document(2), Some(&run(target.read()).unwrap().unwrap().version)))
                .unwrap();
            assert_eq!(mode(&files.path()), kept, "{given:o}");
        }
        assert_eq!(fs::read_dir(files.folder.path()).unwrap().count(), 1, "nothing is left over");
    }
    let files = Files::new("folder");
    assert!(converge(files.target().as_ref(), &document(1)).is_converged());
    assert_eq!(mode(&files.path()), 0o700);
    assert_eq!(mode(&files.path().join("JWT_KEYS")), 0o600);
}

#[test]
fn a_link_is_not_followed_and_what_it_points_to_is_untouched() {
    for form in ["dotenv", "json", "folder"] {
        let files = Files::new(form);
        let elsewhere = files.folder.path().join("elsewhere");
        if form == "folder" {
            fs::create_dir(&elsewhere).unwrap();
        } else {
            fs::write(&elsewhere, "untouched").unwrap();
        }
        symlink(&elsewhere, files.path()).unwrap();
        for result in
            [run(files.target().read()).map(drop), run(files.target().write(&document(1), None))]
        {
            assert_eq!(result.unwrap_err().code(), "target_refused", "{form}");
        }
        assert!(fs::symlink_metadata(files.path()).unwrap().is_symlink());
        match fs::read_dir(&elsewhere) {
            Ok(inside) => assert_eq!(inside.count(), 0),
            Err(_) => assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "untouched"),
        }
    }
}

#[test]
fn a_file_that_is_replaced_is_another_file_so_that_a_reader_keeps_a_whole_one() {
    let files = Files::new("json");
    assert!(converge(files.target().as_ref(), &document(1)).is_converged());
    let (before, reader) =
        (fs::metadata(files.path()).unwrap().ino(), fs::File::open(files.path()).unwrap());
    assert!(converge(files.target().as_ref(), &document(2)).is_converged());
    assert_ne!(fs::metadata(files.path()).unwrap().ino(), before);
    let old = std::io::read_to_string(reader).unwrap();
    assert_eq!(
        serde_json::from_str::<BTreeMap<String, String>>(&old).unwrap(),
        texts(&document(1))
    );
}

#[test]
fn a_second_writer_is_kept_out_and_tries_again() {
    let files = Files::new("dotenv");
    let folder = fs::File::open(files.folder.path()).unwrap();
    folder.lock().unwrap();
    let outcome = converge(files.target().as_ref(), &document(1));
    let Outcome::Failed(error) = outcome else { panic!("{outcome:?}") };
    assert!(error.is_transient(), "{error}");
    assert!(!files.path().exists());
    drop(folder);
    assert!(converge(files.target().as_ref(), &document(1)).is_converged());
}

#[test]
fn what_a_writer_that_died_left_is_cleared_away() {
    for form in ["dotenv", "json", "folder"] {
        let files = Files::new(form);
        let digest = keytide_jose::digest::sha256(b"copy");
        let half: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let left = files.folder.path().join(format!(".keytide-{half}"));
        if form == "folder" {
            fs::create_dir(&left).unwrap();
            fs::write(left.join("JWT_SECRET"), "half").unwrap();
        } else {
            fs::write(&left, "half").unwrap();
        }
        assert!(converge(files.target().as_ref(), &document(1)).is_converged());
        assert!(!left.exists(), "{form}");
    }
}

#[test]
fn what_somebody_keeps_beside_a_copy_is_left_alone() {
    for form in ["dotenv", "json", "folder"] {
        let files = Files::new(form);
        let names = [".copy.keytide-new", "copy.keytide-new", "copy.new", ".copy", "copy~"];
        for name in names {
            fs::write(files.folder.path().join(name), "mine").unwrap();
        }
        assert!(converge(files.target().as_ref(), &document(1)).is_converged());
        assert!(converge(files.target().as_ref(), &document(2)).is_converged());
        run(files.target().delete()).unwrap();
        for name in names {
            assert_eq!(fs::read_to_string(files.folder.path().join(name)).unwrap(), "mine");
        }
    }
}

#[test]
fn writers_of_one_folder_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for nth in 0..8 {
            let path = folder.path().join(format!("copy{nth}"));
            scope.spawn(move || {
                let settings = json!({"kind": "file", "path": path, "form": "dotenv"});
                let target = open(&settings, &Around::with(&[]));
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                for epoch in 1..=5 {
                    let held = runtime.block_on(target.read()).unwrap();
                    let over = held.map(|held| held.version);
                    runtime.block_on(target.write(&document(epoch), over.as_ref())).unwrap();
                }
            });
        }
    });
}

#[test]
fn a_folder_that_holds_other_files_is_not_swapped() {
    let files = Files::new("folder");
    assert!(converge(files.target().as_ref(), &document(1)).is_converged());
    fs::write(files.path().join("notes"), "mine").unwrap();
    let version = run(files.target().read()).unwrap().unwrap().version;
    for result in
        [run(files.target().write(&document(2), Some(&version))), run(files.target().delete())]
    {
        assert_eq!(result.unwrap_err().code(), "place_taken");
    }
    assert_eq!(fs::read_to_string(files.path().join("notes")).unwrap(), "mine");
    fs::remove_file(files.path().join("notes")).unwrap();
    assert_eq!(holds(files.target().as_ref()), Some(1));
}

#[test]
fn a_copy_that_readers_of_its_file_do_not_all_find_is_not_converged() {
    let files = Files::new("dotenv");
    for line in ["OTHER=it's", "OTHER=foo\\", "OTHER=foo\"bar"] {
        fs::write(files.path(), format!("{line}\n")).unwrap();
        let Outcome::Failed(error) = converge(files.target().as_ref(), &document(1)) else {
            panic!("{line}")
        };
        assert_eq!(error.code(), "target_refused", "{line}");
        assert!(error.to_string().contains("line 1"), "{error}");
        assert_eq!(fs::read_to_string(files.path()).unwrap(), format!("{line}\n"));

        fs::write(files.path(), "OTHER='fine'\n").unwrap();
        assert!(converge(files.target().as_ref(), &document(1)).is_converged());
        let copy = fs::read_to_string(files.path()).unwrap();
        fs::write(files.path(), copy.replace("OTHER='fine'", line)).unwrap();
        assert_eq!(holds(files.target().as_ref()), None, "{line}");
        fs::remove_file(files.path()).unwrap();
    }
}

#[test]
fn a_shell_reads_the_texts_of_a_dotenv_file_as_they_are() {
    let files = Files::new("dotenv");
    assert!(converge(files.target().as_ref(), &document(2)).is_converged());
    for (name, text) in texts(&document(2)) {
        let script = format!(". '{}'; printf %s \"${name}\"", files.path().display());
        let shell = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8(shell.stdout).unwrap(), text, "{name}");
    }
}

/// Lines of up to so many parts, which readers take in different ways.
fn lines_of_parts(most: usize) -> Vec<String> {
    let parts = [
        "a",
        "'b'",
        "\"c\"",
        "'",
        "\"",
        " ",
        "#",
        "\\",
        "$d",
        "'e\\'",
        "\"f\\g\"",
        "\t# it's",
        "~",
        "\"${h}'\"",
        "'${i}'",
    ];
    let mut lines = vec![String::new()];
    let mut last = lines.clone();
    for _ in 0..most {
        let longer = |line: &String| parts.map(|part| format!("{line}{part}"));
        last = last.iter().flat_map(longer).collect();
        lines.extend(last.iter().cloned());
    }
    lines
}

/// What a shell finds under `name` in each of the files.
fn found_by_a_shell(files: &[PathBuf], name: &str) -> Vec<String> {
    let script = format!(
        "for file; do sh -c '. \"$1\"; printf %s \"${name}\"' sh \"$file\" 2>/dev/null; printf '\\0'; done"
    );
    let mut shell = std::process::Command::new("sh");
    let output = shell.args(["-c", &script, "sh"]).args(files).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let found: Vec<String> = text.split_terminator('\0').map(str::to_owned).collect();
    assert_eq!(found.len(), files.len());
    found
}

#[test]
fn what_is_taken_of_somebodys_line_is_what_a_shell_takes() {
    let folder = tempfile::tempdir().unwrap();
    let (mut taken, mut files) = (Vec::new(), Vec::new());
    for (nth, line) in lines_of_parts(3).into_iter().enumerate() {
        let path = folder.path().join(nth.to_string());
        fs::write(&path, format!("X=1\nJWT_SECRET={line}\n")).unwrap();
        let settings = json!({"kind": "file", "path": path, "form": "dotenv"});
        let held = run(open(&settings, &Around::with(&[])).read()).unwrap().unwrap();
        let Content::Foreign { mut texts, .. } = held.content else { panic!("{line}") };
        let Some(text) = texts.remove("JWT_SECRET") else { continue };
        // A blank after `=` is nothing that a shell reads in another way: it sets no variable at all.
        if line.starts_with([' ', '\t']) {
            continue;
        }
        taken.push((line, String::from_utf8(text.expose().to_vec()).unwrap()));
        files.push(path);
    }
    assert!(taken.len() > 20, "{taken:?}");
    for ((line, text), found) in taken.iter().zip(found_by_a_shell(&files, "JWT_SECRET")) {
        assert_eq!(*text, found, "{line}");
    }
}

#[test]
fn a_copy_that_is_written_below_somebodys_line_is_one_that_a_shell_finds() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (nth, line) in lines_of_parts(2).into_iter().enumerate() {
        let path = folder.path().join(nth.to_string());
        fs::write(&path, format!("X={line}\n")).unwrap();
        let settings = json!({"kind": "file", "path": path, "form": "dotenv"});
        match run(open(&settings, &Around::with(&[])).write(&document(1), None)) {
            Ok(()) => files.push((line, path)),
            Err(error) => assert_eq!(error.code(), "target_refused", "{line}"),
        }
    }
    assert!(files.len() > 20);
    let paths: Vec<PathBuf> = files.iter().map(|(_, path)| path.clone()).collect();
    let secret = &texts(&document(1))["JWT_SECRET"];
    for ((line, _), found) in files.iter().zip(found_by_a_shell(&paths, "JWT_SECRET")) {
        assert_eq!(found, *secret, "{line}");
    }
}

#[test]
fn a_folder_that_is_missing_and_a_folder_in_a_files_place_are_told() {
    let missing = json!({"kind": "file", "path": "/nonexistent/keytide/copy", "form": "json"});
    let target = open(&missing, &Around::with(&[]));
    assert_eq!(run(target.read()).err().unwrap().code(), "target_refused");
    let files = Files::new("json");
    fs::create_dir(files.path()).unwrap();
    assert_eq!(run(files.target().read()).err().unwrap().code(), "target_refused");
}
