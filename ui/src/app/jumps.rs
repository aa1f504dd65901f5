//! Ways from one leaf to another: what was asked for in a frame is shown where it is, and Backspace and Esc go back.

use egui::{Key, Modifiers, Ui};
use triptych_workbench::view::{PatientView, SignalId, Target};

use super::Screen;
use super::run::Region;
use crate::desk::Leaf;
use crate::out::Out;
use crate::timeline::axis;

impl Screen {
    /// Follows a jump into its leaf, unfolding it; Backspace and Esc go back.
    pub(super) fn jumps(&mut self, ui: &Ui, patient: &PatientView, out: &mut Out) {
        let Some(open) = &mut self.patient else {
            return;
        };
        let desk = self.layout.desk;
        if let Some(card) = out.open_card.take() {
            open.signals.open(card);
            self.layout.folded[Leaf::Signals as usize] = false;
        }
        if let Some(question) = out.open_pathway.take() {
            open.signals.open_question(question);
        }
        let typing = ui.ctx().egui_wants_keyboard_input();
        if self.full_screen && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            self.full_screen = false;
            self.full = self.is_further;
            ui.ctx()
                .send_viewport_cmd(egui::ViewportCommand::Fullscreen(false));
        }
        let escape = ui.input_mut(|i| {
            (!typing && i.consume_key(Modifiers::NONE, Key::Backspace))
                || i.consume_key(Modifiers::NONE, Key::Escape)
        });
        if escape || out.back {
            if !open.record.back() {
                open.signals.back();
            }
            out.back = false;
        }
        if !typing {
            for (i, key) in [
                Key::Num1,
                Key::Num2,
                Key::Num3,
                Key::Num4,
                Key::Num5,
                Key::Num6,
                Key::Num7,
                Key::Num8,
                Key::Num9,
            ]
            .into_iter()
            .enumerate()
            {
                if ui.input_mut(|input| input.consume_key(Modifiers::ALT, key)) {
                    out.jump = open.signals.item(patient, i).or(out.jump.take());
                }
            }
        }
        let Some(target) = out.jump.take() else {
            return;
        };
        open.signals.jumped(&target);
        let leaf = match &target {
            Target::Image { .. } => {
                open.images.jump(desk, patient, &target);
                Leaf::Images
            }
            Target::Signal(SignalId(_)) => {
                if let Target::Signal(id) = &target {
                    open.signals.open(id.clone());
                }
                Leaf::Signals
            }
            Target::Banner => return,
            Target::Question(id) => {
                open.signals.open_question(id.clone());
                return;
            }
            _ => {
                if let Some(at) = open.record.jump(patient, &target) {
                    open.timeline.reveal(desk, axis::days_of(&at));
                }
                Leaf::Record
            }
        };
        self.layout.folded[leaf as usize] = false;
        open.focus = Region::of(leaf);
        ui.ctx().request_repaint();
    }
}
