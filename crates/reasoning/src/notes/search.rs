//! Plain search: a phrase, whatever its case, accents and line breaks.

use triptych_clinical::TextSpan;

/// All places of `phrase` in `text`, in order and not overlapping. Case and common Latin accents make no difference, any run of white
/// space matches any other; an empty phrase is nowhere.
#[must_use]
pub fn find(text: &str, phrase: &str) -> Vec<TextSpan> {
    let wanted = folded(phrase.trim());
    let wanted: Vec<char> = wanted.iter().map(|(c, _, _)| *c).collect();
    let text = folded(text);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(window) = text.get(at..at + wanted.len()).filter(|w| !w.is_empty()) {
        if window.iter().map(|(c, _, _)| c).eq(wanted.iter()) {
            if let (Some(first), Some(last)) = (window.first(), window.last()) {
                found.push(TextSpan {
                    start: first.1 as u64,
                    end: last.2 as u64,
                });
            }
            at += wanted.len();
        } else {
            at += 1;
        }
    }
    found
}

/// Characters for comparison, each with its bytes in the text.
fn folded(text: &str) -> Vec<(char, usize, usize)> {
    let mut out: Vec<(char, usize, usize)> = Vec::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        if c == '\u{200b}' || ('\u{300}'..='\u{36f}').contains(&c) {
            continue;
        }
        if c.is_whitespace() {
            match out.last_mut() {
                Some(last) if last.0 == ' ' => last.2 = end,
                _ => out.push((' ', at, end)),
            }
            continue;
        }
        out.extend(c.to_lowercase().map(|c| (plain(c), at, end)));
    }
    out
}

fn plain(c: char) -> char {
    match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ý' | 'ÿ' => 'y',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, phrase: &str, expected: &[&str]) {
        let found: Vec<&str> = find(text, phrase)
            .iter()
            .map(|s| {
                text.get(usize::try_from(s.start).unwrap_or(0)..usize::try_from(s.end).unwrap_or(0))
                    .unwrap_or("?")
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_phrase_is_found_over_case_accents_and_line_breaks() {
        check(
            "Acute KIDNEY\n  injury; kidney injury.",
            "kidney injury",
            &["KIDNEY\n  injury", "kidney injury"],
        );
        check("Sjögren, SJOGREN", "sjogren", &["Sjögren", "SJOGREN"]);
        check("aaaa", "aa", &["aa", "aa"]);
        check("text", "", &[]);
        check("", "text", &[]);
        check("no such words", "wordsmith", &[]);
    }
}
