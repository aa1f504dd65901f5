//! A reader's search words as FTS5's expression. It is built from quoted words only: no operator of the typed text reaches the database.
//!
//! ```text
//! iron def          both words; the last one may be a beginning while it is typed
//! pneumo*           a beginning
//! "chest pain"      a phrase
//! cough near/5 fever   within five words of each other
//! ```

/// Words between two terms of `near`, at most.
const FARTHEST: u32 = 99;

/// Terms that must stand near each other; one alone has no distance.
struct Group {
    terms: Vec<String>,
    distance: u32,
}

enum Part {
    Term { words: String, is_beginning: bool },
    Near(u32),
}

/// The expression; `None` where no word can be searched for.
pub(crate) fn expression(text: &str) -> Option<String> {
    let parts = parts(text);
    let still_typed = !text.ends_with(['"', ' ', '*']);
    let mut groups: Vec<Group> = Vec::new();
    let mut near = None;
    let last = parts.len().saturating_sub(1);
    for (k, part) in parts.into_iter().enumerate() {
        match part {
            Part::Near(distance) => near = Some(distance).filter(|_| !groups.is_empty()),
            Part::Term {
                words,
                is_beginning,
            } => {
                let star = is_beginning || still_typed && k == last;
                let term = format!("\"{words}\"{}", if star { "*" } else { "" });
                match (near.take(), groups.last_mut()) {
                    (Some(distance), Some(group)) => {
                        group.terms.push(term);
                        group.distance = group.distance.max(distance);
                    }
                    _ => groups.push(Group {
                        terms: vec![term],
                        distance: 0,
                    }),
                }
            }
        }
    }
    let words: Vec<String> = groups.iter().map(Group::expression).collect();
    (!words.is_empty()).then(|| words.join(" AND "))
}

impl Group {
    fn expression(&self) -> String {
        let terms = self.terms.join(" ");
        if self.terms.len() < 2 {
            return terms;
        }
        format!("NEAR({terms}, {})", self.distance)
    }
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    for (n, piece) in text.split('"').enumerate() {
        if n % 2 == 1 {
            let words: Vec<&str> = piece.split_whitespace().filter(is_searchable).collect();
            if !words.is_empty() {
                parts.push(Part::Term {
                    words: words.join(" "),
                    is_beginning: false,
                });
            }
            continue;
        }
        if let (true, Some(Part::Term { is_beginning, .. })) =
            (piece.starts_with('*'), parts.last_mut())
        {
            *is_beginning = true;
        }
        parts.extend(piece.split_whitespace().filter(is_searchable).map(part));
    }
    parts
}

fn part(word: &str) -> Part {
    if let Some(distance) = distance(word) {
        return Part::Near(distance);
    }
    let stem = word.trim_end_matches('*');
    Part::Term {
        words: stem.to_owned(),
        is_beginning: stem.len() < word.len(),
    }
}

/// `near/5` is an operator; `near` alone is a word.
fn distance(word: &str) -> Option<u32> {
    let (name, number) = word.split_once('/')?;
    if !name.eq_ignore_ascii_case("near") {
        return None;
    }
    number.parse::<u32>().ok().map(|n| n.clamp(1, FARTHEST))
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the shape that a filter over words asks for"
)]
fn is_searchable(word: &&str) -> bool {
    word.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::expression;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(expression(text).as_deref(), expected, "{text}");
    }

    #[test]
    fn words_become_quoted_terms_and_operators_become_words() {
        check("iron def", Some("\"iron\" AND \"def\"*"));
        check("iron ", Some("\"iron\""));
        check(
            "\"chest pain\" NOT x",
            Some("\"chest pain\" AND \"NOT\" AND \"x\"*"),
        );
        check("a) OR body:(", Some("\"a)\" AND \"OR\" AND \"body:(\"*"));
        check("  \"\" * - ", None);
        check("NEAR(a b, 3) ", Some("\"NEAR(a\" AND \"b,\" AND \"3)\""));
    }

    #[test]
    fn a_star_is_a_beginning_and_near_joins_its_neighbours() {
        check("pneumo* viral ", Some("\"pneumo\"* AND \"viral\""));
        check("pneumo*", Some("\"pneumo\"*"));
        check("\"chest pa\"* x ", Some("\"chest pa\"* AND \"x\""));
        check(
            "pneumo* near/5 viral ",
            Some("NEAR(\"pneumo\"* \"viral\", 5)"),
        );
        check(
            "a NEAR/3 \"b c\" near/9 d e ",
            Some("NEAR(\"a\" \"b c\" \"d\", 9) AND \"e\""),
        );
        check("a near/100000 b ", Some("NEAR(\"a\" \"b\", 99)"));
        // An operator without two sides joins nothing; without a number it is a word.
        check("near/5 a ", Some("\"a\""));
        check("a near/5", Some("\"a\""));
        check("a near b ", Some("\"a\" AND \"near\" AND \"b\""));
        check("a near/x b ", Some("\"a\" AND \"near/x\" AND \"b\""));
    }
}
