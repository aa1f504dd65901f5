//! Escape sequences of text. HL7 v2 chapter 2, "Use of escape sequences in text fields".

use super::segments::Delimiters;

/// Text without escape sequences.
pub(super) struct Plain {
    pub text: String,
    /// What the sender wanted highlighted: the words stay in the text.
    pub highlighted: Vec<String>,
}

/// Resolves every sequence that is known; one that is not stays as it is written, because it may be text.
pub(super) fn plain(raw: &str, delimiters: &Delimiters) -> Plain {
    let mut out = Out {
        text: String::with_capacity(raw.len()),
        highlighted: Vec::new(),
        open: None,
    };
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once(delimiters.escape) {
        out.text.push_str(before);
        rest = match after.split_once(delimiters.escape) {
            Some((code, behind)) if out.apply(code, delimiters) => behind,
            _ => {
                out.text.push(delimiters.escape);
                after
            }
        };
    }
    out.text.push_str(rest);
    out.close();
    Plain {
        text: out.text,
        highlighted: out.highlighted,
    }
}

struct Out {
    text: String,
    highlighted: Vec<String>,
    open: Option<usize>,
}

impl Out {
    fn apply(&mut self, code: &str, d: &Delimiters) -> bool {
        match code {
            "F" => self.text.push(d.field),
            "S" => self.text.push(d.component),
            "T" => self.text.push(d.subcomponent),
            "R" => self.text.push(d.repetition),
            "E" => self.text.push(d.escape),
            "H" => self.open = Some(self.text.len()),
            "N" => self.close(),
            _ => {
                if let Some(command) = code.strip_prefix('.') {
                    return self.format(command);
                }
                let Some(text) = code.strip_prefix('X').and_then(hexadecimal) else {
                    return false;
                };
                self.text.push_str(&text);
            }
        }
        true
    }

    fn close(&mut self) {
        let words = self.open.take().and_then(|from| self.text.get(from..));
        if let Some(words) = words.map(str::trim).filter(|w| !w.is_empty()) {
            self.highlighted.push(words.to_owned());
        }
    }

    fn format(&mut self, command: &str) -> bool {
        let name = command.get(..2).unwrap_or_default().to_ascii_lowercase();
        let number = command.get(2..).unwrap_or_default();
        let count = || {
            number
                .trim_start_matches('+')
                .parse::<usize>()
                .unwrap_or(1)
                .min(64)
        };
        match name.as_str() {
            "br" | "ce" => self.text.push('\n'),
            "sp" => self.text.extend(std::iter::repeat_n('\n', count().max(1))),
            "sk" => self.text.extend(std::iter::repeat_n(' ', count())),
            "in" | "ti" | "fi" | "nf" => {}
            _ => return false,
        }
        true
    }
}

/// Characters written as hexadecimal bytes; carriage returns become line feeds. `None` for what is no text.
fn hexadecimal(digits: &str) -> Option<String> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return None;
    }
    let bytes: Vec<u8> = (0..digits.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(digits.get(i..i + 2)?, 16).ok())
        .collect::<Option<_>>()?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => encoding_rs::WINDOWS_1252
            .decode_without_bom_handling(e.as_bytes())
            .0
            .into_owned(),
    };
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    (!text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\t')))
    .then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, text: &str, highlighted: &[&str]) {
        let delimiters = Delimiters::of(b"MSH|^~\\&|").unwrap();
        let read = plain(raw, &delimiters);
        assert_eq!(
            (read.text.as_str(), read.highlighted),
            (text, highlighted.iter().map(|s| (*s).to_owned()).collect())
        );
    }

    #[test]
    fn sequences_become_what_they_stand_for() {
        check(r"A \T\ B \F\\S\\R\\E\", r"A & B |^~\", &[]);
        check(r"a\.br\b\.sp2\c", "a\nb\n\nc", &[]);
        check(r"\H\No\N\ effusion", "No effusion", &["No"]);
        check(r"x\X0D\y\X0d0a\z", "x\ny\nz", &[]);
        check(r"\XB5\g \XC2B5\g", "µg µg", &[]);
    }

    #[test]
    fn what_is_no_sequence_stays_as_written() {
        check(r"C:\temp\new", r"C:\temp\new", &[]);
        check(r"ends with \", r"ends with \", &[]);
        check(
            r"\X00\ \XZZ\ \Zlocal\ \C2842\",
            r"\X00\ \XZZ\ \Zlocal\ \C2842\",
            &[],
        );
    }
}
