//! How the server stops, so that nobody who was let in is turned away half-way.
//!
//! First it only says that it is not ready, for whoever routes requests to hear it. Then it shuts
//! the door: the kernel ignores newcomers, and those that it had let in already are accepted and
//! served. Then every answer says `Connection: close`, and what is idle by then is closed.

use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;

/// How long handshakes that had begun before the door was shut may take to reach the queue.
pub(crate) const SETTLE: Duration = Duration::from_millis(100);

/// Makes the kernel ignore new connections, while those under way still arrive to be accepted.
///
/// Closing the listener at once would reset every connection in its queue. So its socket gets a
/// filter that drops a TCP segment with SYN and without ACK, and lets everything else pass; the
/// newcomer's kernel asks again, and is refused once the listener is closed.
#[cfg(target_os = "linux")]
pub(crate) fn shut_door(listener: &TcpListener) -> std::io::Result<()> {
    use socket2::{SockFilter, SockRef};

    // Classic BPF over the TCP header; byte 13 holds the flags (RFC 9293 §3.1).
    const LOAD_BYTE: u16 = 0x30;
    const AND: u16 = 0x54;
    const JUMP_IF_EQUAL: u16 = 0x15;
    const RETURN: u16 = 0x06;
    const FLAGS: u32 = 13;
    const SYN: u32 = 0x02;
    const ACK: u32 = 0x10;
    SockRef::from(listener).attach_filter(&[
        SockFilter::new(LOAD_BYTE, 0, 0, FLAGS),
        SockFilter::new(AND, 0, 0, SYN | ACK),
        SockFilter::new(JUMP_IF_EQUAL, 0, 1, SYN),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ])
}

/// Elsewhere the queue is served as far as it is seen before the listener closes.
#[cfg(not(target_os = "linux"))]
pub(crate) fn shut_door(_listener: &TcpListener) -> std::io::Result<()> {
    Ok(())
}

/// Waits for the requests in flight, but not for ever. Says whether all of them ended.
pub(crate) async fn finish(connections: GracefulShutdown, limit: Duration) -> bool {
    tokio::time::timeout(limit, connections.shutdown()).await.is_ok()
}
