//! Every element of the header of an image or document, beside that of another one: searched by words or tags, with differences marked.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Id, Key, Modifiers, Rect, Role, ScrollArea, Sense, Stroke, Ui, pos2, vec2};
use triptych_workbench::browse::{HeaderEntry, HeaderList};
use triptych_workbench::view::PatientView;
use triptych_workbench::{Command, SopInstanceUid};

use crate::look::icon::Icon;
use crate::look::typeface::{self as f, sz};
use crate::look::widget::Weight;
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::palette::floating;
use crate::words::{count, w, wf};

/// A file that can be looked at, and what it is called here.
pub(super) type Named = (SopInstanceUid, String);

/// The open browser.
#[derive(Debug)]
pub(super) struct Headers {
    of: Named,
    beside: Option<Named>,
    choosing: bool,
    /// Words of the file to compare with.
    wanted: String,
    filter: String,
    /// Only what differs.
    only: bool,
    made: Option<Made>,
}

/// Rows of the files that are shown.
#[derive(Debug)]
struct Made {
    left: Arc<HeaderList>,
    right: Option<Arc<HeaderList>>,
    rows: Vec<Row>,
    /// Filter that `shown` is of.
    by: (String, bool),
    /// Rows that pass.
    shown: Vec<usize>,
}

/// One element of either file or of both, by its place in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    left: Option<usize>,
    right: Option<usize>,
    differs: bool,
}

impl Headers {
    pub fn new(of: Named) -> Self {
        Self {
            of,
            beside: None,
            choosing: false,
            wanted: String::new(),
            filter: String::new(),
            only: false,
            made: None,
        }
    }

    /// Draws it over `leaf`; `others` are the files that it can be compared with. False when it is closed.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        leaf: Rect,
        patient: &PatientView,
        others: &[Named],
        out: &mut Out,
    ) -> bool {
        if ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            if !self.choosing {
                return false;
            }
            self.choosing = false;
        }
        let place = leaf.shrink(8.0);
        let area = egui::Area::new(Id::unique("headers"))
            .order(egui::Order::Foreground)
            .fixed_pos(place.min)
            .show(ui.ctx(), |ui| {
                ui.set_clip_rect(place.expand(2.0));
                let mut ui = widget::region(ui, "headers", place, w("headers.name"));
                floating(&ui, place);
                self.body(&mut ui, place, patient, others, out)
            });
        area.inner
    }

    fn body(
        &mut self,
        ui: &mut Ui,
        place: Rect,
        patient: &PatientView,
        others: &[Named],
        out: &mut Out,
    ) -> bool {
        let y = place.top() + sz(22.0);
        let mut right = place.right() - 10.0;
        let close = pos2(right - sz(12.0), y);
        let id = Id::unique("close headers");
        if widget::tool_at(ui, id, close, Icon::Close, w("headers.close"), false).clicked() {
            return false;
        }
        right -= sz(32.0);
        let mut button = |ui: &Ui, words: &str, on: bool| {
            let size = vec2(widget::button_width(ui, words), sz(t::BUTTON));
            let at = Rect::from_min_size(pos2(right - size.x, y - size.y / 2.0), size);
            right = at.left() - 6.0;
            let weight = if on { Weight::Main } else { Weight::Plain };
            widget::button_at(ui, Id::unique(("headers", words)), at, words, weight).clicked()
        };
        if button(ui, w("headers.compare"), self.choosing) {
            self.choosing = !self.choosing;
        }
        if self.beside.is_some() {
            if button(ui, w("headers.alone"), false) {
                self.beside = None;
                self.only = false;
            }
            if button(ui, w("headers.only"), self.only) {
                self.only = !self.only;
            }
        }
        let field = Rect::from_min_max(
            pos2(place.left() + 10.0, y - sz(13.0)),
            pos2(right.max(place.left() + 120.0), y + sz(13.0)),
        );
        let (id, hint, words) = if self.choosing {
            let id = Id::unique("headers wanted");
            (id, w("headers.which"), &mut self.wanted)
        } else {
            let id = Id::unique("headers filter");
            (id, w("headers.filter"), &mut self.filter)
        };
        widget::field(ui, id, field, words, hint, Some(Icon::Search));
        if ui.memory(|m| m.focused().is_none()) {
            ui.memory_mut(|m| m.request_focus(id));
        }
        let list = Rect::from_min_max(pos2(place.left(), y + sz(20.0)), place.max - vec2(0.0, 6.0));
        if self.choosing {
            let wanted = self.wanted.to_lowercase();
            let fits = |o: &&Named| {
                let name = o.1.to_lowercase();
                o.0 != self.of.0 && wanted.split_whitespace().all(|word| name.contains(word))
            };
            let others: Vec<&Named> = others.iter().filter(fits).collect();
            if let Some(chosen) = choice(ui, list, &others) {
                // Identity is shown: the same as opening the image.
                out.send(Command::ShowImage(chosen.0.clone()));
                self.beside = Some(chosen);
                self.choosing = false;
            }
            return true;
        }
        self.table(ui, list, patient, out);
        true
    }

    fn table(&mut self, ui: &mut Ui, list: Rect, patient: &PatientView, out: &mut Out) {
        let mut read = |file: &Named| match patient.headers.get(&file.0) {
            None => {
                out.send(Command::LoadHeader(file.0.clone()));
                Err(w("headers.reading").to_owned())
            }
            Some(Err(why)) => Err(wf("headers.unreadable", &[("why", &why)])),
            Some(Ok(list)) => Ok(list),
        };
        let left = read(&self.of);
        let right = self.beside.as_ref().map(&mut read).transpose();
        let (left, right) = match (left, right) {
            (Ok(left), Ok(right)) => (left, right),
            (Err(words), _) | (_, Err(words)) => {
                let at = list.center();
                text::center(ui.painter(), at.x, at.y, &words, f::body(), t::LABEL);
                text::spoken(ui, "headers why", list, &words);
                return;
            }
        };
        let same = |made: &Made| {
            let right = match (&made.right, &right) {
                (None, None) => true,
                (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                _ => false,
            };
            Arc::ptr_eq(&made.left, &left) && right
        };
        if !self.made.as_ref().is_some_and(same) {
            self.made = Some(Made {
                rows: paired(&left.entries, right.as_ref().map(|r| r.entries.as_slice())),
                left,
                right,
                by: (String::new(), true),
                shown: Vec::new(),
            });
        }
        let Some(made) = &mut self.made else { return };
        let by = (self.filter.trim().to_lowercase(), self.only);
        if made.by != by || made.shown.is_empty() {
            made.filter(by);
        }
        let columns = Columns::of(list, made.right.is_some());
        let head = Rect::from_min_size(list.min, vec2(list.width(), sz(40.0)));
        made.head(ui, head, &columns, &self.of.1, self.beside.as_ref());
        let rows = Rect::from_min_max(pos2(list.left(), head.bottom()), list.max);
        made.table(ui, rows, &columns);
    }
}

/// Files to compare with.
fn choice(ui: &mut Ui, list: Rect, others: &[&Named]) -> Option<Named> {
    let mut chosen = None;
    let mut part = widget::part(ui, "headers choice", list);
    ScrollArea::vertical()
        .auto_shrink(false)
        .show(&mut part, |ui| {
            for (k, other) in others.iter().enumerate() {
                let (_, row) = ui.allocate_space(vec2(ui.available_width(), sz(t::LIST)));
                let id = Id::unique(("headers other", k));
                let response = widget::clickable(ui, id, row, Role::Button, &other.1);
                widget::row_ground(ui, row, &response, false);
                let p = ui.painter();
                let room = row.width() - 28.0;
                let galley = text::line(p, &other.1, f::body(), t::VALUE, room);
                text::put(p, galley, row.left() + 14.0, row.center().y);
                if response.clicked() {
                    chosen = Some(Named::clone(other));
                }
            }
        });
    chosen
}

/// Left edges of the columns and the room of a value.
struct Columns {
    tag: f32,
    vr: f32,
    name: f32,
    values: [f32; 2],
    room: [f32; 3],
}

impl Columns {
    fn of(list: Rect, two: bool) -> Self {
        let left = list.left() + 24.0;
        let vr = left + sz(112.0);
        let name = vr + sz(30.0);
        let first = name + (list.width() * 0.22).clamp(sz(90.0), sz(230.0));
        let room = list.right() - 16.0 - first;
        let each = if two { room / 2.0 } else { room };
        Self {
            tag: left,
            vr,
            name,
            values: [first, first + each],
            room: [vr - left - 4.0, first - name - 8.0, each - 10.0],
        }
    }
}

impl Made {
    fn filter(&mut self, by: (String, bool)) {
        let words: Vec<&str> = by.0.split_whitespace().collect();
        let mut shown = Vec::new();
        // From the end: what a row stands in is kept with it.
        let mut need = 0;
        for (k, row) in self.rows.iter().enumerate().rev() {
            let Some(entry) = self.entry(row) else {
                continue;
            };
            let level = level(entry);
            let fits = (!by.1 || row.differs) && self.fits(row, entry, &words);
            if fits || level < need {
                need = level;
                shown.push(k);
            }
        }
        shown.reverse();
        self.shown = shown;
        self.by = by;
    }

    /// Every word is in the tag, the name or a value. A tag may be typed with or without its comma.
    fn fits(&self, row: &Row, entry: &HeaderEntry, words: &[&str]) -> bool {
        if words.is_empty() {
            return true;
        }
        let [left, right] = self.values(row);
        let value = |e: Option<&HeaderEntry>| e.map(|e| e.value.to_lowercase()).unwrap_or_default();
        let tag = entry.tag_words().to_lowercase();
        let bare = tag.replace(['(', ',', ')'], "");
        let all = format!(
            "{tag} {bare} {} {} {} {}",
            entry.vr.to_lowercase(),
            entry.name.to_lowercase(),
            value(left),
            value(right)
        );
        words.iter().all(|word| all.contains(word))
    }

    fn entry(&self, row: &Row) -> Option<&HeaderEntry> {
        let [left, right] = self.values(row);
        left.or(right)
    }

    fn values(&self, row: &Row) -> [Option<&HeaderEntry>; 2] {
        let right = self.right.as_ref();
        [
            row.left.and_then(|k| self.left.entries.get(k)),
            row.right.and_then(|k| right?.entries.get(k)),
        ]
    }

    fn head(&self, ui: &Ui, head: Rect, columns: &Columns, of: &str, beside: Option<&Named>) {
        let p = ui.painter().with_clip_rect(head);
        let (top, low) = (head.top() + sz(10.0), head.top() + sz(28.0));
        let elements = self.rows.iter().filter(|r| {
            let entry = self.entry(r);
            entry.is_some_and(|e| e.item == 0)
        });
        let mut said = wf("headers.count", &[("n", &count(elements.count()))]);
        if self.right.is_some() {
            let differ = self.rows.iter().filter(|r| r.differs).count();
            said = format!(
                "{said} · {}",
                wf("headers.differ", &[("n", &count(differ))])
            );
        }
        if self.shown.len() < self.rows.len() {
            let shown = count(self.shown.len());
            said = format!("{said} · {}", wf("headers.shown", &[("n", &shown)]));
        }
        let left_out = self.left.left_out + self.right.as_ref().map_or(0, |r| r.left_out);
        if left_out > 0 {
            said = format!(
                "{said} · {}",
                wf("headers.left_out", &[("n", &count(left_out))])
            );
        }
        let room = columns.values[0] - columns.tag - 8.0;
        let galley = text::line(&p, &said, f::small(), t::LABEL, room);
        text::put(&p, galley, columns.tag, top);
        text::spoken(ui, "headers count", head, &said);
        for (x, words) in [
            (columns.tag, w("headers.tag")),
            (columns.vr, w("headers.vr")),
            (columns.name, w("headers.element")),
        ] {
            text::left(&p, x, low, words, f::small_medium(), t::LABEL);
        }
        let names = [Some(of), beside.map(|b| b.1.as_str())];
        for (x, name) in columns.values.into_iter().zip(names) {
            if let Some(name) = name {
                let galley = text::line(&p, name, f::small_medium(), t::VALUE, columns.room[2]);
                text::put(&p, galley, x, low);
            }
        }
        let line = Stroke::new(1.0, t::HAIR);
        p.hline(head.x_range(), head.bottom() - 0.5, line);
    }

    fn table(&self, ui: &mut Ui, place: Rect, columns: &Columns) {
        let high = sz(20.0);
        if self.shown.is_empty() {
            let at = place.center();
            let words = w("headers.nothing");
            text::center(ui.painter(), at.x, at.y, words, f::body(), t::LABEL);
            return;
        }
        let mut part = widget::part(ui, "headers rows", place);
        ScrollArea::vertical().auto_shrink(false).show_rows(
            &mut part,
            high,
            self.shown.len(),
            |ui, range| {
                ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
                for k in self.shown.get(range).unwrap_or_default() {
                    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), high));
                    if let Some(row) = self.rows.get(*k) {
                        self.row(ui, rect, *k, row, columns);
                    }
                }
            },
        );
    }

    fn row(&self, ui: &Ui, rect: Rect, k: usize, row: &Row, columns: &Columns) {
        let Some(entry) = self.entry(row) else { return };
        let p = ui.painter();
        let y = rect.center().y;
        let two = self.right.is_some();
        let step = f32::from(entry.depth) * 10.0;
        let put = |x: f32, words: &str, ink, room: f32| {
            let galley = text::line(p, words, f::small(), ink, room);
            text::put(p, galley, x, y);
        };
        if row.differs {
            put(rect.left() + 8.0, "\u{2260}", t::AMBER, 14.0);
        }
        let (tag, name) = if entry.item > 0 {
            let words = wf("headers.item", &[("n", &entry.item)]);
            (words, String::new())
        } else if entry.is_private() && entry.tag[1] > 0xFF && !entry.name.is_empty() {
            let name = wf("headers.private", &[("by", &entry.name)]);
            (entry.tag_words(), name)
        } else if entry.name.is_empty() {
            (entry.tag_words(), w("headers.unknown").to_owned())
        } else {
            (entry.tag_words(), entry.name.clone())
        };
        let ink = if entry.is_private() { t::BLUE } else { t::BODY };
        put(columns.tag + step, &tag, t::LABEL, columns.room[0] - step);
        put(columns.vr, &entry.vr, t::FAINT, 24.0);
        put(columns.name, &name, ink, columns.room[1]);
        let values = self.values(row).map(|e| e.map(value_words));
        let ink = if row.differs { t::AMBER } else { t::VALUE };
        let mut said = vec![tag, entry.vr.clone(), name];
        for (k, value) in values.iter().enumerate().take(if two { 2 } else { 1 }) {
            match value {
                Some(value) => put(columns.values[k], value, ink, columns.room[2]),
                None => put(
                    columns.values[k],
                    w("headers.absent"),
                    t::FAINT,
                    columns.room[2],
                ),
            }
            let words = value.as_deref().unwrap_or(w("headers.absent"));
            said.push(words.to_owned());
        }
        if row.differs {
            said.push(w("headers.differs").to_owned());
        }
        said.retain(|s| !s.is_empty());
        let said = said.join(" · ");
        let response = ui.interact(rect, Id::unique(("header row", k)), Sense::click());
        response.widget_info(|| egui::WidgetInfo::labeled(Role::Label, true, &said));
        // What does not fit is read below the pointer, and a click takes it along.
        if widget::hover(response, &said).clicked() {
            ui.ctx().copy_text(said);
        }
    }
}

/// What stands in the column of a value.
fn value_words(entry: &HeaderEntry) -> String {
    let value = entry.value.replace(['\r', '\n'], " ");
    match (entry.cut, value.is_empty()) {
        (false, _) => value,
        (true, true) => wf("headers.bytes", &[("n", &count_of(entry.bytes))]),
        (true, false) => {
            let bytes = wf("headers.bytes", &[("n", &count_of(entry.bytes))]);
            format!("{value} … ({bytes})")
        }
    }
}

fn count_of(bytes: u64) -> String {
    count(usize::try_from(bytes).unwrap_or(usize::MAX))
}

/// Deeper than what it stands in: an item between its sequence and its elements.
fn level(entry: &HeaderEntry) -> u32 {
    let inner = u32::from(entry.depth) * 2;
    inner.saturating_sub(u32::from(entry.item > 0))
}

/// Rows of two lists in the order of both. An element is found again by the path to it; a private one by its creator, whatever block it has.
fn paired(left: &[HeaderEntry], right: Option<&[HeaderEntry]>) -> Vec<Row> {
    let Some(right) = right else {
        let alone = |k| Row {
            left: Some(k),
            right: None,
            differs: false,
        };
        return (0..left.len()).map(alone).collect();
    };
    let (lefts, rights) = (paths(left), paths(right));
    let known: BTreeMap<&str, usize> = rights.iter().map(String::as_str).zip(0..).collect();
    let ours: std::collections::BTreeSet<&str> = lefts.iter().map(String::as_str).collect();
    let mut rows = Vec::with_capacity(left.len().max(right.len()));
    let mut next = 0;
    let only_right = |k: usize| Row {
        left: None,
        right: Some(k),
        differs: true,
    };
    for (k, path) in lefts.iter().enumerate() {
        let at = known.get(path.as_str()).copied();
        if let Some(at) = at {
            let missing = (next..at).filter(|j| !ours.contains(rights[*j].as_str()));
            rows.extend(missing.map(only_right));
            next = next.max(at + 1);
        }
        let pair = left.get(k).zip(at.and_then(|at| right.get(at)));
        let same = pair.is_some_and(|(a, b)| {
            a.vr == b.vr && a.value == b.value && a.bytes == b.bytes && a.name == b.name
        });
        rows.push(Row {
            left: Some(k),
            right: at,
            differs: !same,
        });
    }
    let missing = (next..right.len()).filter(|j| !ours.contains(rights[*j].as_str()));
    rows.extend(missing.map(only_right));
    rows
}

/// Path of each entry: the sequences and items it stands in, and itself.
fn paths(entries: &[HeaderEntry]) -> Vec<String> {
    let mut inside: Vec<String> = vec![String::new()];
    let mut last: Vec<String> = vec![String::new()];
    let mut out = Vec::with_capacity(entries.len());
    for entry in entries {
        let depth = usize::from(entry.depth);
        inside.resize(depth + 1, String::new());
        last.resize(depth + 1, String::new());
        let path = if entry.item > 0 {
            let above = depth.checked_sub(1).and_then(|d| last.get(d));
            let path = format!("{}#{}", above.map_or("", String::as_str), entry.item);
            if let Some(place) = inside.get_mut(depth) {
                place.clone_from(&path);
            }
            path
        } else {
            let [group, element] = entry.tag;
            let around = inside.get(depth).map_or("", String::as_str);
            let path = if entry.is_private() && element > 0xFF && !entry.name.is_empty() {
                let low = element & 0xFF;
                format!("{around}/{group:04X}[{}]{low:02X}", entry.name)
            } else {
                format!("{around}/{group:04X}{element:04X}")
            };
            if let Some(place) = last.get_mut(depth) {
                place.clone_from(&path);
            }
            path
        };
        out.push(path);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(depth: u8, item: u32, tag: [u16; 2], name: &str, value: &str) -> HeaderEntry {
        HeaderEntry {
            depth,
            item,
            tag,
            vr: "LO".into(),
            name: name.into(),
            value: value.into(),
            cut: false,
            bytes: value.len() as u64,
        }
    }

    #[test]
    fn elements_are_paired_by_their_path_and_private_ones_by_their_creator() {
        let left = [
            entry(0, 0, [0x0008, 0x0060], "Modality", "CT"),
            entry(0, 0, [0x0009, 0x1001], "MAKER", "a"),
            entry(0, 0, [0x0040, 0x0275], "Sequence", "1 item"),
            entry(1, 1, [0xFFFE, 0xE000], "", ""),
            entry(1, 0, [0x0008, 0x0100], "CodeValue", "x"),
            entry(0, 0, [0x0040, 0xA730], "Other", "1 item"),
            entry(1, 1, [0xFFFE, 0xE000], "", ""),
            entry(1, 0, [0x0008, 0x0100], "CodeValue", "x"),
        ];
        let mut right = left.clone();
        // Another block of the same creator; one more element before the sequence; another value in the second sequence.
        right[1].tag = [0x0009, 0x1101];
        right[7].value = "y".into();
        let mut right = right.to_vec();
        right.insert(2, entry(0, 0, [0x0010, 0x0010], "PatientName", "A"));
        let rows = paired(&left, Some(&right));
        let seen: Vec<_> = rows.iter().map(|r| (r.left, r.right, r.differs)).collect();
        assert_eq!(
            seen,
            [
                (Some(0), Some(0), false),
                (Some(1), Some(1), false),
                (None, Some(2), true),
                (Some(2), Some(3), false),
                (Some(3), Some(4), false),
                (Some(4), Some(5), false),
                (Some(5), Some(6), false),
                (Some(6), Some(7), false),
                (Some(7), Some(8), true),
            ]
        );
        // What differs is shown with what it stands in.
        let mut made = Made {
            left: Arc::new(HeaderList {
                entries: left.to_vec(),
                left_out: 0,
            }),
            right: Some(Arc::new(HeaderList {
                entries: right,
                left_out: 0,
            })),
            rows,
            by: (String::new(), false),
            shown: Vec::new(),
        };
        made.filter((String::new(), true));
        assert_eq!(made.shown, [2, 6, 7, 8]);
        made.filter(("codevalue".into(), false));
        assert_eq!(made.shown, [3, 4, 5, 6, 7, 8]);
        made.filter(("00080060".into(), false));
        assert_eq!(made.shown, [0]);
        made.filter(("0008,0060 ct".into(), false));
        assert_eq!(made.shown, [0]);
        made.filter(("no such thing".into(), false));
        assert!(made.shown.is_empty());
    }
}
