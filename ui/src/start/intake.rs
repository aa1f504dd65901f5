//! Where files are dropped, how far an import is, and what was refused.

use egui::{Align, CornerRadius, Id, Rect, ScrollArea, Stroke, Ui, pos2, vec2};
use triptych_workbench::Command;
use triptych_workbench::view::ImportView;

use crate::look::icon::Icon;
use crate::look::mark;
use crate::look::typeface::{self as f, sz};
use crate::look::widget::Weight;
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::words::{count, w, wf};

/// Where files are dropped; what is left under it, and nothing while something is dragged over the window.
/// `small` is for a page that has more to show.
pub(super) fn drop_zone(ui: &Ui, rect: Rect, small: bool) -> Option<Rect> {
    let p = ui.painter();
    let inner = Rect::from_min_max(rect.min + vec2(16.0, 16.0), rect.max - vec2(16.0, 0.0));
    let over = ui.input(|i| !i.raw.hovered_files.is_empty());
    let height = match (over, small) {
        (true, _) => inner.height() - 16.0,
        (false, false) => 132.0,
        (false, true) => sz(76.0),
    };
    let zone = Rect::from_min_size(inner.min, vec2(inner.width(), height));
    p.rect_filled(zone, CornerRadius::same(t::RADIUS_FLOATING), t::SELECTED);
    mark::dashed_rect(p, zone, Stroke::new(1.0, t::ACCENT), 3.0, 3.0);
    let c = zone.center();
    let lines = if small && !over {
        [-20.0, 1.0, 20.0].map(sz)
    } else {
        Icon::Down.paint(p, pos2(c.x, c.y - 34.0), 22.0, t::ACCENT);
        [-2.0, 20.0, 40.0]
    };
    for ((key, font, ink), y) in [
        ("start.drop", f::strong(), t::VALUE),
        ("start.drop_kinds", f::small(), t::LABEL),
        ("start.drop_command", f::small(), t::LABEL),
    ]
    .into_iter()
    .zip(lines)
    {
        text::center(p, c.x, c.y + y, w(key), font, ink);
    }
    text::spoken(ui, "drop", zone, w("start.drop"));
    (!over).then(|| Rect::from_min_max(pos2(rect.left(), zone.bottom()), rect.max))
}

/// What an import needs at least: its progress, and some of what was refused.
pub(super) fn least_height(import: &ImportView) -> f32 {
    let quiet = import.refused.is_empty() && import.conflicts.is_empty();
    sz(if quiet { 150.0 } else { 260.0 })
}

/// Progress of an import, and what was refused.
pub(super) fn report(ui: &mut Ui, rect: Rect, import: &ImportView, out: &mut Out) {
    let p = ui.painter().clone();
    let inner = rect.shrink2(vec2(16.0, 0.0));
    let mut y = rect.top() + 22.0;
    let mut title_right = inner.right();
    if !import.finished {
        let width = widget::button_width(ui, w("start.cancel"));
        let button = Rect::from_min_size(
            pos2(inner.right() - width, y - 2.0),
            vec2(width, sz(t::BUTTON)),
        );
        if widget::button_at(
            ui,
            Id::unique("cancel import"),
            button,
            w("start.cancel"),
            Weight::Plain,
        )
        .clicked()
        {
            out.send(Command::CancelImport);
        }
        title_right = button.left() - 12.0;
    }
    let title = if import.cancelled {
        wf("start.cancelled", &[("what", &import.title)])
    } else if import.finished {
        wf("start.imported", &[("what", &import.title)])
    } else {
        wf("start.importing", &[("what", &import.title)])
    };
    let room = Rect::from_min_max(pos2(inner.left(), y), pos2(title_right, y + 20.0));
    text::label(
        ui,
        "import title",
        room,
        &title,
        f::title(),
        t::VALUE,
        Align::Min,
    );
    y += 32.0;
    let share = if import.finished {
        1.0
    } else {
        import.done as f32 / import.total.max(1) as f32
    };
    let files = wf(
        "start.files",
        &[("n", &count(import.done)), ("all", &count(import.total))],
    );
    let bar = Rect::from_min_size(pos2(inner.left(), y), vec2(inner.width(), 6.0));
    widget::progress(ui, bar, share, &files);
    y += 19.0;
    let end = text::left(&p, inner.left(), y, &files, f::small(), t::VALUE).right();
    text::left(
        &p,
        end,
        y,
        &wf(
            "start.megabytes",
            &[("mb", &count((import.bytes / 1_000_000) as usize))],
        ),
        f::small(),
        t::LABEL,
    );
    y += 30.0;
    for (i, (key, n)) in [
        ("start.read", import.done),
        ("start.stored", import.stored),
        ("start.here", import.duplicates),
        ("start.refused", import.refused.len()),
    ]
    .into_iter()
    .enumerate()
    {
        let x = inner.left() + inner.width() / 4.0 * i as f32;
        text::left(&p, x, y, w(key), f::small(), t::LABEL);
        text::left(&p, x, y + 18.0, &count(n), f::title(), t::VALUE);
    }
    y += 44.0;
    let body = Rect::from_min_max(pos2(rect.left(), y), rect.max);
    let mut area = widget::part(ui, "refused", body);
    ScrollArea::vertical()
        .auto_shrink(false)
        .show(&mut area, |ui| {
            for (key, note, list) in [
                ("start.conflicts", "start.conflicts_note", &import.conflicts),
                ("start.refused", "start.refused_note", &import.refused),
            ] {
                if list.is_empty() {
                    continue;
                }
                let head =
                    widget::group_head(ui, w(key), &wf(note, &[("n", &count(list.len()))]), false);
                ui.add_space(4.0);
                for (i, file) in list.iter().enumerate() {
                    let width = ui.available_width() - 60.0;
                    let why = text::paragraph(
                        ui.painter(),
                        &file.reason,
                        f::body(),
                        t::BODY,
                        width,
                        4,
                        sz(18.0),
                    );
                    let (_, place) =
                        ui.allocate_space(vec2(ui.available_width(), why.size().y + sz(28.0)));
                    let x = head.left() + 38.0;
                    mark::value(
                        ui.painter(),
                        pos2(head.left() + 22.0, place.top() + sz(9.0)),
                        triptych_workbench::view::Mark::Refused,
                    );
                    let name = text::middle(ui.painter(), &file.name, f::value(), t::VALUE, width);
                    text::put(ui.painter(), name, x, place.top() + sz(9.0));
                    ui.painter()
                        .galley(pos2(x, place.top() + sz(19.0)), why, t::BODY);
                    text::spoken(
                        ui,
                        (key, i),
                        place,
                        &format!("{}: {}", file.name, file.reason),
                    );
                }
            }
        });
}
