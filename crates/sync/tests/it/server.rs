//! Starts a server of `tests/sync` over TLS, with an authority of its own, and speaks to its control.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::Value;

/// A server that ends with the test.
pub(crate) struct Server {
    child: Child,
    control: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    pub(crate) port: u16,
    pub(crate) folder: tempfile::TempDir,
}

impl Server {
    /// Starts it, or says why it cannot be started here.
    pub(crate) fn start(program: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = certificates(folder.path());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sync").join(program);
        let python = std::env::var("KEYTIDE_TEST_PYTHON").unwrap_or("python3".into());
        let mut command = Command::new(&python);
        command.arg(script).arg(certificate).arg(key);
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = match started {
            Ok(child) => child,
            Err(error) => {
                println!("not run: `{python}`, which serves {program}, cannot be started: {error}");
                return None;
            }
        };
        let stdin = child.stdin.take().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut port = String::new();
        stdout.read_line(&mut port).unwrap();
        let port = port.trim().parse().unwrap();
        Some(Self { child, control: Mutex::new((stdin, stdout)), port, folder })
    }

    pub(crate) fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    pub(crate) fn address(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// Says something to the control.
    pub(crate) fn say(&self, said: &Value) -> Value {
        let mut control = self.control.lock().unwrap();
        writeln!(control.0, "{said}").unwrap();
        let mut answer = String::new();
        control.1.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// An authority, and a certificate under it for this machine.
fn certificates(folder: &Path) -> (PathBuf, PathBuf) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // With the leaf's name, OpenSSL would take the leaf for its own issuer.
    params.distinguished_name.push(rcgen::DnType::CommonName, "authority of the tests");
    let key = KeyPair::generate().unwrap();
    std::fs::write(folder.join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
    let authority = Issuer::new(params, key);
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
    let (certificate_file, key_file) = (folder.join("leaf.pem"), folder.join("leaf.key"));
    std::fs::write(&certificate_file, leaf.pem()).unwrap();
    std::fs::write(&key_file, key.serialize_pem()).unwrap();
    (certificate_file, key_file)
}
