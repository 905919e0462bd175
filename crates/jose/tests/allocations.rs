//! That verifying allocates nothing but what the result holds.

use keytide_jose::jwt::{HeaderParams, NumericDate, Policy, VerifiedCache, Verifier, issue};
use keytide_jose::key::{KeySet, SigningKey};
use keytide_jose::{Algorithm, SystemRng};
use serde::{Deserialize, Serialize};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Vec<String>,
    exp: i64,
    nbf: i64,
    iat: i64,
    jti: String,
    scope: String,
    admin: bool,
}

const NOW: NumericDate = NumericDate::from_secs(1_900_000_000);

/// How many allocations some work makes, and what it gives.
fn allocations<R>(work: impl FnOnce() -> R) -> (u64, R) {
    let before = dhat::HeapStats::get().total_blocks;
    let result = work();
    (dhat::HeapStats::get().total_blocks - before, result)
}

/// One test, because the counts are those of the whole program.
#[test]
fn verifying_allocates_what_the_claims_hold_and_nothing_else() {
    let _profiler = dhat::Profiler::builder().testing().build();
    let claims = Claims {
        iss: "https://id.example".into(),
        sub: "alice".into(),
        aud: vec!["api".into()],
        exp: 2_000_000_000,
        nbf: 1_800_000_000,
        iat: 1_800_000_000,
        jti: "0f8e2b6c4d1a49b7".into(),
        scope: "read write".into(),
        admin: false,
    };
    let (own, copy) = allocations(|| claims.clone());
    assert_eq!((own, &copy), (6, &claims));

    for alg in [Algorithm::HS256, Algorithm::ES256, Algorithm::EdDSA] {
        let key = SigningKey::generate(alg, None, &mut SystemRng).unwrap();
        let token = issue(&key, &HeaderParams::default(), &claims).unwrap();
        let policy =
            Policy::builder().issuer("https://id.example").audience("api").typ("JWT").build();
        let verifier = Verifier::new(KeySet::new([key.verifying_key()]), policy);
        let (count, verified) = allocations(|| verifier.verify::<Claims>(&token, NOW).unwrap());
        assert_eq!(*verified, claims);
        assert_eq!(count, own, "{alg}");

        let cache = VerifiedCache::<Claims>::new(verifier, 1 << 20);
        cache.verify(&token, NOW).unwrap();
        let (count, again) = allocations(|| cache.verify(&token, NOW).unwrap());
        assert_eq!(**again, claims);
        assert_eq!(count, 0, "{alg} from memory");
    }
}
