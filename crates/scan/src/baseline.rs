//! `keytide-baseline.json`: findings that were there before, by identity: one a line, sorted, without
//! times or secrets, so that both sides of a merge can add to it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::Error;
use crate::finding::Finding;

/// Known findings, and the key of their identities.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    key: Vec<u8>,
    /// Identity to rule and path, for people.
    known: BTreeMap<String, (String, String)>,
}

impl Baseline {
    /// An empty one whose identities are keyed with `key`.
    #[must_use]
    pub fn new(key: Vec<u8>) -> Self {
        Self { key, known: BTreeMap::new() }
    }

    /// The key of the identities.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// How many findings it knows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether it knows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Whether it knows a finding.
    #[must_use]
    pub fn knows(&self, finding: &Finding) -> bool {
        self.known.contains_key(&finding.fingerprint)
    }

    /// Adds a finding.
    pub fn add(&mut self, finding: &Finding) {
        let row = (finding.rule.to_owned(), finding.path.clone());
        self.known.entry(finding.fingerprint.clone()).or_insert(row);
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// [`Error::Config`] where it is not what [`Baseline::to_text`] writes.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = |what: &str| Error::Config(format!("the baseline {what}"));
        let value: Value =
            serde_json::from_str(text).map_err(|error| bad(&format!("is no JSON: {error}")))?;
        if value["version"] != 1 {
            return Err(bad("has a version that this program does not know"));
        }
        let key = value["key"]
            .as_str()
            .and_then(|key| data_encoding::HEXLOWER.decode(key.as_bytes()).ok());
        let key = key.filter(|key| key.len() == KEY_BYTES).ok_or_else(|| bad("has no key"))?;
        let mut known = BTreeMap::new();
        for row in value["findings"].as_array().ok_or_else(|| bad("has no findings"))? {
            let member = |name: &str| row[name].as_str().map(str::to_owned);
            let (Some(id), Some(rule), Some(path)) = (member("id"), member("rule"), member("path"))
            else {
                return Err(bad("holds a finding without id, rule or path"));
            };
            if id != END {
                known.insert(id, (rule, path));
            }
        }
        Ok(Self { key, known })
    }

    /// The file's text. A row is a line that ends with a comma, and a last row that is none follows,
    /// so that adding a line never changes another.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "{{\n\"version\": 1,\n\"key\": \"{}\",\n\"findings\": [\n",
            data_encoding::HEXLOWER.encode(&self.key)
        );
        for (id, (rule, path)) in &self.known {
            let row = serde_json::json!({ "id": id, "rule": rule, "path": path });
            text.push_str(&format!("{row},\n"));
        }
        let end = serde_json::json!({ "id": END, "rule": "end", "path": "" });
        text.push_str(&format!("{end}\n]\n}}\n"));
        text
    }
}

/// How long the key of the identities is.
pub const KEY_BYTES: usize = 16;
const END: &str = "~";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_reads_what_it_writes() {
        let mut baseline = Baseline::new(vec![7; KEY_BYTES]);
        for finding in
            crate::scan_bytes(".env", b"JWT_SECRET=zebra-crossing-41\nJWT_KEY=other-zebra-4\n", 0)
        {
            baseline.add(&finding);
        }
        let text = baseline.to_text();
        assert_eq!(baseline.len(), 2);
        let again = Baseline::parse(&text).unwrap();
        assert_eq!(again.to_text(), text);
        assert!(!text.contains("zebra"));
        for broken in ["", "{}", "{\"version\":1,\"key\":\"aa\",\"findings\":[]}"] {
            assert_eq!(Baseline::parse(broken).unwrap_err().code(), "scan_config");
        }
    }
}
