//! The index time on the strip: its line, its flag with words, the shade of what is after it. Dragging the flag changes it.

use egui::{Id, Rect, Role, Sense, Stroke, Ui, pos2, vec2};
use triptych_workbench::Command;
use triptych_workbench::view::PatientView;

use super::{AXIS, Scale, Timeline, axis};
use crate::look::typeface::{self as f, sz};
use crate::look::{mark, text, tokens as t, widget};
use crate::out::Out;
use crate::words::w;

impl Timeline {
    #[allow(clippy::too_many_arguments, reason = "one call from one place")]
    pub(super) fn cursor(
        &mut self,
        ui: &Ui,
        rect: Rect,
        plot: Rect,
        patient: &PatientView,
        scale: &Scale<'_>,
        now_x: f32,
        words: &str,
        words_left: bool,
        out: &mut Out,
    ) {
        let p = ui.painter().with_clip_rect(plot);
        let at_now = patient.at_is_now && self.flag.is_none();
        let ink = if at_now { t::ACCENT } else { t::ASOFLINE };
        if now_x < plot.right() && !at_now {
            let alpha = t::AFTER_INDEX_TIME_ALPHA;
            let after =
                Rect::from_min_max(pos2(now_x.max(plot.left()), rect.top() + 1.0), plot.max);
            p.rect_filled(after, 0.0, t::shade(alpha));
        }
        let x = now_x.round();
        p.vline(x, rect.top() + 4.0..=rect.bottom(), Stroke::new(1.5, ink));
        mark::flag(&p, pos2(x, rect.top() + 14.0), ink);
        let y = rect.top() + sz(AXIS) / 2.0;
        if words_left {
            text::right(&p, x - 9.0, y, words, f::small(), ink);
        } else {
            text::left(&p, x + 9.0, y, words, f::small(), ink);
        }
        let grip = Rect::from_center_size(pos2(x, rect.top() + 11.0), vec2(24.0, 22.0));
        let response = ui.interact(grip, Id::unique("index time flag"), Sense::drag());
        response.widget_info(|| egui::WidgetInfo::labeled(Role::Slider, true, words));
        let response = widget::hover(response, w("timeline.flag"))
            .on_hover_cursor(egui::CursorIcon::ResizeHorizontal);
        if let Some(pointer) = response
            .interact_pointer_pos()
            .filter(|_| response.dragged())
        {
            self.flag = Some(scale.days(pointer.x.clamp(plot.left(), plot.right())));
        }
        if response.drag_stopped()
            && let Some(days) = self.flag.take()
        {
            out.send(Command::SetIndexTime(Some(axis::instant(days))));
        }
    }
}

pub(super) fn now_words(patient: &PatientView) -> String {
    // The date is enough on the strip; the header has the time of day.
    let words = patient.at_text.as_str();
    match words.rsplit_once(' ') {
        Some((date, time)) if time.contains(':') && patient.at_is_now => date.to_owned(),
        _ => words.to_owned(),
    }
}
