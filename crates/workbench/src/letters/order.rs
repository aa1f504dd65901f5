//! Right-to-left words on a line that is filled from the left (Unicode Standard Annex 9).

use std::borrow::Cow;

use unicode_bidi::{BidiClass, BidiInfo, bidi_class};

/// Has letters that are read from right to left.
#[must_use]
pub fn reads_from_right(text: &str) -> bool {
    // Hebrew is the first of them.
    let may = |c: char| c >= '\u{590}' && matches!(bidi_class(c), BidiClass::R | BidiClass::AL);
    !text.is_ascii() && text.chars().any(may)
}

/// One line of `text` in the order in which its stretches stand from left to right, for a layout that shapes a stretch of right-to-left
/// letters by itself but sets stretches side by side as they come. The letters inside such a stretch stay in the order of reading.
///
/// `שרון, דבורה` becomes `דבורה ,שרון`: the surname is at the right, where reading begins.
#[must_use]
pub fn visual(text: &str) -> Cow<'_, str> {
    if !reads_from_right(text) {
        return Cow::Borrowed(text);
    }
    let info = BidiInfo::new(text, None);
    let mut line = String::with_capacity(text.len());
    for paragraph in &info.paragraphs {
        let (levels, runs) = info.visual_runs(paragraph, paragraph.range.clone());
        for run in runs {
            let is_rtl = levels.get(run.start).is_some_and(|l| l.is_rtl());
            let words = text.get(run).unwrap_or_default();
            if is_rtl {
                turned(words, &mut line);
            } else {
                line.push_str(words);
            }
        }
    }
    Cow::Owned(line)
}

/// Letters of a right-to-left stretch, with the marks that sit on them: what one typeface shapes as a whole.
fn is_letter(c: char) -> bool {
    let class = bidi_class(c);
    matches!(class, BidiClass::R | BidiClass::AL | BidiClass::NSM)
}

/// Appends the parts of a right-to-left stretch from the last to the first; what stands between words is turned letter by letter.
fn turned(words: &str, line: &mut String) {
    let mut parts: Vec<(bool, Vec<char>)> = Vec::new();
    for c in words.chars() {
        let letter = is_letter(c);
        match parts.last_mut() {
            Some((of_letters, part)) if *of_letters == letter => part.push(c),
            _ => parts.push((letter, vec![c])),
        }
    }
    for (of_letters, part) in parts.into_iter().rev() {
        if of_letters {
            line.extend(part);
        } else {
            line.extend(part.into_iter().rev().map(mirrored));
        }
    }
}

fn mirrored(c: char) -> char {
    match c {
        '(' => ')',
        ')' => '(',
        '[' => ']',
        ']' => '[',
        '<' => '>',
        '>' => '<',
        '«' => '»',
        '»' => '«',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surnames_of_right_to_left_names_stand_at_the_right() {
        for (text, line) in [
            ("HYATT, Neva", "HYATT, Neva"),
            ("שרון, דבורה", "דבורה ,שרון"),
            ("قباني, لنزار", "لنزار ,قباني"),
            ("דבורה (שרון)", "(שרון) דבורה"),
            // A line that begins in Latin goes on to the right of it.
            ("SHARON (שרון, דבורה) F", "SHARON (דבורה ,שרון) F"),
            // Figures are read from the left even there.
            ("גיל 69", "69 גיל"),
        ] {
            assert_eq!(visual(text), line, "{text}");
        }
    }

    #[test]
    fn nothing_is_lost() {
        let text = "שרון, דבורה (69) MRN 12-34";
        let sorted = |t: &str| {
            let mut all: Vec<char> = t.chars().collect();
            all.sort_unstable();
            all
        };
        assert_eq!(sorted(&visual(text)).len(), sorted(text).len());
        assert!(reads_from_right(text) && !reads_from_right("ΔΙΟΝΥΣΙΟΣ 山田"));
    }
}
