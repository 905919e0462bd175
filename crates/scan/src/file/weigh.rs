//! What was found, judged: what the secret is worth, how bad that is where it stands, and a sentence.

use keytide_jose::Secret;

use super::Settings;
use crate::finding::{Confidence, Context, Finding, Severity};
use crate::rules::Rule;
use crate::strength;

/// Judges a finding.
pub(crate) fn weigh(finding: &mut Finding, settings: &Settings) {
    let rule = finding.own_rule;
    let value = std::str::from_utf8(finding.written.expose()).unwrap_or_default();
    finding.verdict = finding.keys.first().map(|key| settings.verdicts.of(key.expose()));
    let verdict = finding.verdict.as_ref();
    let random = verdict.is_some_and(|verdict| verdict.strength >= strength::Strength::Short);
    let severity = rule.severity(finding.confidence);
    finding.severity = match finding.context {
        Context::Live if !finding.keys.is_empty() && says_it_is_wrong(value) => Severity::Note,
        Context::Live => severity,
        // Who copies the template takes over what was made for one place.
        Context::Template
            if random
                && finding.confidence >= Confidence::High
                && looks_random(value, settings) =>
        {
            severity.min(Severity::Warning)
        }
        _ => Severity::Note,
    };
    finding.message = sentence(rule, finding.context, verdict);
}

/// The keys that a value stands for, the likeliest first, and what is said of that.
pub(super) fn readings(value: &str, base64: bool, hex: bool) -> (Vec<Secret>, Vec<String>) {
    let mut facts = Vec::new();
    let mut keys: Vec<Secret> = Vec::new();
    if let Some(bytes) = strength::listed_bytes(value) {
        return (
            vec![Secret::new(bytes.clone())],
            vec![format!("Judged as the {} bytes that it lists.", bytes.len())],
        );
    }
    let decoded = strength::decodings(value);
    if base64 || hex {
        let encoding = if base64 { "base64" } else { "hex" };
        match decoded.first() {
            Some(bytes) => {
                facts.push(format!(
                    "Judged as the {} bytes that its {encoding} decodes to.",
                    bytes.len()
                ));
                keys.push(Secret::new(bytes.clone()));
            }
            None => {
                facts.push(format!("It is decoded as {encoding}, which it is not; judged as text."))
            }
        }
    }
    keys.push(Secret::new(value.as_bytes().to_vec()));
    keys.extend(decoded.into_iter().filter(|bytes| !bytes.is_empty()).map(Secret::new));
    (keys, facts)
}

fn sentence(rule: &Rule, context: Context, verdict: Option<&strength::Verdict>) -> String {
    let mut text = format!("{}, in {}", rule.title, context.phrase());
    if let Some(verdict) = verdict {
        text.push_str(&format!("; it is {}", verdict.strength));
    }
    text.push('.');
    text
}

/// A test's counter-example says so itself.
fn says_it_is_wrong(value: &str) -> bool {
    let folded = value.to_lowercase();
    [
        "wrong",
        "attacker",
        "invalid-",
        "invalid_",
        "incorrect",
        "bad-secret",
        "bad_secret",
        "not-the-",
        "tampered",
    ]
    .iter()
    .any(|word| folded.contains(word))
}

/// Not put together by a hand.
fn looks_random(value: &str, settings: &Settings) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    value.len() >= 24
        && digits >= 3
        && letters >= 6
        && settings.verdicts.of(value.as_bytes()).strength >= strength::Strength::Short
}
