//! Past and future cut into columns, and the dates that stand above them.

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

/// Time before now and after it. Both sides have the same scale, unless one would be too short to
/// see anything in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Axis {
    pub(crate) past: Side,
    pub(crate) future: Side,
}

/// A stretch of time in so many columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Side {
    start: i64,
    end: i64,
    pub(crate) columns: usize,
}

/// A date above a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tick {
    pub(crate) at: Timestamp,
    pub(crate) column: usize,
    pub(crate) label: String,
}

/// The distance between two dates: a length, or a number of calendar months.
#[derive(Clone, Copy)]
enum Step {
    Seconds(i64),
    Months(i32),
}

const STEPS: &[Step] = &[
    Step::Seconds(1),
    Step::Seconds(2),
    Step::Seconds(5),
    Step::Seconds(10),
    Step::Seconds(15),
    Step::Seconds(30),
    Step::Seconds(60),
    Step::Seconds(2 * 60),
    Step::Seconds(5 * 60),
    Step::Seconds(10 * 60),
    Step::Seconds(15 * 60),
    Step::Seconds(30 * 60),
    Step::Seconds(HOUR),
    Step::Seconds(2 * HOUR),
    Step::Seconds(3 * HOUR),
    Step::Seconds(6 * HOUR),
    Step::Seconds(12 * HOUR),
    Step::Seconds(DAY),
    Step::Seconds(2 * DAY),
    Step::Seconds(5 * DAY),
    Step::Seconds(10 * DAY),
    Step::Months(1),
    Step::Months(2),
    Step::Months(3),
    Step::Months(6),
    Step::Months(12),
    Step::Months(24),
    Step::Months(60),
    Step::Months(120),
];

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// Between the end of a date and the beginning of the next.
const GAP: usize = 3;

/// Each side has at least this many columns.
const SHORTEST_SIDE: usize = 3;

impl Side {
    /// The line between two columns that is nearest to an instant: from 0 to the number of columns.
    pub(crate) fn edge(&self, at: Timestamp) -> usize {
        let length = i128::from(self.end - self.start).max(1);
        let offset = i128::from(at.as_millisecond().clamp(self.start, self.end) - self.start);
        let columns = i128::try_from(self.columns).unwrap_or(i128::MAX);
        usize::try_from((2 * offset * columns + length) / (2 * length)).unwrap_or(self.columns)
    }

    /// Whether some of the time between two instants lies on this side.
    pub(crate) fn sees(&self, from: Timestamp, to: Timestamp) -> bool {
        from.as_millisecond() < self.end && self.start < to.as_millisecond()
    }
}

impl Axis {
    /// The time from `start` over `now` to `end`, in so many columns.
    pub(crate) fn new(start: Timestamp, now: Timestamp, end: Timestamp, columns: usize) -> Self {
        let now = now.as_millisecond();
        let start = start.as_millisecond().min(now);
        let end = end.as_millisecond().max(now);
        let columns = columns.max(2 * SHORTEST_SIDE);
        let whole = Side { start, end, columns };
        let past = Timestamp::from_millisecond(now).map_or(0, |now| whole.edge(now));
        let past = past.clamp(SHORTEST_SIDE, columns - SHORTEST_SIDE);
        Self {
            past: Side { start, end: now, columns: past },
            future: Side { start: now, end, columns: columns - past },
        }
    }

    /// Whether the past, and whether the future, has more columns than its share of the time: there
    /// would be too few to see anything in.
    pub(crate) fn stretched(&self) -> [bool; 2] {
        let Self { past, future } = self;
        let [before, after] = [past.end - past.start, future.end - future.start];
        let columns = |side: &Side| i64::try_from(side.columns).unwrap_or(i64::MAX);
        let most = |own: i64, other: i64, side: &Side, beside: &Side| {
            columns(side) == SHORTEST_SIDE as i64
                && own.saturating_mul(columns(beside)).saturating_mul(2)
                    < other.saturating_mul(columns(side))
        };
        [most(before, after, past, future), most(after, before, future, past)]
    }

    /// How many columns there are, without the line of now.
    pub(crate) fn columns(&self) -> usize {
        self.past.columns + self.future.columns
    }

    /// The column of an instant, the line of now counted as one.
    fn column(&self, at: Timestamp) -> usize {
        if at.as_millisecond() < self.future.start {
            self.past.edge(at)
        } else {
            match self.future.edge(at) {
                0 => self.past.columns,
                edge => self.past.columns + 1 + edge,
            }
        }
    }

    /// Dates that stand apart from one another, as many as there is room for.
    pub(crate) fn ticks(&self) -> Vec<Tick> {
        let fitting = STEPS.iter().map(|step| self.at_steps(*step)).find(|ticks| apart(ticks));
        fitting.unwrap_or_default()
    }

    fn at_steps(&self, step: Step) -> Vec<Tick> {
        // More than one date in three columns never stands apart.
        let most = self.columns() / 3 + 2;
        let (start, end) = (self.past.start, self.future.end);
        let approximate = match step {
            Step::Seconds(secs) => secs * 1_000,
            Step::Months(months) => i64::from(months) * 30 * DAY * 1_000,
        };
        let instants: Vec<Timestamp> = if usize::try_from((end - start) / approximate)
            .is_ok_and(|n| n > most)
        {
            return vec![Tick { at: Timestamp::UNIX_EPOCH, column: 0, label: String::new() }; 2];
        } else {
            match step {
                Step::Seconds(secs) => self.multiples(secs),
                Step::Months(months) => self.months(months),
            }
        };
        instants
            .into_iter()
            .map(|at| Tick { at, column: self.column(at), label: self.label(at, step) })
            .filter(|tick| tick.column + tick.label.chars().count() <= self.columns() + 1)
            .collect()
    }

    /// The instants in the window that are whole multiples of a step.
    fn multiples(&self, secs: i64) -> Vec<Timestamp> {
        let step = secs * 1_000;
        let mut at = self.past.start.div_euclid(step) * step;
        let mut instants = Vec::new();
        while at < self.future.end {
            if at >= self.past.start {
                instants.extend(Timestamp::from_millisecond(at).ok());
            }
            at += step;
        }
        instants
    }

    /// The first days of months in the window, counted from January.
    fn months(&self, step: i32) -> Vec<Timestamp> {
        let Ok(start) = Timestamp::from_millisecond(self.past.start) else { return Vec::new() };
        let first = start.to_zoned(TimeZone::UTC).date();
        let months = i32::from(first.year()) * 12 + i32::from(first.month()) - 1;
        let begin = months.div_euclid(step) * step;
        let mut instants = Vec::new();
        for n in 0.. {
            let month = begin + n * step;
            let date = civil::Date::new(
                i16::try_from(month.div_euclid(12)).unwrap_or(i16::MAX),
                i8::try_from(month.rem_euclid(12) + 1).unwrap_or(1),
                1,
            );
            let Some(at) =
                date.ok().and_then(|date| Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp()))
            else {
                break;
            };
            if at.as_millisecond() >= self.future.end {
                break;
            }
            if at.as_millisecond() >= self.past.start {
                instants.push(at);
            }
        }
        instants
    }

    fn label(&self, at: Timestamp, step: Step) -> String {
        let within_a_day = self.future.end - self.past.start < DAY * 1_000;
        let format = match step {
            Step::Seconds(secs) if secs < 60 => "%H:%M:%S",
            Step::Seconds(secs) if secs < DAY && within_a_day => "%H:%M",
            Step::Seconds(secs) if secs < DAY => "%b %-d %H:%M",
            Step::Seconds(_) => "%b %-d",
            Step::Months(months) if months < 12 => "%b %Y",
            Step::Months(_) => "%Y",
        };
        at.strftime(format).to_string()
    }
}

fn apart(ticks: &[Tick]) -> bool {
    ticks
        .windows(2)
        .all(|pair| pair[0].column + pair[0].label.chars().count() + GAP <= pair[1].column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn labels(start: &str, end: &str) -> Vec<String> {
        let axis = Axis::new(at(start), at(start), at(end), 60);
        axis.ticks().into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn dates_fit_every_zoom_from_seconds_to_years() {
        assert_eq!(
            labels("2026-11-22T03:00:00Z", "2026-11-22T03:00:40Z"),
            ["03:00:00", "03:00:10", "03:00:20", "03:00:30"]
        );
        assert_eq!(
            labels("2026-11-22T03:00:00Z", "2026-11-22T09:59:00Z"),
            ["03:00", "04:00", "05:00", "06:00", "07:00", "08:00", "09:00"]
        );
        assert_eq!(labels("2026-11-20T01:00:00Z", "2026-11-22T09:00:00Z"), ["Nov 21", "Nov 22"]);
        assert_eq!(
            labels("2026-11-20T01:00:00Z", "2027-02-20T09:00:00Z"),
            ["Dec 2026", "Jan 2027", "Feb 2027"]
        );
        assert_eq!(
            labels("2019-11-20T01:00:00Z", "2027-02-20T09:00:00Z"),
            ["2020", "2021", "2022", "2023", "2024", "2025", "2026"]
        );
    }

    #[test]
    fn a_side_that_is_far_too_short_for_its_columns_says_so() {
        let stretched = |now| {
            let (start, end) = (at("2026-01-01T00:00:00Z"), at("2026-01-01T01:00:00Z"));
            Axis::new(start, at(now), end, 60).stretched()
        };
        assert_eq!(stretched("2026-01-01T00:00:10Z"), [true, false]);
        assert_eq!(stretched("2026-01-01T00:03:00Z"), [false, false]);
        assert_eq!(stretched("2026-01-01T00:59:50Z"), [false, true]);
    }

    #[test]
    fn now_parts_the_columns_by_their_share_and_leaves_room_on_both_sides() {
        let axis =
            |now| Axis::new(at("2026-01-01T00:00:00Z"), at(now), at("2026-01-01T01:00:00Z"), 60);
        assert_eq!(axis("2026-01-01T00:15:00Z").past.columns, 15);
        assert_eq!(axis("2026-01-01T00:00:01Z").past.columns, SHORTEST_SIDE);
        assert_eq!(axis("2026-01-01T00:59:59Z").future.columns, SHORTEST_SIDE);
        let past = axis("2026-01-01T00:15:00Z").past;
        assert_eq!(past.edge(Timestamp::MIN), 0);
        assert_eq!(past.edge(at("2026-01-01T00:05:20Z")), 5);
        assert_eq!(past.edge(at("2026-01-01T00:05:40Z")), 6);
        assert_eq!(past.edge(Timestamp::MAX), 15);
    }
}
