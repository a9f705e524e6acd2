//! The hooks over HTTP, with a scripted checkout service.
