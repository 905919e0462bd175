//! Shows what is found in files, unmasked by nobody.
#![expect(clippy::print_stdout, clippy::disallowed_methods, clippy::unwrap_used, reason = "x")]
fn main() {
    for path in std::env::args().skip(1) {
        for f in keytide_scan::scan_bytes(&path, &std::fs::read(&path).unwrap(), 0) {
            println!("{f:?} {:?} {} | {}", f.confidence, f.message, f.excerpt);
        }
    }
}
