//! Readers of clinical documents into facts.
