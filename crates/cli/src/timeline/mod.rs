//! A ring's keys drawn in time: one row for each key, dates above, and a line where now is.

mod axis;
mod life;
mod svg;

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use keytide_ring::Span;
use keytide_ring::explain::{Explanation, KeyLife, Upcoming};
use serde::Serialize;

use crate::output::visible;

use axis::{Axis, Side};
use life::{Doing, Phase, next_switch, phases};

pub(crate) use svg::picture;

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
    next: &'a [Upcoming],
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
    lives.sort_by_key(|life| {
        // The published key has yet to sign, and stands last.
        let signs_from = life.key.state.activated_at().unwrap_or(Timestamp::MAX);
        (life.key.published_at, signs_from)
    });
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
    let next = &explanation.next;
    Timeline { ring: explanation.ring.as_str(), now: explanation.now, from, to, keys, next }
}

/// Draws the picture, with its title, legend, and what is coming up.
pub(crate) fn draw(explanation: &Explanation, canvas: Canvas) -> String {
    let timeline = timeline(explanation, canvas.all);
    let pen = Pen { canvas };
    let bars = canvas.columns.saturating_sub(MARGIN + 1).max(10);
    let axis = Axis::new(timeline.from, timeline.now, timeline.to, bars);
    let mut lines = vec![pen.title(explanation), String::new()];
    lines.extend(pen.dates(&axis));
    for row in &timeline.keys {
        lines.push(pen.row(row, &axis));
    }
    let left_out = explanation.keys.len() - timeline.keys.len();
    if left_out > 0 {
        lines.push(pen.paint(FAINT, format!("{left_out} older not drawn; see --all")));
    }
    lines.push(String::new());
    lines.extend(pen.legend(axis.stretched() != [false, false]));
    lines.push(String::new());
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
    // A little room at the end, so that an end is seen as such.
    let room = Span::from_millis(Span::between(first, last).as_millis() / 30);
    (first, room.after(last))
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
        let facts = format!("{algorithm}  epoch {epoch}");
        let now = format!("now {}", to_the_second(*now));
        let width = ring.as_str().len() + facts.len() + now.len() + 4;
        let parted = if width > self.canvas.columns { "\n" } else { "  " };
        format!("{name}  {facts}{parted}{now}")
    }

    /// The dates, and below them the axis that they stand on.
    fn dates(&self, axis: &Axis) -> [String; 2] {
        let (line, stretched, meets_now, tick) =
            if self.canvas.ascii { ('-', '~', '+', '+') } else { ('─', '┄', '┬', '┴') };
        let now = axis.past.columns;
        let mut dates = vec![' '; axis.columns() + 1];
        let mut rule = vec![line; axis.columns() + 1];
        let [past, future] = axis.stretched();
        if past {
            rule[..now].fill(stretched);
        }
        if future {
            rule[now..].fill(stretched);
        }
        for at in axis.ticks() {
            for (cell, c) in dates.iter_mut().skip(at.column).zip(at.label.chars()) {
                *cell = c;
            }
            if let Some(cell) = rule.get_mut(at.column) {
                *cell = tick;
            }
        }
        let text = |cells: &[char]| -> String { cells.iter().collect() };
        let dates = self.paint(FAINT, text(&dates).trim_end().to_owned());
        let rule = [
            self.paint(FAINT, text(&rule[..now])),
            self.paint(NOW, meets_now.to_string()),
            self.paint(FAINT, text(&rule[now + 1..])),
        ];
        let margin = " ".repeat(MARGIN);
        [format!("{margin}{dates}"), margin + &rule.concat()]
    }

    fn row(&self, row: &Row<'_>, axis: &Axis) -> String {
        let kid: String = visible(&row.kid.chars().take(SHORT_KID).collect::<String>());
        let state = self.paint(state_style(row.state), format!("{:<STATE$}", row.state));
        let past = self.bars(&cells(&row.phases, &axis.past), false);
        let future = self.bars(&cells(&row.phases, &axis.future), true);
        format!("{kid:<SHORT_KID$}  {state}  {past}{}{future}", self.now())
    }

    fn now(&self) -> String {
        self.paint(NOW, if self.canvas.ascii { "|" } else { "│" }.to_owned())
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

    /// What the glyphs mean, in as many lines as that takes.
    fn legend(&self, stretched: bool) -> Vec<String> {
        let doings = [
            (Doing::Published, "published"),
            (Doing::Active, "active"),
            (Doing::Retiring, "retiring"),
            (Doing::Retired, "retired"),
            (Doing::Revoked, "revoked"),
        ];
        let mut words: Vec<(String, usize)> = doings
            .into_iter()
            .map(|(doing, what)| {
                let glyph = self.paint(style(doing), self.glyph(doing).repeat(2));
                (format!("{glyph} {what}"), 3 + what.len())
            })
            .collect();
        words.push((format!("{} now", self.now()), 5));
        if stretched {
            let sign = if self.canvas.ascii { "~" } else { "┄" };
            words.push((format!("{} not to scale", self.paint(FAINT, sign.to_owned())), 14));
        }
        let (mut lines, mut used) = (vec![String::new()], 0);
        for (word, width) in words {
            if used > 0 && used + 2 + width > self.canvas.columns {
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(if used > 0 { "  " } else { "" });
                line.push_str(&word);
                used += 2 + width;
            }
        }
        lines
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

/// What each column of one side shows. Every phase has a column, be it ever so short, as long as
/// there are enough; and they keep their order.
fn cells(phases: &[Phase], side: &Side) -> Vec<Option<Doing>> {
    let seen: Vec<&Phase> = phases.iter().filter(|phase| side.sees(phase.from, phase.to)).collect();
    let mut starts: Vec<usize> = Vec::with_capacity(seen.len());
    for (nth, phase) in seen.iter().enumerate() {
        let after_previous = starts.last().map_or(0, |previous| previous + 1);
        let room_for_later = side.columns.saturating_sub(seen.len() - nth);
        starts.push(side.edge(phase.from).max(after_previous).min(room_for_later));
    }
    let mut cells = vec![None; side.columns];
    for (nth, phase) in seen.iter().enumerate() {
        let from = starts[nth];
        let to = starts.get(nth + 1).copied().unwrap_or_else(|| side.edge(phase.to));
        for cell in cells.iter_mut().take(to.max(from + 1)).skip(from) {
            *cell = Some(phase.doing);
        }
    }
    cells
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
            if next.at <= explanation.now && !next.waits_for.is_empty() {
                return format!("as soon as possible   {kid} {does}; {}", waits_for(next));
            }
            let wait = roughly(Span::between(explanation.now, next.at));
            let who = match next.waits_for.is_empty() {
                true => String::new(),
                false => format!("; {}", waits_for(next)),
            };
            format!("{}  {kid} {does}, in {wait}{who}", to_the_second(next.at))
        })
        .collect()
}

/// Whose word a step needs: three of them by name.
fn waits_for(step: &Upcoming) -> String {
    let names: Vec<String> = step
        .waits_for
        .iter()
        .take(3)
        .map(|waiting| match &waiting.instance {
            Some(instance) => format!("{}/{instance}", waiting.consumer),
            None => waiting.consumer.clone(),
        })
        .collect();
    let more = match step.waits_for.len().saturating_sub(3) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    visible(&format!("waits for {}{more}", names.join(", ")))
}

/// To the nearest unit that matters at that length.
fn roughly(span: Span) -> Span {
    const SECOND: u64 = 1_000;
    const MINUTE: u64 = 60 * SECOND;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let unit = match span.as_millis() {
        0..MINUTE => SECOND,
        MINUTE..DAY => MINUTE,
        _ => HOUR,
    };
    Span::from_millis((span.as_millis() + unit / 2) / unit * unit)
}

fn to_the_second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Rings under a clock that is turned by hand, for the tests of pictures.
#[cfg(test)]
mod scene {
    use std::sync::Arc;

    use jiff::SignedDuration;
    use keytide_jose::Rng;
    use keytide_ring::explain::Explanation;
    use keytide_ring::{
        Actor, CheckIn, Clock, Command, Epoch, Keeper, KeeperConfig, ManualClock, MemoryStore,
        Policy, PolicySpec, RingName, Span,
    };

    /// Bytes that are the same in every run.
    struct Counted(u64);

    impl Rng for Counted {
        fn fill(&mut self, out: &mut [u8]) -> Result<(), keytide_jose::Error> {
            for byte in out {
                self.0 = self
                    .0
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                *byte = (self.0 >> 56) as u8;
            }
            Ok(())
        }
    }

    /// A ring under a clock that is turned by hand.
    pub(super) struct Scene {
        clock: Arc<ManualClock>,
        keeper: Keeper,
        name: RingName,
    }

    impl Scene {
        pub(super) fn new(policy: &str) -> Self {
            let clock = Arc::new(ManualClock::new("2026-03-01T12:00:00Z".parse().unwrap()));
            let seed = std::sync::atomic::AtomicU64::new(1);
            let rng = Box::new(move || -> Box<dyn Rng> {
                Box::new(Counted(seed.fetch_add(1, std::sync::atomic::Ordering::Relaxed)))
            });
            let config = KeeperConfig {
                store: Arc::new(MemoryStore::new(Arc::clone(&clock) as Arc<dyn Clock>)),
                clock: Arc::clone(&clock) as Arc<dyn Clock>,
                rng,
            };
            let keeper = Keeper::new(config).unwrap();
            let name: RingName = "shop.production".parse().unwrap();
            let policy: PolicySpec = serde_json::from_str(policy).unwrap();
            keeper.create(&name, Policy::new(policy).unwrap(), &Actor::local("test")).unwrap();
            Self { clock, keeper, name }
        }

        /// Lets time pass in steps, and turns the ring after each.
        pub(super) fn pass(&self, steps: usize, step: &str) {
            let step: Span = step.parse().unwrap();
            for _ in 0..steps {
                self.clock
                    .advance(SignedDuration::from_millis(i64::try_from(step.as_millis()).unwrap()));
                self.keeper.command(&self.name, Command::Turn, &Actor::schedule()).unwrap();
            }
        }

        pub(super) fn revoke_active(&self) {
            let kid = self.keeper.snapshot(&self.name).unwrap().ring().active().kid.clone();
            let revoke = Command::Revoke { kid, reason: None };
            self.keeper.command(&self.name, revoke, &Actor::local("test")).unwrap();
        }

        /// An instance says what it works with.
        pub(super) fn hear_of(&self, consumer: &str, instance: &str, epoch: u64) {
            let said = CheckIn {
                consumer: consumer.to_owned(),
                instance: instance.to_owned(),
                epoch: Some(Epoch::new(epoch)),
            };
            self.keeper.check_in(&self.name, &said, &Actor::local("api")).unwrap();
        }

        pub(super) fn explain(&self) -> Explanation {
            self.keeper.explain(&self.name).unwrap()
        }
    }
}

#[cfg(test)]
mod tests {
    use snapbox::{assert_data_eq, file};

    use super::scene::Scene;
    use super::*;

    impl Scene {
        fn drawn(&self, columns: usize) -> String {
            let canvas = Canvas { columns, colour: false, ascii: false, all: false };
            draw(&self.explain(), canvas)
        }
    }

    #[test]
    fn a_new_ring_has_its_life_before_it() {
        let scene = Scene::new(r#"{"algorithm":"ES256"}"#);
        assert_data_eq!(scene.drawn(80), file!["pictures/new.txt"]);
    }

    #[test]
    fn months_of_rotations_make_a_staircase() {
        let scene = Scene::new(
            r#"{"algorithm":"ES256","rotate_every":"30d","token_ttl":"5d","lead":"10d"}"#,
        );
        scene.pass(100, "1d");
        assert_data_eq!(scene.drawn(100), file!["pictures/months.txt"]);
    }

    #[test]
    fn a_ring_of_seconds_is_drawn_in_seconds() {
        let scene = Scene::new(
            r#"{"algorithm":"ES256","rotate_every":"14s","token_ttl":"4s","propagation":"2s",
                "clock_error":"100ms","signer_lag":"2s","leeway":"0s","rollback_window":"30s",
                "consumers":[{"name":"quick","hold":"3s"}]}"#,
        );
        scene.pass(60, "500ms");
        assert_data_eq!(scene.drawn(80), file!["pictures/seconds.txt"]);
    }

    #[test]
    fn a_ring_of_years_is_drawn_in_years() {
        let scene = Scene::new(
            r#"{"algorithm":"ES256","rotate_every":"700d","token_ttl":"300d","rollback_window":"365d"}"#,
        );
        scene.pass(60, "30d");
        assert_data_eq!(scene.drawn(80), file!["pictures/years.txt"]);
    }

    #[test]
    fn an_emergency_shows_until_when_the_key_is_trusted() {
        let scene = Scene::new(r#"{"algorithm":"ES256","rotate_every":"1h","token_ttl":"15m"}"#);
        scene.pass(80, "1m");
        scene.revoke_active();
        scene.pass(2, "1m");
        assert_data_eq!(scene.drawn(80), file!["pictures/revoked.txt"]);
    }

    #[test]
    fn a_narrow_terminal_and_ascii_do_as_well() {
        let scene = Scene::new(r#"{"algorithm":"ES256","rotate_every":"1d"}"#);
        scene.pass(30, "1h");
        let canvas = Canvas { columns: 48, colour: false, ascii: true, all: false };
        let drawn = draw(&scene.explain(), canvas);
        assert!(drawn.is_ascii());
        let picture = drawn.lines().take_while(|line| !line.starts_with("2026"));
        assert!(picture.clone().count() > 8 && picture.into_iter().all(|line| line.len() <= 48));
        assert_data_eq!(drawn, file!["pictures/narrow.txt"]);
    }

    #[test]
    fn colours_change_nothing_else() {
        let scene = Scene::new(r#"{"algorithm":"ES256"}"#);
        let canvas = Canvas { columns: 80, colour: true, ascii: false, all: false };
        let coloured = draw(&scene.explain(), canvas);
        assert!(coloured.contains('\u{1b}'));
        let plain: String = coloured
            .split('\u{1b}')
            .enumerate()
            .map(|(nth, part)| if nth == 0 { part } else { part.split_once('m').unwrap().1 })
            .collect();
        let plain: String = plain.lines().map(|line| format!("{}\n", line.trim_end())).collect();
        assert_eq!(plain, scene.drawn(80));
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(secs).unwrap()
    }

    fn drawn(phases: &[(Doing, i64, i64)], now: i64, end: i64) -> String {
        let phases: Vec<Phase> = phases
            .iter()
            .map(|&(doing, from, to)| Phase { doing, from: at(from), to: at(to) })
            .collect();
        let axis = Axis::new(at(0), at(now), at(end), 20);
        let side = |side| -> String {
            cells(&phases, side)
                .into_iter()
                .map(|cell| match cell {
                    None => ' ',
                    Some(Doing::Published) => 'p',
                    Some(Doing::Active) => 'a',
                    Some(Doing::Retiring) => 'r',
                    Some(Doing::Retired) => 'e',
                    Some(Doing::Revoked) => 'x',
                })
                .collect()
        };
        format!("{}|{}", side(&axis.past), side(&axis.future))
    }

    #[test]
    fn phases_stand_where_they_are_in_time() {
        use Doing::{Active, Published, Retiring};
        let life = [(Published, 0, 50), (Active, 50, 150), (Retiring, 150, 180)];
        assert_eq!(drawn(&life, 100, 200), "pppppaaaaa|aaaaarrr  ");
    }

    #[test]
    fn a_phase_too_short_for_a_column_has_one_all_the_same() {
        use Doing::{Active, Published, Revoked};
        let life = [(Published, 0, 1), (Active, 1, 199), (Revoked, 199, 200)];
        assert_eq!(drawn(&life, 200, 400), "paaaaaaaax|          ");
        let brief = [(Published, 0, 1), (Active, 1, 2), (Revoked, 2, 3)];
        assert_eq!(drawn(&brief, 3, 1_000_000), "pax|                 ");
    }

    #[test]
    fn waits_are_told_no_finer_than_they_matter() {
        for (secs, told) in [(59, "59s"), (3_601, "1h"), (86_399, "1d"), (7_775_999, "90d")] {
            assert_eq!(roughly(Span::from_secs(secs)).to_string(), told);
        }
    }
}
