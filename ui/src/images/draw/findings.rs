//! The panel of findings and measurements (Ctrl+M): one row a lesion with its sizes by date and its growth, and the key images.

use egui::{Align, Id, Rect, Role, ScrollArea, Stroke, Ui, pos2, vec2};
use triptych_workbench::annotate::{Annotation, Quantity, Stated};
use triptych_workbench::measure::{Change, DecimalSign, Distribution, Lesion, LesionEntry, write};
use triptych_workbench::view::{KeyImage, PatientView, Target};
use triptych_workbench::{Command, DrawingEdit, Instant};

use super::board::{Board, study_of};
use crate::images::paper::place_of;
use crate::look::typeface::{self as f, sz};
use crate::look::widget::Weight;
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::words::{plural, signed, w, wf};

/// State of the panel.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub open: bool,
    /// Reports are to be written as soon as the tiles say how they look.
    pub write: bool,
    /// This lesion waits for the row it belongs to.
    linking: Option<String>,
}

/// Places of the columns, from the left; the widths of `where`, each date, change, percent, doubling, state, by.
struct Columns {
    name: f32,
    place: f32,
    dates: [f32; 2],
    change: f32,
    percent: f32,
    doubling: f32,
    by: Option<f32>,
}

impl Columns {
    /// Numbers end at the given places; what does not fit is left out from the right.
    fn of(rect: Rect) -> Self {
        let left = rect.left() + t::PAD_LEFT;
        let unit = (rect.width() / 960.0).clamp(0.72, 1.3);
        let at = |x: f32| left + x * unit;
        Self {
            name: left,
            place: at(150.0),
            dates: [at(360.0), at(520.0)],
            change: at(610.0),
            percent: at(690.0),
            doubling: at(800.0),
            by: (rect.width() > 860.0).then(|| at(820.0)),
        }
    }
}

impl Findings {
    /// Height that the panel wants below a leaf of this height.
    pub fn height(&self, patient: &PatientView, board: &Board, leaf: f32) -> f32 {
        if !self.open {
            return 0.0;
        }
        let rows = patient.drawings.lesions.len().max(1) as f32;
        let keys = if has_keys(patient) { sz(30.0) } else { 0.0 };
        let spread = if board.spread.is_some() {
            spread_height()
        } else {
            0.0
        };
        let wanted =
            sz(t::LEAF_HEAD) + sz(t::GROUP_HEAD) + rows * row_height() + keys + spread + 26.0;
        wanted.min(leaf * 0.45).round()
    }

    /// Draws the panel.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        patient: &PatientView,
        board: &mut Board,
        out: &mut Out,
    ) {
        let mut ui = widget::region(ui, "findings", rect, w("findings.title"));
        let ui = &mut ui;
        ui.painter().rect_filled(rect, 0.0, t::PANEL);
        ui.painter()
            .hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, t::HAIR));
        let head = Rect::from_min_size(rect.min, vec2(rect.width(), sz(t::LEAF_HEAD)));
        self.head(ui, head, patient, board, out);
        let mut body = Rect::from_min_max(pos2(rect.left(), head.bottom()), rect.max);
        if has_keys(patient) {
            let keys = Rect::from_min_max(pos2(body.left(), body.bottom() - sz(30.0)), body.max);
            key_images(ui, keys, patient, out);
            body.max.y = keys.top();
        }
        if let Some((_, found)) = &board.spread {
            let strip =
                Rect::from_min_max(pos2(body.left(), body.bottom() - spread_height()), body.max);
            spread(ui, strip, found);
            body.max.y = strip.top();
        }
        if patient.drawings.lesions.is_empty() {
            text::label(
                ui,
                "none",
                Rect::from_min_size(
                    body.min + vec2(t::PAD_LEFT, 0.0),
                    vec2(body.width() - 24.0, sz(t::LIST)),
                ),
                w("findings.none"),
                f::body(),
                t::LABEL,
                Align::Min,
            );
            return;
        }
        let columns = Columns::of(rect);
        let dates = last_dates(&patient.drawings.lesions);
        let line = Rect::from_min_size(body.min, vec2(body.width(), sz(t::GROUP_HEAD)));
        table_head(ui, line, &columns, dates);
        body.min.y = line.bottom();
        let mut part = widget::part(ui, "rows", body);
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(&mut part, |ui| {
                for lesion in patient.drawings.lesions.iter() {
                    self.row(ui, lesion, &columns, dates, patient, board, out);
                }
            });
    }

    fn head(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        patient: &PatientView,
        board: &mut Board,
        out: &mut Out,
    ) {
        let y = rect.center().y;
        let title = text::left(
            ui.painter(),
            rect.left() + t::PAD_LEFT,
            y,
            w("findings.title"),
            f::strong(),
            t::VALUE,
        );
        let drawings = &patient.drawings;
        let mut note = plural(
            drawings.lesions.len(),
            "findings.count_one",
            "findings.count",
        );
        if drawings.unreadable > 0 {
            let n = wf("findings.unreadable", &[("n", &drawings.unreadable)]);
            note = format!("{note} · {n}");
        }
        let note = match &self.linking {
            Some(_) => w("findings.link_to").to_owned(),
            None => note,
        };
        text::left(
            ui.painter(),
            title.right() + 12.0,
            y,
            &note,
            f::small(),
            t::LABEL,
        );
        let mut right = rect.right() - t::PAD_RIGHT;
        let mut button = |ui: &Ui, name: &'static str, salt: &'static str| {
            let width = widget::button_width(ui, w(name));
            let place = Rect::from_min_size(
                pos2(right - width, y - sz(t::BUTTON) / 2.0),
                vec2(width, sz(t::BUTTON)),
            );
            right = place.left() - 6.0;
            widget::button_at(
                ui,
                Id::unique(("findings", salt)),
                place,
                w(name),
                Weight::Plain,
            )
            .clicked()
        };
        if patient.at_is_now && button(ui, "findings.report", "report") {
            self.write = true;
        }
        if button(ui, "findings.export", "export") {
            out.send(Command::ExportFindings(None));
        }
        let Some(chosen) = board.selected(patient).filter(|_| patient.at_is_now) else {
            self.linking = None;
            return;
        };
        let (lesion, locked) = (chosen.lesion.clone(), chosen.locked);
        if locked {
            return;
        }
        if button(ui, "findings.delete", "delete") {
            board.delete(patient);
        }
        if button(ui, "findings.final", "final") {
            board.lock(patient);
        }
        if button(ui, "findings.link", "link") {
            self.linking = match &self.linking {
                Some(_) => None,
                None => Some(lesion),
            };
        }
        if button(ui, "findings.rename", "rename") {
            board.rename(patient);
        }
        let Some((_, grown)) = board.threshold(patient) else {
            return;
        };
        // Right to left: the threshold stands between its two buttons.
        if button(ui, "findings.threshold_up", "threshold up") {
            board.regrow(patient, 1.0);
        }
        if button(ui, "findings.threshold_down", "threshold down") {
            board.regrow(patient, -1.0);
        }
        let from = write::number(grown.settings.range[0], 0, DecimalSign::Point);
        let words = wf("findings.threshold", &[("hu", &signed(&from))]);
        let place = text::right(ui.painter(), right - 4.0, y, &words, f::small(), t::LABEL);
        text::spoken(ui, "threshold", place, &words);
    }

    #[allow(clippy::too_many_arguments, reason = "one row of a table")]
    fn row(
        &mut self,
        ui: &mut Ui,
        lesion: &Lesion,
        columns: &Columns,
        dates: [Option<Instant>; 2],
        patient: &PatientView,
        board: &mut Board,
        out: &mut Out,
    ) {
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), row_height()));
        let newest = lesion.entries.last().and_then(|e| telling(lesion, e.taken));
        let drawing = newest.and_then(|e| patient.drawings.get(&e.uid));
        let chosen = board
            .selected(patient)
            .is_some_and(|a| a.lesion == lesion.lesion);
        let told = lesion.entries.iter().filter(|e| !e.values.is_empty());
        let values: Vec<String> = told.map(|e| value(e).join(" ")).collect();
        let name = format!("{} {}", lesion.label, values.join(", "));
        let id = Id::unique(("finding", &lesion.lesion));
        let response = widget::clickable(ui, id, rect, Role::Button, &name);
        widget::row_ground(ui, rect, &response, chosen);
        let y = rect.center().y;
        let p = ui.painter().with_clip_rect(rect);
        let label = text::line(
            &p,
            &lesion.label,
            f::strong(),
            t::VALUE,
            columns.place - columns.name - 8.0,
        );
        text::put(&p, label, columns.name, y);
        if let Some(drawing) = drawing {
            let words = where_words(patient, drawing);
            let width = columns.dates[0] - columns.place - 90.0;
            let galley = text::line(&p, &words, f::small(), t::LABEL, width.max(20.0));
            text::put(&p, galley, columns.place, y);
        }
        for (date, right) in dates.iter().zip(columns.dates) {
            let Some(date) = date else { continue };
            match telling(lesion, *date) {
                Some(entry) => {
                    let [number, unit] = value(entry);
                    let unit = text::right(&p, right, y, &unit, f::small(), t::FAINT);
                    text::right(&p, unit.left() - 4.0, y, &number, f::value(), t::VALUE);
                }
                None => {
                    text::right(&p, right, y, "\u{2014}", f::body(), t::FAINT);
                }
            }
        }
        let change = dates[1].and_then(|last| last_change(lesion, last));
        if let Some(change) = change {
            growth_cells(&p, change, columns, y);
        } else if lesion.entries.len() < 2 {
            text::right(
                &p,
                columns.percent,
                y,
                w("findings.first"),
                f::small(),
                t::LABEL,
            );
        }
        if let (Some(x), Some(drawing)) = (columns.by, drawing) {
            let mut by = drawing.author.clone();
            if drawing.locked {
                by = format!("{by} · {}", w("draw.final"));
            }
            if patient.drawings.image_changed.contains(&drawing.uid) {
                by = format!("{} · {by}", w("draw.image_changed"));
            }
            let galley = text::line(&p, &by, f::small(), t::LABEL, rect.right() - x - 8.0);
            text::put(&p, galley, x, y);
        }
        let hover = hover_words(lesion, change);
        let response = if hover.is_empty() {
            response
        } else {
            widget::hover(response, &hover)
        };
        if !response.clicked() {
            return;
        }
        if let Some(from) = self.linking.take() {
            if from != lesion.lesion && !lesion.entries.is_empty() {
                link(patient, &from, &lesion.lesion, out);
            }
            return;
        }
        // The entry of the date that was clicked, else the newest.
        let at = response.interact_pointer_pos().map(|p| p.x);
        let of_first = at.is_some_and(|x| x > columns.place && x <= columns.dates[0] + 4.0);
        let first = dates[0].filter(|_| of_first);
        let entry = first.and_then(|date| telling(lesion, date)).or(newest);
        if let Some(entry) = entry {
            board.select(Some(entry.uid.clone()));
            if let Some(target) = patient.drawings.get(&entry.uid).and_then(target) {
                out.jump = Some(target);
            }
        }
        if response.double_clicked() {
            board.rename(patient);
        }
    }
}

/// Of the drawings of a date the last that states something: of the borders of a nodule only one does.
fn telling(lesion: &Lesion, date: Instant) -> Option<&LesionEntry> {
    let mut all = lesion.entries.iter().rev().filter(|e| e.taken == date);
    let last = all.clone().next();
    all.find(|e| !e.values.is_empty()).or(last)
}

fn row_height() -> f32 {
    sz(28.0)
}

/// All drawings of one lesion become drawings of the other, which keeps its name.
fn link(patient: &PatientView, from: &str, to: &str, out: &mut Out) {
    let of = |lesion: &str| {
        let lesion = lesion.to_owned();
        let all = patient.drawings.annotations.iter();
        all.filter(move |a| a.lesion == lesion)
    };
    let label = of(to).map(|a| a.label.clone()).next().unwrap_or_default();
    let edits: Vec<DrawingEdit> = of(from)
        .filter(|a| !a.locked)
        .map(|a| {
            let mut next = a.clone();
            to.clone_into(&mut next.lesion);
            next.label.clone_from(&label);
            DrawingEdit::Change(Box::new(next))
        })
        .collect();
    if !edits.is_empty() {
        out.send(Command::Annotate(edits));
    }
}

/// Where the drawing is: `4 · 43`, series and image.
fn where_words(patient: &PatientView, drawing: &Annotation) -> String {
    let Some(study) = study_of(patient, drawing) else {
        return w("findings.image_gone").to_owned();
    };
    let image = drawing.anchor.image.as_ref();
    let found = study.series.iter().find_map(|series| {
        let at =
            series.stack.slices.iter().position(|s| {
                image.is_some_and(|i| i.instance == s.instance && i.frame == s.frame)
            })?;
        Some((series, at))
    });
    match found {
        Some((series, at)) => format!("{} · {}", series.number, at + 1),
        None if image.is_none() => w("findings.volume").to_owned(),
        None => w("findings.image_gone").to_owned(),
    }
}

fn target(drawing: &Annotation) -> Option<Target> {
    let image = drawing.anchor.image.as_ref()?;
    Some(Target::Image {
        study: drawing.anchor.study.clone(),
        instance: Some((image.instance.clone(), image.frame)),
    })
}

/// The two newest dates of all lesions, the older one first.
fn last_dates(lesions: &[Lesion]) -> [Option<Instant>; 2] {
    let mut dates: Vec<Instant> = lesions
        .iter()
        .flat_map(|l| l.entries.iter().map(|e| e.taken))
        .collect();
    dates.sort();
    dates.dedup();
    let newest = dates.pop();
    [dates.pop(), newest]
}

/// Number and unit of what a drawing is followed by.
fn value(entry: &LesionEntry) -> [String; 2] {
    let stated = |quantity| entry.values.iter().find(|v| v.quantity == quantity);
    let split = |text: String| match text.split_once('\u{a0}').or_else(|| text.split_once(' ')) {
        Some((number, unit)) => [signed(number), unit.to_owned()],
        None => [signed(&text), String::new()],
    };
    if let (Some(long), Some(short)) = (stated(Quantity::LongAxis), stated(Quantity::ShortAxis)) {
        let ([a, unit], [b, _]) = (split(written(long)), split(written(short)));
        return [format!("{a} × {b}"), unit];
    }
    FIRST.into_iter().find_map(stated).map_or_else(
        || ["\u{2014}".to_owned(), String::new()],
        |v| split(written(v)),
    )
}

/// What stands in the table, the most telling first.
const FIRST: [Quantity; 9] = [
    Quantity::Volume,
    Quantity::Length,
    Quantity::Angle,
    Quantity::CobbAngle,
    Quantity::Area,
    Quantity::Mean,
    Quantity::Value,
    Quantity::Velocity,
    Quantity::Duration,
];

/// As on the image (T48).
fn written(v: &Stated) -> String {
    let sign = DecimalSign::Point;
    match (v.quantity, v.unit.as_str()) {
        (_, "mm") => write::length(v.value, None, sign),
        (_, "mm2") => write::area(v.value, None, sign),
        (_, "mm3") => write::volume(v.value, sign),
        (_, "deg") => write::angle(v.value, sign),
        (_, "{pixels}") => write::pixel_length(v.value, sign),
        (_, "{pixels}2") => write::pixel_area(v.value, sign),
        (_, "[hnsf'U]") => format!("{} HU", write::number(v.value, 1, sign)),
        (_, unit) if unit.contains("SUV") => format!("{} SUV", write::suv(v.value, sign)),
        (_, "1") => write::number(v.value, 1, sign),
        (_, unit) => format!(
            "{} {}",
            write::number(v.value, 1, sign),
            unit.replace(['{', '}'], "")
        ),
    }
}

/// The change that ends at the newest date, of the quantity that stands in the table.
fn last_change(lesion: &Lesion, last: Instant) -> Option<&Change> {
    let order = [
        Quantity::Volume,
        Quantity::LongAxis,
        Quantity::Length,
        Quantity::Area,
        Quantity::Mean,
    ];
    let of = |quantity| {
        lesion
            .changes
            .iter()
            .find(|c| c.to == last && c.quantity == quantity)
    };
    order.into_iter().find_map(of)
}

fn growth_cells(p: &egui::Painter, change: &Change, columns: &Columns, y: f32) {
    let sign = DecimalSign::Point;
    let Some(compared) = &change.compared else {
        text::right(
            p,
            columns.percent,
            y,
            w("findings.not_compared"),
            f::small(),
            t::LABEL,
        );
        return;
    };
    let plus = |text: String| {
        let text = signed(&text);
        if text.starts_with('\u{2212}') {
            text
        } else {
            format!("+{text}")
        }
    };
    let (absolute, unit) = match change.unit.as_str() {
        "mm3" => (compared.absolute / 1000.0, "ml"),
        "mm2" => (compared.absolute / 100.0, "cm²"),
        "[hnsf'U]" => (compared.absolute, "HU"),
        other => (compared.absolute, other),
    };
    let unit = text::right(p, columns.change, y, unit, f::small(), t::FAINT);
    let absolute = plus(write::number(absolute, 1, sign));
    text::right(p, unit.left() - 4.0, y, &absolute, f::value(), t::VALUE);
    let percent = plus(write::number(compared.percent, 1, sign));
    text::right(p, columns.percent, y, &percent, f::value(), t::VALUE);
    let doubling = match &compared.growth {
        Some(growth) if growth.within_variation => w("findings.within").to_owned(),
        Some(growth) => match growth.doubling_days {
            Some(days) if days > 0.0 => wf("findings.days", &[("n", &format!("{days:.0}"))]),
            Some(_) => w("findings.shrinking").to_owned(),
            None => String::new(),
        },
        None => String::new(),
    };
    text::right(p, columns.doubling, y, &doubling, f::body(), t::VALUE);
}

/// How the values compare, in words; empty without a comparison.
fn hover_words(lesion: &Lesion, change: Option<&Change>) -> String {
    let mut lines = Vec::new();
    if let Some(change) = change {
        let from = change.from.iso_date();
        let to = change.to.iso_date();
        let days = format!("{:.0}", change.days);
        let fill: [(&str, &dyn std::fmt::Display); 3] =
            [("from", &from), ("to", &to), ("n", &days)];
        lines.push(wf("findings.between", &fill));
        lines.extend(change.cautions.iter().map(|c| c.text().to_owned()));
    }
    if let Some(site) = lesion.site.as_ref().and_then(|s| s.display.clone()) {
        lines.push(site);
    }
    lines.join("\n")
}

fn table_head(ui: &Ui, rect: Rect, columns: &Columns, dates: [Option<Instant>; 2]) {
    let p = ui.painter();
    let y = rect.center().y;
    let left = |x, key| text::left(p, x, y, w(key), f::small_medium(), t::LABEL);
    left(columns.name, "findings.finding");
    left(columns.place, "findings.where");
    if let Some(x) = columns.by {
        left(x, "findings.by");
    }
    for (date, x) in dates.iter().zip(columns.dates) {
        if let Some(date) = date {
            // No date in the header of the images: none is made up.
            let words = if date.0 == 0 {
                w("findings.no_date").to_owned()
            } else {
                date.iso_date()
            };
            text::right(p, x, y, &words, f::small_medium(), t::LABEL);
        }
    }
    for (x, key) in [
        (columns.change, "findings.change"),
        (columns.percent, "findings.percent"),
        (columns.doubling, "findings.doubling"),
    ] {
        text::right(p, x, y, w(key), f::small_medium(), t::LABEL);
    }
    p.hline(
        rect.x_range(),
        rect.bottom() - 0.5,
        Stroke::new(1.0, t::HAIR),
    );
}

fn spread_height() -> f32 {
    sz(40.0)
}

/// Percentiles of the chosen region, and a histogram between its smallest and greatest value.
fn spread(ui: &Ui, rect: Rect, of: &Distribution) {
    let p = ui.painter().with_clip_rect(rect);
    p.hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, t::HAIR));
    let y = rect.center().y;
    let number = |v: f64| {
        let places = if of.unit.starts_with("SUV") { 2 } else { 1 };
        signed(&write::number(v, places, DecimalSign::Point))
    };
    let parts = of.percentiles.map(|(percent, value)| match percent {
        50 => wf("findings.median", &[("value", &number(value))]),
        _ => wf(
            "findings.percentile",
            &[("n", &percent), ("value", &number(value))],
        ),
    });
    let words = format!("{} {}", parts.join(" · "), of.unit);
    let left = rect.left() + t::PAD_LEFT;
    let told = text::left(&p, left, y, words.trim(), f::small(), t::VALUE);
    text::spoken(ui, "spread", rect, words.trim());
    let most = of.histogram.iter().copied().max().unwrap_or(0);
    let [least, greatest] = of.ends.map(number);
    let least = text::left(&p, told.right() + 24.0, y, &least, f::small(), t::LABEL);
    let bars = Rect::from_min_size(
        pos2(least.right() + 6.0, rect.top() + 6.0),
        vec2(sz(160.0), rect.height() - 12.0),
    );
    if most > 0 && bars.right() < rect.right() - 60.0 {
        let width = bars.width() / of.histogram.len().max(1) as f32;
        for (k, count) in of.histogram.iter().enumerate() {
            let height = bars.height() * *count as f32 / most as f32;
            let x = bars.left() + width * k as f32;
            let bar = Rect::from_min_max(
                pos2(x, bars.bottom() - height),
                pos2(x + width - 1.0, bars.bottom()),
            );
            p.rect_filled(bar, 0.0, t::LABEL);
        }
        p.hline(
            bars.x_range(),
            bars.bottom() + 0.5,
            Stroke::new(1.0, t::HAIR),
        );
        text::left(&p, bars.right() + 6.0, y, &greatest, f::small(), t::LABEL);
    }
}

fn has_keys(patient: &PatientView) -> bool {
    let drawings = &patient.drawings;
    !drawings.key_images.is_empty() || !drawings.foreign.keys.is_empty()
}

/// One line of marked images; a click jumps there.
fn key_images(ui: &Ui, rect: Rect, patient: &PatientView, out: &mut Out) {
    let p = ui.painter().with_clip_rect(rect);
    p.hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, t::HAIR));
    let y = rect.center().y;
    let head = text::left(
        &p,
        rect.left() + t::PAD_LEFT,
        y,
        w("findings.keys"),
        f::small_medium(),
        t::LABEL,
    );
    let mut x = head.right() + 12.0;
    let all = all_keys(patient);
    for (shown, (target, words)) in all.iter().enumerate() {
        let width = widget::button_width(ui, words);
        if x + width > rect.right() - 60.0 {
            let more = wf("findings.more_keys", &[("n", &(all.len() - shown))]);
            text::left(&p, x, y, &more, f::small(), t::LABEL);
            return;
        }
        let place = Rect::from_min_size(pos2(x, y - sz(t::CHIP) / 2.0), vec2(width, sz(t::CHIP)));
        let id = Id::unique(("key image", shown));
        if widget::button_at(ui, id, place, words, Weight::Plain).clicked() {
            out.jump = Some(target.clone());
        }
        x = place.right() + 6.0;
    }
}

/// Key images of the reader, then those of key object selections that are here, with who chose them.
fn all_keys(patient: &PatientView) -> Vec<(Target, String)> {
    let own = patient.drawings.key_images.iter().map(|key| {
        let target = Target::Image {
            study: key.study.clone(),
            instance: Some((key.instance.clone(), key.frame)),
        };
        (target, key_words(patient, key))
    });
    let theirs = patient.drawings.foreign.keys.iter().flat_map(|key| {
        let frames = if key.image.frames.is_empty() {
            vec![None]
        } else {
            key.image.frames.iter().copied().map(Some).collect()
        };
        frames.into_iter().filter_map(|frame| {
            let instance = &key.image.instance;
            let (study, place) = place_of(patient, instance, frame)?;
            let parts = [place.as_str(), &key.reason, &key.author];
            let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
            let target = Target::Image {
                study,
                instance: Some((instance.clone(), frame.unwrap_or(0))),
            };
            Some((target, parts.join(" · ")))
        })
    });
    own.chain(theirs).collect()
}

/// `2021-02-22 · 4 · 43`
fn key_words(patient: &PatientView, key: &KeyImage) -> String {
    let study = patient.studies.iter().find(|s| s.uid == key.study);
    let place = study.and_then(|study| {
        study.series.iter().find_map(|series| {
            let at = series
                .stack
                .slices
                .iter()
                .position(|s| s.instance == key.instance && s.frame == key.frame)?;
            Some(format!("{} · {} · {}", study.date, series.number, at + 1))
        })
    });
    let place = place.unwrap_or_else(|| w("findings.image_gone").to_owned());
    if key.reason.is_empty() {
        place
    } else {
        format!("{place} · {}", key.reason)
    }
}
