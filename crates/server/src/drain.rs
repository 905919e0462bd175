//! How the server stops: first it still answers but says goodbye, then it closes the door and lets everyone finish.

use std::future::Future;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;

/// Waits for the requests in flight, but not for ever. Says whether all of them ended.
pub(crate) async fn finish(connections: GracefulShutdown, limit: Duration) -> bool {
    tokio::time::timeout(limit, connections.shutdown()).await.is_ok()
}

/// Resolves `after` the signal has.
pub(crate) async fn later(signal: impl Future<Output = ()>, after: Duration, on_signal: impl FnOnce()) {
    signal.await;
    on_signal();
    tokio::time::sleep(after).await;
}
