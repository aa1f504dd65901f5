//! A child process behind walls: spawn, limits, Landlock, seccomp, framed messages, shared memory.
