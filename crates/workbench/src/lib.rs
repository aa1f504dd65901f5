//! The use cases: import, open a patient, analyse, render, decide.
