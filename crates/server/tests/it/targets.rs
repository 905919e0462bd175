//! Targets over HTTP, as far as the server itself answers for them: who waits for places that never answer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use keytide_ring::{Actor, RingName, TargetName, TargetView};
use keytide_server::{By, Copies, CopyError, NewTarget, Removal};
use serde_json::{Value, json};

use crate::scene::Scene;

/// Places that do not answer until they are let go.
#[derive(Default)]
struct Silent {
    waiting: AtomicUsize,
    is_over: Mutex<bool>,
    over: Condvar,
}

impl Copies for Silent {
    fn test(&self, _: &RingName, _: &TargetName) -> Result<Value, CopyError> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let is_over = self.is_over.lock().unwrap();
        let _over = self.over.wait_while(is_over, |is_over| !*is_over).unwrap();
        Ok(json!({}))
    }

    fn add(&self, _: &RingName, _: NewTarget, _: By<'_>) -> Result<TargetView, CopyError> {
        unreachable!("nobody adds a target")
    }

    fn list(&self, _: &RingName) -> Result<Vec<TargetView>, CopyError> {
        unreachable!("nobody lists targets")
    }

    fn push(&self, _: &RingName, _: &TargetName) -> Result<TargetView, CopyError> {
        unreachable!("nobody pushes")
    }

    fn remove(
        &self,
        _: &RingName,
        _: &TargetName,
        _: &Removal,
        _: &Actor,
    ) -> Result<(), CopyError> {
        unreachable!("nobody removes a target")
    }
}

#[test]
fn places_that_never_answer_take_no_thread_from_those_who_sign() {
    let silent = Arc::new(Silent::default());
    let scene = Scene::with_copies(Arc::clone(&silent) as Arc<dyn Copies>);
    scene.ring("HS256");
    let test = || scene.post("/v1/rings/billing.test/targets/t/test", &json!({}));
    let (told, at_once, signed, waited) = thread::scope(|threads| {
        let mut waiting: Vec<_> = (0..24).map(|_| threads.spawn(test)).collect();
        let mut told = Vec::new();
        // Those for whom there is no place are told so while the others wait.
        while told.len() < 8 && silent.waiting.load(Ordering::SeqCst) <= 16 {
            let (ended, left): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(thread::ScopedJoinHandle::is_finished);
            told.extend(ended.into_iter().map(|ended| ended.join().unwrap()));
            waiting = left;
            thread::yield_now();
        }
        let at_once = silent.waiting.load(Ordering::SeqCst);
        let signed = scene.post("/v1/rings/billing.test/sign", &json!({ "claims": {} }));
        *silent.is_over.lock().unwrap() = true;
        silent.over.notify_all();
        let waited: Vec<_> = waiting.into_iter().map(|one| one.join().unwrap().0).collect();
        (told, at_once, signed, waited)
    });
    assert_eq!(at_once, 16);
    assert_eq!(told.len(), 8);
    assert!(told.iter().all(|(status, why)| *status == 503 && why["code"] == "overloaded"));
    assert_eq!(signed.0, 200, "{}", signed.1);
    assert_eq!(waited, [200; 16]);
}
