//! The newcomer's command: everything the tests need, then every test.

use std::path::Path;

use crate::{examples, node, python, tools};

/// How to run the tests.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Install nothing; a test that needs what is missing fails and says so
    #[arg(long)]
    no_install: bool,
    /// Further arguments of `cargo test`, such as `--package keytide-jose`
    #[arg(last = true)]
    cargo: Vec<String>,
}

/// Installs what is missing, then runs the tests of the whole workspace, its examples in the
/// documentation included; the attacks once more with the algorithm that is an option; and the Python
/// and Node packages.
pub(crate) fn run(root: &Path, args: &Args) -> Result<(), String> {
    let mut found = tools::ready(root, !args.no_install)?;
    if args.cargo.is_empty() {
        python::ready_to_test(root, !args.no_install)?;
        node::ready_to_test(root, !args.no_install)?;
        examples::ready_to_test(root, !args.no_install)?;
    }
    found.extend(python::found(root)?);
    found.extend(node::found(root)?);
    found.extend(examples::found(root)?);
    let mut cargo = crate::cargo(root);
    cargo.args(["test", "--no-fail-fast"]);
    if !args.cargo.iter().any(|arg| arg == "--package" || arg == "-p") {
        cargo.arg("--workspace");
    }
    cargo.args(&args.cargo).envs(found);
    let tested = passes(cargo);
    if !args.cargo.is_empty() {
        return tested;
    }
    let mut attacks = crate::cargo(root);
    attacks.args(["test", "--package", "keytide-jose", "--features", "ed448", "--test", "it"]);
    attacks.arg("attacks::");
    tested.and(passes(attacks)).and(packages(root, !args.no_install))
}

/// The tests of the packages for Python and Node, with a secret that Keytide made.
fn packages(root: &Path, install: bool) -> Result<(), String> {
    let mut keytide = crate::cargo(root);
    keytide.args(["run", "--quiet", "--package", "keytide", "--", "secret"]);
    let made = keytide.output().map_err(|error| format!("keytide secret: {error}"))?;
    if !made.status.success() {
        return Err(format!("keytide secret: {}", String::from_utf8_lossy(&made.stderr)));
    }
    let secret = String::from_utf8_lossy(&made.stdout);
    python::test(root, secret.trim()).and(node::test(root, secret.trim(), install))
}

fn passes(mut cargo: std::process::Command) -> Result<(), String> {
    match cargo.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("cargo test: not every test passed".to_owned()),
        Err(error) => Err(format!("cargo test: {error}")),
    }
}
