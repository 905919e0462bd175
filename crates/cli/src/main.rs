//! The composition root: parses, builds everything, owns main.
fn main() {}
