//! Tokens tried against secrets, offline: a match proves a leak, or that a token is a demonstration.

use std::collections::HashMap;

use keytide_jose::key::VerifyingKey;
use keytide_jose::{Algorithm, Limits, Secret, jws};

use crate::finding::{Confidence, Context, Finding, Severity};
use crate::strength;
use crate::token::Found;

/// A secret that the caller knows, with what it is called in a report.
pub struct KnownSecret {
    /// Where it comes from, such as `secrets.txt, line 3`; never the secret.
    pub origin: String,
    /// The secret, as it is written.
    pub secret: Secret,
}

/// Where a key comes from.
#[derive(Clone)]
enum Origin {
    Finding(usize),
    Published(&'static str),
    Known(usize),
}

/// Tries every token with every secret, and writes what was proven into the findings. Returns how
/// many tokens have their secret.
pub(crate) fn prove(findings: &mut [Finding], tokens: &[Found], known: &[KnownSecret]) -> usize {
    let mut tokens: Vec<&Found> = tokens.iter().filter(|token| token.symmetric).collect();
    tokens.sort_by(|a, b| a.text.cmp(&b.text));
    tokens.dedup_by(|a, b| a.text == b.text);
    if tokens.is_empty() {
        return 0;
    }
    let keys = keys(findings, known);
    let mut prepared: HashMap<Algorithm, Vec<(usize, VerifyingKey)>> = HashMap::new();
    let mut proven = 0;
    for token in tokens {
        let Ok(unverified) = jws::Unverified::parse(&token.text, &Limits::default()) else {
            continue;
        };
        let alg = unverified.algorithm();
        let keys_of = prepared.entry(alg).or_insert_with(|| {
            let key = |(number, (_, bytes)): (usize, &(Origin, Secret))| {
                Some((number, VerifyingKey::from_secret_less_safe(alg, bytes.expose()).ok()?))
            };
            keys.iter().enumerate().filter_map(key).collect()
        });
        let Some((input, signature)) = token.text.rsplit_once('.') else { continue };
        let holds = |key: &VerifyingKey| key.verify_encoded(input.as_bytes(), signature).is_ok();
        let matching: Vec<Origin> = keys_of
            .iter()
            .filter(|(_, key)| holds(key))
            .filter_map(|(number, _)| keys.get(*number).map(|(origin, _)| origin.clone()))
            .collect();
        if !matching.is_empty() {
            proven += 1;
            tell(findings, token, &matching, known);
        }
    }
    proven
}

/// Every reading of every secret.
fn keys(findings: &[Finding], known: &[KnownSecret]) -> Vec<(Origin, Secret)> {
    let mut keys = Vec::new();
    for (number, finding) in findings.iter().enumerate() {
        keys.extend(finding.keys.iter().map(|key| (Origin::Finding(number), key.duplicate())));
    }
    for (secret, origin) in strength::every_published() {
        keys.extend(readings(secret.as_bytes()).map(|key| (Origin::Published(origin), key)));
    }
    for (number, known) in known.iter().enumerate() {
        keys.extend(readings(known.secret.expose()).map(|key| (Origin::Known(number), key)));
    }
    keys
}

/// A secret as it is, without the blanks around it, and decoded in each way that fits.
fn readings(secret: &[u8]) -> impl Iterator<Item = Secret> + use<> {
    let mut readings = vec![secret.to_vec()];
    if let Ok(text) = core::str::from_utf8(secret) {
        let trimmed = text.trim();
        if trimmed.len() < secret.len() {
            readings.push(trimmed.as_bytes().to_vec());
        }
        readings.extend(strength::decodings(trimmed));
    }
    readings.into_iter().filter(|reading| !reading.is_empty()).map(Secret::new)
}

fn tell(findings: &mut [Finding], token: &Found, matching: &[Origin], known: &[KnownSecret]) {
    let at_token = format!("{}:{}", token.path, token.line);
    let mut facts = Vec::new();
    let mut leaks = false;
    let mut demonstration = false;
    for origin in matching {
        match origin {
            Origin::Finding(number) => {
                let Some(finding) = findings.get_mut(*number) else { continue };
                let fact = format!("Proven: the token at {at_token} verifies with it.");
                if !finding.facts.contains(&fact) {
                    finding.facts.push(fact);
                }
                finding.confidence = Confidence::Proven;
                leaks |= finding.context == Context::Live;
                if finding.context == Context::Live {
                    finding.severity = Severity::Error;
                }
                facts.push(format!(
                    "Proven: it verifies with the secret at {}:{}.",
                    finding.path, finding.line
                ));
            }
            Origin::Published(origin) => {
                demonstration = true;
                facts.push(format!("Proven: it verifies with a published secret: {origin}."));
            }
            Origin::Known(number) => {
                leaks = true;
                let origin = known.get(*number).map_or("", |known| known.origin.as_str());
                facts.push(format!("Proven: it verifies with a known secret: {origin}."));
            }
        }
    }
    let of_token = findings.iter_mut().filter(|finding| {
        finding.rule == crate::rules::TOKEN.id && finding.names.first() == Some(&token.text)
    });
    for finding in of_token {
        for fact in &facts {
            if !finding.facts.contains(fact) {
                finding.facts.push(fact.clone());
            }
        }
        finding.confidence = Confidence::Proven;
        if leaks && finding.context == Context::Live {
            finding.severity = Severity::Error;
        } else if demonstration {
            // Anybody can make such a token: it opens nothing that was not open.
            finding.severity = Severity::Note;
        }
    }
}
