//! Header and status bar: who this is, as of when, which desk, what computes; and that this is no medical device.

use egui::{Align, CornerRadius, Id, Rect, Role, Stroke, StrokeKind, Ui, pos2, vec2};
use triptych_workbench::view::{Banner, MachineView, Notice, PatientView};
use triptych_workbench::{Command, letters};

use crate::desk::Desk;
use crate::look::icon::{self, Icon};
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::words::{w, wf};

/// What the header shows of the page.
pub(crate) enum Who<'a> {
    Nobody,
    Patient(&'a PatientView),
}

/// What was clicked in the header.
#[derive(Default)]
pub(crate) struct Clicked {
    pub desk: Option<Desk>,
    /// The search field: the palette.
    pub palette: bool,
    pub commands: Vec<Command>,
}

/// Paints the header. Where the window has only one desk there is none to choose: `desk` is `None`.
pub(crate) fn header(
    ui: &mut Ui,
    rect: Rect,
    who: &Who<'_>,
    desk: Option<Desk>,
    machine: &MachineView,
    renderer: &str,
    narrow: bool,
) -> Clicked {
    let mut clicked = Clicked::default();
    let ui = &widget::region(ui, "header", rect, w("header.name"));
    ui.painter().rect_filled(rect, 0.0, t::PANEL);
    ui.painter().hline(
        rect.x_range(),
        rect.bottom() - 0.5,
        Stroke::new(1.0, t::HAIR),
    );
    let y = rect.center().y;
    let right = right_side(ui, rect, who, desk, machine, renderer, &mut clicked);
    let right = search(ui, right, y, narrow, &mut clicked);

    let mark = Rect::from_center_size(pos2(rect.left() + 21.0, y), vec2(sz(16.0), sz(16.0)));
    let home = Rect::from_center_size(mark.center(), vec2(28.0, 28.0));
    let back = widget::clickable(
        ui,
        Id::unique("home"),
        home,
        Role::Button,
        w("header.patients"),
    );
    if back.hovered() {
        ui.painter()
            .rect_filled(home, CornerRadius::same(t::RADIUS), t::HOVER);
    }
    icon::program(ui.painter(), mark);
    widget::focus_ring(ui, &back, home, t::RADIUS);
    if widget::hover(back, w("header.patients")).clicked() {
        clicked.commands.push(Command::ShowStart);
    }
    let mut x = mark.right() + 13.0;
    if !narrow {
        x = text::left(ui.painter(), x, y, w("program.name"), f::strong(), t::VALUE).right() + 12.0;
    }
    rule(ui, x, y);
    x += 13.0;
    match who {
        Who::Nobody => {
            text::label(
                ui,
                "nobody",
                Rect::from_min_max(pos2(x, rect.top()), pos2(right, rect.bottom())),
                w("header.nobody"),
                f::body(),
                t::LABEL,
                Align::Min,
            );
        }
        Who::Patient(patient) => identity(ui, x, y, right, &patient.banner),
    }
    clicked
}

fn rule(ui: &Ui, x: f32, y: f32) {
    ui.painter().vline(
        x.round() + 0.5,
        y - 8.0..=y + 8.0,
        Stroke::new(1.0, t::LINE),
    );
}

/// Name, sex, birth date, age, identifier, allergies. Only the name, the allergies and a very long identifier give way, and they show whole on
/// hover.
fn identity(ui: &Ui, left: f32, y: f32, right: f32, b: &Banner) {
    let p = ui.painter();
    let id_kind = if b.identifier_kind.is_empty() {
        w("header.identifier")
    } else {
        &b.identifier_kind
    };
    // What is never shortened, measured first.
    let fixed = [
        text::width(p, &b.sex, f::body()) + 8.0,
        text::width(p, &b.birth_date, f::value()) + 8.0,
        text::width(p, &b.age, f::body()) + 26.0,
        text::width(p, id_kind, f::body()) + 8.0,
        text::width(p, &b.identifier, f::value()) + 26.0,
    ];
    let synthetic = if b.synthetic {
        text::width(p, w("header.synthetic"), f::small()) + 24.0
    } else {
        0.0
    };
    let room = right - left - fixed.iter().sum::<f32>() - synthetic - 12.0;
    let name = text::middle(p, &b.name, f::title(), t::VALUE, room.max(60.0));
    let name_width = name.size().x;
    let name_rect = text::put(p, name, left, y);
    let spoken = wf(
        "header.spoken",
        &[
            ("name", &b.name),
            ("sex", &b.sex),
            ("born", &b.birth_date),
            ("age", &b.age),
            ("kind", &id_kind),
            ("id", &b.identifier),
            ("allergies", &b.allergies),
        ],
    );
    let mut hover = spoken.clone();
    for linked in &b.linked {
        hover.push('\n');
        hover.push_str(&wf("header.linked", &[("record", linked)]));
    }
    let mut x = left + name_width + 8.0;
    for (words, font, ink, gap) in [
        (b.sex.as_str(), f::body(), t::BODY, 8.0),
        (b.birth_date.as_str(), f::value(), t::VALUE, 8.0),
        (b.age.as_str(), f::body(), t::LABEL, 0.0),
    ] {
        x = text::left(p, x, y, words, font, ink).right() + gap;
    }
    x += 12.0;
    rule(ui, x, y);
    x += 13.0;
    x = text::left(p, x, y, id_kind, f::body(), t::LABEL).right() + 8.0;
    // Allergies are owed a place: an identifier as long as a UUID gives way to them in its middle.
    let head = text::width(p, w("header.allergies"), f::body());
    let owed = head + 41.0 + text::width(p, &b.allergies, f::value()).min(120.0);
    let room = (right - x - owed - synthetic).max(120.0);
    let identifier = text::middle(p, &b.identifier, f::value(), t::VALUE, room);
    x = text::put(p, identifier, x, y).right();
    if b.synthetic {
        x = widget::chip(ui, x + synthetic, y, w("header.synthetic"), t::LABEL).right();
    }
    let whole = Rect::from_min_max(pos2(name_rect.left(), y - 14.0), pos2(x, y + 14.0));
    widget::hover(text::spoken(ui, "identity", whole, &spoken), &hover);
    x += 12.0;
    if right - x > head + 60.0 {
        rule(ui, x, y);
        x += 13.0;
        x = text::left(p, x, y, w("header.allergies"), f::body(), t::LABEL).right() + 8.0;
        let rect = Rect::from_min_max(pos2(x, y - 14.0), pos2(right - 8.0, y + 14.0));
        let shown = whole_names(&b.allergies, |words| {
            text::width(p, words, f::value()) <= rect.width()
        });
        let drawn = text::line(p, &shown, f::value(), t::VALUE, rect.width());
        text::put(p, drawn, x, y);
        let response = text::spoken(ui, "allergies", rect, &b.allergies);
        if shown != b.allergies {
            widget::hover(response, &b.allergies);
        }
    }
}

/// As many names of a list as fit, each whole, and how many more there are: `grass pollen, mould + 6 more`.
fn whole_names(all: &str, fits: impl Fn(&str) -> bool) -> String {
    let names: Vec<&str> = all.split(", ").collect();
    let shown = |n: usize| match names.len().saturating_sub(n) {
        0 => all.to_owned(),
        more => wf(
            "header.allergies_more",
            &[
                ("names", &names.get(..n).unwrap_or_default().join(", ")),
                ("n", &more),
            ],
        ),
    };
    let most = (1..=names.len()).rev().map(shown).find(|words| fits(words));
    most.unwrap_or_else(|| shown(1))
}

/// The field that opens the palette: 250 wide, an icon where there is no room; the left edge of what it takes.
fn search(ui: &Ui, right: f32, y: f32, narrow: bool, clicked: &mut Clicked) -> f32 {
    let h = sz(t::BUTTON);
    let width = if narrow { sz(32.0) } else { 250.0 };
    let place = Rect::from_min_max(
        pos2((right - width).round(), y - h / 2.0),
        pos2(right, y + h / 2.0),
    );
    let response = widget::clickable(
        ui,
        Id::unique("search"),
        place,
        Role::Button,
        w("header.search_name"),
    );
    let fill = if response.hovered() {
        t::HOVER
    } else {
        t::RAISED
    };
    let corner = CornerRadius::same(t::RADIUS);
    let p = ui.painter();
    p.rect(
        place,
        corner,
        fill,
        Stroke::new(1.0, t::LINE),
        StrokeKind::Inside,
    );
    if narrow {
        Icon::Search.paint(p, place.center(), sz(14.0), t::LABEL);
    } else {
        Icon::Search.paint(p, pos2(place.left() + 15.0, y), sz(14.0), t::LABEL);
        let cap = widget::key_cap(ui, place.right() - 4.0, y, w("header.search_key"));
        let room = cap.left() - 6.0 - (place.left() + 28.0);
        let galley = text::line(p, w("header.search"), f::small(), t::LABEL, room);
        text::put(p, galley, place.left() + 28.0, y);
    }
    widget::focus_ring(ui, &response, place, t::RADIUS);
    if widget::hover(response, w("header.search_name")).clicked() {
        clicked.palette = true;
    }
    place.left() - 16.0
}

/// Processor state, desks, index time: painted from the right; the left edge of what they take.
fn right_side(
    ui: &Ui,
    rect: Rect,
    who: &Who<'_>,
    desk: Option<Desk>,
    machine: &MachineView,
    renderer: &str,
    clicked: &mut Clicked,
) -> f32 {
    let y = rect.center().y;
    let p = ui.painter();
    let mut x = rect.right() - 12.0;
    let processor = if machine.processor.is_empty() {
        w("header.local")
    } else {
        &machine.processor
    };
    let words = text::right(p, x, y, processor, f::small(), t::LABEL);
    x = words.left() - 13.0;
    Icon::Window.paint(p, pos2(x, y), sz(12.0), t::LABEL);
    let state = Rect::from_min_max(pos2(x - 8.0, y - 12.0), pos2(words.right(), y + 12.0));
    let said = text::spoken(ui, "processor", state, processor);
    let reason = wf(
        "header.processor_hover",
        &[
            ("reason", &machine.processor_reason),
            ("renderer", &renderer),
        ],
    );
    widget::hover(said, reason.trim());
    x -= 22.0;
    let Who::Patient(patient) = who else { return x };

    if let Some(desk) = desk {
        x = desks(ui, pos2(x, y), desk, clicked).left() - 12.0;
    }

    // Index time.
    let said = patient.at_text.as_str();
    let (word, time) = ["as of", "now"]
        .into_iter()
        .find_map(|word| Some((word, said.strip_prefix(word)?.trim_start())))
        .unwrap_or(("", said));
    let width = text::width(p, word, f::small()) + text::width(p, time, f::small_medium()) + 26.0;
    let h = sz(t::BUTTON);
    let chip = Rect::from_min_max(pos2((x - width).round(), y - h / 2.0), pos2(x, y + h / 2.0));
    let (fill, edge) = if patient.at_is_now {
        (t::PANEL, t::LINE)
    } else {
        (t::ASOF, t::ASOFLINE)
    };
    p.rect(
        chip,
        CornerRadius::same(t::RADIUS),
        fill,
        Stroke::new(1.0, edge),
        StrokeKind::Inside,
    );
    let after = text::left(p, chip.left() + 9.0, y, word, f::small(), t::LABEL).right();
    text::left(p, after + 7.0, y, time, f::small_medium(), t::VALUE);
    widget::hover(
        text::spoken(ui, "index time", chip, &patient.at_text),
        w("header.index_time"),
    );
    chip.left() - 16.0
}

/// The desks as two words in one frame, up to `right`.
fn desks(ui: &Ui, right: egui::Pos2, desk: Desk, clicked: &mut Clicked) -> Rect {
    let h = sz(t::BUTTON);
    let (a, b) = (w("desk.reading"), w("desk.rounds"));
    let (wa, wb) = (
        widget::button_width(ui, a) - 2.0,
        widget::button_width(ui, b) - 2.0,
    );
    let frame = Rect::from_min_max(
        pos2((right.x - wa - wb).round(), right.y - h / 2.0),
        pos2(right.x, right.y + h / 2.0),
    );
    for (words, which, left, width) in [
        (a, Desk::Reading, frame.left(), wa),
        (b, Desk::Rounds, frame.left() + wa, wb),
    ] {
        let part = Rect::from_min_size(pos2(left, frame.top()), vec2(width, h));
        let on = desk == which;
        let response = ui.interact(part, Id::unique(("desk", words)), egui::Sense::click());
        response.widget_info(|| egui::WidgetInfo::selected(Role::Button, true, on, words));
        let fill = if on {
            t::PRESSED
        } else if response.hovered() {
            t::HOVER
        } else {
            t::PANEL
        };
        ui.painter()
            .rect_filled(part, CornerRadius::same(t::RADIUS), fill);
        text::center(
            ui.painter(),
            part.center().x,
            right.y,
            words,
            f::small_medium(),
            if on { t::VALUE } else { t::BODY },
        );
        widget::focus_ring(ui, &response, part, t::RADIUS);
        if response.clicked() {
            clicked.desk = Some(which);
        }
    }
    ui.painter().rect_stroke(
        frame,
        CornerRadius::same(t::RADIUS),
        Stroke::new(1.0, t::LINE),
        StrokeKind::Inside,
    );
    frame
}

/// The strip under the header while the index time is not now (D-36).
pub(crate) fn as_of_strip(ui: &mut Ui, rect: Rect, patient: &PatientView) -> bool {
    let ui = &widget::region(ui, "as of", rect, w("asof.name"));
    let p = ui.painter();
    p.rect_filled(rect, 0.0, t::ASOF);
    let y = rect.center().y;
    let words = widget::button_width(ui, w("asof.back"));
    let button = Rect::from_min_size(
        pos2(rect.right() - words - 12.0, y - sz(t::BUTTON) / 2.0),
        vec2(words, sz(t::BUTTON)),
    );
    let back = widget::button_at(
        ui,
        Id::unique("back to now"),
        button,
        w("asof.back"),
        widget::Weight::Plain,
    );
    widget::key_cap(ui, button.left() - 8.0, y, w("asof.key"));
    let mut said = patient.at_text.clone();
    if let Some(first) = said.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    let x = text::left(p, rect.left() + 12.0, y, &said, f::strong(), t::VALUE).right() + 14.0;
    let x = text::left(p, x, y, w("asof.known_then"), f::body(), t::VALUE).right() + 14.0;
    let rest = Rect::from_min_max(
        pos2(x, rect.top()),
        pos2(button.left() - 90.0, rect.bottom()),
    );
    text::label(
        ui,
        "as of words",
        rest,
        w("asof.words"),
        f::small(),
        t::VALUE,
        Align::Min,
    );
    back.clicked()
}

/// Paints the status bar. `middle` is what the page says of itself; a notice takes its place until dismissed.
pub(crate) fn status(
    ui: &mut Ui,
    rect: Rect,
    middle: &str,
    notices: &[Notice],
    machine: &MachineView,
) -> Vec<Command> {
    let mut commands = Vec::new();
    let ui = &widget::region(ui, "status", rect, w("status.name"));
    let p = ui.painter();
    p.rect_filled(rect, 0.0, t::PANEL);
    p.hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, t::HAIR));
    let y = rect.center().y;
    let said = text::left(
        p,
        rect.left() + 12.0,
        y,
        w("status.investigational"),
        f::small_medium(),
        t::VALUE,
    );
    text::spoken(ui, "investigational", said, w("status.investigational"));
    let right = text::right(
        p,
        rect.right() - 12.0,
        y,
        &machine.archive,
        f::small(),
        t::LABEL,
    );
    let mut room = Rect::from_min_max(
        pos2(said.right() + 16.0, rect.top()),
        pos2(right.left() - 16.0, rect.bottom()),
    );
    let missing = letters::missing();
    if !missing.is_empty() {
        let words = wf("status.no_letters", &[("letters", &missing)]);
        let at = text::right(p, room.right(), y, &words, f::small(), t::AMBER);
        text::spoken(ui, "no letters", at, &words);
        room.max.x = at.left() - 16.0;
    }
    let Some(notice) = notices.last() else {
        text::label(ui, "status", room, middle, f::small(), t::LABEL, Align::Min);
        return commands;
    };
    if notice.is_error {
        Icon::Warning.paint(p, pos2(room.left() + 7.0, y), sz(14.0), t::AMBER);
        room.min.x += 20.0;
    }
    let dismiss = text::width(p, w("status.dismiss"), f::small());
    room.max.x -= dismiss + 16.0;
    let width = text::width(p, &notice.text, f::small()).min(room.width());
    text::label(
        ui,
        "notice",
        room,
        &notice.text,
        f::small(),
        t::VALUE,
        Align::Min,
    );
    let id = Id::unique(("dismiss", notice.id));
    if widget::link_at(ui, id, room.left() + width + 12.0, y, w("status.dismiss")).clicked() {
        commands.push(Command::Dismiss(notice.id));
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::whole_names;

    /// A name that is cut in its middle could be another one: those that do not fit are counted.
    #[test]
    fn allergies_are_shown_whole_or_counted() {
        let within = |n: usize| move |words: &str| words.chars().count() <= n;
        let all = "penicillin, grass pollen, mould";
        assert_eq!(whole_names(all, within(40)), all);
        assert_eq!(whole_names(all, within(30)), "penicillin, grass pollen + 1");
        assert_eq!(whole_names(all, within(20)), "penicillin + 2");
        assert_eq!(whole_names(all, within(3)), "penicillin + 2");
        assert_eq!(whole_names("no record", within(3)), "no record");
    }
}
