//! Tokens signed by everybody who signs, and judged with everybody who verifies.

use keytide_jose::jwt::{self, HeaderParams};
use keytide_jose::key::KeySet;
use keytide_jose::{KeyId, Limits, jws};
use keytide_ring::{SignRequest, VerifyRequest};
use serde_json::{Map, json};

use crate::course::{Course, millis};
use crate::judge::{Broken, Verifier};
use crate::world::{SECOND, epoch_second, since_start};

impl Course {
    /// Every signer of a ring signs, and everybody is judged.
    pub(crate) fn mint(&mut self, ring: usize) -> Result<(), Broken> {
        let now = self.now();
        let name = self.rings[ring].name.clone();
        let mut samples = Vec::new();
        for number in 0..self.nodes.len() {
            let ago = self.chance.between(0, SECOND - 1);
            if self.nodes[number].catch_up(&self.time, self.settled_at, ago) {
                self.judge_node(number)?;
            }
            let node = &self.nodes[number];
            let Some(keeper) = node.keeper() else { continue };
            match keeper.sign(&name, SignRequest::default()) {
                Ok(signed) => {
                    let snapshot = keeper.loaded(&name).expect("it just signed with it");
                    let spec = snapshot.ring().policy().spec();
                    let lag = millis(spec.signer_lag.min(spec.propagation));
                    self.judge.used(&node.name, ring, &signed.kid, now, lag)?;
                    self.judge.signed(ring, &signed.kid, since_start(signed.expires_at));
                    if self.chance.once_in(8) {
                        samples.push((signed.kid, signed.token));
                    }
                }
                Err(error) if matches!(error.code(), "fenced" | "store_unavailable") => {}
                Err(error) => return Err(format!("{} cannot sign: {error}", node.name)),
            }
        }
        for process in self.processes.iter().filter(|process| process.kind.ring == ring) {
            let Some(loaded) = process.working(now) else { continue };
            let Some(signer) = &loaded.signer else { continue };
            let issued = (now + process.error).div_euclid(SECOND) * SECOND;
            self.judge.signed(ring, &loaded.active, issued + loaded.ttl);
            if self.chance.once_in(8) {
                let claims = json!({ "iat": epoch_second(issued), "exp": epoch_second(issued + loaded.ttl) });
                let params = HeaderParams { typ: Some("JWT".to_owned()), extra: Map::new() };
                let token =
                    jwt::issue(signer, &params, &claims).map_err(|error| error.to_string())?;
                samples.push((loaded.active.clone(), token));
            }
        }
        self.judge_everybody(ring)?;
        samples.into_iter().try_for_each(|(kid, token)| self.present(ring, &kid, &token))
    }

    /// Has everybody verify a token for real.
    pub(crate) fn present(&mut self, ring: usize, kid: &KeyId, token: &str) -> Result<(), Broken> {
        let now = self.now();
        if !self.judge.is_judged(ring, kid, now) {
            return Ok(());
        }
        for node in &self.nodes {
            let Some(keeper) = node.keeper() else { continue };
            let request = VerifyRequest { token: token.to_owned(), audience: None, leeway: None };
            match keeper.verify(&self.rings[ring].name, &request) {
                Err(error) if !matches!(error.code(), "fenced" | "store_unavailable") => {
                    return Err(format!("{} refuses a token of {kid}: {error}", node.name));
                }
                _ => {}
            }
        }
        let verified = |keys: &KeySet| {
            jws::Unverified::parse(token, &Limits::default())
                .and_then(|token| token.verify_any(keys).map(drop))
        };
        let consumers = self.consumers.iter().filter(|_| ring == 0);
        let sets =
            consumers.filter_map(|consumer| Some((consumer.kind.name, &consumer.set(now)?.keys)));
        let processes = self.processes.iter().filter(|process| process.kind.ring == ring);
        let loaded =
            processes.filter_map(|process| Some((process.kind.name, &process.working(now)?.keys)));
        for (who, keys) in sets.chain(loaded) {
            verified(keys)
                .map_err(|error| format!("{who} refuses a signature of {kid}: {error}"))?;
        }
        Ok(())
    }

    pub(crate) fn judge_everybody(&mut self, ring: usize) -> Result<(), Broken> {
        (0..self.nodes.len()).try_for_each(|node| self.judge_node(node))?;
        if ring == 0 {
            (0..self.consumers.len()).try_for_each(|consumer| self.judge_consumer(consumer))?;
        }
        (0..self.processes.len()).try_for_each(|process| self.judge_process(process))
    }

    pub(crate) fn judge_node(&mut self, number: usize) -> Result<(), Broken> {
        let node = &self.nodes[number];
        let Some(keeper) = node.keeper() else { return Ok(()) };
        for (ring, known) in self.rings.iter().enumerate() {
            let Some(snapshot) = keeper.loaded(&known.name) else { continue };
            let seen = snapshot.ring();
            if keeper.check_fence(seen.policy().spec().propagation, "P").is_err() {
                continue;
            }
            let tag = snapshot.published().ok().map(|set| set.etag.clone());
            self.judge.saw(ring, seen.epoch().get(), &seen.active().kid, tag)?;
            let trusts = |kid: &KeyId| seen.key(kid).is_some_and(|key| key.state.verifies());
            let error = node.clock.error();
            let by = Verifier { who: &node.name, ring, error, trusts: &trusts, loaded: None };
            self.judge.judge(&by, self.leeway, self.time.now())?;
        }
        Ok(())
    }

    pub(crate) fn judge_consumer(&mut self, number: usize) -> Result<(), Broken> {
        let consumer = &self.consumers[number];
        let now = self.time.now();
        let Some(set) = consumer.set(now) else { return Ok(()) };
        let trusts = |kid: &KeyId| set.kids.contains(kid) || consumer.unforgotten().contains(kid);
        let by = Verifier {
            who: consumer.kind.name,
            ring: 0,
            error: consumer.error,
            trusts: &trusts,
            loaded: None,
        };
        self.judge.judge(&by, self.leeway, now)
    }

    pub(crate) fn judge_process(&mut self, number: usize) -> Result<(), Broken> {
        let process = &self.processes[number];
        let now = self.time.now();
        let Some(loaded) = process.working(now) else { return Ok(()) };
        let trusts = |kid: &KeyId| loaded.kids.contains(kid);
        let (ring, error) = (process.kind.ring, process.error);
        let by = Verifier {
            who: &process.who(),
            ring,
            error,
            trusts: &trusts,
            loaded: Some(loaded.epoch.get()),
        };
        self.judge.judge(&by, self.leeway, now)
    }
}
