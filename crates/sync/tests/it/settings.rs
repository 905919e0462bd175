//! Settings: what is accepted, what is refused and in which words, and that no credential is shown.

use std::path::Path;

use keytide_sync::{Drift, KINDS, TargetSpec, TransitSpec};
use proptest::prelude::*;
use serde_json::{Value, json};

fn read(settings: &Value) -> Result<TargetSpec, keytide_sync::Error> {
    TargetSpec::read(settings.to_string().as_bytes())
}

fn vault() -> Value {
    json!({
        "kind": "vault", "address": "https://vault.example:8200", "path": "apps/billing",
        "auth": {"method": "approle", "role_id": "r", "secret_id": {"sealed": "h1dden"}},
        "names": {"secret": "SIGNING_KEY"}, "hold": "5m", "drift": "report", "adopt": true,
    })
}

#[test]
fn settings_are_shown_without_credentials_and_sealed_with_them() {
    let spec = read(&vault()).unwrap();
    let view = spec.view();
    assert!(!format!("{view} {spec:?}").contains("h1dden"), "{view}");
    assert_eq!(view["auth"]["secret_id"], json!({"sealed": "(not shown)"}));
    assert_eq!(
        (&view["kind"], &view["mount"], &view["hold"]),
        (&json!("vault"), &json!("secret"), &json!("5m"))
    );
    assert_eq!(spec.common().drift, Drift::Report);
    assert!(spec.common().adopt);
    assert_eq!(spec.common().names.secret, "SIGNING_KEY");
    assert_eq!(spec.common().names.keys, "JWT_KEYS");
    let sealed = spec.to_seal();
    assert!(String::from_utf8_lossy(sealed.expose()).contains("h1dden"));
    let again = TargetSpec::read(sealed.expose()).unwrap();
    assert_eq!(again.view(), view);
    assert_eq!(again.to_seal().expose(), sealed.expose());
}

#[test]
fn what_is_wrong_is_named_and_no_credential_is_repeated() {
    let with = |path: &str, value: Value| {
        let mut settings = vault();
        *settings.pointer_mut(path).unwrap() = value;
        settings
    };
    let added = |name: &str, value: Value| {
        let mut settings = vault();
        settings[name] = value;
        settings
    };
    for (settings, word) in [
        (with("/kind", json!("floppy")), "`kubernetes`"),
        (with("/kind", json!(["h1dden"])), "`kind`"),
        (
            with("/kind", json!("aws")),
            if cfg!(feature = "aws") { "`address`" } else { "no targets" },
        ),
        (with("/address", json!("http://vault.example")), "https"),
        (with("/address", json!("https://u:h1dden@vault.example")), "credentials"),
        (with("/path", json!("../sys/raw")), "`path`"),
        (with("/auth", json!("h1dden")), "expected"),
        (with("/auth/secret_id", json!("h1dden")), "a credential is"),
        (with("/auth/secret_id", json!({"sealed": ["h1dden"]})), "a credential is"),
        (with("/auth/secret_id", json!({"sealed": "h1dden", "env": "A"})), "a credential is"),
        (with("/auth/secret_id", json!({"file": "relative"})), "a credential is"),
        (with("/auth", json!({"method": "approle", "role_id": "h1dden"})), "`secret_id`"),
        (
            with("/auth", json!({"method": "token", "token": {"env": "A"}, "role": "h1dden"})),
            "takes no `role`",
        ),
        (with("/names", json!({"secret": "JWT_KEYS"})), "JWT_KEYS"),
        (with("/names", json!({"secret": "A=B"})), "A=B"),
        (with("/hold", json!("soon")), "soon"),
        (with("/drift", json!("ignore")), "`mend`"),
        (added("token", json!("h1dden")), "unknown field `token`"),
    ] {
        let error = read(&settings).err().unwrap_or_else(|| panic!("{settings}"));
        assert!(["bad_target", "names_clash"].contains(&error.code()), "{settings}: {error}");
        let said = format!("{error} {error:?}");
        assert!(said.contains(word), "{settings}: {said}");
        assert!(!said.contains("h1dden"), "{settings}: {said}");
    }
    for name in ["", "Upper", "-a", "a_b", "a/b", &"a".repeat(254)] {
        let settings = json!({"kind": "kubernetes", "namespace": "a", "name": name});
        assert!(read(&settings).err().unwrap().to_string().contains("`name`"), "{name}");
    }
    for name in ["1", "my-key.1", "a.b", "1A"] {
        let mut settings = json!({
            "kind": "file", "path": "/a/copy", "form": "dotenv", "names": {"secret": name},
        });
        assert!(read(&settings).err().unwrap().to_string().contains(name), "{name}");
        settings["form"] = json!("folder");
        assert!(read(&settings).is_ok(), "{name}");
    }
    for path in ["relative/copy", "/", "/.."] {
        let settings = json!({"kind": "file", "path": path, "form": "json"});
        assert!(read(&settings).err().unwrap().to_string().contains("`path`"), "{path}");
    }
}

#[test]
fn every_example_on_the_pages_is_accepted() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/sync");
    let mut count = 0;
    for page in std::fs::read_dir(pages).unwrap() {
        let page = std::fs::read_to_string(page.unwrap().path()).unwrap();
        for block in page.split("```json\n").skip(1) {
            let example = block.split("```").next().unwrap();
            // One shows what every kind takes, without a kind.
            if example.contains(r#""kind": "…""#) {
                continue;
            }
            let told = match example.contains(r#""kind""#) {
                true => TargetSpec::read(example.as_bytes()).map(drop),
                false => TransitSpec::read(example.as_bytes()).map(drop),
            };
            told.unwrap_or_else(|error| panic!("{example}: {error}"));
            count += 1;
        }
    }
    assert!(count >= 6, "{count}");
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,60}", kind in 0..KINDS.len(), member in "[a-z]{1,8}") {
        drop(TargetSpec::read(text.as_bytes()));
        drop(read(&json!({"kind": KINDS[kind], member: text})));
    }
}
