//! The attacks of unauthenticated clients.

use super::print_line;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::{ATTACKING, MERCHANT};
use crate::TestClock;

/// Delay before a closed connection is opened again.
const PAUSE: Duration = Duration::from_millis(100);

/// The attacks, in the order of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attack {
    /// Four connections that send bodies with thousands of wrong signatures.
    SignatureBomb,
    /// 2,500 connections that send nothing and are reopened when closed; half of them from one address.
    Silent,
    /// 1,100 connections that send a body at a byte a second, from twenty addresses.
    SlowBodies,
}

impl Attack {
    /// Every attack, in the order of the report.
    pub const ALL: [Self; 3] = [Self::SignatureBomb, Self::Silent, Self::SlowBodies];

    /// Name of the attack on the command line and in the report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignatureBomb => "signature-bomb",
            Self::Silent => "silent",
            Self::SlowBodies => "slow-bodies",
        }
    }

    /// The attack with this name, or `None`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attack| attack.name() == name)
    }

    const fn connections(self) -> usize {
        match self {
            Self::SignatureBomb => 4,
            Self::Silent => 2_500,
            Self::SlowBodies => 1_100,
        }
    }

    /// Source address of a connection, by its index.
    fn source(self, index: usize) -> Ipv4Addr {
        let byte = |number: usize| u8::try_from(number).expect("a number below 256");
        match self {
            Self::SignatureBomb => Ipv4Addr::new(127, 0, 0, byte(2 + index)),
            Self::Silent if index < self.connections() / 2 => Ipv4Addr::new(127, 0, 0, 2),
            Self::Silent => Ipv4Addr::new(127, 0, 1, byte(1 + index % 200)),
            Self::SlowBodies => Ipv4Addr::new(127, 0, 2, byte(1 + index % 20)),
        }
    }
}

/// Attacks for this many seconds, and reports when every connection was tried once.
pub(super) async fn run(attack: Attack, target: SocketAddr, seconds: u64) {
    let begun = Arc::new(AtomicUsize::new(0));
    for index in 0..attack.connections() {
        let begun = Arc::clone(&begun);
        tokio::spawn(async move {
            let mut first = true;
            loop {
                let stream = connect(attack.source(index), target).await;
                if std::mem::take(&mut first) {
                    begun.fetch_add(1, Ordering::Relaxed);
                }
                if let Some(stream) = stream {
                    let _ = hold(attack, stream).await;
                }
                tokio::time::sleep(PAUSE).await;
            }
        });
    }
    let all = async {
        while begun.load(Ordering::Relaxed) < attack.connections() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    // A host with a full backlog keeps some connections waiting; the attack has begun in any case.
    let _ = tokio::time::timeout(Duration::from_secs(5), all).await;
    print_line(ATTACKING);
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

async fn connect(source: Ipv4Addr, target: SocketAddr) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().ok()?;
    socket.bind((source, 0).into()).ok()?;
    socket.connect(target).await.ok()
}

/// Uses a connection until it is closed.
async fn hold(attack: Attack, mut stream: TcpStream) -> std::io::Result<()> {
    match attack {
        Attack::Silent => {}
        Attack::SignatureBomb => {
            stream.write_all(&bomb()).await?;
        }
        Attack::SlowBodies => {
            let head =
                format!("POST /m/{MERCHANT}/webhooks/processor HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n");
            stream.write_all(head.as_bytes()).await?;
            let (mut reader, mut writer) = stream.split();
            let mut sink = tokio::io::sink();
            let drip = async {
                while writer.write_all(b"x").await.is_ok() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            };
            tokio::select! {
                () = drip => {}
                _ = tokio::io::copy(&mut reader, &mut sink) => {}
            }
            return Ok(());
        }
    }
    let mut answer = [0; 4096];
    while stream.read(&mut answer).await? > 0 {
        if attack == Attack::SignatureBomb {
            stream.write_all(&bomb()).await?;
        }
    }
    Ok(())
}

fn bomb() -> Vec<u8> {
    let now = TestClock::of_the_machine().seconds();
    let mut head = format!(
        "POST /m/{MERCHANT}/webhooks/stripe HTTP/1.1\r\nhost: x\r\ncontent-length: 262000\r\nstripe-signature: t={now}"
    );
    for _ in 0..2_600 {
        let _ = write!(head, ",v1=0a");
    }
    head.push_str("\r\n\r\n");
    let mut bytes = head.into_bytes();
    bytes.resize(bytes.len() + 262_000, b'x');
    bytes
}
