//! `keytide serve`: the server on an embedded store, and what a newcomer can paste.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use keytide_jose::{Algorithm, Secret, SystemRng};
use keytide_ring::{
    AccessToken, Action, Error, EventResult, Permission, Policy, PolicySpec, RingName, RingPattern,
    Span,
};
use keytide_server::{Config as ServerConfig, ConfigError, Copies, Server, TlsFiles};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::args::StorePlace;
use crate::config::Config;
use crate::encoding::without_final_newline;
use crate::error::{self, Exit, Failure};
use crate::local::Local;
use crate::new_file;
use crate::output::{FAINT, Output, STRONG};
use crate::rings::store_folder;
use crate::sync::{Copier, Permitted, Worker};

/// Run the server on an embedded store
///
/// The first start makes the store, its master key and the operator's access token. An empty store
/// gets the ring `demo.development`, and requests to paste are printed. SIGTERM and SIGINT stop the
/// server once everything under way is answered.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide serve
  keytide serve --store /var/lib/keytide --listen 0.0.0.0:7430 \\
      --tls-cert chain.pem --tls-key key.pem --public-url https://keys.example:7430")]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    store: StorePlace,

    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7430")]
    listen: SocketAddr,

    /// The URL under which others reach this server [default: made of the address]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,

    /// The certificate chain for TLS, PEM, leaf first
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// The certificate's private key, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Speak plain HTTP beyond this machine, such as behind a proxy that ends TLS
    #[arg(long)]
    insecure_listen: bool,

    /// Replace the operator's access token: a new one is written to the file, and every earlier one
    /// ends, within seconds also on servers that run already
    #[arg(long)]
    new_operator_token: bool,

    /// A folder in which targets that are added over the network may be files; may be said again
    #[arg(long, value_name = "DIR")]
    sync_files: Vec<PathBuf>,

    /// How often copies elsewhere are read back while nothing changes
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    sync_check_every: Span,

    /// What to log to stderr: off, error, warn, info, debug, trace, or a list of TARGET=LEVEL
    /// [default: KEYTIDE_LOG, or info]
    #[arg(long, value_name = "LEVEL")]
    log: Option<String>,
}

const DEMO: &str = "demo.development";
const DEMO_TTL: Span = Span::from_secs(15 * 60);
const OPERATOR: &str = "operator";
/// In the store's folder.
const OPERATOR_FILE: &str = "operator.token";

/// Serves until a signal comes.
pub(crate) fn run(args: ServeArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    start_logging(args.log.as_deref().or(config.log.as_deref()), config)?;
    let local = Local::open(&args.store, config, output, true)?;
    let folder = store_folder(args.store.store.as_ref(), config);
    let folder = folder.canonicalize().unwrap_or(folder);
    let operator = Operator::find_or_make(&local, &folder, args.new_operator_token)?;

    let mut server = ServerConfig::new(args.listen);
    server.public_url = args.public_url;
    server.insecure_listen = args.insecure_listen;
    server.connections = connections(server.connections);
    server.tls = match (args.tls_cert, args.tls_key) {
        (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
        _ => None,
    };
    let runtime = tokio::runtime::Runtime::new().map_err(|error| system(&error))?;
    runtime.block_on(async {
        let stop = stop_signals()?;
        let keeper = Arc::clone(&local.keeper);
        // Paths of targets are absolute.
        let folders = args.sync_files.iter().map(std::path::absolute).collect::<Result<_, _>>();
        let folders = folders.map_err(|why| {
            Failure::new(error::WRONG_USE, format!("a folder of `--sync-files` is none: {why}"))
        })?;
        let permitted = Permitted { folders };
        let copier = Copier::new(Arc::clone(&keeper), permitted, args.sync_check_every);
        let copier = Arc::new(copier);
        let server = Server::bind_with(
            server,
            keeper,
            Arc::clone(&local.clock),
            Some(Arc::clone(&copier) as Arc<dyn Copies>),
        )
        .await?;
        let demo = make_demo_ring(&local, server.origin())?;
        greet(&server, &operator, &folder, demo, output)?;
        drop(operator);
        let worker = Worker::start(copier).map_err(|error| system(&error))?;
        let all_answered = server.run(stop).await;
        drop(worker);
        if let Err(error) = local.keeper.store().sign_audit_head() {
            output.warn(format_args!("the end of the audit log could not be signed: {error}"));
        }
        if all_answered {
            Ok(Exit::Done)
        } else {
            Err(Failure::new(error::SERVER_STOPPED, "the server stopped with requests under way"))
        }
    })
}

/// Each connection is an open file: takes as many as the system permits, and leaves some for the
/// store, up to `most` connections.
fn connections(most: usize) -> usize {
    const FOR_THE_STORE: u64 = 64;
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let limit = if setrlimit(Resource::Nofile, raised).is_ok() { raised } else { limit };
    match limit.current {
        None => most,
        Some(files) => {
            let rest = usize::try_from(files.saturating_sub(FOR_THE_STORE)).unwrap_or(most);
            rest.clamp(1, most)
        }
    }
}

/// The operator's access token, as far as this start knows it.
enum Operator {
    /// Made just now.
    Fresh(Secret),
    /// In its file since an earlier start.
    Known,
    /// Made once, and not in its file any more.
    Elsewhere,
}

impl Operator {
    fn find_or_make(local: &Local, folder: &Path, make: bool) -> Result<Self, Failure> {
        let path = folder.join(OPERATOR_FILE);
        if !make && is_known(local, &path)? {
            return Ok(Self::Known);
        }
        // Of several servers that start at once, one makes the token.
        let _one_at_a_time = keytide_store::lock(folder)?;
        if !make {
            if is_known(local, &path)? {
                return Ok(Self::Known);
            }
            if was_granted(local)? {
                return Ok(Self::Elsewhere);
            }
        }
        let store = local.keeper.store();
        let token = keytide_server::new_access_token(&mut SystemRng)?;
        new_file::write(&path, &[token.expose(), b"\n"].concat(), true)?;
        let access = AccessToken {
            hash: keytide_server::hash_access_token(token.expose()),
            subject: OPERATOR.to_owned(),
            permissions: Permission::ALL.to_vec(),
            rings: vec![RingPattern::all()],
            created_at: store.now()?,
            expires_at: None,
        };
        store.end_access(OPERATOR, local.actor())?;
        store.put_access(&access, local.actor())?;
        Ok(Self::Fresh(token))
    }
}

/// Whether the file holds a token that the store knows.
fn is_known(local: &Local, path: &Path) -> Result<bool, Failure> {
    let Some(content) = keytide_store::read_private(path)? else { return Ok(false) };
    let token = without_final_newline(content);
    let hash = keytide_server::hash_access_token(token.expose());
    Ok(local.keeper.store().find_access(&hash)?.is_some())
}

/// Whether a credential was ever issued, as the audit log knows.
fn was_granted(local: &Local) -> Result<bool, Failure> {
    const PAGE: usize = 1_000;
    let mut seen = 0;
    loop {
        let records = local.keeper.store().audit(seen, PAGE)?;
        let granted = records.iter().any(|record| {
            record.event.action == Action::AccessGrant && record.event.result == EventResult::Done
        });
        match records.last() {
            _ if granted => return Ok(true),
            Some(last) if records.len() == PAGE => seen = last.seq,
            _ => return Ok(false),
        }
    }
}

/// The ring to play with.
#[derive(Clone, Copy)]
enum Demo {
    /// This start made it.
    Made,
    /// It was there.
    Known,
    /// The store has other rings, and not this one.
    Absent,
}

/// An empty store gets a ring to play with.
fn make_demo_ring(local: &Local, origin: &str) -> Result<Demo, Failure> {
    let name: RingName = DEMO.parse()?;
    if !local.keeper.store().list(None, 1)?.is_empty() {
        let known = local.keeper.snapshot(&name).is_ok();
        return Ok(if known { Demo::Known } else { Demo::Absent });
    }
    let mut policy = PolicySpec::new(Algorithm::ES256);
    policy.token_ttl = DEMO_TTL;
    policy.issuer = Some(format!("{origin}/rings/{DEMO}"));
    match local.keeper.create(&name, Policy::new(policy)?, local.actor()) {
        Ok(_) => Ok(Demo::Made),
        // By another server that started at the same time.
        Err(Error::RingExists { .. }) => Ok(Demo::Known),
        Err(error) => Err(error.into()),
    }
}

/// Where the server is, and what to paste. This is the command's answer, so it goes to stdout.
fn greet(
    server: &Server,
    operator: &Operator,
    folder: &Path,
    demo: Demo,
    output: &Output,
) -> Result<(), Failure> {
    let origin = server.origin();
    let path = folder.join(OPERATOR_FILE);
    let shown = path.display();
    output.line(format_args!("Keytide serves {origin} with the store in {}", folder.display()))?;
    let bearer = match operator {
        Operator::Fresh(token) => {
            output.line(format_args!(
                "The operator's access token is shown below this once; it is also in {shown}"
            ))?;
            String::from_utf8_lossy(token.expose()).into_owned()
        }
        Operator::Known => format!("$(cat {})", quoted(&path)),
        Operator::Elsewhere => {
            output.warn(format_args!(
                "{shown} is not there or not valid: use the operator's token from where you keep \
                 it, or start with --new-operator-token"
            ));
            format!("$(cat {})", quoted(&path))
        }
    };
    match demo {
        Demo::Made => {
            output.line(format_args!("The store was empty: it has a ring to try, {DEMO}"))?;
        }
        Demo::Known => {}
        Demo::Absent => return Ok(()),
    }
    output.line(requests(origin, &bearer, output))
}

/// Requests for a shell with curl and sed.
fn requests(origin: &str, bearer: &str, output: &Output) -> String {
    let ring = format!("{origin}/v1/rings/{DEMO}");
    let strong = |text: &str| output.styled(STRONG, text);
    let faint = output.styled(FAINT, "Paste these into another terminal:");
    format!(
        "
{faint}

{}
ANSWER=$(curl -sS {ring}/sign -H \"Authorization: Bearer {bearer}\" \\
  -H 'Content-Type: application/json' -d '{{\"claims\":{{\"sub\":\"alice\"}}}}'); echo \"$ANSWER\"

{}
TOKEN=$(echo \"$ANSWER\" | sed 's/.*\"token\":\"\\([^\"]*\\)\".*/\\1/')
curl -sS {ring}/verify -H \"Authorization: Bearer {bearer}\" \\
  -H 'Content-Type: application/json' -d \"{{\\\"token\\\":\\\"$TOKEN\\\"}}\"; echo

{}
curl -sS {origin}/rings/{DEMO}/.well-known/jwks.json; echo
",
        strong("# Sign a token"),
        strong("# Verify it"),
        strong("# The public keys, for everybody who verifies"),
    )
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

fn start_logging(level: Option<&str>, config: &Config) -> Result<(), Failure> {
    let level = level.unwrap_or("info");
    let unknown = || {
        Failure::wrong_use(format!("`{level}` is no log level")).hint(
            "One of off, error, warn, info, debug, trace, or a list such as info,hyper=debug.",
        )
    };
    // A lone word would be read as a target: a misspelt level would switch the log off.
    for part in level.split(',').filter(|part| !part.contains('=')) {
        part.trim().parse::<LevelFilter>().map_err(|_| unknown())?;
    }
    let targets: Targets = level.parse().map_err(|_| unknown())?;
    let ansi = config.colour && std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(ansi)
        .with_filter(targets);
    tracing_subscriber::registry()
        .with(lines)
        .try_init()
        .map_err(|error| Failure::new(error::UNEXPECTED, error.to_string()))
}

/// Resolves with the first SIGTERM or SIGINT. Both are caught from here on.
fn stop_signals() -> Result<impl Future<Output = ()>, Failure> {
    let catch = |kind| -> Result<Signal, Failure> { signal(kind).map_err(|error| system(&error)) };
    let (mut terminate, mut interrupt) =
        (catch(SignalKind::terminate())?, catch(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

fn system(error: &std::io::Error) -> Failure {
    Failure::new(error::SERVER_STOPPED, error.to_string())
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let exit = match error {
            ConfigError::PlainHttp { .. } | ConfigError::PublicUrl { .. } => Exit::WrongUse,
            _ => Exit::Failed,
        };
        Self::remote(error.code().to_owned(), error.to_string(), error.hint().to_owned(), exit)
    }
}
