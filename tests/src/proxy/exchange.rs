//! Serves one connection of the proxy.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;

use super::fault::{Fault, RETRY_AFTER};
use super::message::{Head, Message};
use super::wire::Wire;
use super::{PlannedAction, Shared};

/// Delay between two bytes of a drip: a response of a few hundred bytes takes many seconds.
const DRIP: Duration = Duration::from_millis(50);

/// Number of headers of a header bomb.
const HEADER_COUNT: usize = 10_000;

/// Size of a piece of an endless body, and the number of pieces if the client does not disconnect.
const CHUNK: usize = 64 << 10;
const CHUNKS: usize = 1024;

const ERROR: &[u8] = br#"{"error":{"type":"api_error","code":"internal_error","message":"Something went wrong."}}"#;
const RATE_LIMITED: &[u8] =
    br#"{"error":{"type":"rate_limit_error","code":"rate_limit","message":"Too many requests."}}"#;
const GARBAGE: &[u8] = b"\x00\xff{\"status\":\"appr";

/// Serves a connection until one side closes it.
pub(super) async fn serve(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut wire = Wire::new(stream);
    loop {
        let head = tokio::select! {
            head = wire.head() => head?,
            () = shared.listener.closed() => return Ok(()),
        };
        let Some(head) = head else { return Ok(()) };
        let (method, path) = head.target();
        match shared.planned_action(method, path) {
            Some(PlannedAction::Inject(fault)) => return respond_with_fault(wire, head, fault, shared).await,
            action => {
                let body = wire.body(head.length()).await?;
                let mut answer = forward(shared, Message { head, body }).await?;
                if action.is_some() {
                    shared.listener.close();
                    answer.head = answer.head.with("connection", "close");
                }
                wire.send(&answer.to_bytes()).await?;
            }
        }
    }
}

/// Applies a fault to one exchange; the connection ends with it.
async fn respond_with_fault(mut wire: Wire, head: Head, fault: Fault, shared: &Shared) -> io::Result<()> {
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
        let answer = Message::answer("429 Too Many Requests", &[("retry-after", &seconds)], RATE_LIMITED);
        return wire.send(&closing(answer).to_bytes()).await;
    }
    if fault == Fault::Duplicate {
        forward(shared, request.clone()).await?;
    }
    let answer = closing(forward(shared, request).await?);
    match fault {
        Fault::ResetAfter => wire.reset(),
        Fault::Silence => wire.wait_for_disconnect().await,
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
                .extend((0..HEADER_COUNT).map(|n| (format!("x-bomb-{n}"), "boom".to_owned())));
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

/// Forwards a request to the peer, on a new connection.
async fn forward(shared: &Shared, request: Message) -> io::Result<Message> {
    let peer = shared.peer.get().expect("the proxy has a target (set_target)");
    let mut wire = Wire::new(TcpStream::connect(peer).await?);
    let Message { head, body } = request;
    let head = head.with("connection", "close");
    wire.send(&Message { head, body }.to_bytes()).await?;
    let mut answer = wire.message().await?;
    // The peer's connection handling does not apply to the host's connection.
    answer.head = answer.head.without("connection");
    Ok(answer)
}

/// Slow on purpose: the delay is the fault, and nothing waits for its end.
async fn drip(wire: &mut Wire, bytes: &[u8]) -> io::Result<()> {
    for byte in bytes {
        wire.send(&[*byte]).await?;
        tokio::time::sleep(DRIP).await;
    }
    Ok(())
}

/// A body of blanks without an announced length, so that the client must read it to find its end.
async fn without_end(wire: &mut Wire, head: Head) -> io::Result<()> {
    let head = head.without("content-length").with("transfer-encoding", "chunked");
    wire.send(&head.to_bytes()).await?;
    let piece = [
        format!("{CHUNK:x}\r\n").into_bytes(),
        vec![b' '; CHUNK],
        b"\r\n".to_vec(),
    ]
    .concat();
    for _ in 0..CHUNKS {
        wire.send(&piece).await?;
    }
    wire.send(b"0\r\n\r\n").await
}
