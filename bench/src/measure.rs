//! Measuring in turns: each round runs every contender once, so that what disturbs one disturbs all.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long one contender runs in one round.
const TURN: Duration = Duration::from_micros(500);

/// Something to be measured.
pub struct Contender<'a> {
    name: &'static str,
    run: Box<dyn FnMut(u64) + 'a>,
}

impl<'a> Contender<'a> {
    /// `work` is run as often as a turn has room for; what it returns is kept from being optimised
    /// away.
    pub fn new<R>(name: &'static str, mut work: impl FnMut() -> R + 'a) -> Self {
        let run = move |times| {
            for _ in 0..times {
                black_box(work());
            }
        };
        Self { name, run: Box::new(run) }
    }

    /// Does the work so many times.
    pub fn run(&mut self, times: u64) {
        (self.run)(times);
    }
}

/// Nanoseconds for one run of a contender.
#[derive(Clone, Copy, Debug)]
pub struct Time {
    /// Whose.
    pub name: &'static str,
    /// Of the quietest round.
    pub min: f64,
    /// Half of the rounds were faster.
    pub median: f64,
}

/// Measures contenders in turns.
pub fn in_turns(rounds: usize, contenders: Vec<Contender<'_>>) -> Vec<Time> {
    let mut contenders: Vec<(Contender<'_>, u64, Vec<f64>)> = contenders
        .into_iter()
        .map(|mut contender| {
            let times = calibrate(&mut contender);
            (contender, times, Vec::with_capacity(rounds))
        })
        .collect();
    for _ in 0..rounds {
        for (contender, times, seen) in &mut contenders {
            let start = Instant::now();
            contender.run(*times);
            seen.push(start.elapsed().as_secs_f64() * 1e9 / *times as f64);
        }
    }
    contenders
        .into_iter()
        .map(|(contender, _, mut seen)| {
            seen.sort_unstable_by(f64::total_cmp);
            Time { name: contender.name, min: seen[0], median: seen[seen.len() / 2] }
        })
        .collect()
}

/// How many runs fill a turn.
fn calibrate(contender: &mut Contender<'_>) -> u64 {
    let mut times = 1;
    loop {
        let start = Instant::now();
        contender.run(times);
        let took = start.elapsed();
        if took >= TURN / 4 {
            let fit = TURN.as_secs_f64() / took.as_secs_f64() * times as f64;
            return (fit as u64).max(1);
        }
        times *= 2;
    }
}
