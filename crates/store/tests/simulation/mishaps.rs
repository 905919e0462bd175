//! What goes wrong around the store: crashes, partitions, a clock that is set wrong.

use crate::course::{Course, Happening};
use crate::judge::Broken;
use crate::process::Step;
use crate::world::{DAY, HOUR, MINUTE, Ms, SECOND};

impl Course {
    pub(crate) fn mishap(&mut self) -> Result<(), Broken> {
        self.after((12 * HOUR, 16 * DAY), Happening::Mishap);
        if self.jumped.is_some() {
            return Ok(());
        }
        let now = self.now();
        let node = self.chance.index(self.nodes.len());
        let trouble = match self.chance.index(10) {
            0 | 1 => {
                self.note(format_args!("node {node} is killed"));
                self.nodes[node].crash();
                let down = self.chance.between(0, HOUR);
                self.at(now + down, Happening::Start(node));
                down
            }
            2 | 3 => {
                let cut = self.chance.between(SECOND, 3 * HOUR);
                self.cut(node, cut);
                cut
            }
            4 => {
                let cut = self.chance.between(SECOND, 5 * MINUTE);
                (0..self.nodes.len()).for_each(|node| self.cut(node, cut));
                cut
            }
            5 | 6 => {
                let consumer = self.chance.index(self.consumers.len());
                self.consumers[consumer].cut_until = now + self.chance.between(MINUTE, 3 * DAY);
                0
            }
            7 => {
                let process = self.chance.index(self.processes.len());
                let cut = self.chance.between(HOUR, 15 * DAY);
                self.processes[process].cut_off(now, now + cut);
                0
            }
            8 => {
                let process = self.chance.index(self.processes.len());
                if self.processes[process].next.is_none()
                    && self.processes[process].loaded.is_some()
                {
                    self.step_in((0, SECOND), process, Step::Stop);
                }
                0
            }
            _ => self.jump()?,
        };
        self.trouble_until = self.trouble_until.max(now + trouble);
        Ok(())
    }

    pub(crate) fn cut(&mut self, node: usize, long: Ms) {
        self.note(format_args!("node {node} is cut off for {long} ms"));
        let until = self.now() + long;
        // It hears for the last time within the second before.
        self.nodes[node].catch_up(&self.time, self.settled_at, 0);
        self.nodes[node].cut_until = until;
        self.at(until, Happening::Refresh(node));
    }

    /// Somebody sets the store's clock wrong, for a while.
    pub(crate) fn jump(&mut self) -> Result<Ms, Broken> {
        self.settle()?;
        let now = self.now();
        let mut looked = Vec::new();
        for node in 0..self.nodes.len() {
            self.nodes[node].cut_now(now);
            // Every node looks each second; a busy one that turns nothing has looked all the same.
            if self.nodes[node].is_up(now) && self.nodes[node].turn().is_ok() {
                looked.push(node);
            }
        }
        self.observe(None)?;
        let far = [MINUTE, HOUR, 30 * DAY, 3_650 * DAY];
        let by = self.chance.pick(&far) * if self.chance.once_in(2) { 1 } else { -1 };
        let long = self.chance.between(20 * SECOND, (by.abs() / 2).min(HOUR));
        self.host.set_error(by);
        self.jumped = Some(looked);
        self.note(format_args!("the store's clock jumps by {by} ms for {long} ms"));
        for _ in 0..5 {
            self.after((SECOND, long), Happening::Jumped);
        }
        self.at(now + long + 1, Happening::Return);
        Ok(long)
    }

    /// While the store's clock is wrong, nothing is done on time.
    pub(crate) fn try_schedule(&mut self) -> Result<(), Broken> {
        let Some(looked) = self.jumped.clone() else { return Ok(()) };
        let revision = self.revision;
        for node in looked {
            let now = self.now();
            self.nodes[node].cut_now(now);
            if !self.nodes[node].is_up(now) {
                continue;
            }
            match self.nodes[node].turn() {
                Err(error) if error.code() == "clock_jumped" => {}
                other => {
                    return Err(format!("the clock jumped, and node {node} turned: {other:?}"));
                }
            }
        }
        self.observe(None)?;
        if self.revision == revision {
            Ok(())
        } else {
            Err("something was done by a clock that jumped".to_owned())
        }
    }
}
