//! Key sheet (?): every action with its key, searched by typing, changed in place; profiles and conflicts.

use egui::{
    Event, Id, Key, Modifiers, Rect, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use crate::actions::{Action, Bindings, Chord, Group, Profile, Refusal};
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::palette::{caps, floating, veil};
use crate::words::{w, wf};

const WIDTH: f32 = 720.0;

/// The open sheet.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    search: String,
    /// Waits for the new key of this action.
    asks: Option<Action>,
    /// Why the last key was not taken.
    refused: String,
    shown: bool,
}

impl Sheet {
    /// Draws it over `middle`; true when it is to close.
    pub fn show(&mut self, ui: &mut Ui, middle: Rect, bindings: &mut Bindings) -> bool {
        self.take_key(ui, bindings);
        if ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            return true;
        }
        veil(ui, middle);
        let width = WIDTH.min(middle.width() - 32.0);
        let place = Rect::from_min_max(
            pos2(
                (middle.center().x - width / 2.0).round(),
                middle.top() + 24.0,
            ),
            pos2(
                (middle.center().x + width / 2.0).round(),
                middle.bottom() - 24.0,
            ),
        );
        egui::Area::new(Id::unique("key sheet"))
            .order(egui::Order::Foreground)
            .fixed_pos(place.min)
            .show(ui.ctx(), |ui| {
                ui.set_clip_rect(place.expand(8.0));
                let mut ui = widget::region(ui, "keys", place, w("sheet.name"));
                self.body(&mut ui, place, bindings);
            });
        let outside = ui.input(|i| {
            i.pointer.any_pressed() && i.pointer.interact_pos().is_some_and(|p| !place.contains(p))
        });
        let close = outside && self.shown;
        self.shown = true;
        close
    }

    /// While a row waits, the next key is its key; Esc leaves it as it was, Delete gives the profile's back.
    fn take_key(&mut self, ui: &Ui, bindings: &mut Bindings) {
        let Some(action) = self.asks else { return };
        let pressed = ui.input_mut(|i| {
            let at = i.events.iter().position(|e| Chord::of(e).is_some())?;
            let chord = Chord::of(&i.events.remove(at));
            i.events.retain(|e| !matches!(e, Event::Text(_)));
            chord
        });
        let Some(chord) = pressed else { return };
        self.asks = None;
        self.refused.clear();
        match chord.words().as_str() {
            "Esc" => {}
            "Delete" => bindings.unbind(action),
            _ => {
                if let Err(why) = bindings.bind(action, chord) {
                    self.refused = match why {
                        Refusal::Reserved(by) => wf(
                            "sheet.reserved",
                            &[("key", &chord.words()), ("action", &by.words())],
                        ),
                        Refusal::Fixed => w("sheet.fixed").to_owned(),
                    };
                }
            }
        }
    }

    fn body(&mut self, ui: &mut Ui, place: Rect, bindings: &mut Bindings) {
        floating(ui, place);
        let y = place.top() + sz(22.0);
        let title = text::left(
            ui.painter(),
            place.left() + 16.0,
            y,
            w("sheet.title"),
            f::title(),
            t::VALUE,
        );
        let field = Rect::from_min_max(
            pos2(title.right() + 20.0, y - sz(13.0)),
            pos2(place.right() - 16.0, y + sz(13.0)),
        );
        let id = Id::unique("search keys");
        widget::field(
            ui,
            id,
            field,
            &mut self.search,
            w("sheet.search"),
            Some(Icon::Search),
        );
        if self.asks.is_none() {
            ui.memory_mut(|m| m.request_focus(id));
        } else {
            ui.memory_mut(|m| m.surrender_focus(id));
        }
        let y = y + sz(34.0);
        let mut x = place.left() + 16.0;
        for profile in Profile::ALL {
            let words = profile.words();
            let width = text::width(ui.painter(), words, f::small()) + 16.0;
            let chip = Rect::from_min_size(pos2(x, y - sz(11.0)), vec2(width, sz(22.0)));
            let on = bindings.profile == profile;
            let name = wf("sheet.profile", &[("profile", &words)]);
            let response = widget::choice_at(ui, Id::unique(("profile", words)), chip, words, on);
            if widget::hover(response, &name).clicked() {
                bindings.profile = profile;
            }
            x = chip.right() + 4.0;
        }
        let conflicts = bindings.conflicts();
        let note = if !self.refused.is_empty() {
            self.refused.clone()
        } else if let Some(c) = conflicts.first() {
            wf(
                "sheet.conflict",
                &[
                    ("key", &c.chord.words()),
                    ("wins", &c.wins.words()),
                    ("loses", &c.loses.words()),
                ],
            )
        } else {
            w("sheet.how").to_owned()
        };
        let said = Rect::from_min_max(
            pos2(place.left() + 16.0, y + sz(14.0)),
            pos2(place.right() - 16.0, y + sz(32.0)),
        );
        let ink = if conflicts.is_empty() && self.refused.is_empty() {
            t::LABEL
        } else {
            t::VALUE
        };
        text::label(ui, "note", said, &note, f::small(), ink, egui::Align::Min);
        ui.painter().hline(
            place.x_range(),
            said.bottom() + 4.0,
            Stroke::new(1.0, t::LINE),
        );
        let list = Rect::from_min_max(
            pos2(place.left(), said.bottom() + 5.0),
            place.max - vec2(0.0, 8.0),
        );
        let mut area = widget::part(ui, "sheet", list);
        ScrollArea::vertical()
            .auto_shrink(false)
            .show(&mut area, |ui| self.rows(ui, bindings));
    }

    fn rows(&mut self, ui: &mut Ui, bindings: &Bindings) {
        let wanted = self.search.to_lowercase();
        let shown = |a: &Action| {
            a.is_there()
                && (wanted.is_empty()
                    || a.words().to_lowercase().contains(&wanted)
                    || bindings
                        .keys(*a)
                        .iter()
                        .any(|c| c.words().to_lowercase() == wanted))
        };
        let conflicts = bindings.conflicts();
        let groups: Vec<(Group, Vec<Action>)> = Group::ALL
            .into_iter()
            .map(|g| {
                let of = Action::ALL
                    .iter()
                    .copied()
                    .filter(|a| a.group() == g && shown(a));
                (g, of.collect::<Vec<_>>())
            })
            .filter(|(_, rows)| !rows.is_empty())
            .collect();
        let row_h = sz(24.0);
        let weight = |rows: &[Action]| rows.len() + 2;
        let all: usize = groups.iter().map(|(_, r)| weight(r)).sum();
        let (mut left, mut right, mut so_far) = (Vec::new(), Vec::new(), 0);
        for group in groups {
            let side = if so_far * 2 < all {
                &mut left
            } else {
                &mut right
            };
            so_far += weight(&group.1);
            side.push(group);
        }
        let width = ui.available_width();
        let height = |side: &[(Group, Vec<Action>)]| {
            side.iter()
                .map(|(_, r)| weight(r) as f32 * row_h)
                .sum::<f32>()
                + 12.0
        };
        let tall = height(&left).max(height(&right));
        let (_, whole) = ui.allocate_space(vec2(width, tall));
        let half = (width - 48.0) / 2.0;
        for (side, x) in [
            (left, whole.left() + 16.0),
            (right, whole.left() + 32.0 + half),
        ] {
            let mut y = whole.top() + 8.0;
            for (group, rows) in side {
                text::left(
                    ui.painter(),
                    x,
                    y + row_h / 2.0,
                    group.words(),
                    f::small_medium(),
                    t::LABEL,
                );
                y += row_h;
                for action in rows {
                    let row = Rect::from_min_size(pos2(x, y), vec2(half, row_h));
                    let clash = conflicts
                        .iter()
                        .any(|c| c.wins == action || c.loses == action);
                    self.row(ui, row, action, bindings, clash);
                    y += row_h;
                }
                y += row_h;
            }
        }
    }

    fn row(&mut self, ui: &Ui, row: Rect, action: Action, bindings: &Bindings, clash: bool) {
        let keys = bindings.keys(action);
        let response = ui.interact(row, Id::unique(("key of", action.id())), Sense::click());
        let written = keys
            .iter()
            .map(|c| c.words())
            .collect::<Vec<_>>()
            .join(", ");
        let name = wf(
            "sheet.row",
            &[("action", &action.words()), ("keys", &written)],
        );
        let can = action.can_rebind();
        response.widget_info(|| WidgetInfo::labeled(Role::Button, can, &name));
        let asks = self.asks == Some(action);
        if asks {
            ui.painter().rect_filled(row, 0.0, t::SELECTED);
        } else if can && response.hovered() {
            ui.painter().rect_filled(row, 0.0, t::HOVER);
        }
        let y = row.center().y;
        let mut right = row.right() - 4.0;
        if asks {
            right = text::right(
                ui.painter(),
                right,
                y,
                w("sheet.press"),
                f::small(),
                t::ACCENT,
            )
            .left();
        } else {
            // The nearest chord first, as many as fit.
            for chord in keys.iter().take(2).rev() {
                right = caps(ui, right, y, std::slice::from_ref(chord)) - 4.0;
            }
            if clash {
                Icon::Warning.paint(ui.painter(), pos2(right - 8.0, y), sz(12.0), t::VALUE);
                right -= 20.0;
            }
        }
        let words = Rect::from_min_max(
            pos2(row.left() + 4.0, row.top()),
            pos2(right - 6.0, row.bottom()),
        );
        let ink = if can { t::BODY } else { t::LABEL };
        let galley = text::line(ui.painter(), action.words(), f::small(), ink, words.width());
        text::put(ui.painter(), galley, words.left(), y);
        ui.painter()
            .hline(row.x_range(), row.bottom() - 0.5, Stroke::new(1.0, t::HAIR));
        if response.clicked() && can {
            self.asks = Some(action);
            self.refused.clear();
        }
    }
}
