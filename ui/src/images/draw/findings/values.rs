//! What a lesion says of a date, and how it grew: the quantity that stands in the table, as text.

use triptych_workbench::Instant;
use triptych_workbench::annotate::{Quantity, Stated};
use triptych_workbench::measure::{Change, DecimalSign, Lesion, LesionEntry, write};

use crate::words::signed;

/// Of the drawings of a date the last that states something: of the borders of a nodule only one does.
pub(super) fn telling(lesion: &Lesion, date: Instant) -> Option<&LesionEntry> {
    let mut all = lesion.entries.iter().rev().filter(|e| e.taken == date);
    let last = all.clone().next();
    all.find(|e| !e.values.is_empty()).or(last)
}

/// The two newest dates of all lesions, the older one first.
pub(super) fn last_dates(lesions: &[Lesion]) -> [Option<Instant>; 2] {
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
pub(super) fn value(entry: &LesionEntry) -> [String; 2] {
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
pub(super) fn last_change(lesion: &Lesion, last: Instant) -> Option<&Change> {
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
