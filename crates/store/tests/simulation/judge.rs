//! Holds everybody to what was promised: tokens, who accepts them until when, keys, epochs.

use std::collections::{BTreeMap, BTreeSet};

use keytide_jose::KeyId;

use crate::world::{DAY, Ms};

/// A promise that was broken, in words.
pub(crate) type Broken = String;

/// Somebody who verifies, at an instant.
pub(crate) struct Verifier<'a> {
    pub(crate) who: &'a str,
    pub(crate) ring: usize,
    /// By how much its clock is off.
    pub(crate) error: Ms,
    /// Whether it accepts what this key signed.
    pub(crate) trusts: &'a dyn Fn(&KeyId) -> bool,
    /// The epoch that it has loaded, if that and no timer bounds what it trusts.
    pub(crate) loaded: Option<u64>,
}

#[derive(Default)]
pub(crate) struct Judge {
    signed: BTreeMap<(usize, KeyId), Signed>,
    /// Who signs in an epoch, as anybody saw it, and the public set's tag.
    epochs: BTreeMap<(usize, u64), (KeyId, Option<String>)>,
    pub(crate) tokens: u64,
    pub(crate) judgements: u64,
}

/// All that a key signed, and what was said of it.
#[derive(Default)]
struct Signed {
    /// The latest `exp` by which anything of it is valid.
    until: Option<Ms>,
    revoked: Option<Revoked>,
    /// Its tokens may be refused until then: that was said.
    risked_until: Ms,
    /// By these too, until they load it: that was said.
    unheard: BTreeSet<String>,
}

struct Revoked {
    at: Ms,
    epoch: u64,
    exposed_until: Ms,
}

impl Judge {
    /// A token was signed.
    pub(crate) fn signed(&mut self, ring: usize, kid: &KeyId, exp: Ms) {
        self.tokens += 1;
        let signed = self.signed.entry((ring, kid.clone())).or_default();
        signed.until = signed.until.max(Some(exp));
    }

    /// A signer that a timer bounds used a key: after its revocation only within the lag.
    ///
    /// # Errors
    /// It went on for too long.
    pub(crate) fn used(
        &self,
        who: &str,
        ring: usize,
        kid: &KeyId,
        at: Ms,
        lag: Ms,
    ) -> Result<(), Broken> {
        let known = self.signed.get(&(ring, kid.clone()));
        match known.and_then(|signed| signed.revoked.as_ref()) {
            Some(revoked) if at > revoked.at + lag => {
                Err(format!("{who} signs with {kid}, revoked more than {lag} ms ago"))
            }
            _ => Ok(()),
        }
    }

    /// It was said that a key's tokens may be refused: until then, and by whoever did not hear of it.
    pub(crate) fn risked(&mut self, ring: usize, kid: &KeyId, until: Ms, unheard: Vec<String>) {
        let signed = self.signed.entry((ring, kid.clone())).or_default();
        signed.risked_until = signed.risked_until.max(until);
        signed.unheard.extend(unheard);
    }

    /// A key was revoked.
    pub(crate) fn revoked(
        &mut self,
        ring: usize,
        kid: &KeyId,
        at: Ms,
        epoch: u64,
        exposed_until: Ms,
    ) {
        let signed = self.signed.entry((ring, kid.clone())).or_default();
        signed.revoked = Some(Revoked { at, epoch, exposed_until });
    }

    /// Whether whoever verifies now accepts every valid token, and nothing of a revoked key for longer
    /// than was said.
    ///
    /// # Errors
    /// The first of both that does not hold.
    pub(crate) fn judge(&mut self, by: &Verifier<'_>, leeway: Ms, now: Ms) -> Result<(), Broken> {
        let Verifier { who, ring, error, trusts, loaded } = by;
        let own = self.signed.iter().filter(|((of, _), _)| of == ring);
        for ((_, kid), signed) in own {
            self.judgements += 1;
            if let Some(revoked) = &signed.revoked {
                let over = match loaded {
                    Some(loaded) => *loaded >= revoked.epoch,
                    None => now > revoked.exposed_until,
                };
                if over && trusts(kid) {
                    return Err(format!(
                        "{who} trusts {kid}, revoked in epoch {}, {} ms after that was said to be over",
                        revoked.epoch,
                        now - revoked.exposed_until
                    ));
                }
                continue;
            }
            let Some(until) = signed.until else { continue };
            let valid = now + error < until + leeway;
            if valid && now >= signed.risked_until && !signed.unheard.contains(*who) && !trusts(kid)
            {
                return Err(format!(
                    "{who} refuses a token of {kid} that is valid for another {} ms by its clock",
                    until + leeway - now - error
                ));
            }
        }
        Ok(())
    }

    /// Whether a key's tokens are held to the promise at `now`.
    pub(crate) fn is_judged(&self, ring: usize, kid: &KeyId, now: Ms) -> bool {
        let signed = self.signed.get(&(ring, kid.clone()));
        signed.is_none_or(|signed| {
            signed.revoked.is_none() && now >= signed.risked_until && signed.unheard.is_empty()
        })
    }

    /// Somebody saw an epoch: who signs in it, and the tag of its public set.
    ///
    /// # Errors
    /// Somebody else saw something else.
    pub(crate) fn saw(
        &mut self,
        ring: usize,
        epoch: u64,
        signs: &KeyId,
        tag: Option<String>,
    ) -> Result<(), Broken> {
        let (known, known_tag) =
            self.epochs.entry((ring, epoch)).or_insert_with(|| (signs.clone(), tag.clone()));
        if known != signs {
            return Err(format!("in epoch {epoch} both {known} and {signs} are active"));
        }
        match (&known_tag, tag) {
            (Some(known), Some(tag)) if *known != tag => {
                Err(format!("epoch {epoch} has two public sets, {known} and {tag}"))
            }
            (None, Some(tag)) => {
                *known_tag = Some(tag);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Forgets what no promise is about any more.
    pub(crate) fn forget(&mut self, now: Ms) {
        self.signed.retain(|_, signed| {
            let latest = signed.until.max(Some(signed.risked_until));
            let said = signed.revoked.is_some() || !signed.unheard.is_empty();
            said || latest >= Some(now - DAY)
        });
    }
}
