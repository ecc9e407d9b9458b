//! Which identity a JVM's key managers choose for a server's request.
