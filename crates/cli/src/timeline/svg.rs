//! The same picture as one SVG document, for pages and papers: light and dark, no script, nothing fetched.

use std::fmt::Write;

use jiff::Timestamp;
use keytide_ring::explain::Explanation;

use super::axis::Axis;
use super::life::{Doing, Phase};
use super::{Row, SHORT_KID, Timeline, coming_up, timeline, to_the_second, waits_for};
use crate::output::visible;

/// The picture in its own units, which a page may scale.
const WIDTH: f64 = 960.0;
const EDGE: f64 = 24.0;
/// Where time begins and ends.
const LEFT: f64 = 178.0;
const RIGHT: f64 = WIDTH - EDGE;
const HEAD: f64 = 104.0;
const ROW: f64 = 36.0;
const BAR: f64 = 20.0;
/// What is shorter is drawn this wide all the same.
const NARROWEST: f64 = 3.0;
/// A word in a bar needs this much for each of its letters.
const LETTER: f64 = 6.4;
/// Dates stand apart as on a terminal with this many columns.
const DATE_COLUMNS: usize = 92;

/// Draws the lives of the keys.
pub(crate) fn picture(explanation: &Explanation, all: bool) -> String {
    let timeline = timeline(explanation, all);
    let scale = Scale { from: timeline.from, to: timeline.to };
    let notes = coming_up(explanation);
    let rows = timeline.keys.len() as f64;
    let bottom = HEAD + rows * ROW;
    let height = bottom + 74.0 + notes.len() as f64 * 20.0;
    let mut svg = Svg(String::new());
    svg.begin(explanation, height);
    svg.title(explanation);
    svg.dates(&timeline, &scale, bottom);
    for (nth, row) in timeline.keys.iter().enumerate() {
        svg.row(row, explanation, &scale, HEAD + nth as f64 * ROW);
    }
    svg.now(explanation.now, &scale, bottom);
    svg.legend(bottom + 34.0);
    for (nth, note) in notes.iter().enumerate() {
        let y = bottom + 72.0 + nth as f64 * 20.0;
        svg.text(EDGE, y, "note", "start", note);
    }
    svg.0.push_str("</svg>\n");
    svg.0
}

/// Time as a place from left to right.
struct Scale {
    from: Timestamp,
    to: Timestamp,
}

impl Scale {
    fn x(&self, at: Timestamp) -> f64 {
        let whole = (self.to.as_millisecond() - self.from.as_millisecond()).max(1) as f64;
        let part = (at.as_millisecond() - self.from.as_millisecond()) as f64;
        LEFT + (RIGHT - LEFT) * (part / whole).clamp(0.0, 1.0)
    }
}

struct Svg(String);

impl Svg {
    fn begin(&mut self, explanation: &Explanation, height: f64) {
        let ring = escaped(explanation.ring.as_str());
        let now = to_the_second(explanation.now);
        self.add(format_args!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-labelledby="title about">
<title id="title">The keys of ring {ring}</title>
<desc id="about">One bar for each key from its publication on, as of {now}: hatched while it is published and while it verifies only, solid while it signs.</desc>
<style>{STYLE}</style>
<defs>
<pattern id="lead" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="lead-ground" width="7" height="7"/><rect class="lead-line" width="2.6" height="7"/></pattern>
<pattern id="overlap" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect class="overlap-ground" width="7" height="7"/><rect class="overlap-line" width="2.6" height="7"/></pattern>
<pattern id="revoked" width="8" height="8" patternUnits="userSpaceOnUse"><rect class="revoked-ground" width="8" height="8"/><path class="revoked-line" d="M0 0L8 8M8 0L0 8"/></pattern>
</defs>
<rect class="ground" width="{WIDTH}" height="{height}" rx="8"/>"#
        ));
    }

    fn title(&mut self, explanation: &Explanation) {
        let Explanation { ring, algorithm, epoch, now, .. } = explanation;
        self.text(EDGE, 38.0, "title", "start", ring.as_str());
        let facts = format!("{algorithm}, epoch {epoch}, at {}", to_the_second(*now));
        self.text(RIGHT, 38.0, "faint", "end", &facts);
    }

    fn dates(&mut self, timeline: &Timeline<'_>, scale: &Scale, bottom: f64) {
        let axis = Axis::new(timeline.from, timeline.now, timeline.to, DATE_COLUMNS);
        for tick in axis.ticks() {
            let x = scale.x(tick.at);
            self.add(format_args!(
                r#"<path class="grid" d="M{x:.1} {:.1}V{bottom:.1}"/>"#,
                HEAD - 14.0
            ));
            self.text(x + 4.0, HEAD - 18.0, "faint", "start", &tick.label);
        }
    }

    fn row(&mut self, row: &Row<'_>, explanation: &Explanation, scale: &Scale, y: f64) {
        let kid: String = row.kid.chars().take(SHORT_KID).collect();
        let middle = y + ROW / 2.0 + 4.0;
        self.text(EDGE, middle, "kid", "start", &visible(&kid));
        self.text(LEFT - 12.0, middle, &format!("state {}", row.state), "end", row.state);
        self.add(format_args!(r#"<path class="grid" d="M{LEFT} {0:.1}H{RIGHT}"/>"#, y + ROW));
        let overdue = explanation.next.iter().find(|step| {
            step.step == "activate"
                && step.kid.as_str() == row.kid
                && step.at <= explanation.now
                && !step.waits_for.is_empty()
        });
        for phase in &row.phases {
            self.phase(phase, explanation.now, scale, y + (ROW - BAR) / 2.0);
        }
        for phase in
            row.phases.iter().filter(|phase| overdue.is_none() || phase.to <= explanation.now)
        {
            self.word(phase, explanation.now, scale, y + (ROW - BAR) / 2.0);
        }
        if let Some(step) = overdue {
            let text = waits_for(step);
            let width = LETTER * text.chars().count() as f64 + 10.0;
            // Right of now if there is room, and otherwise left of it.
            let now = scale.x(explanation.now);
            let x = if now + 6.0 + width < RIGHT { now + 6.0 } else { now - 6.0 - width };
            self.plate(x, y + (ROW - BAR) / 2.0, width);
            self.text(x + 5.0, middle, "waits", "start", &text);
        }
    }

    /// What was is drawn full, what is planned faint.
    fn phase(&mut self, phase: &Phase, now: Timestamp, scale: &Scale, y: f64) {
        let doing = match phase.doing {
            Doing::Published => "published",
            Doing::Active => "active",
            Doing::Retiring => "retiring",
            Doing::Retired => "retired",
            Doing::Revoked => "revoked",
        };
        let parts =
            [(phase.from, phase.to.min(now), "was"), (phase.from.max(now), phase.to, "planned")];
        for (from, to, when) in parts.into_iter().filter(|(from, to, _)| from < to) {
            let x = scale.x(from);
            if x >= RIGHT {
                continue;
            }
            let width = (scale.x(to) - x).max(NARROWEST);
            let (y, height) = match phase.doing {
                Doing::Retired => (y + BAR / 2.0 - 1.5, 3.0),
                _ => (y, BAR),
            };
            self.add(format_args!(
                r#"<rect class="{doing} {when}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height}" rx="2"/>"#
            ));
        }
    }

    /// What the key does, written into its bar where there is room.
    fn word(&mut self, phase: &Phase, now: Timestamp, scale: &Scale, y: f64) {
        let says = match phase.doing {
            Doing::Published => "published",
            Doing::Active => "signs",
            Doing::Retiring => "verifies",
            Doing::Revoked => "exposed",
            Doing::Retired => return,
        };
        let width = LETTER * says.len() as f64 + 8.0;
        let (x, end) = (scale.x(phase.from), scale.x(phase.to));
        if end - x < width + 8.0 {
            return;
        }
        // Off the line of now.
        let at_now = scale.x(now);
        let crosses = x < at_now && at_now < x + 5.0 + width;
        if crosses && end - at_now < width + 12.0 {
            return;
        }
        let at = if crosses { at_now + 5.0 } else { x + 5.0 };
        self.plate(at, y, width);
        self.text(at + 4.0, y + 14.0, "word", "start", says);
    }

    /// A ground on which a word can be read in a hatched bar.
    fn plate(&mut self, x: f64, y: f64, width: f64) {
        self.add(format_args!(
            r#"<rect class="plate" x="{x:.1}" y="{:.1}" width="{width:.1}" height="14" rx="2"/>"#,
            y + 3.0
        ));
    }

    fn now(&mut self, now: Timestamp, scale: &Scale, bottom: f64) {
        let x = scale.x(now);
        self.add(format_args!(
            r#"<path class="now" d="M{x:.1} {:.1}V{:.1}"/>"#,
            HEAD - 40.0,
            bottom + 4.0
        ));
        let anchor = if x > RIGHT - 40.0 { ("end", -5.0) } else { ("start", 5.0) };
        self.text(x + anchor.1, HEAD - 34.0, "now-word", anchor.0, "now");
    }

    fn legend(&mut self, y: f64) {
        let mut x = EDGE;
        for (doing, what) in [
            ("published", "published (lead)"),
            ("active", "signs"),
            ("retiring", "verifies only (overlap)"),
            ("retired", "retired"),
            ("revoked", "revoked, perhaps still trusted"),
        ] {
            let (top, height) = if doing == "retired" { (y - 5.5, 3.0) } else { (y - 10.0, 12.0) };
            self.add(format_args!(
                r#"<rect class="{doing} was" x="{x:.1}" y="{top:.1}" width="22" height="{height}" rx="2"/>"#
            ));
            self.text(x + 28.0, y, "faint", "start", what);
            x += 28.0 + what.len() as f64 * LETTER + 14.0;
        }
    }

    fn text(&mut self, x: f64, y: f64, class: &str, anchor: &str, text: &str) {
        let text = escaped(text);
        self.add(format_args!(
            r#"<text class="{class}" x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{text}</text>"#
        ));
    }

    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        let _infallible = writeln!(self.0, "{element}");
    }
}

/// Colours for a light page and for a dark one.
const STYLE: &str = "
text{font:12px system-ui,-apple-system,Segoe UI,Helvetica,Arial,sans-serif;fill:#1f2328}
.title{font-size:19px;font-weight:600}.faint{fill:#59636e}.kid{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.note{font-variant-numeric:tabular-nums;white-space:pre}.word{font-size:11px}.now-word{font-weight:600}
.waits{fill:#9a6700;font-weight:600}.state{font-weight:600;fill:#59636e}
.ground,.plate{fill:#fff}.grid{stroke:#d1d9e0;stroke-width:1;fill:none}.now{stroke:#1f2328;stroke-width:2;fill:none}
.published{fill:url(#lead)}.lead-ground{fill:#ddf4ff}.lead-line{fill:#54aeff}text.published{fill:#0969da}
.active{fill:#2da44e}text.active{fill:#1a7f37}
.retiring{fill:url(#overlap)}.overlap-ground{fill:#fff8c5}.overlap-line{fill:#d4a72c}text.retiring{fill:#9a6700}
.retired{fill:#afb8c1}text.retired,text.destroyed{fill:#818b98}
.revoked{fill:url(#revoked)}.revoked-ground{fill:#ffebe9}.revoked-line{stroke:#cf222e;stroke-width:1.4;fill:none}text.revoked{fill:#cf222e}
rect.planned{opacity:.5}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}.faint,.state{fill:#9198a1}.waits{fill:#d29922}
.ground,.plate{fill:#0d1117}.grid{stroke:#2f353d}.now{stroke:#e6edf3}
.lead-ground{fill:#0c2d6b}.lead-line{fill:#388bfd}text.published{fill:#58a6ff}
.active{fill:#2ea043}text.active{fill:#3fb950}
.overlap-ground{fill:#3b2300}.overlap-line{fill:#bb8009}text.retiring{fill:#d29922}
.retired{fill:#656c76}text.retired,text.destroyed{fill:#656c76}
.revoked-ground{fill:#490202}.revoked-line{stroke:#f85149}text.revoked{fill:#f85149}}
";

/// Text that cannot end its element.
fn escaped(text: &str) -> String {
    visible(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use snapbox::{assert_data_eq, file};

    use super::super::scene::Scene;
    use super::*;

    #[test]
    fn months_of_rotations_and_an_emergency_make_a_picture() {
        let scene = Scene::new(
            r#"{"algorithm":"ES256","rotate_every":"30d","token_ttl":"4d","lead":"8d","rollback_window":"14d"}"#,
        );
        scene.pass(100, "1d");
        scene.revoke_active();
        scene.pass(6, "1d");
        assert_data_eq!(picture(&scene.explain(), false), file!["pictures/months.svg": Text]);
    }

    #[test]
    fn whom_a_switch_waits_for_stands_beside_its_key() {
        let scene = Scene::new(
            r#"{"algorithm":"HS256","rotate_every":"1h","token_ttl":"10m",
                "consumers":[{"name":"api","acknowledges":true,"lease":"20m"}]}"#,
        );
        for _ in 0..95 {
            scene.hear_of("api", "pod-1", scene.explain().epoch.get());
            scene.hear_of("api", "pod-2", scene.explain().epoch.get().min(2));
            scene.pass(1, "2m");
        }
        let explanation = scene.explain();
        assert!(coming_up(&explanation)[0].contains("waits for api/pod-2"), "{explanation:?}");
        assert_data_eq!(picture(&explanation, false), file!["pictures/waiting.svg": Text]);
    }

    #[test]
    fn a_picture_is_one_document_without_script_or_anything_fetched() {
        let scene = Scene::new(r#"{"algorithm":"ES256"}"#);
        let picture = picture(&scene.explain(), false);
        for foreign in ["<script", "href", "http-equiv", "@import", "url(h", "onload"] {
            assert!(!picture.contains(foreign), "{foreign}");
        }
        assert_eq!(picture.matches("<text").count(), picture.matches("</text>").count());
        assert_eq!(picture.matches("<svg").count(), 1);
        assert!(picture.contains("prefers-color-scheme:dark"));
    }

    #[test]
    fn a_foreign_name_cannot_end_its_element() {
        assert_eq!(escaped("</text><script>\u{202e}&"), "&lt;/text&gt;&lt;script&gt;\\u202e&amp;");
    }
}
