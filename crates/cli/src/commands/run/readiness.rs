//! Whether a program is ready, and which epochs it says it has loaded: a URL that is asked until it answers well.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use keytide_client::{Clock, Moment};
use reqwest::Url;
use reqwest::blocking::Client;
use reqwest::redirect::Policy;

use super::event::Event;
use crate::error::{self, Failure};

/// What is asked, and for how long.
pub(super) struct Readiness {
    client: Client,
    url: Url,
    limit: Duration,
    clock: Arc<dyn Clock>,
    /// The check that counts; an earlier one ends.
    current: Arc<AtomicU64>,
}

/// A header in which a program may say which epochs it has loaded, as KEYTIDE_EPOCHS told it.
const EPOCHS: &str = "keytide-epochs";
const ONE_ANSWER: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(200);

impl Readiness {
    pub(super) fn new(url: Url, limit: Duration, clock: Arc<dyn Clock>) -> Result<Self, Failure> {
        let client =
            Client::builder().redirect(Policy::none()).no_proxy().timeout(ONE_ANSWER).build();
        let client = client.map_err(|why| {
            Failure::new(error::UNEXPECTED, format!("no HTTP client can be made: {why}"))
        })?;
        Ok(Self { client, url, limit, clock, current: Arc::default() })
    }

    /// Asks in a thread of its own, and tells how it ended. The program is ready when it answers with
    /// success and, if it names epochs, with these.
    pub(super) fn check(&self, ticket: u64, epochs: String, events: &Sender<Event>) {
        self.current.store(ticket, Ordering::Relaxed);
        let (client, url, events) = (self.client.clone(), self.url.clone(), events.clone());
        let (clock, current, limit) =
            (Arc::clone(&self.clock), Arc::clone(&self.current), self.limit);
        thread::spawn(move || {
            let began = Moment::now(&*clock);
            while current.load(Ordering::Relaxed) == ticket {
                let is_ready = is_ready(&client, &url, &epochs);
                if is_ready || Moment::now(&*clock).since(began) >= limit {
                    let _nobody_waits = events.send(Event::Checked { ticket, is_ready });
                    return;
                }
                thread::sleep(PAUSE);
            }
        });
    }
}

fn is_ready(client: &Client, url: &Url, epochs: &str) -> bool {
    let Ok(answer) = client.get(url.clone()).send() else { return false };
    let said = answer.headers().get(EPOCHS);
    answer.status().is_success() && said.is_none_or(|said| said.as_bytes() == epochs.as_bytes())
}
