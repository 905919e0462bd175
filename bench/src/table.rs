//! Rows of times and what was asked of them, as Markdown.

use std::fmt::Write;

use crate::measure::Time;

/// One workload and everyone's times for it; the first time is ours.
pub struct Row {
    /// Its number among the targets.
    pub name: &'static str,
    /// What is done once.
    pub what: &'static str,
    /// Ours first.
    pub times: Vec<Time>,
    /// What is asked of ours.
    pub targets: Vec<Target>,
}

/// What is asked of our time.
pub struct Target(Kind);

enum Kind {
    FasterThan(&'static str, f64),
    AtMost(&'static str, f64),
    Nanoseconds(f64),
}

impl Target {
    /// The other's time is at least so many times ours.
    pub fn faster_than(other: &'static str, times: f64) -> Self {
        Self(Kind::FasterThan(other, times))
    }

    /// Our time is at most so many times the other's.
    pub fn at_most(other: &'static str, times: f64) -> Self {
        Self(Kind::AtMost(other, times))
    }

    /// Our time is at most this.
    pub fn nanoseconds(most: f64) -> Self {
        Self(Kind::Nanoseconds(most))
    }
}

/// The table, and below it one line for each target.
pub fn markdown(rows: &[Row]) -> String {
    let mut text = String::from(
        "| row | what | who | min ns | median ns | to ours, min | to ours, median |\n\
         |---|---|---|--:|--:|--:|--:|\n",
    );
    for Row { name, what, times, .. } in rows {
        let Some(ours) = times.first() else { continue };
        for Time { name: who, min, median } in times {
            let (by_min, by_median) = (min / ours.min, median / ours.median);
            writeln!(
                text,
                "| {name} | {what} | {who} | {min:.0} | {median:.0} | {by_min:.2} | {by_median:.2} |"
            )
            .expect("text can be written to memory");
        }
    }
    text.push_str(
        "\n| row | what | asked | seen, min | seen, median | |\n|---|---|---|--:|--:|---|\n",
    );
    for Row { name, what, times, targets } in rows {
        for target in targets {
            let (asked, min, median, met) = seen(times, target);
            let met = if met { "met" } else { "**missed**" };
            writeln!(text, "| {name} | {what} | {asked} | {min} | {median} | {met} |")
                .expect("text can be written to memory");
        }
    }
    text
}

/// What is asked, the figure by minima and by medians, and whether the minima meet it.
fn seen(times: &[Time], Target(target): &Target) -> (String, String, String, bool) {
    let nobody = Time { name: "", min: f64::NAN, median: f64::NAN };
    let ours = times.first().copied().unwrap_or(nobody);
    let find = |who| times.iter().find(|time| time.name == who).copied().unwrap_or(nobody);
    let ratio = |value: f64| format!("{value:.2}×");
    match *target {
        Kind::FasterThan(who, least) => {
            let other = find(who);
            let (min, median) = (other.min / ours.min, other.median / ours.median);
            (format!("≥ {least}× faster than {who}"), ratio(min), ratio(median), min >= least)
        }
        Kind::AtMost(who, most) => {
            let other = find(who);
            let (min, median) = (ours.min / other.min, ours.median / other.median);
            (format!("≤ {most}× {who}"), ratio(min), ratio(median), min <= most)
        }
        Kind::Nanoseconds(most) => {
            let ns = |value: f64| format!("{value:.0} ns");
            (format!("≤ {most:.0} ns"), ns(ours.min), ns(ours.median), ours.min <= most)
        }
    }
}
