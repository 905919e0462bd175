//! Documents as a ring would deliver them, and targets from settings as they are stored.

use std::sync::Arc;

use keytide_jose::{Algorithm, Secret};
use keytide_ring::{Delivered, Delivery, Epoch, Material};
use keytide_sync::{
    Content, Document, Held, Names, Surroundings, Target, TargetSpec, ThisProcess, Version,
};
use serde_json::Value;

/// The set of an epoch; every secret of it contains the epoch, and is an HS256 secret long enough.
pub(crate) fn document(ring: &str, epoch: u64) -> Document {
    Document::of(&delivery(ring, epoch), &Names::default()).unwrap()
}

/// The same with the signing secret under another name.
pub(crate) fn renamed(ring: &str, epoch: u64, name: &str) -> Document {
    let names = Names { secret: name.into(), ..Names::default() };
    Document::of(&delivery(ring, epoch), &names).unwrap()
}

/// The secret that signs at an epoch.
pub(crate) fn secret(epoch: u64) -> String {
    format!("epoch-{epoch:04}-uZ3tVQ1m8hYd0cJx5RkW2sPqA7bNfLgE")
}

/// The target of settings.
pub(crate) fn opened(settings: &Value) -> Box<dyn Target> {
    let around: Arc<dyn Surroundings> = Arc::new(ThisProcess::default());
    TargetSpec::read(settings.to_string().as_bytes()).unwrap().open(&around).unwrap()
}

/// The epoch of the copy that is there, and the version to write over.
pub(crate) async fn held(target: &dyn Target) -> (u64, Version) {
    let held = target.read().await.unwrap().expect("there is a copy");
    let Content::Ours(document) = held.content else { panic!("{:?}", held.content) };
    (document.epoch().to_string().parse().unwrap(), held.version)
}

/// Whether what is there is no copy of ours.
pub(crate) fn is_foreign(held: &Held) -> bool {
    matches!(held.content, Content::Foreign { .. })
}

fn delivery(ring: &str, epoch: u64) -> Delivery {
    let delivered = |epoch: u64| Delivered {
        kid: format!("kid-{epoch}").parse().unwrap(),
        algorithm: Algorithm::HS256,
        published_at: jiff::Timestamp::UNIX_EPOCH,
        material: Material::Secret(Secret::new(secret(epoch).into_bytes())),
    };
    Delivery {
        ring: ring.parse().unwrap(),
        epoch: Epoch::new(epoch),
        algorithm: Algorithm::HS256,
        active: delivered(epoch),
        next: delivered(epoch + 1),
        previous: vec![delivered(epoch - 1)],
        to: None,
    }
}
