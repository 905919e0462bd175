//! The wheels of `keytide` and `keytide-pyjwt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::python::run;

/// Builds both into `folder`, in place of those of an earlier build.
pub(crate) fn wheels(
    root: &Path,
    python: &Path,
    folder: &Path,
    release: bool,
) -> Result<(), String> {
    for old in built(folder).unwrap_or_default() {
        fs::remove_file(&old).map_err(|error| format!("{}: {error}", old.display()))?;
    }
    let here = root.join("bindings/python");
    let mut maturin = Command::new(python);
    maturin.args(["-m", "maturin", "build", "--quiet", "--locked", "--out"]).arg(folder);
    maturin.arg("--manifest-path").arg(here.join("Cargo.toml"));
    if release {
        maturin.arg("--release");
    }
    run(&mut maturin)?;
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]);
    run(pip.arg("--wheel-dir").arg(folder).arg(here.join("pyjwt")))
}

/// The wheels of ours that are in `folder`.
pub(crate) fn built(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let fail = |error| format!("{}: {error}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("keytide") && name.ends_with(".whl") {
            found.push(path);
        }
    }
    Ok(found)
}
