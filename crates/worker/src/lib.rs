//! The typed jobs of a worker process, and the warm pool that asks for them.
