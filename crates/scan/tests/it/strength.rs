//! A table of secrets and what each is worth.

use keytide_jose::Algorithm;
use keytide_scan::judge;

#[test]
fn every_secret_of_the_table_has_its_verdict() {
    let table = include_str!("../data/secrets.tsv");
    let mut wrong = Vec::new();
    let mut count = 0;
    for row in table.lines().filter(|line| !line.starts_with('#')) {
        let [secret, alg, expected, what] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("not four fields: {row}")
        };
        let verdict = judge(secret.as_bytes(), alg.parse::<Algorithm>().unwrap());
        if verdict.strength.as_str() != expected {
            wrong.push(format!(
                "{what}: {secret}: {} for {expected}: {verdict:?}",
                verdict.strength
            ));
        }
        count += 1;
    }
    assert!(count >= 60, "{count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_raw_random_key_is_judged_by_its_bytes() {
    let key: Vec<u8> = (0_u32..32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert_eq!(judge(&key, Algorithm::HS256).strength.as_str(), "strong");
    assert_eq!(judge(&key, Algorithm::HS512).strength.as_str(), "short");
    assert_eq!(judge(&[0xff; 32], Algorithm::HS256).strength.as_str(), "weak");
    assert_eq!(judge(b"", Algorithm::HS256).strength.as_str(), "weak");
}
