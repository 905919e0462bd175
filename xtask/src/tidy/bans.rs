//! Text that must not stand in a crate's Rust, with the reason and the way out.

use super::rust_tokens;
use super::tree::Source;
use crate::finding::Finding;

/// One ban.
struct Ban {
    /// The crates it holds in, by folder; none named means all.
    rooms: &'static [&'static str],
    /// What must not be there: tokens parted by spaces, as `rust_tokens::find` takes them.
    patterns: &'static [&'static str],
    /// Whether tests must do without it too.
    tests_too: bool,
    /// The files and folders it does not hold in.
    but_in: &'static [&'static str],
    why: &'static str,
    instead: &'static str,
}

const PURE: &[&str] = &["jose", "ring"];
const BELOW_THE_CLI: &[&str] = &["jose", "ring", "client", "store", "server", "scan"];

/// The only places that name a cryptographic library.
const CRYPTOGRAPHY: &[&str] =
    &["crates/jose/src/backend/", "crates/store/src/seal.rs", "crates/store/src/kek.rs"];

const BANS: &[Ban] = &[
    Ban {
        rooms: &[],
        patterns: &["unsafe"],
        tests_too: true,
        but_in: &[],
        why: "no unsafe code",
        instead: "write it in safe Rust, or use a maintained crate that wraps it",
    },
    Ban {
        rooms: &[],
        patterns: &[". unwrap ( )"],
        tests_too: false,
        but_in: &[],
        why: "no `unwrap` outside tests",
        instead: "return an error; or `expect(\"…\")` where the sentence is a local invariant",
    },
    Ban {
        rooms: &[],
        patterns: &["todo !", "unimplemented !", "dbg !"],
        tests_too: true,
        but_in: &[],
        why: "nothing unfinished is committed",
        instead: "finish it, or leave the whole capability out",
    },
    Ban {
        rooms: &[],
        patterns: &["# [ ignore"],
        tests_too: true,
        but_in: &[],
        why: "a test that never runs promises nothing",
        instead: "make it run under `cargo xtask test`, or delete it",
    },
    Ban {
        rooms: BELOW_THE_CLI,
        patterns: &["println !", "eprintln !", "print !", "eprint !"],
        tests_too: false,
        but_in: &[],
        why: "only the program talks to the terminal",
        instead: "return the value or the error, or emit a `tracing` event where there is logging",
    },
    Ban {
        rooms: PURE,
        patterns: &["SystemTime :: now", "Instant :: now", "Timestamp :: now", "Zoned :: now"],
        tests_too: true,
        but_in: &[],
        why: "this crate reads no clock",
        instead: "take `now` or a `Clock` as an argument",
    },
    Ban {
        rooms: PURE,
        patterns: &["std :: env", "^ env :: var"],
        tests_too: false,
        but_in: &[],
        why: "this crate reads no environment",
        instead: "take the value as an argument; the CLI reads the environment",
    },
    Ban {
        rooms: &["client"],
        patterns: &["std :: env", "^ env :: var", "std :: fs"],
        tests_too: false,
        but_in: &[],
        why: "the client reads no environment and no file",
        instead: "take the value as an argument; the host reads the environment",
    },
    Ban {
        rooms: PURE,
        patterns: &["std :: fs", "^ fs :: read", "^ fs :: write", "std :: net", "std :: process"],
        tests_too: false,
        but_in: &[],
        why: "this crate touches no file, socket or process",
        instead: "take the bytes as an argument; the CLI and the store read files",
    },
    Ban {
        rooms: PURE,
        patterns: &["thread_rng", "rand :: rng ( )", "rand :: random", "^ getrandom ::"],
        tests_too: false,
        but_in: &["crates/jose/src/backend/"],
        why: "randomness comes in as an argument",
        instead: "take the random source the caller hands over",
    },
    Ban {
        rooms: &["jose"],
        patterns: &["std :: thread", "^ thread :: spawn", "^ tracing ::", "^ log ::"],
        tests_too: false,
        but_in: &[],
        why: "jose turns bytes into a proof or a reason: no threads, no logging",
        instead: "return what the caller needs to know",
    },
    Ban {
        rooms: &["ring"],
        patterns: &["thread :: sleep"],
        tests_too: true,
        but_in: &[],
        why: "decisions are made at a given time, never waited for",
        instead: "move a simulated clock",
    },
    Ban {
        rooms: &["jose", "ring", "client", "store", "server", "scan", "cli"],
        patterns: &[
            "^ aws_lc_rs ::",
            "^ aws_lc_sys ::",
            "^ hmac :: Hmac",
            "^ hmac :: Mac",
            "^ hmac :: KeyInit",
            "^ sha1 ::",
            "^ sha2 ::",
            "^ argon2 ::",
            "^ k256 ::",
            "^ p256 ::",
            "^ ed25519_dalek ::",
            "^ rsa :: Rsa",
            "^ openssl ::",
            "^ ring :: signature",
            "^ ring :: digest",
        ],
        tests_too: false,
        but_in: CRYPTOGRAPHY,
        why: "only the backend and the sealing files name a cryptographic library",
        instead: "call keytide-jose's own types, or add the primitive to its backend",
    },
    Ban {
        rooms: &["scan"],
        patterns: &["std :: net", "keytide_ring", "keytide_store"],
        tests_too: false,
        but_in: &[],
        why: "the scan opens no socket and no store",
        instead: "let the command line compose them",
    },
    Ban {
        rooms: &["server"],
        patterns: &["keytide_store"],
        tests_too: true,
        but_in: &[],
        why: "the server gets a `dyn RingStore` and never names the store crate",
        instead: "say it in the port, and let the CLI hand the store in",
    },
];

/// Every banned text in `sources`, and every file that can't be read as Rust.
pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        match rust_tokens::read(&source.text, source.for_tests) {
            Ok(tokens) => {
                findings.extend(BANS.iter().flat_map(|ban| ban.broken_by(source, &tokens)))
            }
            Err((line, error)) => findings.push(Finding::new(
                format!("{}:{line}", source.path),
                format!("not Rust: {error}"),
                "make it compile",
            )),
        }
    }
    findings
}

impl Ban {
    fn broken_by(&self, source: &Source, tokens: &[rust_tokens::Token]) -> Vec<Finding> {
        let elsewhere = !self.rooms.is_empty() && !self.rooms.contains(&source.room.as_str());
        if elsewhere || self.but_in.iter().any(|place| source.path.starts_with(place)) {
            return Vec::new();
        }
        let mut findings = Vec::new();
        for pattern in self.patterns {
            let text = pattern.trim_start_matches("^ ").replace(' ', "");
            for (line, in_test) in rust_tokens::find(tokens, pattern) {
                if !in_test || self.tests_too {
                    let place = format!("{}:{line}", source.path);
                    findings.push(Finding::new(
                        place,
                        format!("`{text}`: {}", self.why),
                        self.instead,
                    ));
                }
            }
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(room: &str, text: String, for_tests: bool) -> Source {
        let path = format!("crates/{room}/src/planted.rs");
        Source { room: room.to_owned(), path, text, for_tests }
    }

    /// Rust that holds `pattern`, whatever bracket it leaves open.
    fn planted(pattern: &str) -> String {
        let tokens = pattern.trim_start_matches("^ ");
        let text = match tokens.rsplit(' ').next() {
            Some("!") => format!("{tokens} ()"),
            Some("::") => format!("{tokens} inner"),
            Some("ignore") => format!("{tokens} = \"slow\" ]"),
            _ => tokens.to_owned(),
        };
        format!("fn plant() {{ {text} ; }}")
    }

    #[test]
    fn each_ban_catches_a_file_that_breaks_it() {
        for ban in BANS {
            let room = ban.rooms.first().unwrap_or(&"cli");
            for pattern in ban.patterns {
                let found = ban.broken_by_one(&source(room, planted(pattern), false));
                assert_eq!(found.len(), 1, "`{pattern}` planted in {room}");
                assert_eq!(found[0].place, format!("crates/{room}/src/planted.rs:1"));
            }
        }
    }

    #[test]
    fn each_ban_says_whether_it_binds_tests() {
        for ban in BANS {
            let room = ban.rooms.first().unwrap_or(&"cli");
            let found = ban.broken_by_one(&source(room, planted(ban.patterns[0]), true));
            assert_eq!(!found.is_empty(), ban.tests_too, "{}", ban.why);
        }
    }

    #[test]
    fn a_ban_holds_in_its_crates_and_outside_its_exceptions_only() {
        let text = "use aws_lc_rs::digest;".to_owned();
        assert_eq!(check(&[source("jose", text.clone(), false)]).len(), 1);
        assert_eq!(check(&[source("xtask", text.clone(), false)]).len(), 0);
        let mut backend = source("jose", text, false);
        backend.path = "crates/jose/src/backend/rsa.rs".to_owned();
        assert_eq!(check(&[backend]).len(), 0);
    }

    #[test]
    fn a_file_that_is_not_rust_is_found() {
        assert_eq!(check(&[source("jose", "fn (".to_owned(), false)]).len(), 1);
    }

    impl Ban {
        fn broken_by_one(&self, source: &Source) -> Vec<Finding> {
            self.broken_by(source, &rust_tokens::read(&source.text, source.for_tests).unwrap())
        }
    }
}
