//! The part of WASI that Rust's standard library imports, without any authority.
//!
//! The environment, the arguments and stdin are empty, clocks stand still, pseudo-random numbers are deterministic, and stdout
//! and stderr go to the plugin's log. There are no files and no sockets.

use std::time::Duration;

use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Lift, Linker, LinkerInstance, Lower, Resource, ResourceType};

use crate::guest::call_abort_error::CallAbortError;
use crate::guest::state::GuestState;

/// The newest WASI 0.2 release whose functions are defined here. The linker matches by semver: any 0.2.x import finds it.
const VERSION: &str = "0.2.12";
/// Bytes that an output stream accepts in one write.
const STREAM_ROOM: u64 = 4096;
/// Representations of the two streams that a guest can write to.
const STDOUT: u32 = 1;
const STDERR: u32 = 2;

/// `wasi:io/error.error`
struct IoError;
/// `wasi:io/poll.pollable`
struct Pollable;
/// `wasi:io/streams.input-stream`
struct InputStream;
/// `wasi:io/streams.output-stream`
struct OutputStream;
/// `wasi:cli/terminal-input.terminal-input`
struct TerminalInput;
/// `wasi:cli/terminal-output.terminal-output`
struct TerminalOutput;

#[derive(ComponentType, Lift, Lower)]
#[component(variant)]
enum StreamError {
    #[component(name = "last-operation-failed")]
    LastOperationFailed(Resource<IoError>),
    #[component(name = "closed")]
    Closed,
}

#[derive(Clone, Copy, ComponentType, Lift, Lower)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

type Context<'a> = StoreContextMut<'a, GuestState>;
type Written = (Result<(), StreamError>,);

/// Define the WASI interfaces above in the linker.
pub(crate) fn add_to_linker(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    environment(&mut linker.instance(&name("cli/environment"))?)?;
    exit(&mut linker.instance(&name("cli/exit"))?)?;
    poll(&mut linker.instance(&name("io/poll"))?)?;
    io_error(&mut linker.instance(&name("io/error"))?)?;
    input(&mut linker.instance(&name("io/streams"))?)?;
    output(&mut linker.instance(&name("io/streams"))?)?;
    standard_streams(linker)?;
    terminals(linker)?;
    clocks(linker)?;
    random(linker)
}

fn name(interface: &str) -> String {
    format!("wasi:{interface}@{VERSION}")
}

fn environment(instance: &mut LinkerInstance<'_, GuestState>) -> wasmtime::Result<()> {
    instance.func_wrap("get-environment", |_: Context<'_>, (): ()| {
        Ok((Vec::<(String, String)>::new(),))
    })?;
    instance.func_wrap("get-arguments", |_: Context<'_>, (): ()| Ok((Vec::<String>::new(),)))?;
    instance.func_wrap("initial-cwd", |_: Context<'_>, (): ()| Ok((None::<String>,)))
}

fn exit(instance: &mut LinkerInstance<'_, GuestState>) -> wasmtime::Result<()> {
    instance.func_wrap(
        "exit",
        |_: Context<'_>, (_,): (Result<(), ()>,)| -> wasmtime::Result<()> { Err(CallAbortError::Exit.into()) },
    )?;
    instance.func_wrap(
        "exit-with-code",
        |_: Context<'_>, (_,): (u8,)| -> wasmtime::Result<()> { Err(CallAbortError::Exit.into()) },
    )
}

fn poll(instance: &mut LinkerInstance<'_, GuestState>) -> wasmtime::Result<()> {
    instance.resource("pollable", ResourceType::host::<Pollable>(), |_, _| Ok(()))?;
    instance.func_wrap(
        "[method]pollable.ready",
        |_: Context<'_>, (_,): (Resource<Pollable>,)| Ok((true,)),
    )?;
    instance.func_wrap(
        "[method]pollable.block",
        |_: Context<'_>, (_,): (Resource<Pollable>,)| Ok(()),
    )?;
    // Every pollable is always ready: nothing here waits.
    instance.func_wrap("poll", |context: Context<'_>, (list,): (Vec<Resource<Pollable>>,)| {
        let (count, limit) = (list.len(), context.data().call.limits.handles);
        if count > limit {
            return Err(CallAbortError::TooMany {
                import: "wasi:io/poll.poll",
                what: "pollables",
                count,
                limit,
            }
            .into());
        }
        let ready: Vec<u32> = (0..).take(count).collect();
        Ok((ready,))
    })
}

fn io_error(instance: &mut LinkerInstance<'_, GuestState>) -> wasmtime::Result<()> {
    instance.resource("error", ResourceType::host::<IoError>(), |_, _| Ok(()))?;
    instance.func_wrap(
        "[method]error.to-debug-string",
        |_: Context<'_>, (_,): (Resource<IoError>,)| Ok((String::new(),)),
    )
}

fn input(instance: &mut LinkerInstance<'_, GuestState>) -> wasmtime::Result<()> {
    instance.resource("input-stream", ResourceType::host::<InputStream>(), |_, _| Ok(()))?;
    for read in ["read", "blocking-read"] {
        instance.func_wrap(
            &format!("[method]input-stream.{read}"),
            |_: Context<'_>, (_, _): (Resource<InputStream>, u64)| Ok((Err::<Vec<u8>, _>(StreamError::Closed),)),
        )?;
    }
    for skip in ["skip", "blocking-skip"] {
        instance.func_wrap(
            &format!("[method]input-stream.{skip}"),
            |_: Context<'_>, (_, _): (Resource<InputStream>, u64)| Ok((Err::<u64, _>(StreamError::Closed),)),
        )?;
    }
    instance.func_wrap(
        "[method]input-stream.subscribe",
        |_: Context<'_>, (_,): (Resource<InputStream>,)| Ok((Resource::<Pollable>::new_own(0),)),
    )
}

fn output(instance: &mut LinkerInstance<'_, GuestState>) -> wasmtime::Result<()> {
    instance.resource("output-stream", ResourceType::host::<OutputStream>(), |_, _| Ok(()))?;
    instance.func_wrap(
        "[method]output-stream.check-write",
        |_: Context<'_>, (_,): (Resource<OutputStream>,)| Ok((Ok::<_, StreamError>(STREAM_ROOM),)),
    )?;
    for write in ["write", "blocking-write-and-flush"] {
        instance.func_wrap(
            &format!("[method]output-stream.{write}"),
            |mut context: Context<'_>,
             (stream, bytes): (Resource<OutputStream>, Vec<u8>)|
             -> wasmtime::Result<Written> {
                context.data_mut().call.output.stream(stream.rep() == STDERR, &bytes);
                Ok((Ok(()),))
            },
        )?;
    }
    for flush in ["flush", "blocking-flush"] {
        instance.func_wrap(
            &format!("[method]output-stream.{flush}"),
            |_: Context<'_>, (_,): (Resource<OutputStream>,)| -> wasmtime::Result<Written> { Ok((Ok(()),)) },
        )?;
    }
    for zeroes in ["write-zeroes", "blocking-write-zeroes-and-flush"] {
        instance.func_wrap(
            &format!("[method]output-stream.{zeroes}"),
            |_: Context<'_>, (_, _): (Resource<OutputStream>, u64)| -> wasmtime::Result<Written> { Ok((Ok(()),)) },
        )?;
    }
    for splice in ["splice", "blocking-splice"] {
        instance.func_wrap(
            &format!("[method]output-stream.{splice}"),
            |_: Context<'_>, (_, _, _): (Resource<OutputStream>, Resource<InputStream>, u64)| {
                Ok((Err::<u64, _>(StreamError::Closed),))
            },
        )?;
    }
    instance.func_wrap(
        "[method]output-stream.subscribe",
        |_: Context<'_>, (_,): (Resource<OutputStream>,)| Ok((Resource::<Pollable>::new_own(0),)),
    )
}

fn standard_streams(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    linker
        .instance(&name("cli/stdin"))?
        .func_wrap("get-stdin", |_: Context<'_>, (): ()| {
            Ok((Resource::<InputStream>::new_own(0),))
        })?;
    linker
        .instance(&name("cli/stdout"))?
        .func_wrap("get-stdout", |_: Context<'_>, (): ()| {
            Ok((Resource::<OutputStream>::new_own(STDOUT),))
        })?;
    linker
        .instance(&name("cli/stderr"))?
        .func_wrap("get-stderr", |_: Context<'_>, (): ()| {
            Ok((Resource::<OutputStream>::new_own(STDERR),))
        })
}

fn terminals(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    linker.instance(&name("cli/terminal-input"))?.resource(
        "terminal-input",
        ResourceType::host::<TerminalInput>(),
        |_, _| Ok(()),
    )?;
    linker.instance(&name("cli/terminal-output"))?.resource(
        "terminal-output",
        ResourceType::host::<TerminalOutput>(),
        |_, _| Ok(()),
    )?;
    linker
        .instance(&name("cli/terminal-stdin"))?
        .func_wrap("get-terminal-stdin", |_: Context<'_>, (): ()| {
            Ok((None::<Resource<TerminalInput>>,))
        })?;
    for stream in ["stdout", "stderr"] {
        linker
            .instance(&name(&format!("cli/terminal-{stream}")))?
            .func_wrap(&format!("get-terminal-{stream}"), |_: Context<'_>, (): ()| {
                Ok((None::<Resource<TerminalOutput>>,))
            })?;
    }
    Ok(())
}

/// Clocks return the time at which the phase began, so that a decision depends on its arguments alone.
fn clocks(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    let mut monotonic = linker.instance(&name("clocks/monotonic-clock"))?;
    monotonic.func_wrap("now", |context: Context<'_>, (): ()| {
        let now = Duration::from_millis(context.data().host.now.millis());
        Ok((u64::try_from(now.as_nanos()).unwrap_or(u64::MAX),))
    })?;
    monotonic.func_wrap("resolution", |_: Context<'_>, (): ()| Ok((1_000_000_u64,)))?;
    for subscribe in ["subscribe-instant", "subscribe-duration"] {
        monotonic.func_wrap(subscribe, |_: Context<'_>, (_,): (u64,)| {
            Ok((Resource::<Pollable>::new_own(0),))
        })?;
    }
    let mut wall = linker.instance(&name("clocks/wall-clock"))?;
    wall.func_wrap("now", |context: Context<'_>, (): ()| {
        let millis = context.data().host.now.millis();
        let nanoseconds = u32::try_from(millis % 1000).unwrap_or(0) * 1_000_000;
        Ok((Datetime {
            seconds: millis / 1000,
            nanoseconds,
        },))
    })?;
    wall.func_wrap("resolution", |_: Context<'_>, (): ()| {
        Ok((Datetime {
            seconds: 0,
            nanoseconds: 1_000_000,
        },))
    })
}

fn random(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    for (interface, bytes, number) in [
        ("random/random", "get-random-bytes", "get-random-u64"),
        (
            "random/insecure",
            "get-insecure-random-bytes",
            "get-insecure-random-u64",
        ),
    ] {
        let mut instance = linker.instance(&name(interface))?;
        instance.func_wrap(bytes, |mut context: Context<'_>, (length,): (u64,)| {
            Ok((random_bytes(context.data_mut(), length)?,))
        })?;
        instance.func_wrap(number, |mut context: Context<'_>, (): ()| {
            Ok((context.data_mut().random_u64(),))
        })?;
    }
    linker
        .instance(&name("random/insecure-seed"))?
        .func_wrap("insecure-seed", |mut context: Context<'_>, (): ()| {
            let state = context.data_mut();
            Ok(((state.random_u64(), state.random_u64()),))
        })
}

fn random_bytes(state: &mut GuestState, length: u64) -> Result<Vec<u8>, CallAbortError> {
    let limit = state.call.limits.random_bytes;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    state.call.random_bytes = state.call.random_bytes.saturating_add(length);
    if state.call.random_bytes > limit {
        return Err(CallAbortError::Random(limit));
    }
    let words = std::iter::repeat_with(|| state.random_u64().to_le_bytes());
    Ok(words.take(length.div_ceil(8)).flatten().take(length).collect())
}
