//! Programs that are not ours, spoken to a line at a time; `cargo xtask test` installs what they need.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A foreign program that answers each line of its stdin with one line on stdout.
pub(crate) struct Foreign {
    name: String,
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Foreign {
    /// Starts `script`, a path below the project's `tests/`, with the interpreter its name asks for.
    pub(crate) fn start(script: &str, args: &[&str]) -> Self {
        // The packages are tested as they are installed.
        let ours = script.starts_with("drop_ins");
        let interpreter = match script.ends_with(".py") {
            true if ours => "KEYTIDE_TEST_PYTHON_PACKAGE",
            true => "KEYTIDE_TEST_PYTHON",
            false => "KEYTIDE_TEST_NODE",
        };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests").join(script);
        let mut command = Command::new(tool(interpreter));
        command.arg(path).args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
        if script.ends_with("js") {
            tool(if ours { "KEYTIDE_TEST_NODE_PACKAGE" } else { "KEYTIDE_TEST_NODE_MODULES" });
        }
        if script.contains("haproxy") {
            tool("KEYTIDE_TEST_HAPROXY");
        }
        let mut child = command.spawn().unwrap();
        let to = child.stdin.take();
        let from = BufReader::new(child.stdout.take().unwrap());
        Self { name: script.to_owned(), child, to, from }
    }

    /// Sends a line without waiting for its answer.
    pub(crate) fn send(&mut self, line: &str) {
        writeln!(self.to.as_mut().unwrap(), "{line}").unwrap_or_else(|error| {
            panic!("{} does not listen any more: {error}", self.name);
        });
    }

    /// The answer to the oldest line that has none yet.
    pub(crate) fn answer(&mut self) -> String {
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        assert!(line.ends_with('\n'), "{} ended without an answer", self.name);
        line.trim_end().to_owned()
    }

    pub(crate) fn ask(&mut self, line: &str) -> String {
        self.send(line);
        self.answer()
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        // The end of its stdin is how it is told to stop, and to stop what it started.
        self.to = None;
        let _ = self.child.wait();
    }
}

/// Where a tool is, as `cargo xtask test` tells.
pub(crate) fn tool(variable: &str) -> PathBuf {
    match std::env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => panic!("{variable} is not set: run `cargo xtask test`, which installs the tool"),
    }
}
