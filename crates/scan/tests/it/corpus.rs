//! The labelled corpus: precision and recall, and that no report holds what it found.

use std::collections::BTreeMap;
use std::path::Path;

use keytide_scan::{Finding, Severity, report, scan_bytes};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");

pub(crate) struct Label {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) secret: bool,
}

pub(crate) fn labels() -> Vec<Label> {
    let table = std::fs::read_to_string(Path::new(CORPUS).join("labels.tsv")).unwrap();
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        let fields: Vec<&str> = row.split('\t').collect();
        Label {
            path: fields[0].into(),
            line: fields[1].parse().unwrap(),
            secret: fields[2] == "secret",
        }
    })
    .collect()
}

pub(crate) fn files() -> BTreeMap<String, Vec<u8>> {
    let read = |label: Label| {
        let bytes = std::fs::read(Path::new(CORPUS).join(&label.path)).unwrap();
        (label.path, bytes)
    };
    labels().into_iter().map(read).collect()
}

fn found(path: &str, bytes: &[u8]) -> Vec<Finding> {
    scan_bytes(path, bytes, 0)
}

#[test]
fn precision_and_recall_are_at_least_95_of_100() {
    let labels = labels();
    let secrets = labels.iter().filter(|label| label.secret).count();
    assert!(labels.len() >= 300 && secrets * 3 >= labels.len(), "{} {secrets}", labels.len());
    let (mut hits, mut wrong) = (0, 0);
    for (path, bytes) in files() {
        let mut lines: Vec<usize> = found(&path, &bytes)
            .iter()
            .filter(|finding| finding.severity > Severity::Note)
            .map(|finding| finding.line)
            .collect();
        lines.dedup();
        for line in lines {
            let right = labels.iter().any(|l| l.secret && l.path == path && l.line == line);
            if right { hits += 1 } else { wrong += 1 }
        }
    }
    assert!(hits * 100 >= secrets * 95, "recall: {hits} of {secrets}");
    assert!(hits * 100 >= (hits + wrong) * 95, "precision: {wrong} wrong beside {hits}");
}

#[test]
fn no_form_of_the_report_holds_a_secret() {
    let labels = labels();
    for (path, bytes) in files() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let findings = found(&path, &bytes);
        let json = serde_json::to_string(&findings).unwrap();
        let debug = format!("{findings:?}");
        for finding in &findings {
            let line = text.lines().nth(finding.line - 1).unwrap();
            let secret: String =
                line.chars().skip(finding.column - 1).take(finding.width.max(6)).collect();
            // Short words of the corpus stand in sentences too, and one secret is a rule's name.
            if finding.width < 8
                || keytide_scan::rule(&secret).is_some()
                || !labels.iter().any(|l| l.secret && l.path == path && l.line == finding.line)
            {
                continue;
            }
            assert!(!json.contains(&secret) && !debug.contains(&secret), "{path}: {secret}");
        }
    }
}

#[test]
fn a_text_report_points_at_what_it_found() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.js");
    std::fs::write(&file, "const jwt = 1;\n  jwt.sign(u, 'zebra-crossing-41');\n").unwrap();
    let options = keytide_scan::Options::new(
        keytide_scan::What::Tree(vec![folder.path().into()]),
        folder.path().into(),
        0,
    );
    let found = keytide_scan::scan(&options, &keytide_scan::Progress::default()).unwrap();
    let text = report::text(&found, Severity::Note, &|_, text| text.to_owned());
    let expected = " --> a.js:2:16\n2 | jwt.sign(u, 'ze***************');\n  |              ^^^^^^^^^^^^^^^^^\n";
    assert!(text.contains(expected), "{text}");
    assert!(text.contains("keytide secret --format env"), "{text}");
}
