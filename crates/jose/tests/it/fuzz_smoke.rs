//! What the fuzz targets state, held over their seeds and mutations of them: the same each time, and
//! short. Finding what nobody thought of is the work of `cargo fuzz`.

#[expect(
    unreachable_pub,
    reason = "the fuzz targets are a crate of their own, whose modules are read here again"
)]
#[path = "../../../../fuzz/src/lib.rs"]
mod fuzz;

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Mutations of each target; what is dear to run gets fewer.
const MUTATIONS: [(&str, usize); 7] = [
    ("claims", 20_000),
    ("content", 20_000),
    ("json", 50_000),
    ("jwe", 10_000),
    ("jwk", 20_000),
    ("key_file", 10_000),
    ("token", 50_000),
];

#[test]
fn what_the_fuzz_targets_state_holds_for_their_seeds_and_mutations_of_them() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let seeds = fuzz::seeds::seeds(&vectors);
    let mut failed = String::new();
    for (target, run) in fuzz::TARGETS {
        let seeds: Vec<&Vec<u8>> = seeds[target].iter().collect();
        let (_, mutations) = MUTATIONS.iter().find(|(name, _)| *name == target).unwrap();
        let mut random = SplitMix(0x6b65_7974_6964_6521);
        let mutated = (0..*mutations).map(|_| mutated(&seeds, &mut random));
        for input in seeds.iter().map(|seed| (*seed).clone()).chain(mutated) {
            if catch_unwind(AssertUnwindSafe(|| run(&input))).is_err() {
                let text = base64_simd::STANDARD.encode_to_string(&input);
                writeln!(failed, "{target}, base64: {text}").unwrap();
                break;
            }
        }
        println!("{target}: {} seeds, {mutations} mutations", seeds.len());
    }
    assert!(failed.is_empty(), "{failed}");
}

/// Sebastiano Vigna's generator: small, and the same everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number under `bound`, which is not zero.
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// A seed changed in one to four places, one time in three inside a segment of base64url.
fn mutated(seeds: &[&Vec<u8>], random: &mut SplitMix) -> Vec<u8> {
    const LONGEST: usize = 8192;
    let mut input = seeds[random.below(seeds.len())].clone();
    input.truncate(LONGEST);
    if random.below(3) == 0 {
        let mut segments: Vec<Vec<u8>> =
            input.split(|byte| *byte == b'.').map(<[u8]>::to_vec).collect();
        let at = random.below(segments.len());
        if let Ok(mut decoded) = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(&segments[at]) {
            change(&mut decoded, seeds, random);
            segments[at] = base64_simd::URL_SAFE_NO_PAD.encode_to_string(&decoded).into_bytes();
            return segments.join(&b'.');
        }
    }
    for _ in 0..=random.below(4) {
        change(&mut input, seeds, random);
    }
    input
}

/// Words that parsers give a meaning to.
const WORDS: [&[u8]; 16] = [
    b"{",
    b"}",
    b"[",
    b"\"",
    b".",
    b"..",
    b"\\u0000",
    b"\\ud800",
    b"-0",
    b"1e999",
    b"null",
    b"\0",
    b"\xff",
    b"=",
    b",\"alg\":\"none\"",
    b"-----",
];

fn change(input: &mut Vec<u8>, seeds: &[&Vec<u8>], random: &mut SplitMix) {
    let at = random.below(input.len() + 1);
    let end = at + random.below(input.len() - at + 1).min(16);
    match random.below(6) {
        0 => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => {
            if let Some(byte) = input.get_mut(at) {
                *byte = random.byte();
            }
        }
        2 => drop(input.drain(at..end)),
        3 => {
            let again = input[at..end].to_vec();
            input.splice(at..at, again);
        }
        4 => {
            let word = WORDS[random.below(WORDS.len())];
            input.splice(at..at, word.iter().copied());
        }
        _ => {
            let other = seeds[random.below(seeds.len())];
            let from = random.below(other.len() + 1);
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
    }
}
