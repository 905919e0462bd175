//! What is done about a program when its rings change: `--on-change`.

use std::str::FromStr;

use rustix::process::Signal;
use signal_hook::consts;

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OnChange {
    /// The program is started anew.
    Restart,
    /// It gets a signal, and reads its files again.
    Signal(Signal),
    /// A command makes it read its keys again.
    Exec(String),
    /// Nothing: whoever started it starts it again some time.
    Nothing,
}

/// The signals that have names here, as the system numbers them.
pub(super) const SIGNALS: &[(&str, i32, Signal)] = &[
    ("HUP", consts::SIGHUP, Signal::HUP),
    ("INT", consts::SIGINT, Signal::INT),
    ("QUIT", consts::SIGQUIT, Signal::QUIT),
    ("TERM", consts::SIGTERM, Signal::TERM),
    ("USR1", consts::SIGUSR1, Signal::USR1),
    ("USR2", consts::SIGUSR2, Signal::USR2),
    ("WINCH", consts::SIGWINCH, Signal::WINCH),
];

impl FromStr for OnChange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "restart" => Ok(Self::Restart),
            None if text == "none" => Ok(Self::Nothing),
            Some(("exec", command)) if !command.trim().is_empty() => {
                Ok(Self::Exec(command.to_owned()))
            }
            Some(("signal", name)) => {
                let name = name.strip_prefix("SIG").unwrap_or(name);
                let known = SIGNALS.iter().find(|(known, _, _)| *known == name);
                known.map(|(_, _, signal)| Self::Signal(*signal)).ok_or_else(|| {
                    let names: Vec<_> = SIGNALS.iter().map(|(name, _, _)| *name).collect();
                    format!("no such signal; there are {}", names.join(", "))
                })
            }
            _ => Err("it is restart, signal:NAME, exec:COMMAND or none".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_restarts_signals_runs_a_command_or_does_nothing() {
        assert_eq!("restart".parse(), Ok(OnChange::Restart));
        assert_eq!("signal:HUP".parse(), Ok(OnChange::Signal(Signal::HUP)));
        assert_eq!("signal:SIGUSR1".parse(), Ok(OnChange::Signal(Signal::USR1)));
        assert_eq!("exec:a:b c".parse(), Ok(OnChange::Exec("a:b c".to_owned())));
        assert_eq!("none".parse(), Ok(OnChange::Nothing));
        for bad in ["", "reload", "signal:", "signal:KILL", "exec:", "restart:now"] {
            assert!(bad.parse::<OnChange>().is_err(), "{bad}");
        }
    }
}
