//! How rings change by the schedule, how that is seen, and how everybody goes on from there.

use std::sync::Arc;

use jiff::Timestamp;
use keytide_ring::explain::Explanation;
use keytide_ring::{
    Action, AuditRecord, Clock, EventResult, Evidence, Ring, RingName, RingStore, Stored, plan,
};

use crate::course::{Course, Happening, millis, text};
use crate::faults::Fault;
use crate::judge::Broken;
use crate::world::{DAY, HOUR, MINUTE, Ms, SECOND, since_start};

impl Course {
    pub(crate) fn turn(&mut self, ring: usize) -> Result<(), Broken> {
        if self.jumped.is_some() {
            self.rings[ring].turn_at = 0;
            return Ok(());
        }
        self.settle()?;
        if self.chance.once_in(2) {
            // The earliest instant at which the store's clock may say that it is due.
            self.host.set_error(self.off);
        }
        let Some(node) = self.some_node() else {
            return self.plan_turn_at(ring, self.now() + 10 * SECOND);
        };
        if self.chance.once_in(6) {
            self.arm(node);
        }
        if self.chance.once_in(6)
            && let Some(rival) = self.some_node().filter(|rival| *rival != node)
            && let (Some(store), Some(rival)) =
                (self.nodes[node].store(), self.nodes[rival].keeper())
        {
            let rival = Arc::clone(rival);
            store.race(Box::new(move || drop(rival.turn())));
        }
        let turned = self.nodes[node].turn();
        match &turned {
            Ok(rings) if rings.is_empty() => {}
            Ok(rings) => self.note(format_args!("node {node} turns {}", rings.join(", "))),
            Err(error) => self.note(format_args!("node {node} cannot turn: {}", error.code())),
        }
        self.after_write(node)?;
        self.plan_turn(ring)
    }

    /// A node that can reach the store.
    pub(crate) fn some_node(&mut self) -> Option<usize> {
        let now = self.now();
        for node in &mut self.nodes {
            node.cut_now(now);
        }
        let up: Vec<_> =
            (0..self.nodes.len()).filter(|node| self.nodes[*node].is_up(now)).collect();
        if up.is_empty() { None } else { Some(*self.chance.pick(&up)) }
    }

    /// Something befalls the next commit of a node.
    pub(crate) fn arm(&mut self, node: usize) {
        let fault = match self.chance.index(5) {
            0 => Fault::Busy,
            1 => Fault::LostAnswer,
            2 => Fault::CrashBefore,
            3 => Fault::CrashAfter,
            _ => Fault::Slow(self.chance.between(1, 4 * SECOND)),
        };
        if let Some(store) = self.nodes[node].store() {
            store.arm(fault);
        }
    }

    pub(crate) fn after_write(&mut self, node: usize) -> Result<(), Broken> {
        if let Some(store) = self.nodes[node].store() {
            store.disarm();
        }
        if self.nodes[node].has_crashed() {
            self.note(format_args!("node {node} crashes"));
            self.nodes[node].crash();
            self.after((0, MINUTE), Happening::Start(node));
        }
        self.observe(Some(node))
    }

    /// Sees what changed in the store, and has everybody react.
    pub(crate) fn observe(&mut self, by: Option<usize>) -> Result<(), Broken> {
        let (revision, changed) = self.eyes.changed_since(self.revision).map_err(text)?;
        self.revision = revision;
        let mut before = Vec::new();
        for name in changed {
            let ring =
                self.rings.iter().position(|known| known.name == name).expect("a known ring");
            let Stored { ring: after, evidence, .. } = self.eyes.load(&name).map_err(text)?;
            let known = &mut self.rings[ring];
            if after.epoch() < known.ring.epoch() {
                return Err(format!(
                    "{name} is at epoch {} after {}",
                    after.epoch(),
                    known.ring.epoch()
                ));
            }
            let last = std::mem::replace(&mut known.ring, after);
            before.push((ring, last, evidence));
        }
        loop {
            let records = self.eyes.audit(self.audited, 64).map_err(text)?;
            let Some(last) = records.last() else { break };
            self.audited = last.seq;
            records.into_iter().try_for_each(|record| self.heed(record, &before))?;
        }
        for (ring, _, _) in before {
            self.react(ring, by)?;
        }
        Ok(())
    }

    /// Takes in what the audit log says was done: what it states is what is held against it.
    fn heed(
        &mut self,
        record: AuditRecord,
        before: &[(usize, Ring, Evidence)],
    ) -> Result<(), Broken> {
        let event = record.event;
        let ring = self.rings.iter().position(|known| Some(&known.name) == event.ring.as_ref());
        let (Some(ring), EventResult::Done) = (ring, &event.result) else { return Ok(()) };
        let (Some(kid), Some(epoch)) = (&event.kid, event.epoch) else { return Ok(()) };
        let now = self.now();
        match event.action {
            Action::KeyRevoke => {
                let until: Timestamp =
                    event.detail["exposed_until"].parse().map_err(|_| "no instant")?;
                let until = since_start(until);
                self.judge.revoked(ring, kid, now, epoch.get(), until);
                self.figures.revocations += 1;
                self.at(until + 1, Happening::Mint(ring));
            }
            Action::KeyActivate => {
                self.figures.switches += 1;
                let seconds = event.detail.get("risked_seconds");
                let seconds: Option<Ms> = seconds.and_then(|text| text.parse().ok());
                let mut unheard = Vec::new();
                if event.detail.contains_key("unacknowledged")
                    && let Some((_, last, evidence)) = before.iter().find(|(of, ..)| *of == ring)
                {
                    let told = Explanation::of(last, evidence, self.host.now());
                    let names = told.rotate.waits_for.into_iter();
                    unheard.extend(
                        names.filter_map(|w| Some(format!("{}/{}", w.consumer, w.instance?))),
                    );
                }
                if seconds.is_some() || !unheard.is_empty() {
                    let until = now + seconds.unwrap_or(0) * SECOND;
                    self.judge.risked(ring, kid, until, unheard);
                    self.at(until, Happening::Mint(ring));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Everybody who works with a ring goes on from its new epoch, each in its own time.
    pub(crate) fn react(&mut self, ring: usize, by: Option<usize>) -> Result<(), Broken> {
        self.figures.changes += 1;
        let now = self.now();
        if self.jumped.is_some() {
            return Err(format!(
                "{} was changed by a clock that had jumped",
                self.rings[ring].name
            ));
        }
        self.rings[ring].idle_since = None;
        let known = &self.rings[ring].ring;
        let (epoch, signs) = (known.epoch().get(), known.active().kid.clone());
        let spec = known.policy().spec();
        let lag = millis(spec.signer_lag.min(spec.propagation));
        let propagation = millis(spec.propagation);
        let states: Vec<_> =
            known.keys().map(|key| format!("{} {}", key.kid, key.state.name())).collect();
        if known.verifying().count() > 16 {
            return Err(format!("{} keys are in the set", known.verifying().count()));
        }
        let name = self.rings[ring].name.clone();
        self.note(format_args!(
            "{name} is at epoch {epoch}: {}",
            states[..states.len().min(5)].join(", ")
        ));
        self.judge.saw(ring, epoch, &signs, None)?;
        for node in 0..self.nodes.len() {
            if Some(node) == by && self.chance.once_in(2) {
                continue;
            }
            let late = match self.chance.index(8) {
                0..5 => self.chance.between(0, SECOND),
                5 => self.chance.between(0, 2 * propagation),
                6 => propagation,
                _ => self.chance.between(0, propagation),
            };
            let deaf_until = (now + late).max(self.nodes[node].deaf_until);
            self.nodes[node].deaf_until = deaf_until;
            self.at(deaf_until.max(self.nodes[node].cut_until), Happening::Refresh(node));
        }
        if ring == 0 {
            for consumer in 0..self.consumers.len() {
                self.plan_fetch(consumer);
                match self.chance.index(6) {
                    0 => self.after((0, propagation), Happening::Restart(consumer)),
                    1 => self.after((0, SECOND), Happening::Restart(consumer)),
                    2 => self.after((0, 2 * propagation), Happening::Stray(consumer)),
                    _ => {}
                }
            }
        }
        let soon = self.chance.between(1, SECOND);
        for later in [0, soon, lag, lag + 1, propagation] {
            self.at(now + later, Happening::Mint(ring));
        }
        for process in 0..self.processes.len() {
            self.plan_take_up(process);
        }
        self.plan_turn(ring)
    }

    pub(crate) fn plan_turn_at(&mut self, ring: usize, at: Ms) -> Result<(), Broken> {
        self.rings[ring].turn_at = at;
        self.at(at, Happening::Turn(ring));
        Ok(())
    }

    /// Plans the next turn of a ring for when the store's clock may first say that it is due. Whoever is
    /// waited for without a lease is looked after every other day.
    pub(crate) fn plan_turn(&mut self, ring: usize) -> Result<(), Broken> {
        let Stored { ring: known, evidence, .. } =
            self.eyes.load(&self.rings[ring].name).map_err(text)?;
        let (now, shown) = (self.now(), self.host.now());
        let waits = |due: plan::Due| match due.waits_for.iter().filter_map(|w| w.lease_until).min()
        {
            _ if due.at > shown || due.waits_for.is_empty() => since_start(due.at),
            Some(lease) => since_start(lease).min(now + 2 * DAY),
            None => now + 2 * DAY,
        };
        let due = plan::upcoming(&known, &evidence, shown).into_iter().map(waits).min();
        // A node that could not be heard for a while allows for that, and had the store put it off.
        let put_off = self.put_off_until(ring)?;
        let due = due.unwrap_or(self.end).max(put_off);
        let soonest = now + self.chance.between(SECOND / 2, 2 * SECOND);
        self.plan_turn_at(ring, (due - self.off).max(soonest))
    }

    /// Until when the store gives no node the ring to turn.
    fn put_off_until(&self, ring: usize) -> Result<Ms, Broken> {
        let listed = self.eyes.list(None, self.rings.len()).map_err(text)?;
        let own = listed.into_iter().find(|listed| listed.name == self.rings[ring].name);
        Ok(since_start(own.ok_or("a ring is not listed")?.next_due))
    }

    /// What each node that is up says of a ring: one that could not be heard for a while waits longer.
    fn told_by_nodes(&self, name: &RingName) -> Result<Vec<Explanation>, Broken> {
        let up = self.nodes.iter().filter(|node| node.is_up(self.now()));
        let keepers = up.filter_map(|node| node.keeper());
        keepers.map(|keeper| keeper.explain(name).map_err(text)).collect()
    }

    /// Whether rings go on as they should, and say so if they do not.
    pub(crate) fn look(&mut self) -> Result<(), Broken> {
        const SLACK: Ms = 12 * HOUR;
        let now = self.now();
        self.judge.forget(now);
        if self.jumped.is_some() || now < self.trouble_until + SLACK {
            return Ok(());
        }
        let mut looks_again = false;
        for number in 0..self.rings.len() {
            let known = &self.rings[number];
            let Stored { ring, evidence, .. } = self.eyes.load(&known.name).map_err(text)?;
            let shown = self.host.now();
            let safe_at = plan::activation(&ring, &evidence, shown).at;
            let due = since_start(ring.rotation_due_at().max(safe_at));
            let told = self.told_by_nodes(&known.name)?;
            if told.is_empty() {
                continue;
            }
            let waits = told.iter().flat_map(|told| {
                let switches = told.next.iter().filter(|next| next.step == "activate");
                switches.flat_map(move |next| next.waits_for.iter().map(move |w| (told, w)))
            });
            let mut waits = waits.peekable();
            let idle = now > due.max(known.touched_at) + SLACK && waits.peek().is_none();
            // Whoever it waited for may have gone just now; the next turn comes within the hour.
            let idle_since = idle.then(|| known.idle_since.unwrap_or(now));
            if idle_since.is_some_and(|since| now >= since + SLACK) {
                return Err(format!(
                    "{} has been due for {} ms, and waits for nobody",
                    known.name,
                    now - due
                ));
            }
            let named =
                |told: &Explanation, name: &str| told.sentences.iter().any(|s| s.contains(name));
            if let Some((_, silent)) = waits.find(|(told, w)| !named(told, &w.consumer)) {
                return Err(format!("{} waits for {silent}, and does not say so", known.name));
            }
            looks_again |= idle && known.idle_since.is_none();
            let quiet = millis(ring.policy().overlap(ring.active().longest_ttl)) * 2
                + millis(ring.policy().spec().rotate_every);
            let keys = ring.verifying().count() as u64;
            let mut next = told.iter().flat_map(|told| &told.next);
            let waited_for = next.any(|next| !next.waits_for.is_empty());
            if now > known.touched_at + quiet + 20 * DAY
                && !waited_for
                && keys > ring.policy().most_keys_in_set()
            {
                return Err(format!("{} has {keys} keys in its set", known.name));
            }
            self.rings[number].idle_since = idle_since;
        }
        if looks_again {
            self.at(now + SLACK, Happening::LookAgain);
        }
        Ok(())
    }
}
