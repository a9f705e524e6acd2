//! Outgoing HTTP: the one client of the host, and the rules for where it may go.
