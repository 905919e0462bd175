//! `keytide run`: a program with the secrets of its rings, which follows their rotations.

mod change;
mod copy;
mod deliver;
mod event;
mod first;
pub(crate) mod guard;
mod hold;
pub(crate) mod launch;
mod mask;
mod program;
mod readiness;
mod supervise;
mod supply;
mod variables;

use std::ffi::{OsStr, OsString};
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use clap::Args;
use keytide_client::{Clock, ConnectOptions, Deliveries, SystemClock};
use keytide_jose::Secret;
use keytide_ring::{RingName, Span};
use rustix::process::{DumpableBehavior, getpid, set_child_subreaper, set_dumpable_behavior};
use signal_hook::consts::{SIGCHLD, SIGHUP};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::low_level::siginfo::Cause;

use change::{OnChange, SIGNALS};
use copy::Copy;
use deliver::{Outlet, Way};
use event::Event;
use guard::Guard;
use mask::Secrets;
use program::Launcher;
use readiness::Readiness;
use supervise::{EPOCHS, Job, Supervisor};
use supply::Supply;
use variables::{Mapping, Variables};

use crate::commands::ring::given_name;
use crate::config::{self, Config};
use crate::error::{self, Failure};
use crate::http::http_url;
use crate::output::Output;
use crate::remote::Door;
use crate::source::Source;

/// Run a program with the secrets of its rings, and follow their rotations
///
/// The program gets JWT_SECRET, JWT_SECRET_NEXT, JWT_SECRET_PREVIOUS (where there is one) and JWT_KEYS, a
/// JWK Set of all of them; of a ring with key pairs, the public keys in JWT_KEYS. With several rings the
/// names stand behind the service and the purpose: BILLING_JWT_SECRET, BILLING_REFRESH_JWT_SECRET. When a
/// ring changes, the program is restarted, signalled or left alone, and the server is told what it really
/// works with: a symmetric ring switches to its next secret only then. Signals are passed on, and the
/// exit status is the program's. docs/run.md tells all of it.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide run --ring billing.production -- node server.js
  keytide run --ring billing.production --deliver file --on-change signal:HUP -- ./server
  keytide run --ring web.production --map SESSION_KEY=web.production.secret:hex -- ./app")]
pub(crate) struct RunArgs {
    /// A ring whose keys the program gets (repeatable)
    #[arg(long = "ring", value_name = "RING", required = true, value_parser = given_name)]
    rings: Vec<RingName>,

    /// A further variable, or another for one of the usual ones: a field is secret, next, previous, keys,
    /// kid, algorithm or epoch, and a secret may be followed by :text, :base64url, :base64 or :hex
    #[arg(long = "map", value_name = "NAME=RING.FIELD")]
    maps: Vec<String>,

    /// How the program gets them
    #[arg(long, value_enum, default_value_t = Way::Env)]
    deliver: Way,

    /// The folder for files [default: one in memory: XDG_RUNTIME_DIR, /run/user/UID or /dev/shm]
    #[arg(long, value_name = "DIR")]
    file_dir: Option<PathBuf>,

    /// Hand on nothing of the environment but PATH
    #[arg(long)]
    pristine: bool,

    /// Leave secrets in the program's output as they are, and its terminal to it
    #[arg(long)]
    no_mask: bool,

    /// What to do when a ring changes: restart, signal:NAME, exec:COMMAND or none
    #[arg(long, value_name = "ACTION", default_value = "restart")]
    on_change: OnChange,

    /// How long to wait for further changes before that
    #[arg(long, value_name = "SPAN", default_value = "2s")]
    debounce: Span,

    /// How long the program may take to end before it is killed
    #[arg(long, value_name = "SPAN", default_value = "10s")]
    grace: Span,

    /// Ask this URL whether the program is ready, before the server is told what it has loaded
    #[arg(long, value_name = "URL")]
    readiness: Option<String>,

    /// How long the program may take to become ready, or a command of exec: to end
    #[arg(long, value_name = "SPAN", default_value = "60s")]
    readiness_timeout: Span,

    /// Start the new process beside the old one, and end that when the new one is ready
    #[arg(long, requires = "readiness")]
    rolling: bool,

    /// How long the program takes to load its keys, where nothing tells [default: 1s after a start, 5s
    /// after a signal]
    #[arg(long, value_name = "SPAN")]
    settle: Option<Span>,

    /// The consumer as which the ring knows the program
    #[arg(long, value_name = "NAME", default_value = "run")]
    consumer: String,

    /// The name of this instance of it [default: made of the host's name and chance]
    #[arg(long, value_name = "NAME")]
    instance: Option<String>,

    /// How long the keys may be used without word from the server: for a start with the sealed copy, and
    /// for a program that runs
    #[arg(long, value_name = "SPAN", default_value = "24h")]
    max_stale: Span,

    /// The folder of sealed copies [default: keytide in XDG_STATE_HOME or ~/.local/state]
    #[arg(long, value_name = "DIR")]
    copy_dir: Option<PathBuf>,

    /// Keep no sealed copy: there is no start without the server
    #[arg(long, conflicts_with = "copy_dir")]
    no_copy: bool,

    /// The Keytide server [default: KEYTIDE_SERVER]
    #[arg(long, value_name = "URL")]
    server: Option<String>,

    /// The access token for the server, with the permission read-keys [default: KEYTIDE_TOKEN]
    #[arg(long, value_name = "FILE|-|env:NAME")]
    token_file: Option<Source>,

    /// Send the access token over plain HTTP to a server that is not on this machine
    #[arg(long)]
    insecure_http: bool,

    /// The program and its arguments
    #[arg(value_name = "COMMAND", required = true, last = true)]
    command: Vec<OsString>,
}

/// Runs the program, and gives the status that it ended with.
pub(crate) fn run(args: RunArgs, config: &Config, output: &Output) -> Result<u8, Failure> {
    // Neither a dump nor another process of the user may have this process's memory.
    let _best_effort = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let renews = args.deliver.can_be_renewed();
    if matches!(args.on_change, OnChange::Signal(_)) && !renews {
        let message = "a running program cannot be given another environment";
        return Err(Failure::wrong_use(message).hint(
            "Say --deliver file as well, and let the program read the files when signalled.",
        ));
    }
    if args.rolling && args.on_change != OnChange::Restart {
        return Err(Failure::wrong_use("--rolling is a way to restart"));
    }
    if given(args.max_stale) < SHORTEST_STALE {
        let message =
            "--max-stale is too short: a server that is well is asked every second at most";
        return Err(Failure::wrong_use(message).hint("Say at least 5s."));
    }
    // Read here, so that a secret which somebody put in its place is not repeated.
    let maps: Result<Vec<Mapping>, String> = args.maps.iter().map(|map| map.parse()).collect();
    let maps = maps.map_err(|why| Failure::wrong_use(format!("--map: {why}")))?;
    let variables = Variables::settle(&args.rings, &maps)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (events, heard) = channel();
    // Before anything is started or fetched: from here on no signal is missed, and no secret known.
    listen(&events)?;
    let _orphans_go_to_init_instead = set_child_subreaper(Some(getpid()));
    let mut guard = Guard::start()?;
    let outlet = Outlet::new(args.deliver, args.file_dir.as_deref(), &mut guard, config, output)?;
    let supplies = args.supplies(config, &clock, output)?;
    let job = args.job(variables, config, &clock)?;
    let secrets = Secrets::default();
    let firsts = match first::keys(supplies, &events, &heard, output)? {
        ControlFlow::Continue(firsts) => firsts,
        ControlFlow::Break(status) => return Ok(status),
    };
    let firsts = firsts.into_iter().enumerate();
    let feeds = firsts.map(|(ring, first)| first.follow(ring, &events)).collect();
    let supervisor = Supervisor {
        job: &job,
        output,
        clock,
        feeds,
        outlet,
        guard,
        secrets,
        events: events.clone(),
    };
    supervisor.run(&heard)
}

/// Shorter, and a slow answer would end a program.
const SHORTEST_STALE: Duration = Duration::from_secs(5);

/// Turns signals into events.
fn listen(events: &Sender<Event>) -> Result<(), Failure> {
    let numbers = SIGNALS.iter().map(|(_, number, _)| *number).chain([SIGCHLD]);
    // Where whoever started this had it ignored, as nohup does, the program goes on ignoring it too.
    let numbers = numbers.filter(|number| *number != SIGHUP || !is_ignored(SIGHUP));
    let mut signals = SignalsInfo::<WithOrigin>::new(numbers).map_err(|why| {
        Failure::new(error::UNEXPECTED, format!("signals cannot be received: {why}"))
    })?;
    let events = events.clone();
    std::thread::spawn(move || {
        for origin in signals.forever() {
            let (number, by_kernel) = (origin.signal, origin.cause == Cause::Kernel);
            if events.send(Event::Signal { number, by_kernel }).is_err() {
                return;
            }
        }
    });
    Ok(())
}

/// Whether this process ignores a signal, as the kernel tells it.
fn is_ignored(number: i32) -> bool {
    let facts = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = facts.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (number - 1) & 1 == 1)
}

impl RunArgs {
    fn supplies(
        &self,
        config: &Config,
        clock: &Arc<dyn Clock>,
        output: &Output,
    ) -> Result<Vec<Supply>, Failure> {
        let Some(server) = self.server.as_deref().or(config.server.as_deref()) else {
            let message = "there is no server to get the keys from";
            return Err(Failure::wrong_use(message).hint(
                "Name it with --server or KEYTIDE_SERVER. A program is not run on an embedded store: it \
                 would stand beside the master key, and nobody would wait for it.",
            ));
        };
        let door = Door::open(server, self.token_file.as_ref(), self.insecure_http, config)?;
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let mut options = ConnectOptions::default();
        options.consumer.clone_from(&self.consumer);
        options.instance.clone_from(&self.instance);
        options.host = if host.is_empty() { "host".to_owned() } else { host };
        options.options.allow_plain_http = self.insecure_http;
        // The server must be heard of well before its silence counts.
        options.wait = (given(self.max_stale) / 4).clamp(Duration::from_secs(1), options.wait);
        let folder = self.copies(config, output);
        let supply = |ring: &RingName| {
            let url = format!("{}/rings/{ring}", door.base.as_str().trim_end_matches('/'));
            let deliveries = Deliveries::connect(&url, door.token.duplicate(), &options)?;
            let copy = folder
                .as_deref()
                .and_then(|folder| Copy::new(folder, &deliveries.url(), &door.token));
            let (max_stale, clock) = (given(self.max_stale), Arc::clone(clock));
            Ok(Supply { deliveries, copy, max_stale, clock })
        };
        self.rings.iter().map(supply).collect()
    }

    /// The folder of sealed copies, if there is to be one.
    fn copies(&self, config: &Config, output: &Output) -> Option<PathBuf> {
        if self.no_copy {
            return None;
        }
        let folder = self.copy_dir.clone().or_else(|| config.state_folder());
        if folder.is_none() {
            output
                .warn("no sealed copy is kept: there is no home folder; name one with --copy-dir");
        }
        folder
    }

    fn job(
        self,
        variables: Variables,
        config: &Config,
        clock: &Arc<dyn Clock>,
    ) -> Result<Job, Failure> {
        let limit = given(self.readiness_timeout);
        let readiness = match &self.readiness {
            Some(url) => Some(Readiness::new(http_url(url)?, limit, Arc::clone(clock))?),
            None => None,
        };
        let mut kept_back = vec![config::TOKEN.to_owned(), config::MASTER_KEY.to_owned()];
        kept_back.extend(self.token_file.iter().filter_map(Source::variable).map(str::to_owned));
        for name in variables.names().chain([EPOCHS]) {
            kept_back.extend([name.to_owned(), format!("{name}_FILE")]);
        }
        let path =
            config.named("PATH").map(|path: Secret| OsString::from_vec(path.expose().to_vec()));
        let path = path.unwrap_or_else(|| OsStr::new("/usr/local/bin:/usr/bin:/bin").to_owned());
        let launcher = Launcher {
            pristine: self.pristine.then_some(path),
            kept_back,
            masks: !self.no_mask,
            shares_terminal: program::shares_terminal(),
        };
        Ok(Job {
            command: self.command,
            variables,
            launcher,
            on_change: self.on_change,
            debounce: given(self.debounce),
            grace: given(self.grace),
            settle: self.settle.map(given),
            readiness,
            rolling: self.rolling,
            patience: limit,
        })
    }
}

fn given(span: Span) -> Duration {
    Duration::from_millis(span.as_millis())
}
