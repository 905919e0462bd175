//! Sessions in `tests/cmd`, run line by line and compared to the letter.

#[test]
fn sessions_say_what_they_said_before() {
    trycmd::TestCases::new()
        .env("NO_COLOR", "1")
        .env("COLUMNS", "80")
        .env("USER", "tester")
        .case("tests/cmd/*.trycmd");
}
