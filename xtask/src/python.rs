//! The Python package: what its tests need, the wheel as a user gets it, and every check of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::package;
use crate::tools::Found;

/// The version whose behaviour `keytide.jwt` has.
const PYJWT: &str = "PyJWT==2.15.1";

/// Where the package was installed before, for tests of the program that use it.
pub(crate) fn found(root: &Path) -> Result<Found, String> {
    let env = tools_folder(root)?.join("python-package");
    let is_there = env.join("requirements.txt").is_file();
    let there = is_there.then(|| ("KEYTIDE_TEST_PYTHON_PACKAGE", env.join("bin/python")));
    Ok(there.into_iter().collect())
}

/// Builds the packages and installs them into an environment of their own.
///
/// Without `install` nothing is fetched, and an environment that was never made is an error.
pub(crate) fn ready_to_test(root: &Path, install: bool) -> Result<(), String> {
    let tools = tools_folder(root)?;
    let env = tools.join("python-package");
    if install {
        ready(root, &env, &tools.join("pyjwt"))?;
    }
    if !env.join("requirements.txt").is_file() {
        return Err("the Python package's tests: run `cargo xtask test` once without \
                    `--no-install`"
            .to_owned());
    }
    let wheels = tools.join("python-wheels");
    package::python::wheels(root, &env.join("bin/python"), &wheels, false)?;
    put(&env, &package::python::built(&wheels)?)
}

/// Tests the packages that are installed: PyJWT's own suite, ours, the comparison with PyJWT, sites on
/// frameworks, and the types. `secret` is one that Keytide made.
pub(crate) fn test(root: &Path, secret: &str) -> Result<(), String> {
    let tools = tools_folder(root)?;
    let (env, peer, cache) =
        (tools.join("python-package"), tools.join("pyjwt"), tools.join("pyjwt-source"));
    let here = root.join("bindings/python");
    let tests = here.join("tests");
    run(python(&env).arg(tests.join("upstream/run.py")).arg(&cache))?;
    let mut pytest = python(&env);
    pytest.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]).arg(&tests);
    pytest.env("KEYTIDE_TEST_PYJWT", &peer).env("KEYTIDE_TEST_SECRET", secret);
    pytest.env("KEYTIDE_TEST_WHEELS", tools.join("python-wheels"));
    run(pytest.env("KEYTIDE_TEST_CACHE", tools.join("python-sites")))?;
    run(python(&env).arg(tests.join("differential/run.py")).arg("--original").arg(&peer))?;
    run(python(&env).args(["-m", "mypy", "--strict", "--package", "keytide"]))?;
    run(python(&env).args(["-m", "mypy", "--strict"]).arg(tests.join("typed_program.py")))?;
    let mut pyright = python(&env);
    pyright.args(["-m", "pyright", "--pythonpath"]).arg(env.join("bin/python"));
    run(pyright.arg(here.join("python/keytide")).arg(tests.join("typed_program.py")))
}

/// The benchmark beside PyJWT, ready to run with packages as they are published.
pub(crate) fn bench(root: &Path) -> Result<Command, String> {
    let tools = tools_folder(root)?;
    let interpreter = builder(root)?;
    let wheels = tools.join("python-wheels");
    package::python::wheels(root, &interpreter, &wheels, true)?;
    let env = tools.join("python-package");
    put(&env, &package::python::built(&wheels)?)?;
    let mut bench = python(&env);
    bench.arg(root.join("bench/python/jwt_bench.py")).arg("--original").arg(tools.join("pyjwt"));
    Ok(bench)
}

/// Installs wheels, in place of what was there under their names.
pub(crate) fn put(env: &Path, wheels: &[PathBuf]) -> Result<(), String> {
    let mut pip = python(env);
    pip.args(["-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", "--no-index"]);
    run(pip.args(wheels))
}

/// Makes the environment and fetches PyJWT, unless both are there as they are wanted.
fn ready(root: &Path, env: &Path, peer: &Path) -> Result<(), String> {
    let list = root.join("bindings/python/tests/requirements.txt");
    let wanted = fs::read(&list).map_err(|error| format!("{}: {error}", list.display()))?;
    let stamp = env.join("requirements.txt");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) && peer.join("jwt").is_dir() {
        return Ok(());
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(env))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(python(env).args(pip).arg("--requirement").arg(&list))?;
    run(python(env).args(pip).args(["--upgrade", "--no-deps", "--target"]).arg(peer).arg(PYJWT))?;
    fs::write(&stamp, &wanted).map_err(|error| format!("{}: {error}", stamp.display()))
}

/// The environment that packages are built with, made where it is missing.
pub(crate) fn builder(root: &Path) -> Result<PathBuf, String> {
    let tools = tools_folder(root)?;
    let env = tools.join("python-package");
    ready(root, &env, &tools.join("pyjwt"))?;
    Ok(env.join("bin/python"))
}

/// The interpreter of an environment.
pub(crate) fn python(env: &Path) -> Command {
    let mut command = Command::new(env.join("bin/python"));
    // What is tested is what was installed.
    command.env_remove("PYTHONPATH").env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

fn tools_folder(root: &Path) -> Result<PathBuf, String> {
    let metadata = crate::metadata(root)?;
    let target = metadata["target_directory"].as_str().ok_or("cargo names no target folder")?;
    Ok(Path::new(target).join("tools"))
}

/// Runs one step; its name is in the error.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let name = format!("{command:?}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name}: {status}")),
        Err(error) => Err(format!("{name}: {error}")),
    }
}
