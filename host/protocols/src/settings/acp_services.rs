//! What a merchant offers of ACP beside checkouts, and where.

/// Services and bindings of ACP that a merchant can turn on and off, and the address that it is reached by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcpServices {
    /// Whether `/carts` is served.
    pub carts: bool,
    /// Whether `/mcp` is served.
    pub mcp: bool,
    /// Origins of web pages that may call `/mcp`: `https://agent.example`. A request of any other page is refused.
    pub mcp_origins: Vec<String>,
    /// Whether order events are sent to agents.
    pub orders: bool,
    /// URL of the merchant's endpoints as agents reach it, without a slash at its end; `None` if the host only knows the name that a
    /// request was sent to.
    pub public_url: Option<String>,
}

impl Default for AcpServices {
    fn default() -> Self {
        Self {
            carts: true,
            mcp: true,
            mcp_origins: Vec::new(),
            orders: false,
            public_url: None,
        }
    }
}
