//! A progress bar on stderr, where that is a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How far something has come; nothing is drawn where nobody watches, and nothing stays behind.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// For work that is counted in rows.
    pub(crate) fn rows(what: &'static str) -> Self {
        let bar = ProgressBar::new(0).with_message(what);
        let style =
            ProgressStyle::with_template("{msg} {bar:30} {human_pos}/{human_len} rows {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    /// For work on files, whose number may not be known.
    pub(crate) fn files(what: &'static str) -> Self {
        let bar = ProgressBar::no_length().with_message(what);
        let style = ProgressStyle::with_template("{msg} {spinner} {human_pos} files {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    /// How many are done; of how many, where that is known.
    pub(crate) fn count(&mut self, done: u64, of: u64) {
        if of > 0 && self.0.length() != Some(of) {
            let style =
                ProgressStyle::with_template("{msg} {bar:30} {human_pos}/{human_len} blobs {eta}");
            self.0.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            self.0.set_length(of);
        }
        self.0.set_position(done);
    }

    pub(crate) fn show(&mut self, done: u64, of: u64) {
        self.0.set_length(of);
        self.0.set_position(done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
