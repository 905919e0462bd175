//! Baselines: both sides of a merge add a finding; what moves stays known.

use std::fmt::Write as _;
use std::process::Command;

use keytide_scan::{Baseline, KEY_BYTES, Options, Progress, Report, What, scan};

fn scanned(text: &str, baseline: Option<Baseline>) -> (Report, Option<Baseline>) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("many.env"), text).unwrap();
    let mut options = Options::new(What::Tree(vec![folder.path().into()]), folder.path().into(), 0);
    options.baseline = baseline;
    let report = scan(&options, &Progress::default()).unwrap();
    (report, options.baseline)
}

fn with(text: &str, baseline: Baseline) -> Baseline {
    let (report, baseline) = scanned(text, Some(baseline));
    let mut baseline = baseline.unwrap();
    report.findings.iter().for_each(|finding| baseline.add(finding));
    baseline
}

fn lines(count: usize) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        let _infallible = writeln!(text, "A{number}_JWT_SECRET=zebra-{number}-crossing");
        text
    })
}

#[test]
fn a_baseline_of_a_thousand_findings_merges_after_both_sides_added_one() {
    let base = with(&lines(1_000), Baseline::new(vec![9; KEY_BYTES]));
    assert_eq!(base.len(), 1_000);
    let side = |secret: &str| with(secret, Baseline::parse(&base.to_text()).unwrap()).to_text();
    let (ours, theirs) = (side("JWT_SECRET=our-rhino-1"), side("JWT_SECRET=their-rhino-2"));
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("ours", &ours), ("base", &base.to_text()), ("theirs", &theirs)] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut git = Command::new("git");
    git.current_dir(folder.path()).args(["merge-file", "-p", "ours", "base", "theirs"]);
    let merged = git.output().unwrap();
    assert!(merged.status.success(), "{}", String::from_utf8_lossy(&merged.stderr));
    let merged = Baseline::parse(std::str::from_utf8(&merged.stdout).unwrap()).unwrap();
    assert_eq!(merged.len(), 1_002);
}

#[test]
fn what_is_known_stays_known_where_it_moves_to() {
    let before = lines(20);
    let baseline = with(&before, Baseline::new(vec![9; KEY_BYTES]));
    let moved: Vec<&str> = before.lines().rev().collect();
    let moved = format!("# a line above\n\n{}\nJWT_SECRET=new-rhino-3\n", moved.join("\n"));
    let (report, _) = scanned(&moved, Some(baseline));
    assert_eq!((report.known, report.findings.len()), (20, 1));
    assert_eq!(report.findings[0].line, 23);
}

#[test]
fn the_key_of_a_baseline_makes_its_identities_its_own() {
    let id = |key: u8| {
        let (report, _) =
            scanned("JWT_SECRET=rhino-and-zebra", Some(Baseline::new(vec![key; KEY_BYTES])));
        report.findings[0].fingerprint.clone()
    };
    assert_eq!(id(1), id(1));
    assert_ne!(id(1), id(2));
}
