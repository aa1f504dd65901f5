//! Three-valued rules and pathways over facts. No I/O.
