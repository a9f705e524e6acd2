//! A proxy to the database that cuts the connection at a chosen moment.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// When the connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Before the server receives these bytes.
    Before(&'static [u8]),
    /// After the server has handled these bytes, before its response is forwarded.
    After(&'static [u8]),
}

/// A proxy to a server, with a counter of the cuts that are left.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    left: Arc<AtomicU32>,
}

impl Proxy {
    /// Starts a proxy; it makes no cuts before [`Proxy::arm`].
    pub(crate) async fn to(server: SocketAddr, cut: Cut) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let left = Arc::new(AtomicU32::new(0));
        let counter = left.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(server).await else {
                    continue;
                };
                tokio::spawn(pass(client, server, cut, counter.clone()));
            }
        });
        Self { address, left }
    }

    /// Cuts the connection the next `times` times.
    pub(crate) fn arm(&self, times: u32) {
        self.left.store(times, Ordering::SeqCst);
    }

    /// Number of cuts that are left.
    pub(crate) fn left(&self) -> u32 {
        self.left.load(Ordering::SeqCst)
    }
}

async fn pass(mut client: TcpStream, mut server: TcpStream, cut: Cut, left: Arc<AtomicU32>) {
    let (Cut::Before(word) | Cut::After(word)) = cut;
    let (mut asked, mut answered) = ([0; 16_384], [0; 16_384]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(count @ 1..) = read else { return };
                let is_met = asked[..count].windows(word.len()).any(|it| it == word);
                let is_cut = is_met
                    && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
                if is_cut && matches!(cut, Cut::Before(_)) {
                    return;
                }
                if server.write_all(&asked[..count]).await.is_err() {
                    return;
                }
                if is_cut {
                    // The response shows that the server has finished; it is not forwarded.
                    let _ = server.read(&mut answered).await;
                    return;
                }
            }
            read = server.read(&mut answered) => {
                let Ok(count @ 1..) = read else { return };
                if client.write_all(&answered[..count]).await.is_err() {
                    return;
                }
            }
        }
    }
}
