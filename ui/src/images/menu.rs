//! The menu of a tile (right click without movement): windows of the file and presets, view, links, output. Arrows and Enter work.

use egui::{Id, Key, Modifiers, Pos2, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use triptych_render::{Interpolation, Window, presets_for};
use triptych_workbench::SopInstanceUid;
use triptych_workbench::view::ObjectView;

use super::Tile;
use super::paper::state_words;
use crate::actions::{Action, Bindings, Chord};
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t};
use crate::palette::{caps, floating};
use crate::words::{signed, w, wf};

const WIDTH: f32 = 280.0;
/// Presentation states in the menu, the newest; the panel beside the tiles lists all.
const STATES: usize = 6;

/// What a row of the menu does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pick {
    Action(Action),
    Window(Window),
    PerImage,
    Interpolation(Interpolation),
    /// Shows the images as a presentation state says; `None`: as they are.
    State(Option<SopInstanceUid>),
}

/// The open menu.
#[derive(Debug)]
pub(super) struct Menu {
    pub tile: usize,
    at: Pos2,
    row: Option<usize>,
    shown: bool,
}

struct Row {
    pick: Pick,
    words: String,
    keys: Vec<Chord>,
    on: bool,
}

/// What became of the menu.
pub(super) enum Answer {
    Open,
    Closed,
    Picked(Pick),
}

impl Menu {
    pub const fn new(tile: usize, at: Pos2) -> Self {
        Self {
            tile,
            at,
            row: None,
            shown: false,
        }
    }

    /// Draws it at the pointer, inside `leaf`.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        leaf: Rect,
        tile: &Tile,
        states: &[&ObjectView],
        bindings: &Bindings,
    ) -> Answer {
        let groups = rows(tile, states, bindings);
        let count: usize = groups.iter().map(Vec::len).sum();
        let mut picked = match self.keys(ui, count) {
            Some(Answer::Closed) => return Answer::Closed,
            Some(_) => self
                .row
                .and_then(|k| groups.iter().flatten().nth(k))
                .map(|r| r.pick.clone()),
            None => None,
        };
        let row_h = sz(22.0).min((leaf.height() - 32.0) / (count + groups.len()).max(1) as f32);
        let height = row_h * count as f32 + 9.0 * (groups.len().saturating_sub(1)) as f32 + 12.0;
        let min = pos2(
            self.at.x.min(leaf.right() - WIDTH - 4.0).max(leaf.left()),
            self.at.y.min(leaf.bottom() - height - 4.0).max(leaf.top()),
        );
        let place = Rect::from_min_size(min, vec2(WIDTH, height));
        let area = egui::Area::new(Id::unique("tile menu"))
            .order(egui::Order::Foreground)
            .fixed_pos(place.min)
            .show(ui.ctx(), |ui| {
                ui.set_clip_rect(place.expand(2.0));
                ui.allocate_space(place.size());
                self.rows(ui, place, row_h, &groups)
            });
        picked = area.inner.or(picked);
        if let Some(pick) = picked {
            return Answer::Picked(pick);
        }
        let outside = ui.input(|i| {
            i.pointer.any_pressed() && i.pointer.interact_pos().is_some_and(|p| !place.contains(p))
        });
        let closed = outside && self.shown;
        self.shown = true;
        if closed { Answer::Closed } else { Answer::Open }
    }

    fn keys(&mut self, ui: &Ui, count: usize) -> Option<Answer> {
        let count = count.max(1) as isize;
        ui.input_mut(|i| {
            if i.consume_key(Modifiers::NONE, Key::Escape) {
                return Some(Answer::Closed);
            }
            for (key, by) in [(Key::ArrowDown, 1), (Key::ArrowUp, -1)] {
                if i.consume_key(Modifiers::NONE, key) {
                    let now = self.row.map_or(if by > 0 { -1 } else { 0 }, |r| r as isize);
                    self.row = usize::try_from((now + by).rem_euclid(count)).ok();
                }
            }
            (self.row.is_some() && i.consume_key(Modifiers::NONE, Key::Enter))
                .then_some(Answer::Open)
        })
    }

    fn rows(&mut self, ui: &Ui, place: Rect, row_h: f32, groups: &[Vec<Row>]) -> Option<Pick> {
        floating(ui, place);
        let mut picked = None;
        let mut y = place.top() + 6.0;
        let mut k = 0;
        for (g, group) in groups.iter().enumerate() {
            if g > 0 {
                let line = Stroke::new(1.0, t::HAIR);
                ui.painter()
                    .hline(place.x_range(), (y + 4.0).round() + 0.5, line);
                y += 9.0;
            }
            for row in group {
                let rect =
                    Rect::from_min_size(pos2(place.left() + 1.0, y), vec2(WIDTH - 2.0, row_h));
                y = rect.bottom();
                let response = ui.interact(rect, Id::unique(("menu row", k)), Sense::click());
                response
                    .widget_info(|| WidgetInfo::selected(Role::MenuItem, true, row.on, &row.words));
                if response.hovered() && ui.input(|i| i.pointer.delta() != egui::Vec2::ZERO) {
                    self.row = Some(k);
                }
                if self.row == Some(k) {
                    ui.painter().rect_filled(rect, 0.0, t::SELECTED);
                }
                let mid = rect.center().y;
                if row.on {
                    Icon::Check.paint(
                        ui.painter(),
                        pos2(rect.left() + 14.0, mid),
                        sz(11.0),
                        t::ACCENT,
                    );
                }
                let right = caps(ui, rect.right() - 8.0, mid, &row.keys);
                let room = right - rect.left() - 34.0;
                let galley = text::line(ui.painter(), &row.words, f::small(), t::VALUE, room);
                text::put(ui.painter(), galley, rect.left() + 26.0, mid);
                if response.clicked() {
                    picked = Some(row.pick.clone());
                }
                k += 1;
            }
        }
        picked
    }
}

fn number(x: f64) -> String {
    let text = if x.fract().abs() < 1e-6 {
        format!("{x:.0}")
    } else {
        format!("{x:.1}")
    };
    signed(&text)
}

/// Groups of rows: windows, view, between pixels, links, output.
fn rows(tile: &Tile, states: &[&ObjectView], bindings: &Bindings) -> Vec<Vec<Row>> {
    let act = |action: Action, on: bool| Row {
        pick: Pick::Action(action),
        words: action.words().to_owned(),
        keys: bindings.keys(action),
        on,
    };
    let window = |words: String, window: Window, keys: Vec<Chord>| Row {
        pick: Pick::Window(window),
        words: wf(
            "menu.window",
            &[
                ("name", &words),
                ("width", &number(window.width())),
                ("center", &number(window.center())),
            ],
        ),
        keys,
        on: tile.view.window == Some(window),
    };
    let mut windows = Vec::new();
    if let Some(display) = tile.display() {
        let file = [Action::FileWindow1, Action::FileWindow2];
        for (k, choice) in display.windows.iter().enumerate() {
            let words = wf(
                "menu.file_window",
                &[("n", &(k + 1)), ("explanation", &choice.explanation)],
            );
            let keys = file.get(k).map(|a| bindings.keys(*a)).unwrap_or_default();
            windows.push(window(
                words.trim_end_matches([' ', ':']).to_owned(),
                choice.window,
                keys,
            ));
        }
        let digits = (1u8..=9).zip(Action::ALL.iter().filter(|a| a.preset().is_some()));
        let digits: Vec<(u8, Action)> = digits.map(|(n, a)| (n, *a)).collect();
        for (preset, choice) in presets_for(display) {
            let key = digits.iter().find(|(n, _)| Some(*n) == preset.key);
            let keys = key.map(|(_, a)| bindings.keys(*a)).unwrap_or_default();
            windows.push(window(preset.name.to_owned(), choice, keys));
        }
    }
    windows.push(act(Action::WindowReset, tile.view.window.is_none()));
    windows.push(Row {
        pick: Pick::PerImage,
        words: w("menu.per_image").to_owned(),
        keys: Vec::new(),
        on: tile.per_image,
    });
    windows.push(act(Action::WindowEntry, false));
    windows.push(act(Action::ToolRegionWindow, false));
    let view = vec![
        act(Action::Invert, tile.view.invert),
        act(Action::FlipHorizontal, tile.view.flip_h),
        act(Action::FlipVertical, tile.view.flip_v),
        act(Action::RotateRight, false),
        act(Action::RotateLeft, false),
        act(Action::Fit, false),
        act(Action::OneToOne, false),
        act(Action::Reset, false),
    ];
    let between = [
        (Interpolation::Bilinear, "images.bilinear"),
        (Interpolation::Bicubic, "images.bicubic"),
        (Interpolation::Nearest, "images.nearest"),
    ];
    let between = between.map(|(how, name)| Row {
        pick: Pick::Interpolation(how),
        words: wf("menu.interpolation", &[("how", &w(name))]),
        keys: Vec::new(),
        on: tile.view.interpolation == how,
    });
    let links = vec![
        act(Action::LinkByHand, false),
        act(Action::BreakLink, false),
        act(Action::Cine, tile.plays()),
    ];
    let named = states.iter().take(STATES);
    let named = named.map(|s| (Some(s.instance.clone()), state_words(s)));
    let none = (None, w("paper.no_state").to_owned());
    let mut states: Vec<Row> = std::iter::once(none)
        .chain(named)
        .map(|(state, words)| Row {
            on: tile.state == state,
            pick: Pick::State(state),
            words: wf("paper.state_row", &[("what", &words)]),
            keys: Vec::new(),
        })
        .collect();
    // Without any state there is nothing to choose.
    states.truncate(if states.len() > 1 { states.len() } else { 0 });
    let output = vec![
        act(Action::KeyImage, tile.key_image),
        act(Action::KeyOnly, tile.key_place.is_some()),
        act(Action::Header, false),
        act(Action::SaveState, false),
        act(Action::CopyValues, false),
        act(Action::Export, false),
        act(Action::ExportNameless, false),
        act(Action::CloseTile, false),
    ];
    let mut all = vec![windows, view, between.into(), states, links, output];
    for group in &mut all {
        group.retain(|row| !matches!(row.pick, Pick::Action(a) if !a.is_there()));
    }
    all.retain(|group| !group.is_empty());
    all
}

/// The field for a typed window.
#[derive(Debug, Default)]
pub(super) struct Entry {
    text: String,
    wrong: bool,
}

impl Entry {
    /// Draws it in the middle of the tile; `Some(None)` closes it, `Some(Some(text))` is what was typed.
    pub fn show(&mut self, ui: &mut Ui, tile: Rect) -> Option<Option<String>> {
        let (escape, enter) = ui.input_mut(|i| {
            (
                i.consume_key(Modifiers::NONE, Key::Escape),
                i.consume_key(Modifiers::NONE, Key::Enter),
            )
        });
        if escape {
            return Some(None);
        }
        if enter {
            return Some(Some(self.text.clone()));
        }
        let place = Rect::from_center_size(tile.center(), vec2(220.0, sz(64.0)));
        let typed = egui::Area::new(Id::unique("window entry"))
            .order(egui::Order::Foreground)
            .fixed_pos(place.min)
            .show(ui.ctx(), |ui| {
                ui.set_clip_rect(place.expand(2.0));
                ui.allocate_space(place.size());
                floating(ui, place);
                let words = if self.wrong {
                    w("images.entry_wrong")
                } else {
                    w("images.entry")
                };
                let y = place.top() + sz(16.0);
                text::left(
                    ui.painter(),
                    place.left() + 10.0,
                    y,
                    words,
                    f::small(),
                    t::LABEL,
                );
                let field = Rect::from_min_max(
                    pos2(place.left() + 10.0, place.top() + sz(30.0)),
                    pos2(place.right() - 10.0, place.top() + sz(54.0)),
                );
                let id = Id::unique("window entry field");
                let before = self.text.len();
                crate::look::widget::field(
                    ui,
                    id,
                    field,
                    &mut self.text,
                    w("images.entry_hint"),
                    None,
                );
                ui.memory_mut(|m| m.request_focus(id));
                self.text.len() != before
            });
        if typed.inner {
            self.wrong = false;
        }
        None
    }

    /// What was typed is no window.
    pub fn refuse(&mut self) {
        self.wrong = true;
    }
}
