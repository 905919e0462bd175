//! A stretch of time cut into columns, and the dates that stand above them.

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

/// A window of time drawn in so many columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Axis {
    start: i64,
    end: i64,
    columns: usize,
}

/// A date above a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tick {
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

impl Axis {
    /// A window of at least a second in at least one column.
    pub(crate) fn new(start: Timestamp, end: Timestamp, columns: usize) -> Self {
        let start = start.as_millisecond();
        Self { start, end: end.as_millisecond().max(start + 1_000), columns: columns.max(1) }
    }

    /// How many columns there are.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// The column of an instant, from 0; one before the window is in the first, one after it in the last.
    pub(crate) fn column(&self, at: Timestamp) -> usize {
        let from_start = i128::from(at.as_millisecond() - self.start);
        let column = from_start * self.wide() / i128::from(self.end - self.start);
        usize::try_from(column.max(0)).unwrap_or(usize::MAX).min(self.columns - 1)
    }

    /// The middle of a column.
    pub(crate) fn middle(&self, column: usize) -> Timestamp {
        let halves = i128::try_from(2 * column + 1).unwrap_or(i128::MAX);
        let offset = halves * i128::from(self.end - self.start) / (2 * self.wide());
        let at = self.start.saturating_add(i64::try_from(offset).unwrap_or(i64::MAX));
        Timestamp::from_millisecond(at).unwrap_or(Timestamp::MAX)
    }

    /// Dates that stand apart from one another, as many as there is room for.
    pub(crate) fn ticks(&self) -> Vec<Tick> {
        let fitting = STEPS.iter().map(|step| self.at_steps(*step)).find(|ticks| apart(ticks));
        fitting.unwrap_or_default()
    }

    fn at_steps(&self, step: Step) -> Vec<Tick> {
        // More than one date in three columns never stands apart.
        let most = self.columns / 3 + 2;
        let span = self.end - self.start;
        let approximate = match step {
            Step::Seconds(secs) => secs * 1_000,
            Step::Months(months) => i64::from(months) * 30 * DAY * 1_000,
        };
        let instants: Vec<Timestamp> =
            if usize::try_from(span / approximate).is_ok_and(|n| n > most) {
                return vec![Tick { column: 0, label: String::new() }; 2];
            } else {
                match step {
                    Step::Seconds(secs) => self.multiples(secs),
                    Step::Months(months) => self.months(months),
                }
            };
        instants
            .into_iter()
            .map(|at| Tick { column: self.column(at), label: self.label(at, step) })
            .filter(|tick| tick.column + tick.label.chars().count() <= self.columns)
            .collect()
    }

    /// The instants in the window that are whole multiples of a step.
    fn multiples(&self, secs: i64) -> Vec<Timestamp> {
        let step = secs * 1_000;
        let mut at = self.start.div_euclid(step) * step;
        let mut instants = Vec::new();
        while at < self.end {
            if at >= self.start {
                instants.extend(Timestamp::from_millisecond(at).ok());
            }
            at += step;
        }
        instants
    }

    /// The first days of months in the window, counted from January.
    fn months(&self, step: i32) -> Vec<Timestamp> {
        let Ok(start) = Timestamp::from_millisecond(self.start) else { return Vec::new() };
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
            if at.as_millisecond() >= self.end {
                break;
            }
            if at.as_millisecond() >= self.start {
                instants.push(at);
            }
        }
        instants
    }

    fn label(&self, at: Timestamp, step: Step) -> String {
        let within_a_day = self.end - self.start < DAY * 1_000;
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

    fn wide(&self) -> i128 {
        i128::try_from(self.columns).unwrap_or(i128::MAX)
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
        let axis = Axis::new(at(start), at(end), 60);
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
        assert_eq!(
            labels("2026-11-20T01:00:00Z", "2026-11-22T09:00:00Z"),
            ["Nov 20 12:00", "Nov 21 00:00", "Nov 21 12:00", "Nov 22 00:00"]
        );
        assert_eq!(
            labels("2026-11-20T01:00:00Z", "2027-02-20T09:00:00Z"),
            ["Dec 2026", "Jan 2027", "Feb 2027"]
        );
        assert_eq!(
            labels("2019-11-20T01:00:00Z", "2027-02-20T09:00:00Z"),
            ["2020", "2021", "2022", "2023", "2024", "2025", "2026", "2027"]
        );
    }

    #[test]
    fn a_column_s_middle_lies_in_the_column() {
        let axis = Axis::new(at("2026-01-01T00:00:00Z"), at("2026-01-01T00:01:00Z"), 7);
        for column in 0..7 {
            assert_eq!(axis.column(axis.middle(column)), column);
        }
        assert_eq!(axis.column(Timestamp::MIN), 0);
        assert_eq!(axis.column(Timestamp::MAX), 6);
    }
}
