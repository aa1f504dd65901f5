//! What the notes engine makes of text files: each finding with its marks, and what is proposed. For reading by eye.
//!
//! `cargo run --release -p triptych-reasoning --example read_notes -- FILE...`
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_macros,
    reason = "read in a terminal"
)]

use triptych_reasoning::notes;

fn main() {
    for file in std::env::args().skip(1) {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        println!("=== {file}");
        let reading = notes::read(&text);
        for span in &reading.sentences {
            println!("| {}", notes::words(&text, *span).replace('\n', " "));
            let inside = reading
                .mentions
                .iter()
                .filter(|m| span.start <= m.span.start && m.span.end <= span.end);
            for m in inside {
                println!(
                    "    [{}] {} {}",
                    notes::words(&text, m.span),
                    m.concept.id,
                    m.categories
                );
            }
        }
        for c in notes::candidates(&text, &reading) {
            println!("  proposed: {} {:?} {:?}", c.code, c.value, c.attrs);
        }
    }
}
