//! A ring's keys for as long as a program runs: the first ones, those that come later, and the word that they are loaded.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use keytide_client::{
    Chance as _, Clock, DeliveredKey, Deliveries, Delivery, Error, Moment, SystemChance,
};

use super::copy::{Copy, Kept, NoCopy};
use super::event::Event;
use crate::error::{self, Failure};

/// A ring, before anything of it is known.
pub(super) struct Supply {
    pub(super) deliveries: Deliveries,
    /// None where nothing is to be kept for times without the server.
    pub(super) copy: Option<Copy>,
    pub(super) max_stale: Duration,
    pub(super) clock: Arc<dyn Clock>,
}

/// A ring with its first keys.
pub(super) struct Begun {
    supply: Supply,
    first: Delivery,
    age: Duration,
}

/// A ring whose keys are followed.
pub(super) struct Feed {
    /// The newest set.
    pub(super) set: Arc<Delivery>,
    known: Arc<Known>,
    max_stale: Duration,
    clock: Arc<dyn Clock>,
    loaded: Sender<u64>,
}

/// When the server last said that these are the ring's keys.
struct Known(Mutex<(Moment, Duration)>);

impl Known {
    fn note(&self, now: Moment) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (now, Duration::ZERO);
    }

    /// How long ago that was.
    fn age(&self, now: Moment) -> Duration {
        let (at, before) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        now.since(at).saturating_add(before)
    }
}

impl Supply {
    /// Gets the first keys of the nth ring in a thread of its own, and tells of them.
    pub(super) fn begin(self, ring: usize, events: Sender<Event>) {
        thread::spawn(move || {
            let first = self.first(&events);
            let begun = first.map(|(first, age)| Box::new(Begun { supply: self, first, age }));
            let _nobody_waits = events.send(Event::First(ring, begun));
        });
    }

    /// The server's keys, or where it does not answer the sealed copy's, which is said.
    ///
    /// # Errors
    /// The server's own code where it refuses; `no_keys` and `keys_too_old` where it does not answer.
    fn first(&self, events: &Sender<Event>) -> Result<(Delivery, Duration), Failure> {
        let warn = |why: Option<String>| {
            why.into_iter().for_each(|why| {
                let _nobody_waits = events.send(Event::Warn(why));
            });
        };
        match self.deliveries.fetch() {
            Ok(delivery) => {
                warn(self.keep(&delivery));
                Ok((delivery, Duration::ZERO))
            }
            Err(error) if is_outage(&error) => self.without_server(&error, events),
            Err(error) => {
                warn(self.forget());
                Err(error.into())
            }
        }
    }

    fn without_server(
        &self,
        why: &Error,
        events: &Sender<Event>,
    ) -> Result<(Delivery, Duration), Failure> {
        let url = self.deliveries.url();
        let kept = self.copy.as_ref().ok_or(NoCopy::Missing);
        let Kept { keys, age } =
            kept.and_then(|copy| copy.open(self.clock.wall())).map_err(|none| {
                let message = format!("the ring's server does not answer, and {none}: {why}");
                Failure::new(error::NO_KEYS, message)
            })?;
        if age > self.max_stale {
            return Err(too_old(age, self.max_stale, Some(why)));
        }
        let delivery = self.deliveries.read(keys)?;
        let (ago, more) = (told(age), told(self.max_stale.saturating_sub(age)));
        let _nobody_waits = events.send(Event::Warn(format!(
            "{why}; starting with the sealed copy of {url} from {ago} ago, which may be used for {more} more"
        )));
        Ok((delivery, age))
    }

    /// Keeps a copy, or says why there is none.
    fn keep(&self, delivery: &Delivery) -> Option<String> {
        let kept = self.copy.as_ref()?.keep(delivery.text(), self.clock.wall());
        kept.err().map(|why| format!("no sealed copy is kept: {}", why.message))
    }

    fn forget(&self) -> Option<String> {
        let forgotten = self.copy.as_ref()?.forget();
        forgotten.err().map(|why| format!("the sealed copy is still there: {}", why.message))
    }
}

impl Begun {
    /// Follows the nth ring from these keys on, with a thread that waits for others and one that tells what
    /// is loaded.
    pub(super) fn follow(self, ring: usize, events: &Sender<Event>) -> Feed {
        let Self { supply, first, age } = self;
        let clock = Arc::clone(&supply.clock);
        let known = Arc::new(Known(Mutex::new((Moment::now(&*clock), age))));
        let (loaded, said) = channel();
        let max_stale = supply.max_stale;
        let set = Arc::new(first);
        let supply = Arc::new(supply);
        let watch = Watch {
            supply: Arc::clone(&supply),
            ring,
            set: Arc::clone(&set),
            known: Arc::clone(&known),
            events: events.clone(),
            is_silent: !age.is_zero(),
        };
        thread::spawn(move || watch.run());
        thread::spawn(move || acknowledge(&supply, &said));
        Feed { set, known, max_stale, clock, loaded }
    }
}

impl Feed {
    /// Says that an epoch is loaded; it is told until the server has heard it.
    pub(super) fn loaded(&self, epoch: u64) {
        // The thread lives as long as this.
        let _told = self.loaded.send(epoch);
    }

    /// For how long the keys may still be used if the server stays silent.
    pub(super) fn good_for(&self) -> Duration {
        self.max_stale.saturating_sub(self.known.age(Moment::now(&*self.clock)))
    }

    /// Why they may not be used any more.
    pub(super) fn too_old(&self) -> Failure {
        too_old(self.known.age(Moment::now(&*self.clock)), self.max_stale, None)
    }
}

/// Waits at the server for other keys.
struct Watch {
    supply: Arc<Supply>,
    ring: usize,
    set: Arc<Delivery>,
    known: Arc<Known>,
    events: Sender<Event>,
    is_silent: bool,
}

impl Watch {
    /// Until nobody listens any more.
    fn run(mut self) {
        let clock = Arc::clone(&self.supply.clock);
        let keep_every = KEEP_EVERY.min(self.supply.max_stale / 4);
        let (mut failures, mut kept_at) = (0, Moment::now(&*clock));
        loop {
            let began = Moment::now(&*clock);
            let answer = self.ask();
            let now = Moment::now(&*clock);
            let goes_on = match answer.and_then(|news| self.forwards(news)) {
                Ok(news) => {
                    failures = 0;
                    self.known.note(now);
                    let is_new = news.is_some();
                    self.set = news.map_or_else(|| Arc::clone(&self.set), Arc::new);
                    if is_new || now.since(kept_at) >= keep_every {
                        kept_at = now;
                        self.warn(self.supply.keep(&self.set));
                    }
                    let goes_on = self.heard(is_new, now.since(began));
                    thread::sleep(SHORTEST_WAIT.saturating_sub(now.since(began)));
                    goes_on
                }
                Err(error) => {
                    let goes_on = self.silent(&error);
                    thread::sleep(pause_after(failures));
                    failures += 1;
                    goes_on
                }
            };
            if !goes_on {
                return;
            }
        }
    }

    /// Waits for other keys. A server that was silent is asked what there is, so that its return is noticed
    /// at once and not when its patience ends.
    fn ask(&self) -> Result<Option<Delivery>, Error> {
        let deliveries = &self.supply.deliveries;
        if !self.is_silent {
            return deliveries.wait(self.set.epoch());
        }
        let now = deliveries.fetch()?;
        Ok(Some(now).filter(|now| now.epoch() != self.set.epoch()))
    }

    /// A set from before a revocation must not come back; a ring that was made anew has other keys.
    fn forwards(&self, news: Option<Delivery>) -> Result<Option<Delivery>, Error> {
        let Some(new) = &news else { return Ok(news) };
        let known = |key: &DeliveredKey| self.set.keys().iter().any(|old| old.kid() == key.kid());
        if new.epoch() < self.set.epoch() && new.keys().iter().any(known) {
            let url = self.supply.deliveries.url();
            let why =
                format!("the ring went back from epoch {} to {}", self.set.epoch(), new.epoch());
            return Err(Error::BadAnswer { url, why });
        }
        Ok(news)
    }

    fn heard(&mut self, is_new: bool, took: Duration) -> bool {
        let was_silent = std::mem::take(&mut self.is_silent);
        if was_silent {
            self.tell(Event::Say(format!("{} answers again", self.supply.deliveries.url())));
        }
        // A server may have forgotten a silent instance: it is told again.
        if was_silent || took > LONGEST_LEASE {
            self.tell(Event::Back(self.ring));
        }
        !is_new || self.tell(Event::Delivered(self.ring, Arc::clone(&self.set)))
    }

    fn silent(&mut self, error: &Error) -> bool {
        if !is_outage(error) {
            self.warn(self.supply.forget());
        }
        if std::mem::replace(&mut self.is_silent, true) {
            return true;
        }
        let limit = told(self.supply.max_stale);
        self.tell(Event::Warn(format!(
            "{error}; the program keeps the keys that it has, until {limit} after the last answer"
        )))
    }

    fn warn(&self, why: Option<String>) {
        if let Some(why) = why {
            self.tell(Event::Warn(why));
        }
    }

    /// Whether somebody listens.
    fn tell(&self, event: Event) -> bool {
        self.events.send(event).is_ok()
    }
}

/// Tells the server what is loaded, the newest word alone, until it has heard it.
fn acknowledge(supply: &Supply, said: &Receiver<u64>) {
    let Ok(mut epoch) = said.recv() else { return };
    let mut failures = 0;
    loop {
        while let Ok(newer) = said.try_recv() {
            epoch = newer;
        }
        let told = supply.deliveries.acknowledge(epoch);
        let next = if told.is_ok() {
            failures = 0;
            said.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            failures += 1;
            said.recv_timeout(pause_after(failures - 1))
        };
        match next {
            Ok(newer) => epoch = newer,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Between two questions at a server that answers at once, as one does that is stopping.
const SHORTEST_WAIT: Duration = Duration::from_millis(100);
/// After a longer silence an instance may be forgotten.
const LONGEST_LEASE: Duration = Duration::from_secs(45);
const KEEP_EVERY: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// From half a second on, doubled with each failure, spread so that many do not come back at once.
fn pause_after(failures: u32) -> Duration {
    let doubled = Duration::from_secs(1).saturating_mul(2_u32.saturating_pow(failures.min(10)));
    doubled.min(LONGEST_PAUSE).mul_f64(0.5 + 0.5 * SystemChance.fraction())
}

/// Whether an outage is to be borne, or somebody took the keys away.
fn is_outage(error: &Error) -> bool {
    match error {
        Error::Refused { status, .. } => *status >= 500 || matches!(status, 408 | 429),
        error => error.is_fetch_error(),
    }
}

fn too_old(age: Duration, limit: Duration, why: Option<&Error>) -> Failure {
    let because = why.map_or_else(String::new, |why| format!(": {why}"));
    let message = format!(
        "the server was last heard of {} ago, and --max-stale is {}{because}",
        told(age),
        told(limit)
    );
    Failure::new(error::KEYS_TOO_OLD, message)
}

/// A time for people: two units at most.
fn told(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{} ms", time.as_millis()),
        1..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use keytide_client::ConnectOptions;
    use keytide_jose::Secret;

    use super::*;

    const TOKEN: &str = "a-token-of-the-tests-0123456789-abcdef";
    /// Nobody listens there.
    const URL: &str = "http://127.0.0.1:1/rings/a.test";

    #[derive(Default)]
    struct Hands(AtomicU64);

    impl Clock for Hands {
        fn wall(&self) -> Duration {
            Duration::from_secs(1_795_320_930 + self.0.load(Ordering::Relaxed))
        }

        fn monotonic(&self) -> Duration {
            Duration::from_secs(self.0.load(Ordering::Relaxed))
        }
    }

    fn supply(folder: &std::path::Path, clock: &Arc<Hands>) -> Supply {
        let token = || Secret::new(TOKEN.into());
        Supply {
            deliveries: Deliveries::connect(URL, token(), &ConnectOptions::default()).unwrap(),
            copy: Copy::new(folder, URL, &token()),
            max_stale: Duration::from_secs(24 * 3_600),
            clock: Arc::clone(clock) as Arc<dyn Clock>,
        }
    }

    fn keys() -> Secret {
        let jwk = |kid| {
            format!(
                r#"{{"kty":"oct","alg":"HS256","kid":"{kid}","k":"bWFya2VyLXNlY3JldC10aGF0LW5vYm9keS1tYXktc2Vl"}}"#
            )
        };
        let (one, two) = (jwk("one"), jwk("two"));
        let text =
            format!(r#"{{"ring":"a.test","epoch":7,"active":{one},"next":{two},"previous":[]}}"#);
        Secret::new(text.into_bytes())
    }

    #[test]
    fn without_a_server_the_copy_is_used_for_its_time_and_not_a_second_longer() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Hands::default());
        let (events, said) = channel();
        let supply = supply(folder.path(), &clock);
        assert_eq!(supply.first(&events).unwrap_err().code, "no_keys");
        supply.copy.as_ref().unwrap().keep(&keys(), clock.wall()).unwrap();
        for passed in [0, 600, 24 * 3_600] {
            clock.0.store(passed, Ordering::Relaxed);
            let (delivery, age) = supply.first(&events).unwrap();
            assert!(
                matches!(said.recv().unwrap(), Event::Warn(why) if why.contains("sealed copy"))
            );
            assert_eq!((delivery.epoch(), age.as_secs()), (7, passed));
        }
        clock.0.store(24 * 3_600 + 1, Ordering::Relaxed);
        let refused = supply.first(&events).unwrap_err();
        assert_eq!(refused.code, "keys_too_old");
        assert!(refused.message.contains("24 h 0 min"), "{}", refused.message);
    }

    #[test]
    fn a_running_program_keeps_its_keys_through_ten_minutes_and_loses_them_after_the_bound() {
        let clock = Arc::new(Hands::default());
        let known = Arc::new(Known(Mutex::new((Moment::now(&*clock), Duration::from_secs(60)))));
        let feed = Feed {
            set: Arc::new(
                supply(std::path::Path::new("/"), &clock).deliveries.read(keys()).unwrap(),
            ),
            known,
            max_stale: Duration::from_secs(3_600),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            loaded: channel().0,
        };
        clock.0.store(600, Ordering::Relaxed);
        assert_eq!(feed.good_for(), Duration::from_secs(3_600 - 660));
        feed.known.note(Moment::now(&*clock));
        assert_eq!(feed.good_for(), Duration::from_secs(3_600));
        clock.0.store(600 + 3_600, Ordering::Relaxed);
        assert_eq!(feed.good_for(), Duration::ZERO);
        assert_eq!(feed.too_old().code, "keys_too_old");
    }

    #[test]
    fn an_outage_is_borne_and_a_refusal_is_not() {
        let refused = |status| Error::Refused {
            status,
            code: "x".into(),
            message: String::new(),
            hint: String::new(),
        };
        for status in [500, 502, 503, 429] {
            assert!(is_outage(&refused(status)), "{status}");
        }
        for status in [400, 401, 403, 404] {
            assert!(!is_outage(&refused(status)), "{status}");
        }
        let bad = Error::BadAnswer { url: URL.into(), why: "garbage".into() };
        assert!(is_outage(&bad));
    }
}
