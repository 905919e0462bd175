//! Secrets that a pattern writes: repetition, sequences, rows of the keyboard, few characters.

/// Which pattern a text is, said after "It is".
pub(super) fn in_text(text: &str) -> Option<&'static str> {
    let folded: Vec<char> = text.chars().flat_map(char::to_lowercase).take(LONGEST).collect();
    if folded.is_empty() {
        return None;
    }
    if repeats(&folded) {
        return Some("a short piece repeated");
    }
    if folded.len() >= 4 && in_runs(&folded) * 10 >= folded.len() * 7 {
        return Some("a sequence, such as abc, 123 or a row of the keyboard");
    }
    if folded.len() >= 12 && distinct(&folded) <= FEWEST_DISTINCT {
        return Some("made of very few different characters");
    }
    None
}

/// The same for bytes that are no text, said after "Its bytes are".
pub(super) fn in_bytes(bytes: &[u8]) -> Option<&'static str> {
    if repeats(bytes) {
        return Some("a short piece repeated");
    }
    let steps = bytes.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) == 1).count();
    if bytes.len() >= 4 && steps * 10 >= bytes.len() * 7 {
        return Some("a sequence");
    }
    if bytes.len() >= 16 && distinct(bytes) <= FEWEST_DISTINCT {
        return Some("of very few different values");
    }
    None
}

/// How long the run is that starts here: the same character, the next, the one before, or along a
/// row of the keyboard.
pub(super) fn run_at(text: &[char]) -> usize {
    let follows: [fn(char, char) -> bool; 5] = [
        |a, b| a == b,
        |a, b| a.is_alphanumeric() && u32::from(b) == u32::from(a) + 1 || (a, b) == ('9', '0'),
        |a, b| b.is_alphanumeric() && u32::from(a) == u32::from(b) + 1 || (a, b) == ('0', '9'),
        |a, b| on_keyboard(a, b),
        |a, b| on_keyboard(b, a),
    ];
    let length = |follows: fn(char, char) -> bool| {
        1 + text.windows(2).take_while(|pair| follows(pair[0], pair[1])).count()
    };
    follows.into_iter().map(length).max().unwrap_or(0).min(text.len())
}

fn in_runs(text: &[char]) -> usize {
    let (mut at, mut covered) = (0, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let run = run_at(rest);
        if run >= SHORTEST_RUN {
            covered += run;
        }
        at += run.max(1);
    }
    covered
}

fn on_keyboard(a: char, b: char) -> bool {
    ROWS.iter().any(|row| row.contains(&format!("{a}{b}")))
}

/// Whether it is some piece, at most half as long, again and again.
fn repeats<T: PartialEq>(items: &[T]) -> bool {
    (1..=items.len() / 2)
        .take_while(|period| *period <= LONGEST_PIECE)
        .any(|period| items.iter().zip(items.iter().skip(period)).all(|(a, b)| a == b))
}

fn distinct<T: Ord + Copy>(items: &[T]) -> usize {
    let mut sorted = items.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.len()
}

const ROWS: [&str; 4] = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
const SHORTEST_RUN: usize = 3;
/// 32 random bytes have 5 different values or fewer once in 10^40 times.
const FEWEST_DISTINCT: usize = 5;
const LONGEST_PIECE: usize = 64;
const LONGEST: usize = 2048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_seen_and_chance_is_not() {
        for pattern in [
            "aaaaaaaa",
            "abcabcabcabc",
            "12345678901234567890123456789012",
            "abcdefghijklmnopqrstuvwxyz012345",
            "QWERTYUIOPasdfghjkl",
            "9876543210",
            "changemechangeme",
            "abababbaabbabaabab",
        ] {
            assert!(in_text(pattern).is_some(), "{pattern}");
        }
        for chance in ["q8F3nVxk2LwPzR7tYb1JdGhMs9UcEaQ0", "correct-horse", "k", "xy"] {
            assert!(in_text(chance).is_none(), "{chance}");
        }
        assert!(in_bytes(&[0xff; 32]).is_some());
        assert!(in_bytes(&(0x80..0xa0).collect::<Vec<u8>>()).is_some());
    }
}
