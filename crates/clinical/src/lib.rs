//! The words of the field: patient, fact, code, quantity, unit, time, provenance.
