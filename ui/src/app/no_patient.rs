//! Pages without an open patient: start, opening, an archive that is closed.

use egui::{Rect, Ui, vec2};
use triptych_workbench::Command;
use triptych_workbench::view::{Page, Snapshot};

use super::Screen;
use crate::canvas::Canvas;
use crate::header::{self, Who};
use crate::look::typeface::{self as f, sz};
use crate::look::{icon, text, tokens as t, widget};
use crate::out::Out;
use crate::palette::Palette;
use crate::words::{w, wf};

impl Screen {
    /// Pages without an open patient.
    pub(super) fn other(
        &mut self,
        ui: &mut Ui,
        window: Rect,
        canvas: &mut dyn Canvas,
        snapshot: &Snapshot,
        page: &Page,
        out: &mut Out,
    ) {
        let frame = self.layout.frame(window, 0.0, false);
        let middle = Rect::from_min_max(frame.header.left_bottom(), frame.status.right_top());
        let mut status = String::new();
        match page {
            Page::Opening { name } => {
                // Nothing of either patient but the new name.
                ui.painter().rect_filled(window, 0.0, t::IMAGE);
                let c = window.center();
                let words = wf("page.opening", &[("name", name)]);
                text::center(ui.painter(), c.x, c.y, &words, f::title(), t::VALUE);
                text::spoken(ui, "opening", window.shrink(8.0), &words);
                self.settled = false;
                return;
            }
            Page::Start(start) => {
                status = self
                    .start
                    .show(ui, middle, start, snapshot.import.as_deref(), out);
                self.settled &= snapshot.import.as_ref().is_none_or(|i| i.finished);
            }
            Page::Starting => {
                ui.painter().rect_filled(middle, 0.0, t::PANEL);
                let place =
                    Rect::from_center_size(middle.center() - vec2(0.0, 30.0), vec2(64.0, 64.0));
                icon::program(ui.painter(), place);
                text::center(
                    ui.painter(),
                    middle.center().x,
                    place.bottom() + 20.0,
                    w("page.starting"),
                    f::body(),
                    t::LABEL,
                );
                text::spoken(ui, "starting", middle.shrink(8.0), w("page.starting"));
                self.settled = false;
            }
            Page::ArchiveClosed(trouble) => {
                ui.painter().rect_filled(middle, 0.0, t::PANEL);
                let mut place = Rect::from_center_size(middle.center(), vec2(560.0, 160.0));
                place = place.translate(vec2(0.0, -60.0));
                icon::Icon::Lock.paint(
                    ui.painter(),
                    place.left_top() + vec2(10.0, 12.0),
                    sz(20.0),
                    t::VALUE,
                );
                text::left(
                    ui.painter(),
                    place.left() + 34.0,
                    place.top() + 12.0,
                    &trouble.what,
                    f::title(),
                    t::VALUE,
                );
                let mut inner = widget::part(
                    ui,
                    "closed",
                    Rect::from_min_max(place.min + vec2(0.0, 34.0), place.max + vec2(0.0, 200.0)),
                );
                text::block(&mut inner, &trouble.why, f::body(), t::BODY, sz(20.0));
                inner.add_space(6.0);
                text::block(&mut inner, &trouble.remedy, f::body(), t::LABEL, sz(20.0));
            }
            Page::Patient(_) => {}
        }
        let renderer = canvas.renderer_name();
        let clicked = header::header(
            ui,
            frame.header,
            &Who::Nobody,
            Some(self.layout.desk),
            &snapshot.machine,
            &renderer,
            frame.narrow,
        );
        if clicked.palette {
            self.palette = Some(Palette::default());
        }
        if matches!(page, Page::Start(_)) {
            out.commands.extend(
                clicked
                    .commands
                    .into_iter()
                    .filter(|c| *c != Command::ShowStart),
            );
        }
        out.commands.extend(header::status(
            ui,
            frame.status,
            &status,
            &snapshot.notices,
            &snapshot.machine,
        ));
    }
}
