//! Long files: what is passed over for speed hides no secret that a short file would show.

use keytide_scan::{Severity, scan_bytes};

/// About this many bytes of a program in which nothing is to be found.
fn filler(bytes: usize) -> String {
    (0..bytes / 40).map(|nth| format!("function step{nth}() {{\n  return {nth};\n}}\n\n")).collect()
}

fn lines_of_errors(path: &str, text: &str) -> Vec<usize> {
    let found = scan_bytes(path, text.as_bytes(), 0);
    found.iter().filter(|one| one.severity == Severity::Error).map(|one| one.line).collect()
}

#[test]
fn a_secret_in_the_middle_of_a_long_program_is_found_at_its_line() {
    let before = filler(150_000);
    let text = format!("{before}jwt.sign(user, 'zebra-crossing-41');\n{}", filler(150_000));
    assert_eq!(lines_of_errors("bundle.js", &text), [before.lines().count() + 1]);
}

#[test]
fn a_variable_far_from_the_call_that_signs_with_it_is_found() {
    let text = format!(
        "{}const first = 'zebra-crossing-41';\n{}jwt.sign(user, first);\n",
        filler(40_000),
        filler(120_000)
    );
    let at = text.lines().position(|line| line.starts_with("const first")).unwrap() + 1;
    assert_eq!(lines_of_errors("bundle.js", &text), [at]);
}

#[test]
fn a_key_far_above_its_value_counts_in_a_long_configuration() {
    let others: String = (0..4_000).map(|nth| format!("  option-{nth}: {nth}\n")).collect();
    let text = format!("jwt:\n{others}  secret: zebra-crossing-41\n");
    assert_eq!(lines_of_errors("values.yaml", &text), [4_002]);
}

#[test]
fn options_of_a_library_may_have_their_secret_at_their_end() {
    let options: String = (0..120).map(|nth| format!("  option{nth}: {nth},\n")).collect();
    let text = format!(
        "{}app.use(jwt({{\n{options}  secret: 'zebra-crossing-41',\n}}));\n",
        filler(30_000)
    );
    assert_eq!(lines_of_errors("app.js", &text).len(), 1);
}
