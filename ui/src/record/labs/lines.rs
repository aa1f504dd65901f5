//! Lines of the table of labs in their order, before any of them is drawn.

use std::collections::BTreeSet;

use triptych_workbench::view::{FormerValue, LabRow, PatientView};

use crate::look::tokens as t;
use crate::look::typeface::sz;
use crate::record::lab_rows;
use crate::words::w;

/// A line of the table: group head, row, or an earlier value of the same time.
pub(super) enum Line<'a> {
    Head(&'a str, String, bool),
    Row {
        row: &'a LabRow,
        group_date: &'a str,
        same_time: Option<usize>,
    },
    /// A result that was taken back and has no row left to stand in.
    Former(&'a FormerValue),
}

impl Line<'_> {
    pub fn height(&self, row: f32) -> f32 {
        match self {
            Self::Head(..) => sz(t::GROUP_HEAD),
            Self::Row { .. } | Self::Former(_) => row,
        }
    }
}

/// Groups in their order; first what is outside its interval, where that is asked for; at the end what was taken back.
pub(super) fn lines(patient: &PatientView, abnormal_first: bool) -> Vec<Line<'_>> {
    let mut out = Vec::new();
    let outside: Vec<&LabRow> = if abnormal_first {
        let rows = patient.labs.iter().flat_map(|g| &g.rows);
        rows.filter(|r| r.mark.is_outside()).collect()
    } else {
        Vec::new()
    };
    if !outside.is_empty() {
        out.push(Line::Head(
            w("labs.outside_head"),
            outside.len().to_string(),
            true,
        ));
        out.extend(outside.iter().map(|row| Line::Row {
            row,
            group_date: "",
            same_time: None,
        }));
    }
    for (i, group) in patient.labs.iter().enumerate() {
        let i = i + outside.len();
        let note = [group.date.as_str(), group.age.as_str()]
            .into_iter()
            .filter(|s| !s.is_empty())
            .collect::<Vec<_>>()
            .join(" · ");
        out.push(Line::Head(&group.title, note, i == 0));
        for row in group
            .rows
            .iter()
            .filter(|r| !(abnormal_first && r.mark.is_outside()))
        {
            out.push(Line::Row {
                row,
                group_date: &group.date,
                same_time: None,
            });
            // Two results with one time stand in two rows.
            let newest = row.points.last().map(|p| p.at);
            for (k, point) in row.points.iter().enumerate().rev().skip(1) {
                if Some(point.at) != newest || point.fact == row.fact {
                    break;
                }
                out.push(Line::Row {
                    row,
                    group_date: &group.date,
                    same_time: Some(k),
                });
            }
        }
    }
    let rows: BTreeSet<&str> = lab_rows(patient).map(|r| r.key.as_str()).collect();
    let gone = patient.former.iter();
    let gone = gone.filter(|(key, _)| !rows.contains(key.as_str()));
    let mut gone: Vec<&FormerValue> = gone.flat_map(|(_, values)| values).collect();
    if !gone.is_empty() {
        gone.sort_by(|a, b| (&a.name, b.at.instant).cmp(&(&b.name, a.at.instant)));
        let n = gone.len().to_string();
        out.push(Line::Head(w("labs.taken_back"), n, out.is_empty()));
        out.extend(gone.into_iter().map(Line::Former));
    }
    out
}
