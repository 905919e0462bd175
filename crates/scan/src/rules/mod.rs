//! The rules as a table: what each finds, why that matters, what to do, and samples of both sides.

pub(crate) mod evidence;
pub(crate) mod names;
pub(crate) mod tables;
pub(crate) mod values;

use crate::finding::{Confidence, Severity};

/// One rule.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// Stable; suppressions name it.
    pub id: &'static str,
    /// What it finds, in a few words.
    pub title: &'static str,
    /// Why that is bad.
    pub why: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// How bad a live finding is at worst.
    pub severity: Severity,
    /// A file's name and what in it is found.
    pub bad: &'static [Sample],
    /// A file's name and what in it is not.
    pub good: &'static [Sample],
}

/// A file's name and text.
pub type Sample = (&'static str, &'static str);

const REPLACE: &str = "Treat it as known to all: make another with `keytide secret --format env`, take it \
     from the environment or a secret store with no default, and refuse to start without it. Better, \
     sign with a ring (`keytide ring create NAME --alg ES256`), so that verifiers need no secret.";

/// Every rule.
pub const RULES: &[Rule] = &[HARDCODED, FALLBACK, NAMED, CONFIG, PRIVATE_JWK, PRIVATE_KEY, TOKEN];

pub(crate) const HARDCODED: Rule = Rule {
    id: "hardcoded-secret",
    title: "A literal is the key that signs or verifies tokens",
    why: "Whoever reads the code, now or in its history, can sign any token.",
    fix: REPLACE,
    severity: Severity::Error,
    bad: &[
        ("a.js", "const jwt = require('jsonwebtoken');\njwt.sign(user, 'zebra-crossing-41');"),
        ("a.go", "tok.SignedString([]byte(\"zebra-crossing-41\"))"),
        ("a.py", "import jwt\nK = 'zebra-crossing-41'\njwt.encode(p, K, algorithm='HS256')"),
        ("A.java", "Algorithm.HMAC256(\"zebra-crossing-41\".getBytes())"),
    ],
    good: &[
        ("a.js", "jwt.sign(user, process.env.JWT_SECRET);"),
        ("a.py", "jwt.encode(p, os.getenv('JWT_SECRET'), algorithm='HS256')"),
        ("a.go", "tok.SignedString([]byte(os.Getenv(\"JWT_SECRET\")))"),
    ],
};

pub(crate) const FALLBACK: Rule = Rule {
    id: "fallback-secret",
    title: "A literal stands in where the secret is not set",
    why: "Where the variable is missing, everything goes on working, with a key that everybody can read.",
    fix: "Take the default away and refuse to start without the secret; make one with `keytide secret --format env`.",
    severity: Severity::Error,
    bad: &[
        ("a.ts", "const secret = process.env.JWT_SECRET || 'zebra-crossing-41';"),
        ("a.py", "JWT_SECRET = os.getenv('JWT_SECRET', 'zebra-crossing-41')"),
        ("a.rs", "let s = env::var(\"JWT_SECRET\").unwrap_or(\"zebra-crossing-41\".into());"),
        ("a.yml", "environment:\n  JWT_SECRET: ${JWT_SECRET:-zebra-crossing-41}"),
        ("A.cs", "var key = config[\"Jwt:Key\"] ?? \"zebra-crossing-41\";"),
        ("main.tf", "variable \"jwt_secret\" {\n  default = \"zebra-crossing-41\"\n}"),
    ],
    good: &[
        ("a.ts", "const secret = process.env.JWT_SECRET ?? '';"),
        ("A.cs", "var key = config[\"Jwt:Key\"] ?? throw new Exception(\"Jwt:Key is not set\");"),
        ("a.yml", "environment:\n  JWT_SECRET: ${JWT_SECRET:-$(openssl rand -hex 32)}"),
    ],
};

pub(crate) const NAMED: Rule = Rule {
    id: "named-secret",
    title: "A literal has the name of a signing secret",
    why: "Its name says that it signs tokens; whoever reads the code has it.",
    fix: REPLACE,
    severity: Severity::Error,
    bad: &[
        ("a.ts", "export const jwtConstants = { secret: 'zebra-crossing-41' };"),
        ("a.go", "var jwtKey = []byte(\"zebra-crossing-41\")"),
        ("a.rs", "const JWT_SECRET: &[u8] = b\"zebra-crossing-41\";"),
    ],
    good: &[
        ("a.ts", "const jwtIssuer = 'zebra-crossing';"),
        ("a.ts", "const JWT_SECRET_NAME = 'prod/zebra';"),
        ("a.go", "return errors.New(\"jwt secret must be set\")"),
    ],
};

pub(crate) const CONFIG: Rule = Rule {
    id: "config-secret",
    title: "A signing secret is written in a configuration",
    why: "Configuration is copied, committed and shared; each copy can sign.",
    fix: REPLACE,
    severity: Severity::Error,
    bad: &[
        ("application.yml", "app:\n  jwt:\n    secret: zebra-crossing-41"),
        ("appsettings.json", "{\"Jwt\": {\"Key\": \"zebra-crossing-41\", \"Issuer\": \"me\"}}"),
        (".env", "JWT_SECRET=zebra-crossing-41"),
        ("Dockerfile", "ENV JWT_SECRET zebra-crossing-41"),
    ],
    good: &[
        ("application.yml", "app:\n  jwt:\n    secret: ${JWT_SECRET}"),
        ("a.yml", "valueFrom:\n  secretKeyRef:\n    name: jwt-secret\n    key: jwt-secret"),
        (".env", "JWT_SECRET="),
    ],
};

pub(crate) const PRIVATE_JWK: Rule = Rule {
    id: "private-jwk",
    title: "A JWK with its private or secret member",
    why: "The member lets whoever reads the file sign as you.",
    fix: "Rotate the key (`keytide ring revoke RING` if it is a ring's), publish only `keytide key public`, \
          and keep the private one in a store.",
    severity: Severity::Error,
    bad: &[(
        "jwks.json",
        "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"q8F3nVxk2LwPzR7tYb1JdGhMs9UcEaQ0q8F3nVxk2Lw\",\"d\":\"Lw2PzR7tYb1JdGhMs9UcEaQ0q8F3nVxk2LwPzR7tYb1\"}]}",
    )],
    good: &[(
        "jwks.json",
        "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"q8F3nVxk2LwPzR7tYb1JdGhMs9UcEaQ0q8F3nVxk2Lw\"}]}",
    )],
};

pub(crate) const PRIVATE_KEY: Rule = Rule {
    id: "private-key",
    title: "A private key in PEM",
    why: "Whoever reads the file can sign as its owner.",
    fix: "Rotate the key, and keep the new one outside of the repository, in a store that seals it.",
    severity: Severity::Error,
    // Put together, so that no scanner takes this file for a key.
    bad: &[(
        "k.pem",
        concat!(
            "-----BEGIN ",
            "PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIPz4R7tYb1JdGhMs9UcEaQ0q8F3nVxk2LwPzR7tYb1Jd\n-----END ",
            "PRIVATE KEY-----\n"
        ),
    )],
    good: &[
        ("a.js", concat!("key.replace('-----BEGIN ", "PRIVATE KEY-----', '')")),
        (
            "k.pem",
            "-----BEGIN PUBLIC KEY-----\nMC4CAQAwBQYDK2VwBCIEIPz4R7tYb1JdGhMs9UcEaQ0q8F3nVxk2LwPzR7tYb1Jd\n-----END PUBLIC KEY-----\n",
        ),
    ],
};

pub(crate) const TOKEN: Rule = Rule {
    id: "token",
    title: "A signed token in the text",
    why: "While it is valid, whoever reads it can use it; and it is what an attacker tries secrets against.",
    fix: "Revoke it or let it expire, and issue short-lived ones (`keytide sign`).",
    severity: Severity::Warning,
    bad: &[(
        "a.js",
        concat!(
            "fetch(u, { headers: { t: 'eyJhbGciOiJIUzI1NiJ9.",
            "eyJzdWIiOiJ6ZWJyYSJ9.",
            "d4J0G6wq0mP1cZyqYV0m9bq0qk4nq9r4m5nY3bq7Q1s' } })"
        ),
    )],
    good: &[("a.js", "const example = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIi...';")],
};

/// A rule by its id.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

impl Rule {
    /// How bad a live finding of this confidence is.
    pub(crate) fn severity(&self, confidence: Confidence) -> Severity {
        match confidence {
            Confidence::Proven | Confidence::High => self.severity,
            Confidence::Medium => self.severity.min(Severity::Warning),
            Confidence::Low => Severity::Note,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file;

    fn found(sample: &Sample) -> Vec<(&'static str, Severity)> {
        let seen = file::scan(sample.0, sample.1.as_bytes(), &file::Settings::default());
        seen.findings.iter().map(|finding| (finding.rule, finding.severity)).collect()
    }

    #[test]
    fn every_rule_finds_its_bad_samples_and_leaves_its_good_ones() {
        for rule in RULES {
            for sample in rule.bad {
                let found = found(sample);
                let by_rule =
                    found.iter().any(|(id, severity)| *id == rule.id && *severity > Severity::Note);
                assert!(by_rule, "{}: {}\n{found:?}", rule.id, sample.1);
            }
            for sample in rule.good {
                let found = found(sample);
                assert!(
                    found.iter().all(|(_, severity)| *severity == Severity::Note),
                    "{}: {}\n{found:?}",
                    rule.id,
                    sample.1
                );
            }
        }
    }

    #[test]
    fn every_rule_has_its_papers() {
        for rule in RULES {
            assert!(rule.why.ends_with('.') && rule.fix.ends_with('.'), "{}", rule.id);
            assert!(!rule.bad.is_empty() && !rule.good.is_empty(), "{}", rule.id);
            assert!(rule.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
        }
    }
}
