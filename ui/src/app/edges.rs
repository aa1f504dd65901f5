//! Edges between leaves: the bar of a folded one, and grips that make one wider.

use egui::{Id, Rect, Role, Sense, Ui, pos2, vec2};
use triptych_workbench::view::PatientView;

use crate::desk::{Desk, Frame, Layout, Leaf};
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::words::{w, wf};

/// The bar of a folded leaf: its title across and a count. True when clicked.
pub(super) fn folded_leaf(ui: &mut Ui, rect: Rect, leaf: Leaf, patient: &PatientView) -> bool {
    let (title, key, count) = match leaf {
        Leaf::Images => (w("leaf.images"), "F1", patient.studies.len()),
        Leaf::Record => (
            w("leaf.record"),
            "F2",
            patient.labs.iter().map(|g| g.rows.len()).sum(),
        ),
        Leaf::Signals => (w("leaf.signals"), "F3", patient.signals.cards.len()),
    };
    let name = wf("leaf.unfold", &[("leaf", &title), ("key", &key)]);
    let response = widget::clickable(ui, Id::unique(("folded", key)), rect, Role::Button, &name);
    let p = ui.painter();
    p.rect_filled(
        rect,
        0.0,
        if response.hovered() {
            t::HOVER
        } else {
            t::PANEL
        },
    );
    text::center(
        p,
        rect.center().x,
        rect.top() + sz(16.0),
        key,
        f::small(),
        t::LABEL,
    );
    text::center(
        p,
        rect.center().x,
        rect.top() + sz(36.0),
        &count.to_string(),
        f::small_medium(),
        t::VALUE,
    );
    let galley = p.layout_no_wrap(title.to_owned(), f::strong(), t::VALUE);
    let at = pos2(
        rect.center().x + galley.size().y / 2.0,
        rect.top() + sz(52.0),
    );
    p.add(
        egui::epaint::TextShape::new(at, galley, t::VALUE).with_angle(std::f32::consts::FRAC_PI_2),
    );
    widget::focus_ring(ui, &response, rect.shrink(4.0), t::RADIUS);
    widget::hover(response, &name).clicked()
}

/// Grips over the hairlines: drag, or double click for the desk's own size.
pub(super) fn grips(ui: &Ui, frame: &Frame, layout: &mut Layout) {
    let desk = layout.desk;
    let folded = layout.folds();
    let vertical = |x: f32, rect: Rect| {
        Rect::from_center_size(pos2(x, rect.center().y), vec2(6.0, rect.height()))
    };
    let middle = match desk {
        Desk::Reading => frame.record,
        Desk::Rounds => frame.images,
    };
    let middle_folded = match desk {
        Desk::Reading => folded[1],
        Desk::Rounds => folded[0],
    };
    let first_folded = match desk {
        Desk::Reading => folded[0],
        Desk::Rounds => folded[1],
    };
    if !middle_folded && !first_folded {
        let (by, reset) = grip(ui, "left grip", vertical(middle.left(), middle), true);
        let wishes = layout.wishes_mut();
        let wish = match desk {
            Desk::Reading => &mut wishes.record,
            Desk::Rounds => &mut wishes.images,
        };
        change(wish, middle.width(), -by, reset);
    }
    if !folded[2] {
        let (by, reset) = grip(
            ui,
            "right grip",
            vertical(frame.signals.left(), frame.signals),
            true,
        );
        change(
            &mut layout.wishes_mut().signals,
            frame.signals.width(),
            -by,
            reset,
        );
    }
    if !layout.timeline_folded {
        let (y, sign) = match desk {
            Desk::Reading => (frame.timeline.top(), -1.0),
            Desk::Rounds => (frame.timeline.bottom(), 1.0),
        };
        let place = Rect::from_center_size(
            pos2(frame.timeline.center().x, y),
            vec2(frame.timeline.width(), 6.0),
        );
        let (by, reset) = grip(ui, "timeline grip", place, false);
        change(
            &mut layout.wishes_mut().timeline,
            frame.timeline.height(),
            sign * by,
            reset,
        );
    }
}

fn change(wish: &mut Option<f32>, now: f32, by: f32, reset: bool) {
    if reset {
        *wish = None;
    } else if by != 0.0 {
        *wish = Some(now + by);
    }
}

/// How far a grip was dragged in this frame, and whether it was double clicked.
fn grip(ui: &Ui, name: &'static str, rect: Rect, upright: bool) -> (f32, bool) {
    let response = ui.interact(rect, Id::unique(name), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(Role::Splitter, true, w("leaf.grip")));
    let icon = if upright {
        egui::CursorIcon::ResizeHorizontal
    } else {
        egui::CursorIcon::ResizeVertical
    };
    let response = response.on_hover_and_drag_cursor(icon);
    if response.hovered() || response.dragged() {
        let line = if upright {
            Rect::from_center_size(rect.center(), vec2(2.0, rect.height()))
        } else {
            Rect::from_center_size(rect.center(), vec2(rect.width(), 2.0))
        };
        ui.painter().rect_filled(line, 0.0, t::ACCENT);
    }
    let delta = response.drag_delta();
    (
        if upright { delta.x } else { delta.y },
        response.double_clicked(),
    )
}
