//! The plugin runtime: WebAssembly components behind the ports of the domain.
