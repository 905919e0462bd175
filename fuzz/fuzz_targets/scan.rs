//! Files of any kind: the first byte chooses the name that the rest is read under; no excerpt is longer than a
//! report shows, and every finding is on a line that is there.
#![no_main]

const NAMES: [&str; 16] = [
    "a.js",
    "a.py",
    "a.go",
    "a.rs",
    "a.cs",
    "a.cpp",
    "a.php",
    "a.sql",
    "a.clj",
    "a.yml",
    "a.toml",
    "a.xml",
    ".env",
    "Dockerfile",
    "a.patch",
    "a.json",
];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((choice, text)) = bytes.split_first() else { return };
    let name = NAMES[usize::from(*choice) % NAMES.len()];
    let lines = text.iter().filter(|b| **b == b'\n').count() + 1;
    for finding in keytide_scan::scan_bytes(name, text, 0) {
        assert!((1..=lines).contains(&finding.line), "{finding:?}");
        assert!(finding.excerpt.chars().count() <= 160, "{finding:?}");
        let judged = finding.verdict.is_some();
        assert_eq!(judged, finding.rule.ends_with("-secret"), "{finding:?}");
    }
});
