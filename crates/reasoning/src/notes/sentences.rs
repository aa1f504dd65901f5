//! Sentences of a note. Record-and-signals 7.4.

use triptych_clinical::TextSpan;

use super::sections::is_header_line;

/// One sentence: bytes of the text, without surrounding white space.
pub type Sentence = TextSpan;

/// Words after which a full stop ends nothing.
const ABBREVIATIONS: [&str; 23] = [
    "dr", "drs", "mr", "mrs", "ms", "st", "vs", "approx", "e.g", "i.e", "cf", "fig", "figs", "q.d",
    "q.i.d", "b.i.d", "t.i.d", "p.o", "h.s", "hb", "temp", "prof", "resp",
];
/// Longest sentence in tokens; a longer one breaks at a semicolon or comma.
const MAX_TOKENS: usize = 80;
/// Longest sentence in bytes, whatever it is made of.
const MAX_BYTES: usize = 4000;

/// The sentences of `text` in its order. They cover everything but white space between them; a header line is a sentence of its own.
#[must_use]
pub fn sentences(text: &str) -> Vec<Sentence> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut block_start = 0;
    let mut open = false;
    let mut close = |from: usize, to: usize| {
        for (start, end) in split_block(text, from, to) {
            push_limited(text, start, end, &mut found);
        }
    };
    // Blocks first: blank lines, list items, header lines, and a capital after a line feed that ends no wrapped sentence.
    for line in text.split_inclusive('\n') {
        let blank = line.trim().is_empty();
        let header = !blank && is_header_line(line);
        let starts_block = header || is_list_item(line);
        if open && (blank || starts_block) {
            close(block_start, at);
            open = false;
        }
        if !blank {
            if !open {
                block_start = at;
                open = true;
            }
            if header && !line.trim_end().contains(':') {
                close(block_start, at + line.len());
                open = false;
            }
        }
        at += line.len();
    }
    if open {
        close(block_start, at);
    }
    found
}

/// `- a`, `* a`, `1. a`, `1) a`
fn is_list_item(line: &str) -> bool {
    let line = line.trim_start();
    let after_digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = line.len() - after_digits.len();
    let marked = |rest: &str| rest.starts_with([' ', '\t']);
    match line.chars().next() {
        Some('-' | '*' | '\u{2022}') => line
            .get(line.chars().next().map_or(0, char::len_utf8)..)
            .is_some_and(marked),
        Some('0'..='9') => {
            digits <= 2
                && after_digits.starts_with(['.', ')'])
                && after_digits.get(1..).is_some_and(marked)
        }
        _ => false,
    }
}

fn split_block(text: &str, from: usize, to: usize) -> Vec<(usize, usize)> {
    let block = text.get(from..to).unwrap_or_default();
    let mut parts = Vec::new();
    let mut start = 0;
    for (i, c) in block.char_indices() {
        let next = block.get(i + c.len_utf8()..).unwrap_or_default();
        let breaks = match c {
            '.' => ends_here(block.get(start..i).unwrap_or_default(), next),
            '?' | '!' | ';' => starts_sentence(next),
            // A capital on a new line after a line without full stop: its own statement ("Hb 9.1\nMCV 71"), unless a word hangs over.
            '\n' => new_line_breaks(block.get(start..i).unwrap_or_default(), next),
            _ => false,
        };
        if breaks {
            parts.push((from + start, from + i + c.len_utf8()));
            start = i + c.len_utf8();
        }
    }
    parts.push((from + start, to));
    parts
}

/// White space, then a capital, digit or quote.
fn starts_sentence(next: &str) -> bool {
    let rest = next.trim_start();
    next.starts_with(char::is_whitespace)
        && rest.chars().next().is_some_and(|c| {
            c.is_uppercase() || c.is_ascii_digit() || matches!(c, '"' | '\'' | '“' | '‘')
        })
}

fn ends_here(before: &str, next: &str) -> bool {
    if !starts_sentence(next) {
        return false;
    }
    let word = before
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | ','))
        .next()
        .unwrap_or_default();
    let single_capital = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    let lower = word.to_lowercase();
    let number_next = next.trim_start().starts_with(|c: char| c.is_ascii_digit());
    // The number of a list item is no sentence.
    let lead = before.strip_suffix(word).unwrap_or_default().trim_end();
    let item_number = word.len() <= 2
        && !word.is_empty()
        && word.bytes().all(|b| b.is_ascii_digit())
        && (lead.is_empty() || lead.ends_with(':'));
    !(single_capital
        || item_number
        || ABBREVIATIONS.contains(&lower.as_str())
        || (lower == "no" && number_next))
}

fn new_line_breaks(before: &str, next: &str) -> bool {
    let rest = next.trim_start_matches([' ', '\t', '\r']);
    let Some(first) = rest.chars().next() else {
        return false;
    };
    // Wrapped text goes on in lower case; a capital may also go on (a name), so a line counts as ended only if it is short or ends a clause.
    let line = before.rsplit('\n').next().unwrap_or(before).trim_end();
    // A line that introduces what follows it goes on from nothing.
    let next_line = rest.lines().next().unwrap_or_default().trim_end();
    let introduces = first.is_uppercase() && next_line.ends_with(':');
    (first.is_uppercase() || first.is_ascii_digit())
        && !line.ends_with([',', '-', '/', '('])
        && (line.chars().count() < 60 || introduces)
        && !ends_with_joining_word(line)
}

fn ends_with_joining_word(line: &str) -> bool {
    const JOINING: [&str; 22] = [
        "the", "a", "an", "of", "in", "and", "or", "with", "to", "for", "by", "on", "at", "no",
        "is", "was", "dr.", "mr.", "mrs.", "ms.", "from", "st.",
    ];
    let last = line
        .split_whitespace()
        .next_back()
        .unwrap_or_default()
        .to_lowercase();
    JOINING.contains(&last.as_str())
}

fn push_limited(text: &str, start: usize, end: usize, found: &mut Vec<Sentence>) {
    let part = text.get(start..end).unwrap_or_default();
    if part.len() <= MAX_BYTES && part.split_whitespace().nth(MAX_TOKENS).is_none() {
        return push(text, start, end, found);
    }
    let mut tokens = 0;
    let mut in_token = false;
    let mut begin = start;
    let mut last_mark = None;
    for (i, c) in part.char_indices() {
        let token = !c.is_whitespace();
        if token && !in_token {
            tokens += 1;
        }
        in_token = token;
        if matches!(c, ';' | ',')
            && part
                .get(i + 1..)
                .is_some_and(|n| n.starts_with(char::is_whitespace))
        {
            last_mark = Some(start + i + 1);
        }
        // Text without any mark is broken too: what is read of a sentence grows with the square of its length.
        let far_too_long = start + i - begin >= MAX_BYTES || (tokens >= 2 * MAX_TOKENS && !token);
        if far_too_long && last_mark.is_none() {
            last_mark = Some(start + i);
        }
        if (tokens >= MAX_TOKENS || far_too_long)
            && let Some(mark) = last_mark.take()
        {
            push(text, begin, mark, found);
            begin = mark;
            tokens = text
                .get(begin..=start + i)
                .map_or(0, |t| t.split_whitespace().count());
        }
    }
    push(text, begin, end, found);
}

fn push(text: &str, start: usize, end: usize, found: &mut Vec<Sentence>) {
    let part = text.get(start..end).unwrap_or_default();
    let from = start + (part.len() - part.trim_start().len());
    let length = part.trim().len();
    if length > 0 {
        found.push(TextSpan {
            start: from as u64,
            end: (from + length) as u64,
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = sentences(text)
            .iter()
            .map(|s| {
                text.get(usize::try_from(s.start).unwrap()..usize::try_from(s.end).unwrap())
                    .unwrap()
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn full_stops_end_sentences_and_abbreviations_do_not() {
        check("No mass. Heart normal.", &["No mass.", "Heart normal."]);
        check(
            "Seen by Dr. Smith. Stable.",
            &["Seen by Dr. Smith.", "Stable."],
        );
        check(
            "J. Doe was seen. 5 mm nodule.",
            &["J. Doe was seen.", "5 mm nodule."],
        );
        check(
            "Dose 2.5 mg p.o. Daily use.",
            &["Dose 2.5 mg p.o. Daily use."],
        );
        check(
            "See Fig. 3 and No. 4. No. Bleeding.",
            &["See Fig. 3 and No. 4.", "No.", "Bleeding."],
        );
        check(
            "e.g. Aspirin; Then \"quoted\"! Why? Because.",
            &["e.g. Aspirin;", "Then \"quoted\"!", "Why?", "Because."],
        );
        check(
            "temp. 38.5, Hb. 9.1 today. then lower",
            &["temp. 38.5, Hb. 9.1 today. then lower"],
        );
    }

    #[test]
    fn blank_lines_lists_and_headers_end_sentences_and_wrapped_lines_join() {
        check("one\n\ntwo", &["one", "two"]);
        check(
            "- one\n- two\n* three\n1. four\n2) five",
            &["- one", "- two", "* three", "1. four", "2) five"],
        );
        check(
            "there is a small\nnodule in the lobe",
            &["there is a small\nnodule in the lobe"],
        );
        check("Impression\nNo mass", &["Impression", "No mass"]);
        let long =
            "- a depression screening that uses the two questions of the health questionnaire";
        check(
            &format!("{long}\nThe following was prescribed:\n- ibuprofen"),
            &[long, "The following was prescribed:", "- ibuprofen"],
        );
        check(
            "FINDINGS: clear\nIMPRESSION: normal",
            &["FINDINGS: clear", "IMPRESSION: normal"],
        );
    }

    #[test]
    fn the_number_of_an_item_belongs_to_it_behind_a_header_too() {
        check(
            "IMPRESSION: 1. Left mass.\n2. Effusion.",
            &["IMPRESSION: 1. Left mass.", "2. Effusion."],
        );
        check("It measures 5. Stable.", &["It measures 5.", "Stable."]);
    }

    #[test]
    fn text_without_marks_is_broken_too() {
        for text in ["word ".repeat(2000), "w/".repeat(20_000)] {
            let found = sentences(&text);
            assert!(found.len() >= 9, "{}", found.len());
            assert!(found.iter().all(|s| s.end - s.start <= 4100));
        }
    }

    #[test]
    fn a_very_long_sentence_breaks_at_a_comma() {
        let text = "word, ".repeat(200);
        let found = sentences(&text);
        assert!(found.len() >= 2);
        for s in &found {
            let part = text
                .get(usize::try_from(s.start).unwrap()..usize::try_from(s.end).unwrap())
                .unwrap();
            assert!(
                part.split_whitespace().count() <= MAX_TOKENS,
                "{}",
                part.split_whitespace().count()
            );
        }
    }
}
