//! The page of a patient: header, leaves and timeline, each in its place.

use egui::{Rect, Stroke, Ui, pos2, vec2};
use triptych_workbench::Command;
use triptych_workbench::view::{PatientView, Snapshot};

use super::edges::{folded_leaf, grips};
use super::{Open, Screen};
use crate::canvas::Canvas;
use crate::desk::{Desk, Frame, Leaf};
use crate::header::{self, Who};
use crate::look::tokens as t;
use crate::look::typeface::sz;
use crate::out::{Out, Targets};
use crate::palette::Palette;

impl Screen {
    pub(super) fn patient(
        &mut self,
        ui: &mut Ui,
        window: Rect,
        canvas: &mut dyn Canvas,
        snapshot: &Snapshot,
        patient: &PatientView,
        out: &mut Out,
    ) {
        // Another person: everything of the former goes before anything of the new one is drawn.
        let open = match self.patient.take() {
            Some(open) if open.person == patient.person => self.patient.insert(open),
            _ => {
                self.full = self.full_screen || self.is_further;
                let mut open = Open::new(patient, &self.layout);
                if self.is_further {
                    open.images.hangs_for_this_window();
                }
                self.patient.insert(open)
            }
        };
        // Once there were images their leaf stays: nothing moves while the index time does.
        open.wants_images |= !patient.studies.is_empty();
        self.layout.no_images = !open.wants_images;
        let strip = if patient.at_is_now { 0.0 } else { sz(32.0) };
        let mut frame = self
            .layout
            .frame(window, strip, open.signals.is_open(patient));
        if self.full {
            frame.images = Rect::from_min_max(
                frame.header.left_bottom() + vec2(0.0, strip),
                frame.status.right_top(),
            );
        } else {
            open.pressed_in(ui, &frame);
        }

        let renderer = canvas.renderer_name();
        let clicked = header::header(
            ui,
            frame.header,
            &Who::Patient(patient),
            (!self.is_further).then_some(self.layout.desk),
            &snapshot.machine,
            &renderer,
            frame.narrow,
        );
        if let Some(desk) = clicked.desk {
            self.layout.desk = desk;
        }
        if clicked.palette {
            self.palette = Some(Palette::default());
        }
        out.commands.extend(clicked.commands);
        if !patient.at_is_now {
            let place =
                Rect::from_min_size(frame.header.left_bottom(), vec2(window.width(), strip));
            if header::as_of_strip(ui, place, patient) {
                out.send(Command::SetIndexTime(None));
            }
        }

        let desk = self.layout.desk;
        let targets = open.signals.targets(patient);
        let over = open.signals.options_are_open(patient);
        if self.full && !over {
            let keys = &self.layout.keys;
            open.images.show(
                ui,
                frame.images,
                canvas,
                patient,
                desk,
                true,
                &targets,
                keys,
                out,
            );
        } else if over {
            let middle = match desk {
                Desk::Reading => Rect::from_min_max(
                    pos2(window.left(), frame.header.bottom() + strip),
                    pos2(window.right(), frame.timeline.top()),
                ),
                Desk::Rounds => Rect::from_min_max(
                    pos2(window.left(), frame.timeline.bottom()),
                    pos2(window.right(), frame.status.top()),
                ),
            };
            open.signals.options(ui, middle, patient, out);
        } else {
            self.leaves(ui, canvas, patient, &frame, &targets, out);
        }
        let Some(open) = &mut self.patient else {
            return;
        };
        let shown = open
            .images
            .active(desk, patient)
            .map(|(s, _)| s.uid.clone());
        let full = self.full && !over;
        if !full
            && open.timeline.show(
                ui,
                frame.timeline,
                patient,
                desk,
                self.layout.timeline_folded,
                shown.as_ref(),
                open.record.selected.as_deref(),
                out,
            )
        {
            self.layout.timeline_folded = !self.layout.timeline_folded;
        }
        if !over && !full {
            grips(ui, &frame, &mut self.layout);
        }
        if !patient.at_is_now {
            let all = Rect::from_min_max(
                pos2(window.left(), frame.header.bottom() + strip),
                pos2(window.right(), frame.status.top()),
            );
            ui.painter().rect_stroke(
                all,
                0.0,
                Stroke::new(2.0, t::ASOFLINE),
                egui::StrokeKind::Inside,
            );
        }
        if !over {
            self.tile_keys(ui, patient, out);
        }
        self.walk_regions(ui, &frame);
        let Some(open) = &mut self.patient else {
            return;
        };
        if open.images.own != self.layout.hanging {
            self.layout.hanging.clone_from(&open.images.own);
        }
        if open.images.read != self.layout.read {
            self.layout.read.clone_from(&open.images.read);
        }
        let middle = open.images.status(desk, patient);
        self.settled &= open.images.settled(desk, patient) && !patient.signals.running;
        self.loading = open.images.loading(desk, patient);
        out.commands.extend(header::status(
            ui,
            frame.status,
            &middle,
            &snapshot.notices,
            &snapshot.machine,
        ));
        self.jumps(ui, patient, out);
    }

    fn leaves(
        &mut self,
        ui: &mut Ui,
        canvas: &mut dyn Canvas,
        patient: &PatientView,
        frame: &Frame,
        targets: &Targets,
        out: &mut Out,
    ) {
        let Some(open) = &mut self.patient else {
            return;
        };
        let desk = self.layout.desk;
        for (leaf, rect) in [
            (Leaf::Images, frame.images),
            (Leaf::Record, frame.record),
            (Leaf::Signals, frame.signals),
        ] {
            if self.layout.is_folded(leaf) {
                if folded_leaf(ui, rect, leaf, patient) {
                    self.layout.folded[leaf as usize] = false;
                    open.wants_images |= leaf == Leaf::Images;
                }
                continue;
            }
            match leaf {
                Leaf::Images => {
                    let keys = &self.layout.keys;
                    open.images.show(
                        ui,
                        rect,
                        canvas,
                        patient,
                        desk,
                        frame.narrow,
                        targets,
                        keys,
                        out,
                    );
                }
                Leaf::Record => {
                    let study = open
                        .images
                        .active(desk, patient)
                        .map(|(s, _)| s.uid.clone());
                    open.record.show(
                        ui,
                        rect,
                        patient,
                        &mut self.layout,
                        study.as_ref(),
                        targets,
                        out,
                    );
                }
                Leaf::Signals => open.signals.show(ui, rect, patient, out),
            }
        }
        // Hairlines between leaves.
        let p = ui.painter();
        let middle = match desk {
            Desk::Reading => frame.record,
            Desk::Rounds => frame.images,
        };
        for x in [middle.left(), middle.right()] {
            p.vline(x.round() - 0.5, middle.y_range(), Stroke::new(1.0, t::HAIR));
        }
    }
}
