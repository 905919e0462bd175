//! Documents as a ring would deliver them.

use keytide_jose::{Algorithm, Secret};
use keytide_ring::{Delivered, Delivery, Epoch, Material};
use keytide_sync::{Document, Names};

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
