//! Scores the scan on a labelled corpus: `labels.tsv` names file, line, `secret` or `none`, and the form.
#![expect(clippy::print_stdout, reason = "a program that talks to who runs it")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;

use keytide_scan::{Severity, scan_bytes};

#[derive(Default)]
struct Score {
    found: usize,
    missed: usize,
    wrong: usize,
    left: usize,
}

fn main() -> ExitCode {
    let given = std::env::args().nth(1);
    let root = given.unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/corpus").to_owned());
    match score(Path::new(&root)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            println!("{message}");
            ExitCode::from(3)
        }
    }
}

/// Prints the table; whether both figures reach the bar.
fn score(root: &Path) -> Result<bool, String> {
    let labels =
        std::fs::read_to_string(root.join("labels.tsv")).map_err(|error| error.to_string())?;
    let mut flagged: BTreeSet<(String, usize)> = BTreeSet::new();
    let mut scanned = BTreeSet::new();
    let mut by_form: BTreeMap<String, Score> = BTreeMap::new();
    let mut by_kind: BTreeMap<String, Score> = BTreeMap::new();
    let mut labelled = BTreeSet::new();
    for row in labels.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = row.split('\t').collect();
        let [path, line, what, form] = fields[..] else {
            return Err(format!("not four fields: {row}"));
        };
        let line: usize = line.parse().map_err(|_| format!("no line number: {row}"))?;
        if scanned.insert(path.to_owned()) {
            let bytes =
                std::fs::read(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
            for finding in scan_bytes(path, &bytes, NOW) {
                if finding.severity > Severity::Note {
                    flagged.insert((path.to_owned(), finding.line));
                }
            }
        }
        labelled.insert((path.to_owned(), line));
        let hit = flagged.contains(&(path.to_owned(), line));
        let kind = path.rsplit('.').next().unwrap_or(path).rsplit('/').next().unwrap_or(path);
        for score in [
            by_form.entry(form.to_owned()).or_default(),
            by_kind.entry(kind.to_owned()).or_default(),
        ] {
            match (what, hit) {
                ("secret", true) => score.found += 1,
                ("secret", false) => score.missed += 1,
                ("none", true) => score.wrong += 1,
                _ => score.left += 1,
            }
        }
        if (what == "secret") != hit {
            println!("{} {path}:{line} {form}", if hit { "wrong " } else { "missed" });
        }
    }
    let mut all = Score::default();
    for (path, line) in flagged.difference(&labelled) {
        println!("wrong  {path}:{line} (not labelled)");
        all.wrong += 1;
    }
    for (title, table) in [("form", &by_form), ("kind", &by_kind)] {
        println!("\n{title:<14} lines  found missed wrong   left      P     R");
        for (name, score) in table {
            row(name, score);
        }
    }
    for score in by_form.values() {
        all.found += score.found;
        all.missed += score.missed;
        all.wrong += score.wrong;
        all.left += score.left;
    }
    println!();
    row("all", &all);
    Ok(ratio(all.found, all.wrong) >= BAR && ratio(all.found, all.missed) >= BAR)
}

fn row(name: &str, score: &Score) {
    let Score { found, missed, wrong, left } = score;
    println!(
        "{name:<14} {:>5}  {found:>5} {missed:>6} {wrong:>5}  {left:>5}  {:>5.3} {:>5.3}",
        found + missed + wrong + left,
        ratio(*found, *wrong),
        ratio(*found, *missed),
    );
}

#[expect(clippy::cast_precision_loss, reason = "hundreds of lines")]
fn ratio(good: usize, bad: usize) -> f64 {
    if good + bad == 0 { 1.0 } else { good as f64 / (good + bad) as f64 }
}

const BAR: f64 = 0.95;
const NOW: i64 = 1_700_000_000;
