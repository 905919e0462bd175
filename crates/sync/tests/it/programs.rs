//! Programs of tests/sync: a service on loopback that prints its address, or a client that answers
//! each line with a line. All of them end with their stdin.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A running program.
pub(crate) struct Program {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Program {
    /// Starts a script of `tests/sync`; `None`, with a word on the console, without its interpreter.
    pub(crate) fn start(script: &str, args: &[&str]) -> Option<Self> {
        let Some(python) = std::env::var_os("KEYTIDE_TEST_PYTHON") else {
            println!("skipped {script}: KEYTIDE_TEST_PYTHON is not set");
            return None;
        };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sync").join(script);
        let mut child = Command::new(python)
            .arg(path)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let to = child.stdin.take();
        let from = BufReader::new(child.stdout.take().unwrap());
        Some(Self { child, to, from })
    }

    /// The next line that it prints.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the program ended");
        line.trim_end().to_owned()
    }

    /// One line there and one back.
    pub(crate) fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.to.as_mut().unwrap(), "{request}").unwrap();
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.to = None;
        let _ = self.from.read_to_end(&mut Vec::new());
        let _ = self.child.wait();
    }
}
