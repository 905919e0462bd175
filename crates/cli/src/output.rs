//! What the program says: data on stdout, talk on stderr, JSON where it is asked for.

use std::cell::Cell;
use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::json;

use crate::config::Config;
use crate::error::{self, Failure};

/// Where output goes and in which form.
pub(crate) struct Output {
    json: bool,
    colour_out: bool,
    colour_err: bool,
    columns: usize,
    reader_left: Cell<bool>,
}

/// Narrower pictures cannot be read, wider ones help nobody.
const COLUMNS: std::ops::RangeInclusive<usize> = 40..=240;
const DEFAULT_COLUMNS: usize = 80;

pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const HINT: Style = AnsiColor::Cyan.on_default();
pub(crate) const STRONG: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();

impl Output {
    /// Output for this environment; `json` where data and errors shall be JSON.
    pub(crate) fn new(json: bool, config: &Config) -> Self {
        let columns = config.columns.or_else(terminal_columns).unwrap_or(DEFAULT_COLUMNS);
        Self {
            json,
            colour_out: config.colour && io::stdout().is_terminal(),
            colour_err: config.colour && io::stderr().is_terminal(),
            columns: columns.clamp(*COLUMNS.start(), *COLUMNS.end()),
            reader_left: Cell::new(false),
        }
    }

    /// Whether JSON was asked for.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether nobody reads the data any more, so that a stream may end.
    pub(crate) fn reader_left(&self) -> bool {
        self.reader_left.get()
    }

    /// How wide a picture may be.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// Whether data may be coloured.
    pub(crate) fn is_coloured(&self) -> bool {
        self.colour_out
    }

    /// Data as lines of text.
    pub(crate) fn line(&self, text: impl Display) -> Result<(), Failure> {
        self.bytes(format!("{text}\n").as_bytes())
    }

    /// Data as it is.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            // Whoever read it has had enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.reader_left.set(true);
                Ok(())
            }
            Err(error) => Err(Failure::new(error::FILE_UNWRITABLE, format!("stdout: {error}"))),
            Ok(()) => Ok(()),
        }
    }

    /// Data as JSON, indented.
    pub(crate) fn json(&self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value).map_err(|error| {
            Failure::new(error::UNEXPECTED, format!("the answer is not JSON: {error}"))
        })?;
        self.line(visible(&text))
    }

    /// One JSON value on one line, for streams.
    pub(crate) fn json_line(&self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(value).map_err(|error| {
            Failure::new(error::UNEXPECTED, format!("the answer is not JSON: {error}"))
        })?;
        self.line(visible(&text))
    }

    /// Data with a style, where it goes to a terminal.
    pub(crate) fn styled(&self, style: Style, text: impl Display) -> String {
        paint(self.colour_out, style, text)
    }

    /// Something said beside the data. Whoever does not listen misses nothing that is data.
    pub(crate) fn say(&self, text: impl Display) {
        let _nobody_listens = writeln!(io::stderr().lock(), "{text}");
    }

    /// A warning beside the data.
    pub(crate) fn warn(&self, text: impl Display) {
        self.say(format_args!("{} {text}", paint(self.colour_err, WARNING, "warning:")));
    }

    /// Why the command did not do what was asked.
    pub(crate) fn failure(&self, failure: &Failure) {
        if self.json {
            self.say(visible(&json!({ "error": failure.to_json() }).to_string()));
            return;
        }
        let Failure { code, message, hint, .. } = failure;
        let head = paint(self.colour_err, ERROR, format_args!("error[{code}]:"));
        self.say(format_args!("{head} {}", visible(message)));
        if !hint.is_empty() {
            self.say(format_args!("{} {}", paint(self.colour_err, HINT, "hint:"), visible(hint)));
        }
    }
}

fn paint(colour: bool, style: Style, text: impl Display) -> String {
    if colour { format!("{style}{text}{style:#}") } else { text.to_string() }
}

/// Foreign text made harmless for a terminal: what would steer it or turn the writing's direction
/// is written as JSON writes it, and a reader of JSON gets it back unchanged.
pub(crate) fn visible(text: &str) -> String {
    let steers = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) {
            shown.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            shown.push(c);
        }
    }
    shown
}

fn terminal_columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_steer_a_terminal_is_shown_and_reads_back_as_json() {
        let foreign = "a\u{9b}31m\u{202e}b\u{7f}";
        let json = serde_json::to_string(foreign).unwrap();
        let shown = visible(&json);
        assert!(shown.is_ascii(), "{shown}");
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), foreign);
    }
}
