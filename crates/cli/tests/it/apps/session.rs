//! A shell in which a README's commands are typed, one after the other.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Ends what a command says; followed by its status.
const END: &str = "--end-of-command--";

/// A running shell. Whatever it started ends with it.
pub(super) struct Session {
    shell: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Session {
    /// Starts a shell as `command` has it, in a process group of its own.
    pub(super) fn start(mut command: Command) -> Self {
        let mut shell = command
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let to = shell.stdin.take().unwrap();
        let from = BufReader::new(shell.stdout.take().unwrap());
        Self { shell, to, from }
    }

    /// What a command says on stdout and stderr, and its status.
    pub(super) fn run(&mut self, command: &str) -> (String, String) {
        // In braces variables stay set, and the shell's own stdin is not for the command.
        writeln!(self.to, "{{ {command}\n}} < /dev/null 2>&1\necho \"{END}$?\"").unwrap();
        let mut said = String::new();
        loop {
            let start = said.len();
            let read = self.from.read_line(&mut said).unwrap();
            assert!(read > 0, "the shell ended: {said}");
            if let Some(at) = said[start..].find(END) {
                let status = said[start + at + END.len()..].trim_end().to_owned();
                said.truncate(start + at);
                return (said, status);
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // It may be over already; there is nothing to do about that here.
        let group = format!("-{}", self.shell.id());
        let _ = Command::new("kill").args(["-TERM", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}
