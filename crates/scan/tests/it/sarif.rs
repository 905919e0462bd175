//! The SARIF report: read by the types of its schema, complete, and without a secret.

use keytide_scan::{Options, Progress, What, report, scan};
use serde_sarif::sarif::Sarif;

#[test]
fn sarif_is_what_its_schema_says_and_loses_nothing() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
    let options = Options::new(What::Tree(vec![corpus.into()]), corpus.into(), 0);
    let found = scan(&options, &Progress::default()).unwrap();
    let value = report::sarif(&found, "1.2.3");
    let sarif: Sarif = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(sarif.runs.len(), 1);
    let results = sarif.runs[0].results.as_ref().unwrap();
    assert!(results.len() > 150 && results.len() == found.findings.len());
    for result in results {
        assert!(result.rule_id.is_some() && result.partial_fingerprints.is_some());
        assert_eq!(result.locations.as_ref().unwrap().len(), 1);
    }
    assert!(!value.to_string().contains("purple-otter-7"));
}
