//! `keytide sync status` and `watch`: how far each copy is, and why not further.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use keytide_ring::{Epoch, RingName, TargetName, TargetView};
use serde_json::json;

use super::Which;
use crate::args::Place;
use crate::config::Config;
use crate::error::{Exit, Failure};
use crate::output::{Output, STRONG, visible};
use crate::rings::{self, Rings};
use crate::sync::Remembered;

/// Show how far each copy is
///
/// The exit status is 1 if a copy is not what its ring holds.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide sync status
  keytide sync status --ring shop.production --json
  keytide sync status --watch")]
pub(super) struct StatusArgs {
    #[command(flatten)]
    which: Which,

    /// Go on, and print each change
    #[arg(long)]
    watch: bool,

    #[command(flatten)]
    place: Place,
}

/// Print each change of a copy, until it is interrupted
#[derive(Args)]
#[command(after_help = "\
Examples:
  keytide sync watch --ring shop.production")]
pub(super) struct WatchArgs {
    #[command(flatten)]
    which: Which,

    #[command(flatten)]
    place: Place,
}

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) fn run(args: &StatusArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    let StatusArgs { which, watch, place } = args;
    let rings = rings::open(place, config, output)?;
    if *watch {
        return follow(rings.as_ref(), which, output);
    }
    let copies = look(rings.as_ref(), which)?;
    if output.is_json() {
        output.json(&json!({ "targets": copies.iter().map(Copy::json).collect::<Vec<_>>() }))?;
    } else if copies.is_empty() {
        output.say("there are no targets; `keytide sync target add` makes one");
    } else {
        copies.iter().try_for_each(|copy| output.line(copy.line(output)))?;
    }
    Ok(if copies.iter().all(Copy::is_current) { Exit::Done } else { Exit::No })
}

pub(super) fn watch(args: &WatchArgs, config: &Config, output: &Output) -> Result<Exit, Failure> {
    let WatchArgs { which, place } = args;
    follow(rings::open(place, config, output)?.as_ref(), which, output)
}

fn follow(rings: &dyn Rings, which: &Which, output: &Output) -> Result<Exit, Failure> {
    let mut known: BTreeMap<(RingName, TargetName), String> = BTreeMap::new();
    loop {
        for copy in look(rings, which)? {
            let key = (copy.view.ring.clone(), copy.view.name.clone());
            let line = copy.line(output);
            if known.get(&key) == Some(&line) {
                continue;
            }
            if output.is_json() {
                output.json_line(&copy.json())?;
            } else {
                output.line(&line)?;
            }
            known.insert(key, line);
        }
        if output.reader_left() {
            return Ok(Exit::Done);
        }
        std::thread::sleep(PAUSE);
    }
}

/// A target beside its ring.
struct Copy {
    view: TargetView,
    ring_epoch: Epoch,
}

fn look(rings: &dyn Rings, which: &Which) -> Result<Vec<Copy>, Failure> {
    let mut copies = Vec::new();
    for ring in which.rings(rings)? {
        let targets = rings.targets(&ring)?;
        if targets.is_empty() {
            continue;
        }
        let ring_epoch = rings.show(&ring)?.epoch;
        copies.extend(targets.into_iter().map(|view| Copy { view, ring_epoch }));
    }
    Ok(copies)
}

impl Copy {
    /// Whether it holds what its ring does, as far as is known.
    fn is_current(&self) -> bool {
        let remembered = serde_json::from_value::<Remembered>(self.view.standing.clone());
        remembered.is_ok_and(|Remembered { standing, .. }| {
            standing.failures == 0 && standing.holds(self.ring_epoch)
        })
    }

    fn json(&self) -> serde_json::Value {
        let mut json = json!(self.view);
        json["ring_epoch"] = json!(self.ring_epoch);
        json["current"] = json!(self.is_current());
        json
    }

    fn line(&self, output: &Output) -> String {
        let TargetView { ring, name, .. } = &self.view;
        let behind = match self.is_current() {
            true => String::new(),
            false => format!("; the ring is at epoch {}", self.ring_epoch),
        };
        let name = output.styled(STRONG, format_args!("{ring}  {name}"));
        format!("{name}  {}{behind}", told(&self.view))
    }
}

/// How far a copy is, in words.
pub(super) fn told(view: &TargetView) -> String {
    let Ok(Remembered { standing, acknowledged, .. }) =
        serde_json::from_value(view.standing.clone())
    else {
        return "what is remembered of it cannot be read".to_owned();
    };
    let at = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut said = vec![match standing.converged {
        None => "is not known to hold a copy".to_owned(),
        Some(arrival) if acknowledged == Some(arrival.epoch) => {
            format!("holds epoch {} since {}", arrival.epoch, at(arrival.since))
        }
        Some(arrival) => format!(
            "holds epoch {} since {}, which counts once its readers have gone on",
            arrival.epoch,
            at(arrival.since)
        ),
    }];
    if let Some(drift) = &standing.drift {
        let what = visible(&drift.why);
        said.push(match drift.mended {
            true => format!("somebody else changed it, mended at {}: {what}", at(drift.at)),
            false => format!("somebody else changed it, seen at {}: {what}", at(drift.at)),
        });
    }
    if let Some(last) = standing.attempts.first().filter(|_| standing.failures > 0) {
        let why = last.detail.as_deref().unwrap_or(&last.result);
        said.push(match standing.failures {
            1 => format!("failed at {}: {}", at(last.at), visible(why)),
            times => format!("failed {times} times, last at {}: {}", at(last.at), visible(why)),
        });
        said.extend(standing.next_attempt.map(|next| format!("tried again at {}", at(next))));
    }
    said.join("; ")
}
