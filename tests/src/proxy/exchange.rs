//! What happens on one connection.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;

use super::fault::{Fault, RETRY_AFTER};
use super::message::{Head, Message};
use super::wire::Wire;
use super::{Act, Shared};

/// Between two bytes of a drip: an answer of a few hundred bytes takes many seconds.
const DRIP: Duration = Duration::from_millis(50);

/// Headers of a bomb.
const BOMB: usize = 10_000;

/// One piece of a body without end, and how many pieces there are when nobody hangs up.
const PIECE: usize = 64 << 10;
const PIECES: usize = 1024;

const ERROR: &[u8] = br#"{"error":{"type":"api_error","code":"internal_error","message":"Something went wrong."}}"#;
const LATER: &[u8] = br#"{"error":{"type":"rate_limit_error","code":"rate_limit","message":"Too many requests."}}"#;
const GARBAGE: &[u8] = b"\x00\xff{\"status\":\"appr";

/// Serve a connection until one side is done with it.
pub(super) async fn serve(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut wire = Wire::new(stream);
    loop {
        let head = tokio::select! {
            head = wire.head() => head?,
            () = shared.door.closed() => return Ok(()),
        };
        let Some(head) = head else { return Ok(()) };
        let (method, path) = head.target();
        match shared.act_on(method, path) {
            Some(Act::Spoil(fault)) => return spoil(wire, head, fault, shared).await,
            act => {
                let body = wire.body(head.length()).await?;
                let mut answer = forward(shared, Message { head, body }).await?;
                if act.is_some() {
                    shared.door.close();
                    answer.head = answer.head.with("connection", "close");
                }
                wire.send(&answer.to_bytes()).await?;
            }
        }
    }
}

/// Spoil one exchange; the connection ends with it.
async fn spoil(mut wire: Wire, head: Head, fault: Fault, shared: &Shared) -> io::Result<()> {
    match fault {
        Fault::ResetBefore => return wire.reset(),
        Fault::ResetAmid => {
            wire.body(head.length() / 2).await?;
            return wire.reset();
        }
        _ => {}
    }
    let body = wire.body(head.length()).await?;
    let request = Message { head, body };
    if fault == Fault::TooManyRequests {
        let seconds = RETRY_AFTER.as_secs().to_string();
        let answer = Message::answer("429 Too Many Requests", &[("retry-after", &seconds)], LATER);
        return wire.send(&closing(answer).to_bytes()).await;
    }
    if fault == Fault::Duplicate {
        forward(shared, request.clone()).await?;
    }
    let answer = closing(forward(shared, request).await?);
    match fault {
        Fault::ResetAfter => wire.reset(),
        Fault::Silence => wire.outlast().await,
        Fault::ResetAfterHead => {
            wire.send(&answer.head.to_bytes()).await?;
            wire.reset()
        }
        Fault::Truncated => {
            let whole = answer.to_bytes();
            wire.send(&whole[..whole.len() - answer.body.len().div_ceil(2)]).await
        }
        Fault::Garbage => {
            wire.send(&closing(Message::answer("200 OK", &[], GARBAGE)).to_bytes())
                .await
        }
        Fault::ErrorAfterSuccess => {
            let answer = Message::answer("500 Internal Server Error", &[], ERROR);
            wire.send(&closing(answer).to_bytes()).await
        }
        Fault::Drip => drip(&mut wire, &answer.to_bytes()).await,
        Fault::HugeBody => without_end(&mut wire, answer.head).await,
        Fault::HeaderBomb => {
            let mut head = answer.head.clone();
            head.headers
                .extend((0..BOMB).map(|n| (format!("x-bomb-{n}"), "boom".to_owned())));
            wire.send(&Message { head, ..answer }.to_bytes()).await
        }
        Fault::Duplicate | Fault::ResetBefore | Fault::ResetAmid | Fault::TooManyRequests => {
            wire.send(&answer.to_bytes()).await
        }
    }
}

fn closing(mut answer: Message) -> Message {
    answer.head = answer.head.with("connection", "close");
    answer
}

/// Ask the peer, on a connection of its own.
async fn forward(shared: &Shared, request: Message) -> io::Result<Message> {
    let peer = shared.peer.get().expect("the proxy was told where it leads");
    let mut wire = Wire::new(TcpStream::connect(peer).await?);
    let Message { head, body } = request;
    let head = head.with("connection", "close");
    wire.send(&Message { head, body }.to_bytes()).await?;
    let mut answer = wire.message().await?;
    // What the peer says of its own connection does not hold for the host's.
    answer.head = answer.head.without("connection");
    Ok(answer)
}

/// Slow by intent: the pause is the fault, and nothing waits for it to be over.
async fn drip(wire: &mut Wire, bytes: &[u8]) -> io::Result<()> {
    for byte in bytes {
        wire.send(&[*byte]).await?;
        tokio::time::sleep(DRIP).await;
    }
    Ok(())
}

/// A body of blanks whose length is not announced, so that only reading it tells.
async fn without_end(wire: &mut Wire, head: Head) -> io::Result<()> {
    let head = head.without("content-length").with("transfer-encoding", "chunked");
    wire.send(&head.to_bytes()).await?;
    let piece = [
        format!("{PIECE:x}\r\n").into_bytes(),
        vec![b' '; PIECE],
        b"\r\n".to_vec(),
    ]
    .concat();
    for _ in 0..PIECES {
        wire.send(&piece).await?;
    }
    wire.send(b"0\r\n\r\n").await
}
