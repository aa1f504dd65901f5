//! Where everything stands on the page. Signals have the width of the page; below them labs at the left, lists at the right; what was
//! evaluated, with what, and what is missing at the foot. What does not fit is counted where it would have stood.

use super::content::{Content, FootLine, SignalLine};
use super::face::{self, Face};
use super::labs;
use super::lists::{self, Section};
use super::marks;
use super::sheet::{HEIGHT, Ink, Sheet, Style, WIDTH};

pub(super) const LEFT: f32 = 32.0;
pub(super) const RIGHT: f32 = WIDTH - 32.0;
const TOP: f32 = 30.0;
const BOTTOM: f32 = HEIGHT - 26.0;
/// Width of the labs.
pub(super) const LABS_WIDTH: f32 = 362.0;
/// Between labs and lists.
const GAP: f32 = 12.0;
/// Most of the room between head and foot that signals take.
const SIGNALS: f32 = 0.55;

pub(super) const NAME: Style = Style::new(Face::Strong, 16.0, 0);
pub(super) const HEAD: Style = Style::new(Face::Strong, 8.5, 0);
pub(super) const BODY: Style = Style::new(Face::Regular, 8.0, 0);
pub(super) const VALUE: Style = Style::new(Face::Medium, 8.0, 0);
pub(super) const STRONG: Style = Style::new(Face::Strong, 8.0, 0);
pub(super) const SMALL: Style = Style::new(Face::Regular, 7.0, 70);
const LABEL: Style = Style::new(Face::Medium, 7.0, 40);
const FOOT: Style = Style::new(Face::Regular, 6.8, 40);
const FOOT_LABEL: Style = Style::new(Face::Strong, 6.8, 0);

/// Thin and thick rules.
pub(super) const HAIR: Ink = Ink::line(0.4, 150);
const RULE: Ink = Ink::line(0.9, 0);

/// What stands where the foot ends, on every page (D-27).
pub(super) const SOLE_USE: &str = "Investigational. Not a medical device. Not for sole use.";

/// The page.
pub(super) fn page(content: &Content) -> Sheet {
    let mut sheet = Sheet::default();
    let top = head(&mut sheet, content);
    let (foot, foot_top) = foot(content);
    let y = signals(
        &mut sheet,
        &content.signals,
        top,
        (foot_top - top) * SIGNALS,
    );
    body(&mut sheet, content, y + 5.0, foot_top - 5.0);
    draw_foot(&mut sheet, content, &foot, foot_top);
    sheet
}

/// Who and when; where the rest begins.
fn head(sheet: &mut Sheet, content: &Content) -> f32 {
    let mut y = TOP + 5.0;
    sheet.left(LEFT, y, "Patient summary", LABEL);
    y += 18.0;
    let when = when(sheet, content, y);
    let room = when - LEFT - 14.0;
    for line in face::wrap(NAME.face, NAME.size, &content.name, room, 2) {
        sheet.left(LEFT, y, &line, NAME);
        y += 17.0;
    }
    y -= 3.5;
    y = paragraph(
        sheet,
        y,
        &content.person.join(" · "),
        BODY,
        room.min(RIGHT - LEFT),
    );
    let right = sheet.left(LEFT, y, "Allergies", LABEL);
    let room = RIGHT - right - 5.0;
    for line in face::wrap(STRONG.face, STRONG.size, &content.allergies, room, 4) {
        sheet.left(right + 5.0, y, &line, STRONG);
        y += 10.5;
    }
    for remark in &content.remarks {
        y = paragraph(sheet, y, remark, SMALL, RIGHT - LEFT);
    }
    y -= 4.0;
    sheet.line([LEFT, y], [RIGHT, y], RULE);
    y
}

fn paragraph(sheet: &mut Sheet, mut y: f32, words: &str, style: Style, width: f32) -> f32 {
    for line in face::wrap(style.face, style.size, words, width, 3) {
        sheet.left(LEFT, y, &line, style);
        y += style.size + 2.8;
    }
    y
}

/// The as-of time at the right; a frame around it where it is not the present (D-36). Its left edge.
fn when(sheet: &mut Sheet, content: &Content, y: f32) -> f32 {
    let style = Style::new(Face::Strong, 10.0, 0);
    let (first, second) = match content.past {
        true => (
            format!("As of {} (past)", content.as_of),
            "what was known then, by today's rule versions",
        ),
        false => (
            format!("As of {}", content.as_of),
            "the present when this was printed",
        ),
    };
    let width = style.width(&first).max(SMALL.width(second));
    let inset = if content.past { 7.0 } else { 0.0 };
    let right = RIGHT - inset;
    sheet.right(right, y - 4.0, &first, style);
    sheet.right(right, y + 6.5, second, SMALL);
    let left = right - width - inset;
    if content.past {
        let frame = [left, y - 17.0, RIGHT, y + 12.0];
        sheet.rect(frame, Ink::line(1.4, 0));
    }
    left
}

/// A head with a hairline below; the base line of what follows is 11 points lower.
pub(super) fn section_head(
    sheet: &mut Sheet,
    [left, right]: [f32; 2],
    top: f32,
    words: &str,
    note: &str,
) -> f32 {
    let base = top + 10.0;
    sheet.left(left, base, words, HEAD);
    if !note.is_empty() {
        sheet.right(right, base, note, SMALL);
    }
    sheet.line([left, base + 3.2], [right, base + 3.2], HAIR);
    base + 3.2
}

fn signals(sheet: &mut Sheet, all: &[SignalLine], top: f32, room: f32) -> f32 {
    const INDENT: f32 = 13.0;
    let width = RIGHT - LEFT - INDENT;
    let note = "severity by shape and word · rule@version · what it misses";
    let mut y = section_head(sheet, [LEFT, RIGHT], top + 2.0, "Signals", note);
    if all.is_empty() {
        let words = "No signal at this index time. What was evaluated, and what could not be, stands at the foot of this page.";
        sheet.left(LEFT, y + 10.0, words, BODY);
        return y + 14.0;
    }
    for (k, signal) in all.iter().enumerate() {
        let mut summary = face::wrap(BODY.face, BODY.size, &signal.summary, width, 3);
        let all_notes = signal.notes.join(" · ");
        let mut notes = face::wrap(SMALL.face, SMALL.size, &all_notes, width, 4);
        let beside = BODY.width(&signal.summary) + SMALL.width(&all_notes) + 10.0 < width;
        if beside {
            notes.clear();
            summary.truncate(1);
        }
        let height = 13.0 + 10.0 * summary.len() as f32 + 8.8 * notes.len() as f32;
        // One line is kept for what does not fit.
        if y + height + 11.0 > top + room && k > 0 {
            let words = more(all.len() - k, "signal", "signals");
            sheet.left(LEFT, y + 10.0, &words, STRONG);
            return y + 14.0;
        }
        let base = y + 11.0;
        marks::severity(sheet, [LEFT + 4.5, base - 2.8], 8.5, signal.severity);
        let x = sheet.left(LEFT + INDENT, base, signal.word, STRONG);
        sheet.left(x + 5.0, base, &signal.title, VALUE);
        sheet.right(RIGHT, base, &signal.rule, SMALL);
        y = base;
        let mut x = LEFT + INDENT;
        for line in summary {
            y += 10.0;
            x = sheet.left(LEFT + INDENT, y, &line, BODY);
        }
        if beside {
            sheet.left(x + 8.0, y, &all_notes, SMALL);
        }
        for line in notes {
            y += 8.8;
            sheet.left(LEFT + INDENT, y, &line, SMALL);
        }
        y += 2.0;
    }
    y + 2.0
}

/// `3 more results not printed`
pub(super) fn more(n: usize, one: &str, many: &str) -> String {
    format!("{n} more {} not printed", if n == 1 { one } else { many })
}

fn body(sheet: &mut Sheet, content: &Content, top: f32, bottom: f32) {
    let left = [LEFT, LEFT + LABS_WIDTH];
    let right = [LEFT + LABS_WIDTH + GAP, RIGHT];
    let [due, problems, medicines, imaging, papers] = sections(content);
    let rest = lists::height(&[&imaging, &papers], LABS_WIDTH) + 4.0;
    let labs_height = labs::height(content);
    // Short labs leave room below them: the studies and reports stand there, in wide lines.
    let below = top + labs_height + rest <= bottom;
    let labs_bottom = if below { top + labs_height } else { bottom };
    let y = labs::draw(sheet, content, left, [top, labs_bottom]);
    let mut column: Vec<&Section> = vec![&due, &problems, &medicines];
    let vitals = lists::vitals(&content.vitals);
    column.push(&vitals);
    if below {
        lists::draw(sheet, &[&imaging, &papers], left, [y + 4.0, bottom]);
    } else {
        column.extend([&imaging, &papers]);
    }
    lists::draw(sheet, &column, right, [top, bottom]);
}

fn sections(content: &Content) -> [Section; 5] {
    let (problems, medicines) = match content.dead {
        true => ("Problems at death", "Medicines at death"),
        false => ("Active problems", "Active medicines"),
    };
    [
        Section::of(
            "To follow",
            "",
            &content.due,
            "nothing found that is due",
            0,
        ),
        Section::of(
            problems,
            "since",
            &content.problems,
            "no record received",
            1,
        ),
        Section::of(
            medicines,
            "since",
            &content.medicines,
            "no record received",
            0,
        ),
        Section::of(
            "Imaging",
            "newest first",
            &content.imaging,
            "no record received",
            2,
        ),
        Section::of(
            "Reports and notes",
            "newest first",
            &content.papers,
            "none with text received",
            3,
        ),
    ]
}

/// The lines of the foot and where it begins.
fn foot(content: &Content) -> (Vec<(&'static str, Vec<String>)>, f32) {
    let lines: Vec<(&'static str, Vec<String>)> = content
        .foot
        .iter()
        .map(|line| {
            let room = RIGHT - LEFT - FOOT_LABEL.width(line.label) - 4.0;
            (line.label, fitting(line, room, 4))
        })
        .collect();
    let count: usize = lines.iter().map(|(_, l)| l.len()).sum();
    (lines, BOTTOM - 26.0 - count as f32 * 8.4)
}

/// As many items as fit in `most` lines, then how many are left out: never cut inside a name.
fn fitting(line: &FootLine, width: f32, most: usize) -> Vec<String> {
    let wrap = |words: &str| face::wrap(FOOT.face, FOOT.size, words, width, usize::MAX);
    let mut shown = line.items.len();
    loop {
        let kept = line.items.get(..shown).unwrap_or_default();
        let mut words = kept.join(line.between);
        if shown < line.items.len() {
            let left_out = line.items.len() - shown;
            words = format!("{words}{}{left_out} more not printed", line.between);
        }
        let lines = wrap(&words);
        if lines.len() <= most || shown <= 1 {
            return lines;
        }
        shown = (shown * most / lines.len()).clamp(1, shown - 1);
    }
}

fn draw_foot(
    sheet: &mut Sheet,
    content: &Content,
    lines: &[(&'static str, Vec<String>)],
    top: f32,
) {
    sheet.line([LEFT, top], [RIGHT, top], RULE);
    let mut y = top + 1.6;
    for (label, lines) in lines {
        let mut x = LEFT;
        for (k, line) in lines.iter().enumerate() {
            y += 8.4;
            if k == 0 {
                x = sheet.left(LEFT, y, label, FOOT_LABEL) + 4.0;
            }
            sheet.left(x, y, line, FOOT);
        }
    }
    y += 12.0;
    let sole = Style::new(Face::Strong, 8.0, 0);
    sheet.left(LEFT, y, SOLE_USE, sole);
    if sheet.boxes > 0 {
        let words = format!(
            "{} characters have no glyph in the type of this page: printed as empty boxes",
            sheet.boxes
        );
        sheet.right(RIGHT, y, &words, FOOT);
    }
    sheet.left(LEFT, y + 9.4, &content.made, FOOT);
}
