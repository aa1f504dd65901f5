//! Clinician first (D-15 to D-17): a study with model output shows that there is some, and nothing of it, until its reader recorded an own
//! impression and asks for it, or asks for it at once with a reason.

use egui::{Id, Rect, Response, Role, Stroke, Ui, WidgetInfo, pos2, vec2};
use triptych_workbench::view::{HiddenStudy, Lane, PatientView};
use triptych_workbench::{Command, StudyUid, impression_categories, see_now_reasons};

use crate::look::typeface::{self as f, sz};
use crate::look::widget::Weight;
use crate::look::{mark, text, tokens as t, widget};
use crate::out::Out;
use crate::words::{w, wf};

/// What is being asked of the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Impression,
    SeeNow,
}

/// An impression or a reason that is being given.
#[derive(Debug, Default)]
pub(super) struct Pending {
    on: Option<(StudyUid, Asked)>,
    chosen: Option<&'static str>,
    text: String,
}

impl Pending {
    pub fn is_open(&self) -> bool {
        self.on.is_some()
    }

    fn toggle(&mut self, study: &StudyUid, asked: Asked) {
        let same = self.is(study, asked);
        *self = Self::default();
        if !same {
            self.on = Some((study.clone(), asked));
        }
    }

    fn is(&self, study: &StudyUid, asked: Asked) -> bool {
        self.on
            .as_ref()
            .is_some_and(|(s, a)| s == study && *a == asked)
    }
}

const PAD: f32 = 11.0;

/// A card in place of what models found in a study.
pub(super) fn hidden(
    ui: &mut Ui,
    patient: &PatientView,
    study: &HiddenStudy,
    pending: &mut Pending,
    out: &mut Out,
) {
    let width = ui.available_width() - 16.0;
    let words = words(study);
    let p = ui.painter().clone();
    let said = text::paragraph(
        &p,
        &words,
        f::strong(),
        t::VALUE,
        width - 2.0 * PAD,
        4,
        sz(18.0),
    );
    let own = study.own.last().map(|own| {
        let line = wf(
            "reveal.own",
            &[("words", &own.words), ("signed", &own.signed)],
        );
        text::paragraph(
            &p,
            &line,
            f::small(),
            t::BODY,
            width - 2.0 * PAD,
            4,
            sz(16.0),
        )
    });
    let own_height = own.as_ref().map_or(0.0, |g| g.size().y + 4.0);
    let height = 8.0 + sz(26.0) + said.size().y + own_height + 10.0 + sz(t::BUTTON) + 12.0;
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), height + 8.0));
    let rect = Rect::from_min_size(place.min + vec2(8.0, 0.0), vec2(width, height));
    p.rect_filled(rect, f32::from(t::RADIUS), t::RAISED);
    mark::border(&p, rect, Lane::D, t::LINE);
    let left = rect.left() + PAD;
    let y = rect.top() + 5.0 + sz(13.0);
    mark::lane(&p, pos2(left + 8.0, y), Lane::D);
    text::left(
        &p,
        left + 23.0,
        y,
        w("lane.investigational"),
        f::small_medium(),
        t::VALUE,
    );
    let top = rect.top() + 7.0 + sz(26.0);
    let below = top + said.size().y;
    text::spoken(
        ui,
        ("hidden", study.study.as_str()),
        Rect::from_min_size(pos2(left, top), said.size()),
        &words,
    );
    p.galley(pos2(left, top), said, t::VALUE);
    if let Some(own) = own {
        p.galley(pos2(left, below + 4.0), own, t::BODY);
    }
    let y = rect.bottom() - 12.0 - sz(t::BUTTON) / 2.0;
    ui.scope(|ui| {
        if !patient.at_is_now {
            ui.disable();
        }
        controls(ui, patient, study, left, y, pending, out);
    });
}

/// Which models, on which study, and what they wait for.
fn words(study: &HiddenStudy) -> String {
    let key = if study.own.is_empty() {
        "reveal.hidden"
    } else {
        "reveal.ready"
    };
    wf(
        key,
        &[
            ("models", &study.models.join(", ")),
            ("study", &study.title),
        ],
    )
}

fn controls(
    ui: &Ui,
    patient: &PatientView,
    hidden: &HiddenStudy,
    left: f32,
    y: f32,
    pending: &mut Pending,
    out: &mut Out,
) {
    let study = &hidden.study;
    let recorded = !hidden.own.is_empty();
    let main = if recorded {
        w("reveal.show")
    } else {
        w("reveal.record")
    };
    let size = vec2(widget::button_width(ui, main), sz(t::BUTTON));
    let place = Rect::from_min_size(pos2(left, (y - size.y / 2.0).round()), size);
    let id = Id::unique(("reveal", study.as_str()));
    let button = widget::button_at(ui, id, place, main, Weight::Main);
    let other = if recorded {
        w("reveal.amend")
    } else {
        w("reveal.see_now")
    };
    let id = Id::unique(("reveal other", study.as_str()));
    let link = widget::link_at(ui, id, place.right() + 14.0, y, other);
    if button.clicked() && recorded {
        out.send(Command::Reveal {
            study: study.clone(),
            reason: None,
        });
    } else if button.clicked() {
        pending.toggle(study, Asked::Impression);
    }
    if link.clicked() {
        let asked = if recorded {
            Asked::Impression
        } else {
            Asked::SeeNow
        };
        pending.toggle(study, asked);
    }
    let impression = if recorded { &link } else { &button };
    ask(
        ui,
        impression,
        patient,
        study,
        Asked::Impression,
        pending,
        out,
    );
    if !recorded {
        ask(ui, &link, patient, study, Asked::SeeNow, pending, out);
    }
}

/// The way to amend an own impression once the output is seen (D-16).
pub(super) fn amend(
    ui: &Ui,
    x: f32,
    y: f32,
    patient: &PatientView,
    study: &StudyUid,
    pending: &mut Pending,
    out: &mut Out,
) {
    let id = Id::unique(("amend", study.as_str()));
    let link = widget::link_at(ui, id, x, y, w("reveal.amend"));
    if link.clicked() {
        pending.toggle(study, Asked::Impression);
    }
    ask(ui, &link, patient, study, Asked::Impression, pending, out);
}

/// The list and the field, beside what was pressed; closed by pressing it again or Esc. It covers the rail and never an image.
fn ask(
    ui: &Ui,
    pressed: &Response,
    patient: &PatientView,
    study: &StudyUid,
    asked: Asked,
    pending: &mut Pending,
    out: &mut Out,
) {
    if !pending.is(study, asked) {
        return;
    }
    let mut record = false;
    egui::Popup::from_response(pressed)
        .id(Id::unique(("ask", study.as_str())))
        .open(true)
        .gap(6.0)
        .close_behavior(egui::PopupCloseBehavior::IgnoreClicks)
        .show(|ui| {
            ui.set_width(sz(248.0));
            let title = match asked {
                Asked::Impression => w("reveal.your_impression"),
                Asked::SeeNow => w("reveal.why_now"),
            };
            text::block(ui, title, f::strong(), t::VALUE, sz(20.0));
            let choices = match asked {
                Asked::Impression => impression_categories(),
                Asked::SeeNow => see_now_reasons(),
            };
            for (code, words) in choices {
                choice(ui, code, words, &mut pending.chosen);
            }
            ui.add_space(4.0);
            if asked == Asked::SeeNow {
                let reveals = patient.signals.reveals;
                let rate = wf(
                    "reveal.rate",
                    &[("n", &reveals.at_once), ("all", &reveals.all)],
                );
                text::block(ui, &rate, f::small(), t::LABEL, sz(16.0));
            } else {
                let (_, line) = ui.allocate_space(vec2(ui.available_width(), sz(28.0)));
                let id = Id::unique("impression words");
                widget::field(ui, id, line, &mut pending.text, w("reveal.words"), None);
            }
            ui.add_space(6.0);
            record = confirm(ui, asked, pending);
        });
    if record {
        let text = pending.text.trim().to_owned();
        let chosen = pending.chosen.unwrap_or_default().to_owned();
        out.send(match asked {
            Asked::Impression => Command::RecordImpression {
                study: study.clone(),
                category: chosen,
                text,
            },
            Asked::SeeNow => Command::Reveal {
                study: study.clone(),
                reason: Some(chosen),
            },
        });
        *pending = Pending::default();
    } else if ui.input(|i| i.key_pressed(egui::Key::Escape)) {
        *pending = Pending::default();
    }
}

/// One of the list; nothing is preselected.
fn choice(ui: &mut Ui, code: &'static str, words: &str, chosen: &mut Option<&'static str>) {
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), sz(26.0)));
    let on = *chosen == Some(code);
    let row = ui.interact(place, Id::unique(("asked", code)), egui::Sense::click());
    row.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, words));
    widget::row_ground(ui, place, &row, false);
    let at = pos2(place.left() + 8.0, place.center().y);
    let ink = if on { t::ACCENT } else { t::LABEL };
    ui.painter().circle_stroke(at, 5.5, Stroke::new(1.3, ink));
    if on {
        ui.painter().circle_filled(at, 2.8, t::ACCENT);
    }
    let x = place.left() + 24.0;
    text::left(
        ui.painter(),
        x,
        place.center().y,
        words,
        f::body(),
        t::VALUE,
    );
    if row.clicked() {
        *chosen = if on { None } else { Some(code) };
    }
}

/// The button that records; off until there is a category, a reason or a word.
fn confirm(ui: &mut Ui, asked: Asked, pending: &Pending) -> bool {
    let words = match asked {
        Asked::Impression => w("reveal.keep"),
        Asked::SeeNow => w("reveal.see"),
    };
    let size = vec2(widget::button_width(ui, words), sz(t::BUTTON));
    let (_, line) = ui.allocate_space(vec2(ui.available_width(), size.y));
    let place = Rect::from_min_size(pos2(line.right() - size.x, line.top()), size);
    let typed = asked == Asked::Impression && !pending.text.trim().is_empty();
    let id = Id::unique("reveal confirm");
    if pending.chosen.is_some() || typed {
        return widget::button_at(ui, id, place, words, Weight::Main).clicked();
    }
    ui.scope(|ui| {
        ui.disable();
        widget::button_at(ui, id, place, words, Weight::Plain)
    });
    false
}
