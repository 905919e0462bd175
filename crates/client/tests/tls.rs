//! Keys over TLS: the certificate counts, and nothing is asked of a server that has none that is trusted.
//!
//! A program that runs itself again, because the system's trusted roots are told by the environment.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use keytide_client::{Options, Ring};
use keytide_jose::SystemRng;
use keytide_ring::{Actor, Clock, Keeper, KeeperConfig, ManualClock, MemoryStore, RingStore};
use keytide_server::{Config, Server, TlsFiles};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    if let Some(url) = std::env::args().nth(1).filter(|url| url.starts_with("https://")) {
        return ask(&url);
    }
    let folder = tempfile::tempdir().unwrap();
    let files = certificates(folder.path());
    let runtime = Runtime::new().unwrap();
    let port = serve(&runtime, files);
    let (ours, others) = (folder.path().join("ca.pem"), folder.path().join("other-ca.pem"));
    for (name, roots, expected) in [
        ("localhost", &ours, "2 keys"),
        // Not in the certificate.
        ("127.0.0.1", &ours, "fetch_failed"),
        ("localhost", &others, "fetch_failed"),
    ] {
        let url = format!("https://{name}:{port}/rings/a.test/.well-known/jwks.json");
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.arg(&url).env("SSL_CERT_FILE", roots).env_remove("SSL_CERT_DIR");
        let said = String::from_utf8(again.output().unwrap().stderr).unwrap();
        assert!(said.starts_with(expected), "{url} with {roots:?}: {said}");
        assert!(expected == "2 keys" || said.contains("certificate"), "{said}");
    }
    ExitCode::SUCCESS
}

/// Says what comes of fetching the set.
#[expect(clippy::print_stderr, reason = "it speaks to the program that started it")]
fn ask(url: &str) -> ExitCode {
    let mut options = Options::default();
    options.background = false;
    let ring = Ring::from_jwks(url, options).unwrap();
    match ring.snapshot() {
        Ok(snapshot) => eprintln!("{} keys", snapshot.keys().keys().len()),
        Err(error) => eprintln!("{}: {error}", error.code()),
    }
    ExitCode::SUCCESS
}

/// Two authorities, and a certificate of the first.
fn certificates(folder: &Path) -> TlsFiles {
    let authority = |file: &str| {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, file);
        let key = KeyPair::generate().unwrap();
        std::fs::write(folder.join(file), params.self_signed(&key).unwrap().pem()).unwrap();
        Issuer::new(params, key)
    };
    let (ours, _other) = (authority("ca.pem"), authority("other-ca.pem"));
    let names = ["localhost".to_owned()];
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(names).unwrap().signed_by(&key, &ours).unwrap();
    let files = TlsFiles { certificate: folder.join("leaf.pem"), key: folder.join("leaf.key") };
    std::fs::write(&files.certificate, leaf.pem()).unwrap();
    std::fs::write(&files.key, key.serialize_pem()).unwrap();
    files
}

/// Serves the ring `a.test` over TLS until the program ends.
fn serve(runtime: &Runtime, tls: TlsFiles) -> u16 {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(start));
    let store: Arc<dyn RingStore> = Arc::new(MemoryStore::new(Arc::clone(&clock)));
    let rng: Box<dyn Fn() -> Box<dyn keytide_jose::Rng> + Send + Sync> =
        Box::new(|| Box::new(SystemRng));
    let keeper = Keeper::new(KeeperConfig { store, clock: Arc::clone(&clock), rng }).unwrap();
    let spec = serde_json::from_value(json!({"algorithm": "ES256", "consumers": ["jose"]}));
    let policy = keytide_ring::Policy::new(spec.unwrap()).unwrap();
    keeper.create(&"a.test".parse().unwrap(), policy, &Actor::local("test")).unwrap();
    let mut config = Config::new("127.0.0.1:0".parse().unwrap());
    config.tls = Some(tls);
    config.tick = Duration::from_secs(3_600);
    let server = runtime.block_on(Server::bind(config, Arc::new(keeper), clock)).unwrap();
    let port = server.local_addr().port();
    runtime.spawn(server.run(std::future::pending()));
    port
}
