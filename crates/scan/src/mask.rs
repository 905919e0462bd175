//! Secrets made unreadable in what is shown: as many characters, two of them at most left as they were.

use crate::keys;

/// A masked form that still tells two secrets of a list apart where they are long.
pub(crate) fn masked(secret: &str) -> String {
    let length = secret.chars().count();
    let shown = if length >= LONG_ENOUGH { 2 } else { 0 };
    let head: String = secret.chars().take(shown).collect();
    format!("{head}{}", "*".repeat((length - shown).min(MOST_STARS)))
}

/// A line with these byte ranges masked, cut to what fits a report; and where the first of them
/// then begins and how wide it is, in characters.
pub(crate) fn line(
    line: &str,
    secret: (usize, usize),
    others: &[(usize, usize)],
) -> (String, usize, usize) {
    // Of a line without end, what is near.
    let from = line.floor_char_boundary(secret.0.min(line.len()).saturating_sub(NEAR));
    let to = line.floor_char_boundary(secret.1.saturating_add(NEAR).min(line.len()));
    let line = line.get(from..to).unwrap_or("");
    let moved =
        |(start, end): (usize, usize)| (start.saturating_sub(from), end.saturating_sub(from));
    let secret = moved(secret);
    let mut ranges: Vec<(usize, usize)> = others.iter().copied().map(moved).collect();
    ranges.extend(keys::also_hidden(line));
    // The same secret again on the line.
    if let Some(value) =
        line.get(secret.0..secret.1).filter(|value| value.len() >= SHORTEST_REPEATED)
    {
        ranges.extend(line.match_indices(value).map(|(at, _)| (at, at + value.len())));
    }
    ranges.retain(|range| *range != secret && (range.1 <= secret.0 || range.0 >= secret.1));
    ranges.push(secret);
    ranges.sort_unstable();
    let mut shown = String::new();
    let (mut at, mut start, mut width) = (0, 0, 0);
    for (from, to) in ranges {
        let (from, to) = (from.max(at), to.min(line.len()));
        let (Some(before), Some(hidden)) = (line.get(at..from), line.get(from..to)) else {
            continue;
        };
        shown.push_str(&tame(before));
        let mask = masked(hidden);
        if (from, to) == (secret.0.max(at), secret.1.min(line.len())) {
            start = shown.chars().count();
            width = mask.chars().count().max(1);
        }
        shown.push_str(&mask);
        at = to;
    }
    shown.push_str(&tame(line.get(at..).unwrap_or("")));
    // A long line is cut around the secret.
    let skip = start.saturating_sub(BEFORE);
    let cut: String = shown.chars().skip(skip).take(WIDEST).collect();
    let trimmed = cut.trim_start();
    let lost = cut.chars().count() - trimmed.chars().count();
    (trimmed.trim_end().to_owned(), start.saturating_sub(skip + lost), width)
}

/// Without what would steer a terminal.
pub(crate) fn tame(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// How far around a secret a line is looked at.
pub(crate) const NEAR: usize = 4_096;
const SHORTEST_REPEATED: usize = 4;
const LONG_ENOUGH: usize = 16;
const MOST_STARS: usize = 24;
const BEFORE: usize = 60;
const WIDEST: usize = 160;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_line_shows_where_and_not_what() {
        let text = "  a = \"zebra-crossing\"; b = \"q\"";
        let (shown, start, width) = line(text, (7, 21), &[(29, 30)]);
        assert_eq!(shown, "a = \"**************\"; b = \"*\"");
        assert_eq!((start, width), (5, 14));
        assert_eq!(masked("0123456789abcdef"), "01**************");
    }

    #[test]
    fn a_long_line_is_cut_around_the_secret() {
        let text = format!("{}=\"zebra\"{}", "a".repeat(5_000), "b".repeat(5_000));
        let (shown, start, width) = line(&text, (5_002, 5_007), &[]);
        assert!(shown.chars().count() <= 160);
        assert_eq!(shown.chars().skip(start).take(width).collect::<String>(), "*****");
    }
}
