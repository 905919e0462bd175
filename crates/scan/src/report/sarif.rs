//! SARIF 2.1.0 (OASIS, 2020): what code scanning services read.

use serde_json::{Value, json};

use crate::finding::{Finding, Severity};
use crate::project::Report;
use crate::rules::RULES;

/// The whole report, notes included; `version` is that of the program.
#[must_use]
pub fn sarif(report: &Report, version: &str) -> Value {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": { "text": format!("{}.", rule.title) },
                "fullDescription": { "text": rule.why },
                "help": { "text": rule.fix },
                "defaultConfiguration": { "level": rule.severity.as_str() },
                "properties": { "tags": ["security", "jwt"], "security-severity": security_severity(rule.severity) },
            })
        })
        .collect();
    let results: Vec<Value> = report.findings.iter().map(result).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "keytide", "semanticVersion": version, "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "ROOT": { "description": { "text": "Where the scan began." } } },
            "results": results,
        }],
    })
}

fn result(finding: &Finding) -> Value {
    let facts = finding.facts.iter().fold(String::new(), |all, fact| all + " " + fact);
    let index = RULES.iter().position(|rule| rule.id == finding.rule);
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity.as_str(),
        "message": { "text": format!("{}{facts}", finding.message) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&finding.path), "uriBaseId": "ROOT" },
                "region": {
                    "startLine": finding.line,
                    "startColumn": finding.column,
                    "snippet": { "text": finding.excerpt },
                },
            },
        }],
        "partialFingerprints": { "keytide/v1": finding.fingerprint },
        "properties": {
            "confidence": finding.confidence,
            "context": finding.context,
            "strength": finding.verdict.as_ref().map(|verdict| verdict.strength),
        },
    });
    if let Some(commit) = &finding.commit {
        result["properties"]["commit"] = json!(commit);
    }
    result
}

/// As code scanning services grade it.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "9.0",
        Severity::Warning => "6.0",
        Severity::Note => "2.0",
    }
}

/// A relative reference (RFC 3986): what is not unreserved is encoded.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_uri() {
        assert_eq!(uri("a b/ü.js"), "a%20b/%C3%BC.js");
    }
}
