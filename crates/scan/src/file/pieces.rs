//! A text taken apart before it is scanned: a long program's pieces, the files of a patch.

use std::path::Path;

use super::{Scan, Seen, Settings};
use crate::context;
use crate::finding::Context;
use crate::rules::evidence::Evidence;
use crate::text::language::{self, Kind};

/// A file of ordinary size at once; a larger one in pieces, of which those without an anchor are
/// passed over, so that time and memory stay bounded.
pub(super) fn scan(path: &str, text: &str, settings: &Settings, seen: &mut Seen) {
    let kind = language::of(Path::new(path));
    // The keys above a value of a configuration may stand far above it.
    let is_program = matches!(kind, Kind::Code(_)) && !matches!(kind.name(), "json" | "hcl");
    let (whole, size) = if is_program { (WHOLE, PIECE) } else { (LONG, LONG) };
    if text.len() <= whole {
        Scan::new(path, text, 0, settings).run(&mut Evidence::of(text), seen);
        return;
    }
    let mut cut = Vec::new();
    let (mut rest, mut line) = (text, 0);
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(end_of_piece(rest, size));
        cut.push((piece, line, crate::anchors::worth_reading(piece.as_bytes(), kind)));
        line += memchr::memchr_iter(b'\n', piece.as_bytes()).count();
        rest = after;
    }
    // What one piece says, and does with a name, counts for all of them.
    let mut evidence = Evidence::default();
    let worth = || cut.iter().filter(|(.., worth)| *worth);
    worth().for_each(|(piece, ..)| evidence.add(Evidence::of(piece)));
    if evidence.enough {
        for (piece, line, _) in worth() {
            Scan::new(path, piece, *line, settings).gather(&mut evidence);
        }
    }
    let names: Vec<String> = evidence.used_as_key.iter().cloned().collect();
    let holds_a_name = |piece: &str| names.iter().any(|name| piece.contains(name.as_str()));
    let mut in_tests = false;
    for (piece, line, worth) in cut {
        if worth || holds_a_name(piece) {
            let mut scan = Scan::new(path, piece, line, settings);
            if in_tests && scan.context == Context::Live {
                scan.context = Context::Test;
            }
            Scan { is_piece: is_program, ..scan }.run(&mut evidence, seen);
        }
        // A file's tests go on to its end.
        in_tests |= kind.name() == "rust" && piece.contains("\n#[cfg(test)]\nmod ");
    }
}

/// Where to cut: after the last empty line of a piece's length, or its last line, or in the middle of one.
fn end_of_piece(text: &str, size: usize) -> usize {
    if text.len() <= size {
        return text.len();
    }
    let limit = (0..=size).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let piece = text.get(..limit).unwrap_or(text);
    let cut = piece.rfind("\n\n").filter(|at| *at > size / 2).map(|at| at + 2);
    cut.or_else(|| piece.rfind('\n').map(|at| at + 1)).unwrap_or(limit).max(1)
}

/// The lines that a patch adds or keeps, each file's as that file.
pub(super) fn patch(path: &str, text: &str, settings: &Settings, seen: &mut Seen) {
    let mut target: Option<String> = None;
    let mut piece = String::new();
    let mut first = 0;
    let mut flush = |target: &Option<String>, piece: &mut String, first: usize| {
        if !piece.trim().is_empty() {
            let kind = target.as_deref().map_or_else(
                || language::of(Path::new(path)),
                |name| language::of(Path::new(name)),
            );
            let mut scan = Scan::new(path, piece, first, settings);
            scan.kind = kind;
            if let Some(name) = target {
                scan.context = context::of(name);
            }
            scan.run(&mut Evidence::of(piece), seen);
        }
        piece.clear();
    };
    for (number, line) in text.lines().enumerate() {
        if let Some(name) = line.strip_prefix("+++ ") {
            flush(&target, &mut piece, first);
            target =
                Some(name.trim_start_matches("b/").split('\t').next().unwrap_or(name).to_owned());
            first = number + 1;
            continue;
        }
        let kept = line.strip_prefix('+').or_else(|| line.strip_prefix(' '));
        let header =
            line.starts_with("diff ") || line.starts_with("@@") || line.starts_with("index ");
        piece.push_str(if header { "" } else { kept.unwrap_or("") });
        piece.push('\n');
    }
    flush(&target, &mut piece, first);
}

/// A program up to this length is read as one.
const WHOLE: usize = 64 << 10;
/// How long the pieces of a longer one are.
const PIECE: usize = 8 << 10;
/// Both, for what is no program.
const LONG: usize = 1 << 20;
