//! Row P4: the same token again, answered from memory.

use std::cell::Cell;

use keytide_jose::jwt::{HeaderParams, VerifiedCache, Verifier, issue};
use keytide_jose::key::{KeySet, SigningKey};
use keytide_jose::{Algorithm, SystemRng};

use crate::measure::{Contender, in_turns};
use crate::table::{Row, Target};
use crate::workload::{Claims, KID, SECRET, now, policy};

/// Bytes for known tokens.
const ROOM: usize = 64 << 20;

fn cache(key: &SigningKey) -> VerifiedCache<Claims> {
    VerifiedCache::new(Verifier::new(KeySet::new([key.verifying_key()]), policy()), ROOM)
}

/// Our answer for a known token, on its own.
pub fn cached() -> Contender<'static> {
    let kid = KID.parse().expect("a kid of few letters");
    let key = SigningKey::from_secret(Algorithm::HS256, SECRET)
        .expect("32 random bytes")
        .with_key_id(kid);
    let (cache, token) = (cache(&key), crate::hs256::token());
    Contender::new("keytide", move || cache.verify(&token, now()).expect("it holds"))
}

/// Measures one token, and a thousand in turn, whose text is then no longer in the nearest cache.
pub fn rows(rounds: usize) -> Vec<Row> {
    let key = SigningKey::generate(Algorithm::ES256, None, &mut SystemRng).expect("a key is made");
    let cache = cache(&key);
    let tokens: Vec<String> = (0..1000)
        .map(|at| {
            let claims = Claims { jti: format!("{at:016}"), ..Claims::of_t() };
            issue(&key, &HeaderParams::default(), &claims).expect("it signs")
        })
        .collect();
    let at = Cell::new(0);
    let one = tokens.first().expect("a thousand tokens");
    let times = in_turns(
        rounds,
        vec![
            Contender::new("keytide", || cache.verify(one, now())),
            Contender::new("keytide, time given", {
                let now = now();
                let cache = &cache;
                move || cache.verify(one, now)
            }),
            Contender::new("keytide, 1,000 tokens in turn", || {
                at.set((at.get() + 1) % tokens.len());
                tokens.get(at.get()).map(|token| cache.verify(token, now()))
            }),
            Contender::new("asking the time", now),
        ],
    );
    vec![Row {
        name: "P4",
        what: "ES256 token T seen before, with the cache of verified tokens",
        times,
        targets: vec![Target::nanoseconds(150.0)],
    }]
}
