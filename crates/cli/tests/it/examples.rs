//! Every example in the help is run in a shell, in the order of the reference, and must work.

use std::process::Command;

use crate::program::{Program, bin_folder, ran};

/// What needs the network or time to pass, or does not end by itself.
const NOT_RUN: &[&str] = &[
    "keytide ring rollback",
    "keytide run",
    "keytide serve",
    "https://id.example/.well-known",
    " vault",
    "seal --wrap",
    "sync watch",
    "--watch",
];

#[test]
fn every_example_works_as_it_is_pasted() {
    let program = Program::new();
    let reference = program.done(&["reference", "cli"]);
    let mut count = 0;
    for example in examples(&reference) {
        if NOT_RUN.iter().any(|part| example.contains(part)) {
            continue;
        }
        let mut shell = Command::new("sh");
        let path = format!("{}:/usr/bin:/bin", bin_folder().display());
        shell.args(["-e", "-c", &example]).env_clear().env("PATH", path);
        shell.current_dir(program.path(""));
        let ran = ran(shell, b"");
        assert_eq!(ran.exit, 0, "{example}\n{}", ran.stderr);
        count += 1;
    }
    assert!(count > 20, "only {count} examples were found");
}

#[test]
fn every_command_that_does_something_has_examples() {
    let reference = Program::new().done(&["reference", "cli"]);
    for section in reference.split("\n## ").skip(1) {
        let group = section.contains("\nCommands:\n");
        assert!(group || section.contains("\nExamples:\n"), "{section}");
    }
}

/// The examples of each command: one line each, lines that go on joined, variables kept.
fn examples(reference: &str) -> Vec<String> {
    let mut examples: Vec<String> = Vec::new();
    for section in reference.split("\nExamples:\n").skip(1) {
        let mut unfinished = false;
        let block = section.split("\n```").next().unwrap();
        for line in block.lines() {
            // A variable that is set on one line is used on the next.
            if unfinished {
                let last = examples.last_mut().unwrap();
                last.push('\n');
                last.push_str(line.trim());
            } else {
                examples.push(line.trim().to_owned());
            }
            unfinished = line.ends_with('\\')
                || ["KID=", "ID="].iter().any(|set| line.trim().starts_with(set));
        }
    }
    examples
}
