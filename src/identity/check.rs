//! What makes a client identity fail.
