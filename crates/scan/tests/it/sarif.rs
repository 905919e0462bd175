//! The SARIF report: read by the types of its schema, complete, and without a secret.

use std::path::Path;
use std::process::Command;

use keytide_scan::{Options, Progress, Report, What, report, scan};
use serde_json::Value;
use serde_sarif::sarif::Sarif;

fn corpus_scanned() -> Report {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
    let options = Options::new(What::Tree(vec![corpus.into()]), corpus.into(), 0);
    scan(&options, &Progress::default()).unwrap()
}

/// The schema of OASIS, from the sources of the crate whose types were made of it.
fn schema() -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let args = ["metadata", "--format-version=1", "--offline", "--locked"];
    let metadata = Command::new(cargo).args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let metadata: Value = serde_json::from_slice(&metadata.unwrap().stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "serde-sarif").unwrap();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    let schema = std::fs::read_to_string(manifest.with_file_name("src").join("schema.json"));
    // Its pattern of a language has a bracket too many to be a regular expression everywhere.
    let schema = schema.unwrap().replace("{2}]?$", "{2}$");
    serde_json::from_str(&schema).unwrap()
}

#[test]
fn sarif_is_valid_by_its_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let mut value = report::sarif(&corpus_scanned(), "1.2.3");
    let wrong: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    // The schema does refuse what is wrong.
    value["runs"][0]["results"][0]["level"] = "terrible".into();
    assert!(!validator.is_valid(&value));
}

#[test]
fn sarif_is_what_its_schema_says_and_loses_nothing() {
    let found = corpus_scanned();
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
