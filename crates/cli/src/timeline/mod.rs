//! A ring's keys drawn in time: one row for each key, dates above, and a line where now is.

mod axis;
mod life;

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use keytide_ring::Span;
use keytide_ring::explain::{Explanation, KeyLife};
use serde::Serialize;

use axis::Axis;
use life::{Doing, Phase, next_switch, phases};

/// How to draw.
#[derive(Clone, Copy)]
pub(crate) struct Canvas {
    pub(crate) columns: usize,
    pub(crate) colour: bool,
    pub(crate) ascii: bool,
    /// Every key, instead of the newest ones.
    pub(crate) all: bool,
}

/// The same as data.
#[derive(Serialize)]
pub(crate) struct Timeline<'a> {
    ring: &'a str,
    now: Timestamp,
    from: Timestamp,
    to: Timestamp,
    keys: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    kid: &'a str,
    state: &'static str,
    phases: Vec<Phase>,
}

/// How many of the newest keys are drawn where nobody asks for all.
const NEWEST: usize = 10;
/// The columns before the bars: a key's short name, its state, and the spaces after them.
const SHORT_KID: usize = 8;
const STATE: usize = 9;
const MARGIN: usize = SHORT_KID + 2 + STATE + 2;
/// What is coming up is told for so many steps.
const STEPS_TOLD: usize = 3;

/// The ring's keys, oldest first, each with its phases.
pub(crate) fn timeline(explanation: &Explanation, all: bool) -> Timeline<'_> {
    let mut lives: Vec<&KeyLife> = explanation.keys.iter().collect();
    lives.sort_by_key(|life| (life.key.published_at, life.key.born, order(life)));
    if !all {
        let older = lives.len().saturating_sub(NEWEST);
        lives.drain(..older);
    }
    let keys: Vec<Row<'_>> = lives
        .into_iter()
        .map(|life| Row {
            kid: life.key.kid.as_str(),
            state: life.key.state.name(),
            phases: phases(life, explanation),
        })
        .collect();
    let (from, to) = window(&keys, explanation);
    Timeline { ring: explanation.ring.as_str(), now: explanation.now, from, to, keys }
}

/// Draws the picture, with its title, legend, and what is coming up.
pub(crate) fn draw(explanation: &Explanation, canvas: Canvas) -> String {
    let timeline = timeline(explanation, canvas.all);
    let pen = Pen { canvas };
    let bars = canvas.columns.saturating_sub(MARGIN + 1).max(10);
    let axis = Axis::new(timeline.from, timeline.to, bars);
    // The line of now stands before the first column that is not wholly past.
    let now = axis.column(timeline.now);
    let mut lines = vec![pen.title(explanation), String::new()];
    lines.extend(pen.dates(&axis, now));
    for row in &timeline.keys {
        lines.push(pen.row(row, &axis, now));
    }
    let left_out = explanation.keys.len() - timeline.keys.len();
    if left_out > 0 {
        lines.push(pen.paint(FAINT, format!("{left_out} older not drawn; see --all")));
    }
    lines.extend([String::new(), pen.legend(), String::new()]);
    lines.extend(coming_up(explanation));
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// From the oldest drawn key to the end of the active one; what lies further off is not drawn.
fn window(keys: &[Row<'_>], explanation: &Explanation) -> (Timestamp, Timestamp) {
    let now = explanation.now;
    let all = || keys.iter().flat_map(|key| &key.phases);
    let first = all().map(|phase| phase.from).min().unwrap_or(now).min(now);
    let past_end = all()
        .filter(|phase| matches!(phase.doing, Doing::Retiring | Doing::Revoked))
        .map(|phase| phase.to)
        .max();
    let switch = explanation.terms.overlap.after(next_switch(explanation));
    let last = past_end.unwrap_or(now).max(switch).max(now);
    // A little room on both sides, so that beginnings and ends are seen as such.
    let room = Span::from_millis(Span::between(first, last).as_millis() / 30);
    let from = first.saturating_sub(room.signed()).unwrap_or(first);
    (from, room.after(last))
}

fn order(life: &KeyLife) -> u8 {
    match life.key.state.name() {
        "active" => 1,
        "published" => 2,
        _ => 0,
    }
}

struct Pen {
    canvas: Canvas,
}

const NOW: Style = AnsiColor::BrightWhite.on_default().bold();
const FAINT: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();

impl Pen {
    fn title(&self, explanation: &Explanation) -> String {
        let Explanation { ring, algorithm, epoch, now, .. } = explanation;
        let name = self.paint(STRONG, ring.to_string());
        format!("{name}  {algorithm}  epoch {epoch}  now {}", to_the_second(*now))
    }

    /// The dates, and below them the axis that they stand on.
    fn dates(&self, axis: &Axis, now: usize) -> [String; 2] {
        let ticks = axis.ticks();
        let (line, corner, tick, here) = match self.canvas.ascii {
            false => ('─', '┬', '┴', '┼'),
            true => ('-', '+', '+', '|'),
        };
        let mut dates = vec![' '; axis.columns() + 1];
        let mut rule: Vec<char> = vec![line; axis.columns() + 1];
        let shown = |column: usize| if column >= now { column + 1 } else { column };
        for at in &ticks {
            let column = shown(at.column);
            for (place, c) in (column..).zip(at.label.chars()) {
                if let Some(cell) = dates.get_mut(place) {
                    *cell = c;
                }
            }
            rule[column] = tick;
        }
        rule[now] = if rule[now] == tick { here } else { corner };
        let margin = " ".repeat(MARGIN);
        let dates: String = dates.into_iter().collect();
        let (before, after) = split(&rule, now);
        let mark = self.paint(NOW, rule[now].to_string());
        let rule = format!("{}{mark}{}", self.paint(FAINT, before), self.paint(FAINT, after));
        [format!("{margin}{}", self.paint(FAINT, dates.trim_end().to_owned())), margin + &rule]
    }

    fn row(&self, row: &Row<'_>, axis: &Axis, now: usize) -> String {
        let cells = cells(&row.phases, axis);
        let kid: String = row.kid.chars().take(SHORT_KID).collect();
        let style = row.phases.first().map_or(FAINT, |_| state_style(row.state));
        let state = self.paint(style, format!("{:<STATE$}", row.state));
        let mut line = format!("{kid:<SHORT_KID$}  {state}  ");
        line.push_str(&self.bars(&cells[..now], false));
        line.push_str(&self.paint(NOW, if self.canvas.ascii { "|" } else { "│" }.to_owned()));
        line.push_str(&self.bars(&cells[now..], true));
        line
    }

    /// Runs of the same kind share one style, so that colours cost few bytes.
    fn bars(&self, cells: &[Option<Doing>], to_come: bool) -> String {
        cells
            .chunk_by(|a, b| a == b)
            .map(|run| match run.first().copied().flatten() {
                None => " ".repeat(run.len()),
                Some(doing) => {
                    let style = style(doing);
                    let style = if to_come { style.dimmed() } else { style };
                    self.paint(style, self.glyph(doing).repeat(run.len()))
                }
            })
            .collect()
    }

    fn legend(&self) -> String {
        let mut legend = String::new();
        for (doing, what) in [
            (Doing::Published, "published"),
            (Doing::Active, "active"),
            (Doing::Retiring, "retiring"),
            (Doing::Retired, "retired"),
            (Doing::Revoked, "revoked, still trusted by some"),
        ] {
            let glyph = self.paint(style(doing), self.glyph(doing).repeat(2));
            legend.push_str(&format!("{glyph} {what}  "));
        }
        let now = if self.canvas.ascii { "|" } else { "│" };
        legend + &self.paint(NOW, now.to_owned()) + " now"
    }

    fn glyph(&self, doing: Doing) -> &'static str {
        match (doing, self.canvas.ascii) {
            (Doing::Published, false) => "░",
            (Doing::Active, false) => "█",
            (Doing::Retiring, false) => "▒",
            (Doing::Retired, false) => "·",
            (Doing::Revoked, false) => "╳",
            (Doing::Published, true) => ":",
            (Doing::Active, true) => "#",
            (Doing::Retiring, true) => "=",
            (Doing::Retired, true) => ".",
            (Doing::Revoked, true) => "x",
        }
    }

    fn paint(&self, style: Style, text: String) -> String {
        if self.canvas.colour && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text
        }
    }
}

fn style(doing: Doing) -> Style {
    match doing {
        Doing::Published => AnsiColor::Cyan.on_default(),
        Doing::Active => AnsiColor::Green.on_default(),
        Doing::Retiring => AnsiColor::Yellow.on_default(),
        Doing::Retired => FAINT,
        Doing::Revoked => AnsiColor::Red.on_default(),
    }
}

fn state_style(state: &str) -> Style {
    match state {
        "published" => style(Doing::Published),
        "active" => style(Doing::Active).bold(),
        "retiring" => style(Doing::Retiring),
        "revoked" => style(Doing::Revoked),
        _ => FAINT,
    }
}

/// What each column shows: the phase in its middle; and every phase somewhere, be it ever so short,
/// unless another that is as short stands there.
fn cells(phases: &[Phase], axis: &Axis) -> Vec<Option<Doing>> {
    let mut cells: Vec<Option<usize>> = (0..axis.columns())
        .map(|column| {
            let middle = axis.middle(column);
            phases.iter().position(|phase| phase.from <= middle && middle < phase.to)
        })
        .collect();
    for (nth, phase) in phases.iter().enumerate() {
        let inside = axis.middle(0) < phase.to && phase.from <= axis.middle(axis.columns() - 1);
        if inside && !cells.contains(&Some(nth)) {
            let column = axis.column(phase.from);
            let other = cells[column];
            if other.is_none() || cells.iter().filter(|cell| **cell == other).count() > 1 {
                cells[column] = Some(nth);
            }
        }
    }
    cells.into_iter().map(|nth| nth.map(|nth| phases[nth].doing)).collect()
}

fn split(line: &[char], at: usize) -> (String, String) {
    (line[..at].iter().collect(), line[at + 1..].iter().collect())
}

/// The next steps, in words.
fn coming_up(explanation: &Explanation) -> Vec<String> {
    let steps = explanation.next.iter().take(STEPS_TOLD);
    steps
        .map(|next| {
            let kid: String = next.kid.as_str().chars().take(SHORT_KID).collect();
            let does = match next.step.as_str() {
                "activate" => "begins to sign",
                "retire" => "leaves the set",
                _ => "is destroyed",
            };
            let wait = Span::between(explanation.now, next.at);
            let wait = Span::from_millis(wait.as_secs().saturating_mul(1_000));
            format!("{}  {kid} {does}, in {wait}", to_the_second(next.at))
        })
        .collect()
}

fn to_the_second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
