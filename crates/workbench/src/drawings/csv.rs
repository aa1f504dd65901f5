//! The findings as a table for other programs: one line a value, decimals with a point (T48).

use std::fmt::Write as _;

use triptych_imaging::annotate::{Annotation, Quantity, Stated};
use triptych_imaging::measure::{DecimalSign, write};

use crate::view::{DrawingsView, StudyView};

const HEAD: &str = "label,lesion,study_date,study,series,instance,frame,quantity,value,unit,millimetres_from,image_changed,final,author,created,edited,software\r\n";

/// The table, UTF-8, with the lines of RFC 4180.
pub(crate) fn csv(drawings: &DrawingsView, studies: &[StudyView]) -> String {
    let mut table = String::from(HEAD);
    for drawing in drawings.annotations.iter() {
        let changed = drawings.image_changed.contains(&drawing.uid);
        let date = studies
            .iter()
            .find(|s| s.uid == drawing.anchor.study)
            .map_or("", |s| s.date.as_str());
        if drawing.values.is_empty() {
            line(&mut table, drawing, date, changed, None);
        }
        for value in &drawing.values {
            line(&mut table, drawing, date, changed, Some(value));
        }
    }
    table
}

fn line(
    table: &mut String,
    drawing: &Annotation,
    date: &str,
    changed: bool,
    value: Option<&Stated>,
) {
    let image = drawing.anchor.image.as_ref();
    let text = |of: Option<String>| of.unwrap_or_default();
    let cells = [
        drawing.label.clone(),
        drawing.lesion.clone(),
        date.to_owned(),
        drawing.anchor.study.to_string(),
        drawing.anchor.series.to_string(),
        text(image.map(|i| i.instance.to_string())),
        text(image.map(|i| (i.frame + 1).to_string())),
        text(value.map(|v| format!("{:?}", v.quantity))),
        text(value.map(number)),
        text(value.map(|v| v.unit.clone())),
        text(value.and_then(|v| v.provenance).map(|p| p.mark())),
        if changed { "yes" } else { "no" }.to_owned(),
        if drawing.locked { "yes" } else { "no" }.to_owned(),
        drawing.author.clone(),
        drawing.created.clone(),
        drawing.edited.clone(),
        drawing.software.clone(),
    ];
    for (k, text) in cells.iter().enumerate() {
        if k > 0 {
            table.push(',');
        }
        cell(table, text, k == VALUE);
    }
    table.push_str("\r\n");
}

/// Place of the number in a line.
const VALUE: usize = 8;

fn cell(table: &mut String, text: &str, is_number: bool) {
    // What begins like a formula is one to a spreadsheet: never a reader's words.
    let formula = !is_number && text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\r', '\n']) {
        // Writing to a String cannot fail.
        let _ = write!(table, "\"{}\"", text.replace('"', "\"\""));
    } else {
        table.push_str(&text);
    }
}

/// With the decimals that are shown: no accuracy that is not there.
fn number(stated: &Stated) -> String {
    let decimals = match stated.quantity {
        _ if stated.unit.contains("SUV") => 2,
        Quantity::Area | Quantity::Volume | Quantity::Count => 0,
        Quantity::Minimum | Quantity::Maximum | Quantity::Value => 0,
        Quantity::Duration => 3,
        _ => 1,
    };
    write::number(stated.value, decimals, DecimalSign::Point)
}
