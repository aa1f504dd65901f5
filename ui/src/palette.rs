//! Command palette (Ctrl K): every action by its name, series and studies of the open patient, people of the start page. Keys suffice.
//!
//! 560 wide at y 96, eight rows, groups in a fixed order; header and status bar stay as bright as they are (screen 11).

use egui::{Id, Key, Modifiers, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use triptych_workbench::PatientKey;
use triptych_workbench::view::{PatientRow, PatientView, SeriesKey, Target};

use crate::actions::{Action, Bindings, Chord};
use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::words::{count, w, wf};

const WIDTH: f32 = 560.0;
const ROWS: usize = 8;

/// What a line of the palette leads to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Way {
    Action(Action),
    Series(SeriesKey),
    Study(Target),
    Patient(PatientKey),
}

/// What became of it in this frame.
#[derive(Debug)]
pub(crate) enum Done {
    Closed,
    Chosen(Way),
}

/// The open palette.
#[derive(Debug, Default)]
pub(crate) struct Palette {
    text: String,
    at: usize,
    shown: bool,
}

struct Line {
    way: Way,
    group: &'static str,
    words: String,
    keys: Vec<Chord>,
}

struct Hit {
    line: usize,
    letters: Vec<usize>,
}

impl Palette {
    /// Draws it over `middle` (the window between header and status bar).
    pub fn show(
        &mut self,
        ui: &mut Ui,
        middle: Rect,
        bindings: &Bindings,
        patient: Option<&PatientView>,
        people: &[PatientRow],
    ) -> Option<Done> {
        let lines = lines(bindings, patient, people);
        let mut done = self.keys(ui);
        let hits = found(&lines, &self.text);
        self.at = self.at.min(hits.len().saturating_sub(1));
        if matches!(done, Some(Done::Closed)) {
            return done;
        }
        if ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter)) {
            return Some(
                hits.get(self.at)
                    .and_then(|h| lines.get(h.line))
                    .map_or(Done::Closed, |line| Done::Chosen(line.way.clone())),
            );
        }
        veil(ui, middle);
        let height = sz(44.0) + (ROWS as f32) * sz(t::LIST) + 3.0 * sz(t::GROUP_HEAD) + sz(30.0);
        let width = WIDTH.min(middle.width() - 32.0);
        let place = Rect::from_min_size(
            pos2(
                (middle.center().x - width / 2.0).round(),
                middle.top() + 60.0,
            ),
            vec2(width, height.min(middle.height() - 76.0)),
        );
        let area = egui::Area::new(Id::unique("palette"))
            .order(egui::Order::Foreground)
            .fixed_pos(place.min)
            .show(ui.ctx(), |ui| {
                ui.set_clip_rect(place.expand(8.0));
                let mut ui = widget::region(ui, "palette", place, w("palette.name"));
                self.body(&mut ui, place, &lines, &hits)
            });
        if let Some(way) = area.inner {
            done = Some(Done::Chosen(way));
        }
        let outside = ui.input(|i| {
            i.pointer.any_pressed() && i.pointer.interact_pos().is_some_and(|p| !place.contains(p))
        });
        if outside && done.is_none() && self.shown {
            done = Some(Done::Closed);
        }
        self.shown = true;
        done
    }

    fn keys(&mut self, ui: &Ui) -> Option<Done> {
        ui.input_mut(|i| {
            if i.consume_key(Modifiers::NONE, Key::Escape) {
                return Some(Done::Closed);
            }
            for (key, by) in [
                (Key::ArrowDown, 1),
                (Key::ArrowUp, -1),
                (Key::PageDown, ROWS as isize),
                (Key::PageUp, -(ROWS as isize)),
            ] {
                if i.consume_key(Modifiers::NONE, key) {
                    self.at = self.at.saturating_add_signed(by);
                }
            }
            None
        })
    }

    fn body(&mut self, ui: &mut Ui, place: Rect, lines: &[Line], hits: &[Hit]) -> Option<Way> {
        floating(ui, place);
        let head = Rect::from_min_size(place.min, vec2(place.width(), sz(44.0)));
        let said = wf(
            "palette.count",
            &[("n", &count(hits.len())), ("all", &count(lines.len()))],
        );
        let right = text::right(
            ui.painter(),
            head.right() - 14.0,
            head.center().y,
            &said,
            f::small(),
            t::LABEL,
        );
        let id = Id::unique("palette text");
        let before = self.text.clone();
        Icon::Search.paint(
            ui.painter(),
            pos2(head.left() + 22.0, head.center().y),
            sz(15.0),
            t::LABEL,
        );
        let field = Rect::from_min_max(
            pos2(head.left() + 38.0, head.center().y - sz(12.0)),
            pos2(right.left() - 12.0, head.center().y + sz(12.0)),
        );
        let edit = egui::TextEdit::singleline(&mut self.text)
            .id(id)
            .font(f::body())
            .text_color(t::VALUE)
            .hint_text(
                egui::RichText::new(w("palette.hint"))
                    .font(f::body())
                    .color(t::LABEL),
            )
            .align(egui::Align2::LEFT_CENTER)
            .frame(egui::Frame::NONE)
            .margin(egui::Margin::ZERO);
        ui.put(field, edit);
        ui.memory_mut(|m| m.request_focus(id));
        if self.text != before {
            self.at = 0;
            ui.ctx().request_repaint();
        }
        let hair = Stroke::new(1.0, t::LINE);
        ui.painter().hline(place.x_range(), head.bottom(), hair);
        let foot = Rect::from_min_max(pos2(place.left(), place.bottom() - sz(30.0)), place.max);
        ui.painter().hline(place.x_range(), foot.top(), hair);
        text::left(
            ui.painter(),
            foot.left() + 14.0,
            foot.center().y,
            w("palette.keys"),
            f::small(),
            t::LABEL,
        );
        let list = Rect::from_min_max(head.left_bottom(), foot.right_top());
        self.rows(ui, list, lines, hits)
    }

    fn rows(&mut self, ui: &mut Ui, list: Rect, lines: &[Line], hits: &[Hit]) -> Option<Way> {
        if hits.is_empty() {
            let c = list.center();
            text::center(
                ui.painter(),
                c.x,
                c.y,
                w("palette.nothing"),
                f::body(),
                t::LABEL,
            );
            return None;
        }
        // The chosen row is in sight: what is shown begins at most so far above it.
        let first = self.at.saturating_sub(ROWS - 1);
        let mut chosen = None;
        let mut y = list.top() + 4.0;
        let mut group = "";
        for (k, hit) in hits.iter().enumerate().skip(first) {
            let Some(line) = lines.get(hit.line) else {
                continue;
            };
            if line.group != group {
                group = line.group;
                if y + sz(t::GROUP_HEAD) + sz(t::LIST) > list.bottom() {
                    break;
                }
                let mid = y + sz(t::GROUP_HEAD) / 2.0;
                text::left(
                    ui.painter(),
                    list.left() + 14.0,
                    mid,
                    group,
                    f::small(),
                    t::LABEL,
                );
                y += sz(t::GROUP_HEAD);
            }
            let row = Rect::from_min_size(
                pos2(list.left() + 1.0, y),
                vec2(list.width() - 2.0, sz(t::LIST)),
            );
            if row.bottom() > list.bottom() {
                break;
            }
            y = row.bottom();
            let response = ui.interact(row, Id::unique(("palette row", k)), Sense::click());
            let on = k == self.at;
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, &line.words));
            widget::row_ground(ui, row, &response, on);
            let right = caps(ui, row.right() - 12.0, row.center().y, &line.keys);
            words(ui, row, right, &line.words, &hit.letters);
            if response.clicked() {
                chosen = Some(line.way.clone());
            }
        }
        chosen
    }
}

/// Words with the found letters in the accent.
fn words(ui: &Ui, row: Rect, right: f32, words: &str, letters: &[usize]) {
    let mut job = egui::text::LayoutJob::default();
    for (k, letter) in words.chars().enumerate() {
        let ink = if letters.contains(&k) {
            t::ACCENT
        } else {
            t::VALUE
        };
        let format = egui::TextFormat::simple(f::body(), ink);
        job.append(letter.encode_utf8(&mut [0; 4]), 0.0, format);
    }
    job.wrap = egui::text::TextWrapping::truncate_at_width(right - row.left() - 28.0);
    let galley = ui.painter().layout_job(job);
    text::put(ui.painter(), galley, row.left() + 16.0, row.center().y);
}

/// Key caps of the first chord, right-aligned; the left edge of what they take.
pub(crate) fn caps(ui: &Ui, right: f32, y: f32, keys: &[Chord]) -> f32 {
    let mut x = right;
    if let Some(chord) = keys.first() {
        for cap in chord.caps().into_iter().rev() {
            x = widget::key_cap(ui, x, y, cap).left() - 4.0;
        }
    }
    x
}

/// Darkens what lies under something that floats.
pub(crate) fn veil(ui: &Ui, middle: Rect) {
    let layer = egui::LayerId::new(egui::Order::Middle, Id::unique("veil"));
    ui.ctx()
        .layer_painter(layer)
        .with_clip_rect(middle)
        .rect_filled(middle, 0.0, t::shade(0.55));
}

/// Ground and edge of what floats.
pub(crate) fn floating(ui: &Ui, place: Rect) {
    let corner = egui::CornerRadius::same(t::RADIUS_FLOATING);
    ui.painter().rect(
        place,
        corner,
        t::RAISED,
        Stroke::new(1.0, t::LINE),
        StrokeKind::Inside,
    );
}

fn lines(bindings: &Bindings, patient: Option<&PatientView>, people: &[PatientRow]) -> Vec<Line> {
    let mut out: Vec<Line> = Action::ALL
        .iter()
        .filter(|a| a.can_run())
        .map(|a| Line {
            way: Way::Action(*a),
            group: a.group().words(),
            words: a.words().to_owned(),
            keys: bindings.keys(*a),
        })
        .collect();
    out.sort_by_key(|l| match &l.way {
        Way::Action(a) => a.group(),
        _ => crate::actions::Group::Everywhere,
    });
    for study in patient.iter().flat_map(|p| &p.studies) {
        out.push(Line {
            way: Way::Study(Target::Image {
                study: study.uid.clone(),
                instance: None,
            }),
            group: w("palette.patient"),
            words: wf(
                "palette.study",
                &[("title", &study.title), ("date", &study.date)],
            ),
            keys: Vec::new(),
        });
        out.extend(study.series.iter().map(|s| Line {
            way: Way::Series(s.key.clone()),
            group: w("palette.patient"),
            words: wf(
                "palette.series",
                &[
                    ("number", &s.number),
                    ("description", &s.description),
                    ("title", &study.title),
                    ("date", &study.date),
                ],
            ),
            keys: Vec::new(),
        }));
    }
    out.extend(people.iter().map(|p| Line {
        way: Way::Patient(p.person),
        group: w("palette.people"),
        words: wf(
            "palette.person",
            &[
                ("name", &p.name),
                ("born", &p.birth_date),
                ("id", &p.identifier),
            ],
        ),
        keys: Vec::new(),
    }));
    out
}

/// Lines in which the letters are found in order; groups keep their order, inside a group the better hit comes first.
fn found(lines: &[Line], text: &str) -> Vec<Hit> {
    let mut hits: Vec<(usize, &str, i32, Hit)> = lines
        .iter()
        .enumerate()
        .filter_map(|(line, l)| {
            let (score, letters) = fuzzy(&l.words, text)?;
            Some((line, l.group, score, Hit { line, letters }))
        })
        .collect();
    // The group that holds the best hit comes first.
    let best = |group: &str| {
        hits.iter()
            .filter(|(_, g, ..)| *g == group)
            .map(|(_, _, score, _)| *score)
            .max()
            .unwrap_or(0)
    };
    let order: Vec<(usize, i32, i32)> = hits.iter().map(|(l, g, s, _)| (*l, best(g), *s)).collect();
    if !text.trim().is_empty() {
        let of = |line: usize| {
            order
                .iter()
                .find(|(l, ..)| *l == line)
                .copied()
                .unwrap_or_default()
        };
        let first_of_group = |group: &str| lines.iter().position(|l| l.group == group).unwrap_or(0);
        hits.sort_by_key(|(line, group, ..)| {
            let (_, best, score) = of(*line);
            (-best, first_of_group(group), -score, *line)
        });
    }
    hits.into_iter().map(|(.., hit)| hit).collect()
}

/// Score and places of the letters of `text` in `words`, in order, of either case; `None` when one is missing. Starts of words and runs of
/// letters count more.
fn fuzzy(words: &str, text: &str) -> Option<(i32, Vec<usize>)> {
    let have: Vec<char> = words.to_lowercase().chars().collect();
    let want: Vec<char> = text
        .to_lowercase()
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    // A whole run is the best there is.
    let run = have
        .windows(want.len().max(1))
        .position(|w| w == want)
        .filter(|_| !want.is_empty());
    if let Some(from) = run {
        let start = from == 0 || have.get(from - 1).is_some_and(|c| !c.is_alphanumeric());
        let score = 100 + if start { 50 } else { 0 } - from.min(40) as i32;
        return Some((score, (from..from + want.len()).collect()));
    }
    let (mut score, mut letters, mut from) = (0, Vec::new(), 0);
    for c in want {
        let at = from + have.get(from..)?.iter().position(|h| *h == c)?;
        let start = at == 0 || have.get(at - 1).is_some_and(|c| !c.is_alphanumeric());
        score += if start { 8 } else { 1 } + if at == from { 4 } else { 0 };
        letters.push(at);
        from = at + 1;
    }
    Some((score, letters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_found_in_order_and_starts_of_words_first() {
        assert!(fuzzy("Flip left and right", "flr").is_some());
        assert!(fuzzy("Flip left and right", "rlf").is_none());
        let score = |words, text| fuzzy(words, text).map_or(0, |f| f.0);
        assert!(score("Invert greys", "inv") > score("Next image in view", "inv"));
        assert!(score("Zoom in", "zi") > score("Horizontal flip", "zi"));
        assert_eq!(fuzzy("Cine", "").map(|f| f.1.len()), Some(0));
    }
}
