//! The first keys of all rings, asked for at the same time, for as long as nobody tells the supervisor to end.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender};

use rustix::process::Signal;

use super::change::SIGNALS;
use super::event::Event;
use super::supply::{Begun, Supply};
use crate::error::Failure;
use crate::output::Output;

/// The keys in the order of the rings; or the status to end with, because of a signal that came before
/// there was a program to pass it on to.
///
/// # Errors
/// The first ring's that has none.
pub(super) fn keys(
    supplies: Vec<Supply>,
    events: &Sender<Event>,
    heard: &Receiver<Event>,
    output: &Output,
) -> Result<ControlFlow<u8, Vec<Begun>>, Failure> {
    let mut there: Vec<Option<Box<Begun>>> = supplies.iter().map(|_| None).collect();
    for (ring, supply) in supplies.into_iter().enumerate() {
        supply.begin(ring, events.clone());
    }
    while there.iter().any(Option::is_none) {
        // The caller holds an end for sending.
        let Ok(event) = heard.recv() else { break };
        if let Some(status) = hear(event, &mut there, output)? {
            return Ok(ControlFlow::Break(status));
        }
    }
    // What came meanwhile came before the program.
    for event in heard.try_iter() {
        if let Some(status) = hear(event, &mut there, output)? {
            return Ok(ControlFlow::Break(status));
        }
    }
    Ok(ControlFlow::Continue(there.into_iter().flatten().map(|begun| *begun).collect()))
}

fn hear(
    event: Event,
    there: &mut [Option<Box<Begun>>],
    output: &Output,
) -> Result<Option<u8>, Failure> {
    match event {
        Event::First(ring, begun) => {
            let begun = begun?;
            if let Some(place) = there.get_mut(ring) {
                *place = Some(begun);
            }
        }
        Event::Signal { number, .. } if ends(number) => {
            output.say("keytide: told to end before there were keys: nothing was started");
            return Ok(Some(u8::try_from(128 + number).unwrap_or(u8::MAX)));
        }
        Event::Say(what) => output.say(format_args!("keytide: {what}")),
        Event::Warn(what) => output.warn(what),
        // A program would hear of these; the rest is about one that runs.
        Event::Signal { .. } | Event::Delivered(..) | Event::Back(_) | Event::Checked { .. } => {}
    }
    Ok(None)
}

/// Whether a signal ends a process that does nothing about it, and is meant to.
fn ends(number: i32) -> bool {
    let signal =
        SIGNALS.iter().find(|(_, known, _)| *known == number).map(|(_, _, signal)| *signal);
    let ends = [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM];
    signal.is_some_and(|signal| ends.contains(&signal))
}
