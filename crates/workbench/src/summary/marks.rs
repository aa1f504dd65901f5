//! Marks on the printed page: the shapes of the screen (look.md), without its colours.

use super::sheet::{Ink, Sheet};
use crate::view::{Mark, Severity};

/// From a grid of `cells` to points: `size` wide around `center`.
fn grid([cx, cy]: [f32; 2], size: f32, cells: f32) -> impl Fn(f32, f32) -> [f32; 2] {
    let unit = size / cells;
    move |x, y| [cx + (x - cells / 2.0) * unit, cy + (y - cells / 2.0) * unit]
}

/// The shape beside a value, on a grid of 12; nothing for a value within its interval.
pub(super) fn lab(sheet: &mut Sheet, center: [f32; 2], size: f32, mark: Mark) {
    let g = grid(center, size, 12.0);
    let unit = size / 12.0;
    let solid = Ink::fill(0);
    let line = Ink::line(unit, 60);
    match mark {
        Mark::Within | Mark::Corrected => {}
        Mark::Above => sheet.polygon(&[g(6.0, 2.0), g(11.0, 10.0), g(1.0, 10.0)], solid),
        Mark::Below => sheet.polygon(&[g(6.0, 10.0), g(1.0, 2.0), g(11.0, 2.0)], solid),
        Mark::CriticalAbove => {
            sheet.polygon(&[g(6.0, 0.0), g(11.0, 6.0), g(1.0, 6.0)], solid);
            sheet.polygon(&[g(6.0, 6.0), g(11.0, 12.0), g(1.0, 12.0)], solid);
        }
        Mark::CriticalBelow => {
            sheet.polygon(&[g(6.0, 6.0), g(1.0, 0.0), g(11.0, 0.0)], solid);
            sheet.polygon(&[g(6.0, 12.0), g(1.0, 6.0), g(11.0, 6.0)], solid);
        }
        Mark::NoInterval => sheet.circle(g(6.0, 6.0), 2.5 * unit, line),
        Mark::Refused => {
            sheet.polygon(
                &[g(1.5, 1.5), g(10.5, 1.5), g(10.5, 10.5), g(1.5, 10.5)],
                line,
            );
            sheet.line(g(2.0, 10.0), g(10.0, 2.0), line);
        }
        Mark::FromText => sheet.polygon(
            &[g(1.5, 1.5), g(10.5, 1.5), g(10.5, 10.5), g(1.5, 10.5)],
            Ink::dashed(unit, 60, [2.0 * unit, 1.5 * unit]),
        ),
    }
}

/// The severity of a signal on a grid of 16; the double hexagon of lane D where there is none.
pub(super) fn severity(sheet: &mut Sheet, center: [f32; 2], size: f32, severity: Option<Severity>) {
    let g = grid(center, size, 16.0);
    let unit = size / 16.0;
    let line = Ink::line(1.5 * unit, 0);
    match severity {
        Some(Severity::Info) => {
            sheet.circle(g(8.0, 8.0), 5.5 * unit, line);
            sheet.line(g(8.0, 7.5), g(8.0, 11.0), line);
            sheet.line(g(8.0, 5.0), g(8.0, 6.2), line);
        }
        Some(Severity::Low) => sheet.polygon(&[g(8.0, 2.5), g(14.0, 13.5), g(2.0, 13.5)], line),
        Some(Severity::Moderate) => {
            sheet.polygon(&[g(8.0, 1.5), g(15.0, 14.0), g(1.0, 14.0)], Ink::fill(0))
        }
        Some(Severity::High) => sheet.polygon(
            &[g(8.0, 0.5), g(15.5, 8.0), g(8.0, 15.5), g(0.5, 8.0)],
            Ink::fill(0),
        ),
        None => {
            let outer = [
                g(4.5, 1.5),
                g(11.5, 1.5),
                g(15.5, 8.0),
                g(11.5, 14.5),
                g(4.5, 14.5),
                g(0.5, 8.0),
            ];
            let inner = [
                g(5.6, 3.5),
                g(10.4, 3.5),
                g(13.2, 8.0),
                g(10.4, 12.5),
                g(5.6, 12.5),
                g(2.8, 8.0),
            ];
            for ring in [outer, inner] {
                sheet.polygon(&ring, Ink::line(unit, 0));
            }
        }
    }
}

/// The word beside the shape.
pub(super) const fn severity_word(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Info) => "Info",
        Some(Severity::Low) => "Low",
        Some(Severity::Moderate) => "Moderate",
        Some(Severity::High) => "High",
        None => "Model output, investigational",
    }
}
