//! The services under `examples/`: what they need from elsewhere, and our packages beside it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::{node, package, python, tools};

/// Where each was made ready before, for the tests that run them.
pub(crate) fn found(root: &Path) -> Result<tools::Found, String> {
    let tools = tools::target_folder(root)?.join("tools");
    let mut found = Vec::new();
    let express = tools.join("example-express");
    if express.join("node_modules/keytide").exists() {
        found.push(("KEYTIDE_TEST_EXPRESS", express));
    }
    let fastapi = tools.join("example-fastapi");
    if fastapi.join("requirements.txt").is_file() {
        found.push(("KEYTIDE_TEST_FASTAPI", fastapi.join("bin/python")));
    }
    Ok(found)
}

/// Installs what is missing, and our packages as they were built for the tests just now.
pub(crate) fn ready_to_test(root: &Path, install: bool) -> Result<(), String> {
    let tools = tools::target_folder(root)?.join("tools");
    express(root, &tools.join("example-express"), install)?;
    fastapi(root, &tools.join("example-fastapi"), &tools.join("python-wheels"), install)
}

fn express(root: &Path, folder: &Path, install: bool) -> Result<(), String> {
    if install {
        let node = tools::node(root)?.ok_or("there is no Node, which examples/express needs")?;
        tools::npm_ci(&node, &root.join("examples/express"), folder)?;
    }
    if !folder.join("node_modules").is_dir() {
        return Err(missing("express"));
    }
    node::link(&root.join("bindings/node"), &folder.join("node_modules/keytide"))
}

fn fastapi(root: &Path, env: &Path, wheels: &Path, install: bool) -> Result<(), String> {
    let list = root.join("examples/fastapi/requirements.txt");
    let wanted = fs::read(&list).map_err(|error| format!("{}: {error}", list.display()))?;
    let stamp = env.join("requirements.txt");
    if !fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        if !install {
            return Err(missing("fastapi"));
        }
        python::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(env))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        python::run(python::python(env).args(pip).arg("--requirement").arg(&list))?;
        fs::write(&stamp, &wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
    }
    python::put(env, &package::python::built(wheels)?)
}

fn missing(example: &str) -> String {
    format!("examples/{example}: run `cargo xtask test` once without `--no-install`")
}
