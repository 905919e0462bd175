//! The secret of a ring reaches the program's environment and nothing else: no argument, no log, no copy, no dump.

use std::fs;

use super::supervised::{Start, make_ring};
use crate::server_process::ServerProcess;

#[test]
fn a_secret_is_in_no_argument_log_copy_or_dump_and_masked_in_every_form() {
    let home = ServerProcess::start();
    make_ring(&home, "web.test");
    let url = format!("http://{}", home.address());
    let keys = "/v1/rings/web.test/keys?consumer=test&instance=test";
    let keys = home.request("GET", keys, "").body;
    let secrets: Vec<Vec<u8>> = ["active", "next"]
        .iter()
        .map(|role| {
            data_encoding::BASE64URL_NOPAD.decode(keys[role]["k"].as_str().unwrap().as_bytes())
        })
        .map(Result::unwrap)
        .collect();
    // Everything in every form, a byte at a time too, on both streams; then it crashes.
    let script = "ulimit -c unlimited 2>/dev/null; ulimit -c; echo $$; \
        for s in \"$JWT_SECRET\" \"$JWT_SECRET_NEXT\"; do \
          for e in cat xxd_p base64 b64url; do \
            case $e in \
              cat) o=$s;; \
              xxd_p) o=$(printf %s \"$s\" | od -An -tx1 | tr -d ' \\n');; \
              base64) o=$(printf %s \"$s\" | base64 -w0);; \
              b64url) o=$(printf %s \"user:$s\" | base64 -w0 | tr '+/' '-_');; \
            esac; \
            echo \"out $o\"; echo \"err $o\" >&2; \
            printf %s \"$o\" | fold -w 1 | while read -r c || test -n \"$c\"; do printf %s \"$c\"; done; echo; \
          done; \
        done; echo \"$JWT_KEYS\"; echo done; read -r line < wait; kill -SEGV $$";
    let args = ["--ring", "web.test", "--deliver", "both"];
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("wait");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let token = home.operator_token();
    let mut run =
        Start { url: &url, token, args: &args, command: &["sh", "-c", script] }.run_in(folder);
    run.wait("it wrote all", |run| run.out().contains("\ndone\n").then_some(()));
    let said = run.out();
    let mut lines = said.lines();
    assert_eq!(lines.next(), Some("0"), "a core dump can be had");
    let program: u32 = lines.next().unwrap().parse().unwrap();
    // The supervisor itself has it in memory alone.
    for process in [program, run.pid()] {
        let arguments = fs::read(format!("/proc/{process}/cmdline")).unwrap();
        assert_hidden(&arguments, &secrets, &format!("the arguments of {process}"));
    }
    let own = fs::read(format!("/proc/{}/environ", run.pid())).unwrap();
    assert_hidden(&own, &secrets, "the supervisor's environment");
    let given = fs::read(format!("/proc/{program}/environ")).unwrap();
    assert!(secrets.iter().all(|secret| contains(&given, secret)), "the program has it");
    assert_hidden(said.as_bytes(), &secrets, "what the program wrote");
    assert_hidden(run.err().as_bytes(), &secrets, "what it complained of");
    assert!(said.matches("********").count() >= 16, "{said}");
    fs::write(run.path("wait"), "\n").unwrap();
    assert_eq!(run.end().code(), Some(139));
    for entry in walk(&run.path(".")) {
        assert_hidden(&fs::read(&entry).unwrap(), &secrets, &entry.display().to_string());
    }
}

#[test]
fn a_supervisor_cannot_be_dumped() {
    let home = ServerProcess::start();
    make_ring(&home, "web.test");
    let url = format!("http://{}", home.address());
    let args = ["--ring", "web.test"];
    let token = home.operator_token();
    let command = ["sh", "-c", "echo up; exec sleep 600"];
    let mut run = Start { url: &url, token, args: &args, command: &command }.run();
    run.first_line();
    let limits = fs::read_to_string(format!("/proc/{}/limits", run.pid())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    // Who may not be dumped belongs to root in /proc, whoever runs it.
    use std::os::unix::fs::MetadataExt;
    assert_eq!(fs::metadata(format!("/proc/{}/mem", run.pid())).unwrap().uid(), 0);
    run.signal("TERM");
    assert_eq!(run.end().code(), Some(143));
}

fn assert_hidden(text: &[u8], secrets: &[Vec<u8>], place: &str) {
    for secret in secrets {
        let (upper, lower) = (data_encoding::HEXUPPER, data_encoding::HEXLOWER);
        for form in [
            secret.clone(),
            upper.encode(secret).into(),
            lower.encode(secret).into(),
            data_encoding::BASE64_NOPAD.encode(secret).into(),
            data_encoding::BASE64URL_NOPAD.encode(secret).into(),
            data_encoding::BASE64URL_NOPAD.encode(&[b"user:", &secret[..]].concat()).into(),
        ] {
            assert!(!contains(text, &form), "{place} shows {}", String::from_utf8_lossy(&form));
        }
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .flat_map(|entry| match entry.file_type().unwrap() {
            kind if kind.is_dir() => walk(&entry.path()),
            kind if kind.is_file() => vec![entry.path()],
            _ => Vec::new(),
        })
        .collect()
}
