//! What a literal becomes on its way: a parameter, a member, an export, a list of bytes, a key without its header.

use keytide_scan::{Finding, Options, Progress, Severity, What, scan, scan_bytes};

fn lines_of(path: &str, text: &str) -> Vec<usize> {
    let told = |finding: &Finding| finding.severity >= Severity::Warning;
    scan_bytes(path, text.as_bytes(), 0).iter().filter(|f| told(f)).map(|f| f.line).collect()
}

#[test]
fn a_literal_given_to_a_parameter_that_becomes_a_key_is_one() {
    let go = "package a\n\nfunc NewSigner(secret string) *S { return &S{key: []byte(secret)} }\n\n\
              func (s *S) Sign(c jwt.Claims) (string, error) {\n\
              \treturn jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(s.key)\n}\n\n\
              var one = NewSigner(\"zebra-crossing-41\")\nvar other = NewReader(\"zebra-crossing-42\")\n";
    assert_eq!(lines_of("a.go", go), [9]);
    let ts = "import { sign } from 'jsonwebtoken';\nexport class Signer {\n  \
              constructor(private readonly key: string) {}\n  \
              sign(sub: string) { return sign({ sub }, this.key); }\n}\n\
              export const kiosk = new Signer('zebra-crossing-41');\n\
              export const other = new Greeter('zebra-crossing-42');\n";
    assert_eq!(lines_of("a.ts", ts), [6]);
    let python = "import jwt\n\nclass Maker:\n    def __init__(self, name, key):\n        \
                  self.name = name\n        self.key = key\n\n    def make(self, claims):\n        \
                  return jwt.encode(claims, self.key, algorithm='HS256')\n\n\
                  maker = Maker('zebra-crossing-40', 'zebra-crossing-41')\n";
    assert_eq!(lines_of("a.py", python), [11]);
}

#[test]
fn a_method_of_something_else_that_has_the_name_takes_no_key() {
    let js = "const jwt = require('jsonwebtoken');\n\
              function check(key) { return jwt.verify(token, key); }\n\
              cache.check('zebra-crossing-41');\ncheck('zebra-crossing-42');\n";
    assert_eq!(lines_of("a.js", js), [4]);
}

#[test]
fn a_constant_behind_a_default_behind_a_member_is_followed() {
    let ts = "import jwt from 'jsonwebtoken';\nclass V {\n  #secret;\n  \
              static #fallback = 'zebra-crossing-41';\n  \
              constructor({ secret = V.#fallback } = {}) { this.#secret = secret; }\n  \
              verify(token) { return jwt.verify(token, this.#secret); }\n}\n";
    assert_eq!(lines_of("a.ts", ts), [4]);
}

#[test]
fn a_module_exports_a_plain_name_and_another_signs_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("config.js", "module.exports = {\n  name: 'shop',\n  secret: 'zebra-crossing-41',\n};\n");
    write("other.js", "module.exports = {\n  secret: 'zebra-crossing-42',\n};\n");
    write(
        "auth.js",
        "const jwt = require('jsonwebtoken');\nconst config = require('./config');\n\
         exports.sign = (user) => jwt.sign({ user }, config.secret);\n",
    );
    let options = Options::new(What::Tree(vec![folder.path().into()]), folder.path().into(), 0);
    let report = scan(&options, &Progress::default()).unwrap();
    let found: Vec<_> = report.findings.iter().map(|f| (f.path.as_str(), f.line)).collect();
    assert_eq!(found, [("config.js", 3)]);
}

#[test]
fn a_list_of_bytes_is_a_key_and_judged_as_the_bytes_it_lists() {
    let bytes: Vec<String> = (1..=32_u32).map(|n| (n * 37 % 251).to_string()).collect();
    let cs = format!(
        "using Jose;\nclass A {{\n  static readonly byte[] SecretKey = new byte[] {{ {} }};\n  \
         string E(object p) => JWT.Encode(p, SecretKey, JwsAlgorithm.HS256);\n  \
         static readonly int[] Sizes = new int[] {{ {} }};\n}}\n",
        bytes.join(", "),
        bytes.join(", ")
    );
    let found = scan_bytes("a.cs", cs.as_bytes(), 0);
    assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [3]);
    assert!(found[0].facts.iter().any(|fact| fact.contains("32 bytes")), "{:?}", found[0].facts);
    assert!(!found[0].excerpt.contains(&bytes[3]), "{}", found[0].excerpt);
}

#[test]
fn the_body_of_a_private_key_is_one_without_its_header_and_that_of_a_public_key_is_none() {
    let body = "ab1".repeat(60);
    let private = format!("K = \"MIIEvgIBADANBgkqhkiG9w0BAQEFAASC{body}\"\n");
    let public = format!("K = \"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A{body}\"\n");
    assert_eq!(lines_of("a.py", &private), [1]);
    assert_eq!(lines_of("a.py", &public), [0; 0]);
}

#[test]
fn what_a_name_is_used_for_elsewhere_says_what_its_value_is() {
    for (path, text) in [
        (
            "a.ts",
            "import { JwtHelper } from 'angular-jwt';\nconst TOKEN_KEY = 'my-jwt';\nlocalStorage.setItem(TOKEN_KEY, t);\n",
        ),
        (
            "a.js",
            "app.register(require('@fastify/jwt'), { secret: s });\napp.register(require('@fastify/cookie'), { secret: 'zebra-41' });\n",
        ),
        (
            "a.js",
            "const jwt = require('jsonwebtoken');\napp.use(session({ secret: process.env.JWT_SECRET || 'zebra-41' }));\n",
        ),
        (
            "a.rs",
            "use jsonwebtoken::*;\nconst SECRET_KEY: &[u8; 9] = b\"zebra-41x\";\nlet c = Aes256Gcm::new(SECRET_KEY.into());\n",
        ),
        (
            "a.go",
            "package a // jwt\n\nvar weakSecrets = map[string]string{\n\t\"secret\": \"a tutorial's\",\n}\n",
        ),
        ("a.yaml", "kind: SealedSecret\nspec:\n  encryptedData:\n    JWT_SECRET: AgBy3i4OJSWK\n"),
    ] {
        assert_eq!(lines_of(path, text), [0; 0], "{text}");
    }
}
