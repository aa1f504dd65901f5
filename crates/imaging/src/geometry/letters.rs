//! Letters at the edges of a picture, from the view as it is now (T29).

use glam::{DVec2, DVec3};

use super::view::ViewTransform;
use crate::display::DisplayAttributes;

/// Letters of the four edges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeLetters {
    /// Where the screen's right edge points to.
    pub right: String,
    /// Left edge.
    pub left: String,
    /// Upper edge.
    pub top: String,
    /// Lower edge.
    pub bottom: String,
}

/// Letters for a view of a frame; `None`: the orientation is unknown, no letter may be drawn.
#[must_use]
pub fn edge_letters(
    attributes: &DisplayAttributes,
    transform: &ViewTransform,
) -> Option<EdgeLetters> {
    if let Some(plane) = &attributes.plane {
        let [rx, ry, rz, cx, cy, cz] = plane.orientation;
        let (row, column) = (DVec3::new(rx, ry, rz), DVec3::new(cx, cy, cz));
        if row.length() < 0.5 || column.length() < 0.5 {
            return None;
        }
        let toward = |x: f64, y: f64| {
            let d = transform.image_direction(DVec2::new(x, y));
            letters_of(row * d.x + column * d.y, attributes.quadruped)
        };
        return Some(edges(toward));
    }
    let [row, column] = attributes.patient_orientation.as_ref()?;
    let (row, column) = (row.trim(), column.trim());
    if opposite(row).is_none() || opposite(column).is_none() || row.is_empty() || column.is_empty()
    {
        return None;
    }
    // A view turned by a free angle shows the letters of the nearest edge.
    let toward = |x: f64, y: f64| {
        let d = transform.image_direction(DVec2::new(x, y));
        let (letters, ahead) = if d.x.abs() >= d.y.abs() {
            (row, d.x > 0.0)
        } else {
            (column, d.y > 0.0)
        };
        if ahead {
            letters.to_owned()
        } else {
            opposite(letters).unwrap_or_default()
        }
    };
    Some(edges(toward))
}

fn edges(toward: impl Fn(f64, f64) -> String) -> EdgeLetters {
    EdgeLetters {
        right: toward(1.0, 0.0),
        left: toward(-1.0, 0.0),
        top: toward(0.0, -1.0),
        bottom: toward(0.0, 1.0),
    }
}

/// Letters of a direction in the patient (LPS), largest component first; a further one when it exceeds a quarter of the largest.
#[must_use]
pub fn letters_of(direction: DVec3, quadruped: bool) -> String {
    let names = if quadruped {
        [["LE", "RT"], ["D", "V"], ["CR", "CD"]]
    } else {
        [["L", "R"], ["P", "A"], ["H", "F"]]
    };
    let mut parts: Vec<(f64, &str)> = direction
        .to_array()
        .into_iter()
        .zip(names)
        .map(|(c, [plus, minus])| (c.abs(), if c > 0.0 { plus } else { minus }))
        .collect();
    // Components that differ by rounding only keep the order x, y, z.
    parts.sort_by(|a, b| {
        if (a.0 - b.0).abs() < 1e-6 {
            std::cmp::Ordering::Equal
        } else {
            b.0.total_cmp(&a.0)
        }
    });
    let largest = parts.first().map_or(0.0, |p| p.0);
    if largest < 1e-6 {
        return String::new();
    }
    parts
        .iter()
        .filter(|(size, _)| *size == largest || *size > 0.25 * largest + 1e-6)
        .map(|(_, name)| *name)
        .collect()
}

/// `AL` is opposite to `PR`; `None` when a letter is unknown. Biped letters only: quadruped terms pass through their own table.
fn opposite(letters: &str) -> Option<String> {
    const PAIRS: [(&str, &str); 6] = [
        ("LE", "RT"),
        ("CR", "CD"),
        ("L", "R"),
        ("A", "P"),
        ("H", "F"),
        ("D", "V"),
    ];
    let mut rest = letters;
    let mut out = String::new();
    while !rest.is_empty() {
        let (taken, turned) = PAIRS.iter().find_map(|(a, b)| {
            if rest.starts_with(a) {
                Some((*a, *b))
            } else {
                rest.starts_with(b).then_some((*b, *a))
            }
        })?;
        out.push_str(turned);
        rest = rest.get(taken.len()..)?;
    }
    Some(out)
}
