//! Broken input: cut files, random bytes, one endless line, other encodings. Nothing panics or hangs.

use keytide_scan::scan_bytes;

use crate::corpus::files;

/// A small generator that repeats itself, so that a failure can be seen again.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }
}

#[test]
fn every_file_of_the_corpus_may_be_cut_anywhere() {
    let mut numbers = Numbers(1);
    for (path, bytes) in files() {
        for _ in 0..10 {
            let cut = usize::try_from(numbers.next()).unwrap() % (bytes.len() + 1);
            let _findings = scan_bytes(&path, &bytes[..cut], 0);
            let _findings = scan_bytes(&path, &bytes[cut..], 0);
        }
    }
}

#[test]
fn every_file_of_the_corpus_may_be_read_as_any_other() {
    let files = files();
    for name in [
        "a.js",
        "a.py",
        "a.rs",
        "a.go",
        "a.cs",
        "a.cpp",
        "a.yml",
        "a.toml",
        "a.xml",
        ".env",
        "a.sql",
        "a.clj",
        "a.patch",
        "Dockerfile",
    ] {
        for bytes in files.values() {
            let _findings = scan_bytes(name, bytes, 0);
        }
    }
}

#[test]
fn random_bytes_are_looked_at_and_left() {
    let mut numbers = Numbers(2);
    for name in ["a.js", "a.py", "a.rs", "a.yml", "a.env", "a.xml", "a.json", "a.unknown"] {
        for length in [0, 1, 2, 17, 4_096] {
            let mut bytes = b"jwt secret ".to_vec();
            bytes.extend((0..length).map(|_| (numbers.next() % 255 + 1) as u8));
            let _findings = scan_bytes(name, &bytes, 0);
            // Signs alone, which is what a parser chokes on.
            let signs = b"\"'`(){}[]<>:=,;#/*-|\\\n $@.?!jwtsecret";
            let text: Vec<u8> = (0..length)
                .map(|_| signs[usize::try_from(numbers.next()).unwrap() % signs.len()])
                .collect();
            let _findings = scan_bytes(name, &[b"jwt secret ", &text[..]].concat(), 0);
        }
    }
}

#[test]
fn one_line_of_ten_megabytes_is_read_in_pieces() {
    for (name, piece) in [
        ("a.js", "jwt.sign(a,'zebra-crossing-41');"),
        ("a.js", "((((((((jwt"),
        ("a.json", "{\"jwt\":[\"secret\","),
        ("a.yml", "- jwt_secret: "),
        ("a.xml", "<jwt secret='a'><!--"),
        (".env", "JWT_SECRET=${A:-"),
        ("a.txt", "-----BEGIN PRIVATE KEY-----kty"),
        ("a.txt", "eyJhbGciOiJIUzI1NiJ9.e30."),
    ] {
        let line = piece.repeat(10_000_000 / piece.len());
        let _findings = scan_bytes(name, line.as_bytes(), 0);
    }
}

#[test]
fn utf_16_is_read_and_a_binary_is_not() {
    let text = "const jwt = 1; jwt.sign(u, 'zebra-crossing-41');";
    let little: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(scan_bytes("a.js", &little, 0).len(), 1);
    let binary = [b"\x7fELF\0\0\0", text.as_bytes()].concat();
    assert!(scan_bytes("a.js", &binary, 0).is_empty());
}
