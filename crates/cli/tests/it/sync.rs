//! Copies of a ring in real files, kept by a real server: when a switch counts, and what happens to a copy.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::{Program, Ran};
use crate::server_process::ServerProcess;

const RING: &str = "shop.test";
/// Reached only when what is waited for never comes.
const LONGEST_WAIT: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(50);

/// A server with a symmetric ring that could switch within seconds, and a folder for copies.
struct Scene {
    server: ServerProcess,
    program: Program,
}

impl Scene {
    fn start() -> Self {
        let server = ServerProcess::start();
        let policy = json!({
            "name": RING, "algorithm": "HS256", "rotate_every": "1h", "token_ttl": "4s",
            "propagation": "4s", "max_age": "1s", "clock_error": "100ms", "signer_lag": "3s",
            "leeway": "0s",
        });
        server.post("/v1/rings", &policy);
        let program = Program::new();
        fs::create_dir(program.path("copies")).unwrap();
        Self { server, program }
    }

    fn run(&self, args: &[&str]) -> Ran {
        let url = format!("http://{}", self.server.address());
        let token = self.server.operator_token();
        let env = [("KEYTIDE_SERVER", url.as_str()), ("KEYTIDE_TOKEN", token)];
        self.program.run_with(args, b"", &env)
    }

    fn done(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.exit, 0, "{args:?}: {}", ran.stderr);
        String::from_utf8(ran.stdout).unwrap()
    }

    /// On the machine of the server itself: over the network no file may be named.
    fn here(&self, args: &[&str]) -> Ran {
        let store = self.server.store();
        self.program.run(&[args, &["--store", store.to_str().unwrap()]].concat())
    }

    fn copy(&self) -> PathBuf {
        self.program.path("copies").join("shop.env")
    }

    fn add(&self, more: &[&str]) {
        let copy = self.copy();
        let add = ["sync", "target", "add", "local", "--ring", RING, "--file"];
        let ran = self.here(&[&add[..], &[copy.to_str().unwrap()], more].concat());
        assert_eq!(ran.exit, 0, "{}", ran.stderr);
    }

    /// The target as `sync status` knows it.
    fn status(&self) -> Value {
        let ran = self.run(&["sync", "status", "--ring", RING, "--json"]);
        let all: Value = serde_json::from_slice(&ran.stdout).unwrap();
        let is_current = all["targets"][0]["current"] == true;
        assert_eq!(ran.exit, i32::from(!is_current), "{}", ran.stderr);
        all["targets"][0].clone()
    }

    /// Waits until `seen` gives something.
    fn until<T>(&self, what: &str, seen: impl Fn(&Self) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = seen(self) {
                return found;
            }
            assert!(start.elapsed() < LONGEST_WAIT, "{what} never came: {}", self.status());
            std::thread::sleep(PAUSE);
        }
    }

    fn until_current(&self) -> Value {
        self.until("convergence", |scene| {
            let status = scene.status();
            (status["current"] == true
                && status["standing"]["acknowledged"] == status["ring_epoch"])
                .then_some(status)
        })
    }

    fn until_switched(&self) -> Value {
        let rotate = format!("/v1/rings/{RING}/rotate");
        self.until("the switch", |scene| {
            let answer = scene.server.request("POST", &rotate, "{}");
            (answer.status == 200).then_some(answer.body)
        })
    }

    fn active(&self) -> String {
        let keys = self.server.request("GET", &format!("/v1/rings/{RING}"), "").body;
        let active = keys["keys"].as_array().unwrap().iter().find(|key| key["state"] == "active");
        active.unwrap()["kid"].as_str().unwrap().to_owned()
    }

    fn audited(&self, action: &str) -> Vec<Value> {
        let all = self.server.request("GET", "/v1/audit?limit=1000", "").body;
        let records = all["records"].as_array().unwrap().clone();
        records.into_iter().filter(|record| record["action"] == action).collect()
    }
}

/// The lines of a dotenv file.
fn lines(path: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let pair = |line: &str| line.split_once('=').map(|(name, value)| (name.into(), value.into()));
    text.lines().filter_map(pair).collect()
}

/// The key that signs, as the copy says.
fn active_in(copy: &Path) -> Option<String> {
    let keys = lines(copy).remove("JWT_KEYS")?;
    let keys = keys.trim_matches('\'').replace("\\\"", "\"");
    let set: Value = serde_json::from_str(keys.trim_matches('"')).ok()?;
    set["active"].as_str().map(str::to_owned)
}

#[test]
fn a_ring_does_not_switch_while_its_copy_cannot_be_written_and_switches_once_it_was() {
    let scene = Scene::start();
    let folder = scene.program.path("copies");
    fs::remove_dir(&folder).unwrap();
    scene.add(&[]);
    let rotate = format!("/v1/rings/{RING}/rotate");
    let refused = scene.until("the refusal", |scene| {
        let refused = scene.server.request("POST", &rotate, "{}").body;
        (refused["code"] == "not_acknowledged").then_some(refused)
    });
    assert!(refused["detail"].as_str().unwrap().contains("target `local`"), "{refused}");
    let explained = scene.done(&["ring", "explain", RING]);
    assert!(explained.contains("target `local` holds no copy yet"), "{explained}");
    let failed = scene.until("a failure", |scene| {
        let status = scene.status();
        (status["standing"]["failures"].as_u64() > Some(0)).then_some(status)
    });
    assert_eq!(failed["current"], false);

    fs::create_dir(&folder).unwrap();
    let pushed = scene.done(&["sync", "push", "--ring", RING]);
    assert!(pushed.contains("holds epoch"), "{pushed}");
    let before = scene.active();
    scene.until_switched();
    assert_ne!(scene.active(), before);
    scene.until_current();
    assert_eq!(active_in(&scene.copy()), Some(scene.active()));
}

#[test]
fn a_copy_that_somebody_changed_is_mended_or_left_as_its_policy_says_and_both_are_told() {
    let scene = Scene::start();
    fs::write(scene.copy(), "# mine\nPORT=80\n").unwrap();
    scene.add(&[]);
    scene.until_current();
    let whole = fs::read_to_string(scene.copy()).unwrap();
    assert!(whole.starts_with("# mine\nPORT=80\n"), "{whole}");

    let secret = lines(&scene.copy())["JWT_SECRET"].clone();
    fs::write(scene.copy(), whole.replace(&secret, "somebody-elses")).unwrap();
    scene.until("the mending", |scene| {
        (fs::read_to_string(scene.copy()).unwrap() == whole).then_some(())
    });
    scene.until("the record", |scene| {
        let told = scene.audited("target_drift");
        (told.len() == 1 && told[0]["detail"]["mended"] == "true").then_some(())
    });

    scene.add(&["--replace", "--on-drift", "report", "--adopt"]);
    scene.until_current();
    let whole = fs::read_to_string(scene.copy()).unwrap();
    fs::write(scene.copy(), whole.replace(&secret, "somebody-elses")).unwrap();
    let status = scene.until("the report", |scene| {
        let status = scene.status();
        (status["current"] == false && status["standing"]["drift"]["mended"] == false)
            .then_some(status)
    });
    assert!(status["standing"]["converged"].is_null(), "{status}");
    assert!(fs::read_to_string(scene.copy()).unwrap().contains("somebody-elses"));
    assert!(scene.audited("target_drift").iter().any(|told| told["detail"]["mended"] == "false"));
    scene.done(&["sync", "push", "--ring", RING, "--target", "local"]);
    assert!(!fs::read_to_string(scene.copy()).unwrap().contains("somebody-elses"));
}

#[test]
fn a_copy_that_was_lost_is_written_again() {
    let scene = Scene::start();
    scene.add(&[]);
    scene.until_current();
    fs::remove_file(scene.copy()).unwrap();
    scene.until("the copy", |scene| active_in(&scene.copy()));
    scene.until("the record", |scene| (!scene.audited("target_drift").is_empty()).then_some(()));
}

#[test]
fn a_newer_copy_than_an_older_database_has_is_told_and_left_alone() {
    let mut scene = Scene::start();
    scene.add(&[]);
    scene.until_current();
    let older = tempfile::tempdir().unwrap();
    scene.server.restart_after(|store| copy_files(store, older.path()));
    scene.until_switched();
    scene.until_current();
    let newer = fs::read_to_string(scene.copy()).unwrap();
    // With its anchor: nothing beside the copies knows better.
    scene.server.restart_after(|store| copy_files(older.path(), store));
    let status = scene.until("the report", |scene| {
        let status = scene.status();
        (status["standing"]["attempts"][0]["result"] == "copy_is_newer").then_some(status)
    });
    assert_eq!(status["current"], false);
    assert_eq!(fs::read_to_string(scene.copy()).unwrap(), newer);
    let told = scene.run(&["sync", "push", "--ring", RING]);
    assert!(told.exit == 3 && told.stderr.contains("copy_is_newer"), "{}", told.stderr);
    assert_eq!(fs::read_to_string(scene.copy()).unwrap(), newer);
}

#[test]
fn a_server_that_is_killed_amid_pushes_leaves_a_whole_copy() {
    let mut scene = Scene::start();
    scene.add(&["--form", "json"]);
    scene.until_current();
    let force = json!({"force": true, "reason": "the test's"});
    for round in 0..8_u64 {
        scene.server.post(&format!("/v1/rings/{RING}/rotate"), &force);
        // At another moment of the push each time.
        std::thread::sleep(Duration::from_millis(7 * round));
        scene.server.stop();
        let whole: Value = serde_json::from_slice(&fs::read(scene.copy()).unwrap()).unwrap();
        let keys: Value = serde_json::from_str(whole["JWT_KEYS"].as_str().unwrap()).unwrap();
        assert_eq!(keys["epoch"].to_string(), whole["KEYTIDE_EPOCH"].as_str().unwrap());
        scene.server.start_again();
    }
    // Whoever died amid a round is waited for no longer than a round may take.
    scene.until_current();
}

#[test]
fn over_the_network_no_file_of_the_server_is_written_and_no_variable_of_it_sent() {
    let scene = Scene::start();
    let copy = scene.copy();
    let add = ["sync", "target", "add", "local", "--ring", RING, "--file", copy.to_str().unwrap()];
    let refused = scene.run(&add);
    assert!(refused.exit == 2 && refused.stderr.contains("--sync-files"), "{}", refused.stderr);
    assert!(!copy.exists() && scene.audited("target_add").is_empty());
}

#[test]
fn over_the_network_the_servers_own_standing_is_for_those_who_speak_for_all_rings() {
    let scene = Scene::start();
    let master = scene.server.store().join("master.key");
    let settings = scene.program.path("settings.json");
    let create = ["access", "create", "--subject", "clerk", "--permissions", "admin,read-keys"];
    let clerk = scene.done(&[&create[..], &["--rings", RING]].concat());
    let url = format!("http://{}", scene.server.address());
    let add = |token: &str, wanted: &Value| {
        fs::write(&settings, wanted.to_string()).unwrap();
        let settings = settings.to_str().unwrap();
        let add = ["sync", "target", "add", "there", "--ring", RING, "--settings", settings];
        let env = [("KEYTIDE_SERVER", url.as_str()), ("KEYTIDE_TOKEN", token.trim())];
        scene.program.run_with(&add, b"", &env)
    };
    let vault = |token: Value| {
        json!({"kind": "vault", "address": "https://127.0.0.1:9", "path": "p",
            "auth": {"method": "token", "token": token}})
    };
    let federation = json!({"type": "external_account", "audience": "a", "token_url": url,
        "subject_token_type": "t", "credential_source": {"file": master}});
    let google = json!({"kind": "gcp", "project": "p", "secret": "s",
        "credentials": {"sealed": federation.to_string()}});
    for wanted in [vault(json!({"file": master})), google] {
        for token in [clerk.as_str(), scene.server.operator_token()] {
            let refused = add(token, &wanted);
            assert!(
                refused.exit == 2 && refused.stderr.contains("bad_target"),
                "{}",
                refused.stderr
            );
        }
    }
    let wanted = vault(json!({"env": "KEYTIDE_TARGET_VAULT"}));
    let refused = add(&clerk, &wanted);
    assert!(refused.stderr.contains("for all rings"), "{}", refused.stderr);
    assert!(scene.audited("target_add").is_empty());
    assert_eq!(add(scene.server.operator_token(), &wanted).exit, 0);
}

#[test]
fn a_target_is_added_once_tried_listed_and_removed_with_or_without_its_copy() {
    let scene = Scene::start();
    scene.add(&["--name-secret", "SESSION_KEY"]);
    let copy = scene.copy();
    let add = ["sync", "target", "add", "local", "--ring", RING, "--file", copy.to_str().unwrap()];
    let again = scene.here(&add);
    assert!(again.exit == 1 && again.stderr.contains("target_exists"), "{}", again.stderr);
    scene.until_current();
    assert!(lines(&copy).contains_key("SESSION_KEY"));
    let secret = lines(&copy)["SESSION_KEY"].clone();
    let tested = scene.done(&["sync", "target", "test", "local", "--ring", RING]);
    assert!(tested.contains("it holds a copy of ring shop.test"), "{tested}");
    let listed = scene.done(&["sync", "target", "list", "--ring", RING, "--json"]);
    assert!(listed.contains("\"file\"") && !listed.contains(&secret));
    scene.done(&["sync", "target", "remove", "local", "--ring", RING, "--delete-copy"]);
    assert!(!copy.exists());
    let gone = scene.run(&["sync", "target", "remove", "local", "--ring", RING]);
    assert!(gone.exit == 2 && gone.stderr.contains("target_not_found"), "{}", gone.stderr);
    scene.until_switched();
}

/// A store of its own with a ring, a target that can be written and one that cannot.
fn pushed_by_hand() -> Program {
    let program = Program::new();
    program.done(&["ring", "create", RING, "--alg", "HS256"]);
    for (name, file) in [("bad", "missing/shop.env"), ("good", "shop.env")] {
        program.done(&["sync", "target", "add", name, "--ring", RING, "--file", file]);
    }
    program
}

#[test]
fn a_push_tells_of_each_target_as_json_also_of_one_that_failed() {
    let program = pushed_by_hand();
    let pushed = program.run(&["sync", "push", "--json"]);
    assert_eq!(pushed.exit, 3, "{}", pushed.stderr);
    let told: Value = serde_json::from_slice(&pushed.stdout).unwrap();
    assert_eq!(told["targets"].as_array().unwrap().len(), 2, "{told}");
    assert_eq!(
        (&told["targets"][0]["name"], &told["targets"][1]["name"]),
        (&json!("bad"), &json!("good"))
    );
    assert_eq!(told["targets"][0]["error"]["code"], "target_refused");
    assert!(told["targets"][1]["error"].is_null() && told["targets"][1]["standing"].is_object());
    assert_eq!(pushed.stderr.lines().count(), 1, "{}", pushed.stderr);
    assert_eq!(pushed.error()["code"], "target_refused");
}

#[test]
fn a_push_to_one_target_names_it_as_a_test_of_it_does() {
    let program = pushed_by_hand();
    program.done(&["sync", "push", "good", "--ring", RING]);
    program.done(&["sync", "push", "--target", "good", "--ring", RING]);
    assert_eq!(program.run(&["sync", "push", "good"]).exit, 2, "of which ring is not said");
    let both = ["sync", "push", "good", "--target", "bad", "--ring", RING];
    assert_eq!(program.run(&both).exit, 2);
}

#[test]
fn pushes_of_many_processes_into_one_folder_all_arrive() {
    let program = pushed_by_hand();
    let names: Vec<String> = (0..8).map(|nth| format!("t{nth}")).collect();
    for name in &names {
        program.done(&[
            "sync",
            "target",
            "add",
            name,
            "--ring",
            RING,
            "--file",
            &format!("{name}.env"),
        ]);
    }
    std::thread::scope(|scope| {
        for name in &names {
            scope.spawn(|| program.done(&["sync", "push", name, "--ring", RING]));
        }
    });
}

#[test]
fn another_place_for_a_target_tells_of_the_copy_that_stays() {
    let program = pushed_by_hand();
    let add = ["sync", "target", "add", "good", "--ring", RING, "--replace", "--file"];
    let same = program.run(&[&add[..], &["shop.env", "--hold", "1m"]].concat());
    assert!(same.exit == 0 && !same.stderr.contains("stays"), "{}", same.stderr);
    let other = program.run(&[&add[..], &["other.env"]].concat());
    assert!(other.exit == 0 && other.stderr.contains("stays where it was"), "{}", other.stderr);
    assert!(other.stderr.contains("/shop.env"), "{}", other.stderr);
}

#[test]
fn settings_that_are_no_json_are_told_how_they_are_given() {
    let program = pushed_by_hand();
    program.file("settings.json", "{");
    let add =
        ["sync", "target", "add", "x", "--ring", RING, "--settings", "settings.json", "--json"];
    let refused = program.run(&add);
    assert_eq!((refused.exit, refused.error()["code"].as_str()), (2, Some("bad_json")));
    let hint = refused.error()["hint"].as_str().unwrap().to_owned();
    assert!(hint.contains("name the file") && !hint.contains('@'), "{hint}");
}

#[test]
fn a_file_that_keytide_did_not_write_is_not_deleted_with_its_target() {
    let scene = Scene::start();
    let copy = scene.copy();
    fs::create_dir_all(copy.parent().unwrap()).unwrap();
    let theirs = "JWT_SECRET=legacy\nTHEIRS=1\n";
    fs::write(&copy, theirs).unwrap();
    scene.add(&[]);
    let remove = ["sync", "target", "remove", "local", "--ring", RING, "--delete-copy"];
    let refused = scene.run(&remove);
    assert!(refused.exit == 1 && refused.stderr.contains("place_taken"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(&copy).unwrap(), theirs);
    scene.done(&remove[..remove.len() - 1]);
    assert_eq!(fs::read_to_string(&copy).unwrap(), theirs);
}

#[test]
fn nobody_with_a_token_speaks_for_a_copy() {
    let scene = Scene::start();
    fs::remove_dir(scene.program.path("copies")).unwrap();
    scene.add(&[]);
    let said = json!({"consumer": "sync/local", "instance": "copy", "epoch": 1}).to_string();
    let answer = scene.server.request("POST", &format!("/v1/rings/{RING}/acknowledge"), &said);
    assert_eq!(answer.body["code"], "bad_check_in");
    let consumer = format!("/v1/rings/{RING}/consumers/sync%2Flocal");
    assert_eq!(scene.server.request("DELETE", &consumer, "").body["code"], "bad_consumer");
    // The way out is an operator's word.
    let assume = ["ring", "consumer", "assume-restarted", RING, "sync/local", "--reason", "a test"];
    scene.done(&assume);
    scene.until_switched();
}

#[test]
fn a_credential_is_shown_nowhere_and_rests_sealed() {
    const MARKER: &str = "marker-credential-that-nobody-may-see";
    let scene = Scene::start();
    let settings = json!({
        "kind": "vault", "address": "https://127.0.0.1:1", "path": "shop/jwt",
        "auth": {"method": "token", "token": {"sealed": MARKER}},
    });
    let file = scene.program.file("vault.json", settings.to_string());
    let add = ["sync", "target", "add", "vault", "--ring", RING, "--settings", &file];
    let mut said = scene.done(&add);
    scene.until("an attempt", |scene| {
        (scene.status()["standing"]["failures"].as_u64() > Some(0)).then_some(())
    });
    for args in [
        &["sync", "target", "list", "--ring", RING][..],
        &["sync", "target", "test", "vault", "--ring", RING],
        &["sync", "push", "--ring", RING],
        &["sync", "status", "--json"],
        &["ring", "show", RING],
        &["audit", "tail"],
    ] {
        let ran = scene.run(args);
        said += &format!("{}{}", ran.text(), ran.stderr);
    }
    assert!(said.contains("127.0.0.1:1") && !said.contains(MARKER), "{said}");
    for file in fs::read_dir(scene.server.store()).unwrap() {
        let content = fs::read(file.unwrap().path()).unwrap_or_default();
        assert!(!content.windows(MARKER.len()).any(|part| part == MARKER.as_bytes()));
    }
}

fn copy_files(from: &Path, to: &Path) {
    for stale in fs::read_dir(to).unwrap() {
        let stale = stale.unwrap().path();
        if stale.is_file() {
            fs::remove_file(stale).unwrap();
        }
    }
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        if file.path().is_file() {
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
}
