//! The port: connections in, with and without TLS, served by the routes until told to stop.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use keytide_ring::{Clock, Keeper};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tower::ServiceExt;

use crate::auth::Peer;
use crate::chores::Chores;
use crate::config::{Config, ConfigError, TlsFiles};
use crate::copies::Copies;
use crate::state::State;
use crate::{drain, routes};

/// HTTP/2 streams that one connection may have open.
const MOST_STREAMS: u32 = 256;
/// A peer that answers no HTTP/2 ping for this long is gone.
const PING_EVERY: Duration = Duration::from_secs(20);
/// After the system refuses a connection (too many open files), wait before asking again.
const BREATHER: Duration = Duration::from_millis(50);

/// A server with its port open, not serving yet.
pub struct Server {
    listener: TcpListener,
    local: SocketAddr,
    tls: Option<TlsAcceptor>,
    state: State,
}

impl Server {
    /// Opens the port.
    ///
    /// # Errors
    /// What the configuration forbids, a port that is taken, or an unusable certificate.
    pub async fn bind(
        config: Config,
        keeper: Arc<Keeper>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ConfigError> {
        Self::bind_with(config, keeper, clock, None).await
    }

    /// The same, with somebody who keeps copies of rings elsewhere.
    ///
    /// # Errors
    /// As [`Server::bind`].
    pub async fn bind_with(
        config: Config,
        keeper: Arc<Keeper>,
        clock: Arc<dyn Clock>,
        copies: Option<Arc<dyn Copies>>,
    ) -> Result<Self, ConfigError> {
        config.check()?;
        let tls = config.tls.as_ref().map(acceptor).transpose()?;
        let listen = config.listen;
        let failed = |error: std::io::Error| ConfigError::Listen { listen, why: error.to_string() };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let local = listener.local_addr().map_err(failed)?;
        let origin = config.origin(local);
        let state = State::new(keeper, clock, config, origin, copies);
        Ok(Self { listener, local, tls, state })
    }

    /// The address that was bound.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The URL prefix under which this server's public documents name themselves.
    pub fn origin(&self) -> &str {
        &self.state.origin
    }

    /// Serves until `shutdown` resolves, then drains. Says whether every request in flight ended.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> bool {
        let Self { listener, tls, state, .. } = self;
        let chores = Chores::start(&state);
        let connections = GracefulShutdown::new();
        let door = Door {
            listener,
            tls,
            router: routes::router(state.clone()),
            places: Arc::new(Semaphore::new(state.config.connections)),
            head_timeout: state.config.head_timeout,
            idle_timeout: state.config.idle_timeout,
        };
        let Config { lame_duck, drain, .. } = state.config;
        let stopping = async {
            shutdown.await;
            tracing::info!("stopping: answering what is under way");
            state.start_draining();
            tokio::time::sleep(lame_duck).await;
        };
        door.admit_until(stopping, &connections).await;
        if let Err(error) = drain::shut_door(&door.listener) {
            tracing::debug!("newcomers cannot be held off while the queue is served: {error}");
        }
        door.admit_until(tokio::time::sleep(drain::SETTLE), &connections).await;
        drop(door);
        state.start_closing();
        tokio::time::sleep(lame_duck).await;
        let ended = drain::finish(connections, drain).await;
        chores.stop();
        ended
    }
}

/// The open port and what is served behind it.
struct Door {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    places: Arc<Semaphore>,
    head_timeout: Duration,
    idle_timeout: Duration,
}

impl Door {
    /// Accepts connections until `end`, whoever is in the queue first.
    async fn admit_until(&self, end: impl Future<Output = ()>, connections: &GracefulShutdown) {
        let mut end = pin!(end);
        loop {
            let place = tokio::select! {
                place = Arc::clone(&self.places).acquire_owned() => place,
                () = &mut end => return,
            };
            let accepted = tokio::select! {
                biased;
                accepted = self.listener.accept() => accepted,
                () = &mut end => return,
            };
            match accepted {
                Ok((stream, peer)) => {
                    let connection = Connection {
                        router: self.router.clone(),
                        tls: self.tls.clone(),
                        watcher: connections.watcher(),
                        peer,
                        head_timeout: self.head_timeout,
                        idle_timeout: self.idle_timeout,
                    };
                    tokio::spawn(async move {
                        connection.serve(stream).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!("a connection could not be accepted: {error}");
                    tokio::time::sleep(BREATHER).await;
                }
            }
        }
    }
}

/// One connection and what it is served with.
struct Connection {
    router: Router,
    tls: Option<TlsAcceptor>,
    watcher: Watcher,
    peer: SocketAddr,
    head_timeout: Duration,
    idle_timeout: Duration,
}

impl Connection {
    async fn serve(self, stream: TcpStream) {
        // Answers are small: waiting to fill a packet would only delay them.
        let _best_effort = stream.set_nodelay(true);
        match self.tls.clone() {
            None => self.speak_http(stream).await,
            Some(tls) => match tokio::time::timeout(self.head_timeout, tls.accept(stream)).await {
                Ok(Ok(stream)) => self.speak_http(stream).await,
                Ok(Err(error)) => tracing::debug!(peer = %self.peer, "no TLS handshake: {error}"),
                Err(_) => tracing::debug!(peer = %self.peer, "the TLS handshake took too long"),
            },
        }
    }

    async fn speak_http(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Self { router, watcher, peer, head_timeout, idle_timeout, .. } = self;
        let activity = Arc::new(Activity::default());
        let seen = Arc::clone(&activity);
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let under_way = UnderWay::begin(&seen);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            let router = router.clone();
            async move {
                let response = router.oneshot(request).await;
                let response = response.map_err(|never: Infallible| match never {});
                response.map(|response| match response.extensions().get::<Streams>() {
                    None => response,
                    Some(Streams) => response
                        .map(|body| Body::new(body.map_frame(move |frame| under_way.keep(frame)))),
                })
            }
        });
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(head_timeout);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(MOST_STREAMS)
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_EVERY);
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        let mut connection = pin!(watcher.watch(connection));
        let mut patience = head_timeout;
        let mut begun_before = 0;
        loop {
            tokio::select! {
                ended = &mut connection => {
                    if let Err(error) = ended {
                        tracing::debug!(%peer, "a connection broke off: {error}");
                    }
                    return;
                }
                () = tokio::time::sleep(patience) => {
                    let begun = activity.begun.load(Ordering::Relaxed);
                    if begun == begun_before && activity.under_way.load(Ordering::Relaxed) == 0 {
                        tracing::debug!(%peer, "a connection asked for nothing");
                        return;
                    }
                    begun_before = begun;
                    patience = idle_timeout;
                }
            }
        }
    }
}

/// Marks an answer whose body goes on for as long as its reader stays: its connection is not idle.
#[derive(Clone, Copy)]
pub(crate) struct Streams;

/// What goes on in one connection.
#[derive(Default)]
struct Activity {
    begun: AtomicU64,
    under_way: AtomicU64,
}

/// A request under way, counted until it is dropped.
struct UnderWay(Arc<Activity>);

impl UnderWay {
    fn begin(activity: &Arc<Activity>) -> Self {
        activity.begun.fetch_add(1, Ordering::Relaxed);
        activity.under_way.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(activity))
    }
}

impl UnderWay {
    /// Passes a frame on; whoever does that keeps the request under way.
    fn keep<T>(&self, frame: T) -> T {
        frame
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, ConfigError> {
    let bad = |path: &Path, why: &dyn std::fmt::Display| ConfigError::Tls {
        why: format!("{}: {why}", path.display()),
    };
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| bad(&files.certificate, &error))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| bad(&files.key, &error))?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| bad(&files.certificate, &error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
