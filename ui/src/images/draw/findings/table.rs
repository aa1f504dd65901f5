//! The table of lesions: its columns, and a row with sizes, growth and author.

use egui::{Id, Rect, Role, Stroke, Ui, vec2};
use triptych_workbench::annotate::Annotation;
use triptych_workbench::measure::{Change, DecimalSign, Lesion, write};
use triptych_workbench::view::{PatientView, Target};
use triptych_workbench::{Command, DrawingEdit, Instant};

use super::Findings;
use super::values::{last_change, telling, value};
use crate::images::draw::board::{Board, study_of};
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::words::{signed, w, wf};

/// Places of the columns, from the left; the widths of `where`, each date, change, percent, doubling, state, by.
pub(super) struct Columns {
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
    pub(super) fn of(rect: Rect) -> Self {
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
    #[allow(clippy::too_many_arguments, reason = "one row of a table")]
    pub(super) fn row(
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

pub(super) fn table_head(ui: &Ui, rect: Rect, columns: &Columns, dates: [Option<Instant>; 2]) {
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

pub(super) fn row_height() -> f32 {
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
