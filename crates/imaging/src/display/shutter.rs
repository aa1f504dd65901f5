//! Display shutters (T19, PS3.3 C.7.6.11 and C.7.6.15): parts of the image that are covered because they show nothing of the patient.

use serde::{Deserialize, Serialize};

use super::{Overlay, srgb_of_cielab};

/// What covers an image. Several shapes together leave the least of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shutter {
    /// Every pixel that one of these covers is covered.
    pub shapes: Vec<ShutterShape>,
    /// Shutter Presentation Value (0018,1622), a P-value; black when absent.
    pub value: u16,
    /// Shutter Presentation Color CIELab Value (0018,1624), for a screen of colours.
    pub cielab: Option<[u16; 3]>,
}

/// One shape. Rows and columns are counted from 1, as in the file; edges are visible.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ShutterShape {
    /// Visible between its edges.
    Rectangular {
        /// First visible column.
        left: i32,
        /// Last visible column.
        right: i32,
        /// First visible row.
        upper: i32,
        /// Last visible row.
        lower: i32,
    },
    /// Visible up to its radius.
    Circular {
        /// Row and column of its centre.
        center: [i32; 2],
        /// In pixels along a row.
        radius: f64,
        /// Height of a pixel over its width.
        height_over_width: f64,
    },
    /// Visible inside, by the even-odd rule.
    Polygonal {
        /// Row and column of each vertex; the last is joined with the first.
        vertices: Vec<[i32; 2]>,
    },
    /// Covered where the plane's bits are set.
    Bitmap(Overlay),
}

/// Visible columns of one row, counted from 1: first and last of each run, in order.
pub(crate) type Runs = Vec<[i32; 2]>;

impl Shutter {
    /// More vertices than any shutter has.
    pub const MOST_VERTICES: usize = 4096;

    /// Whether it covers a pixel of the image, counted from 0. Covered pixels count in no statistics.
    #[must_use]
    pub fn covers(&self, column: i32, row: i32) -> bool {
        let (column, row) = (column.saturating_add(1), row.saturating_add(1));
        let visible = |shape: &ShutterShape| match shape {
            ShutterShape::Bitmap(plane) => !plane.marks(column - 1, row - 1),
            other => other
                .runs(row, i32::MAX - 1)
                .iter()
                .any(|r| (r[0]..=r[1]).contains(&column)),
        };
        !self.shapes.iter().all(visible)
    }

    /// Visible columns of a row, both counted from 1, of an image of so many columns.
    pub(crate) fn visible(&self, row: i32, columns: i32) -> Runs {
        let all = vec![[1, columns]];
        self.shapes.iter().fold(all, |runs, shape| {
            intersection(&runs, &shape.runs(row, columns))
        })
    }

    /// Colour of what is covered: a P-value is no grey of the image, polarity leaves it alone.
    #[must_use]
    pub fn colour(&self) -> [u8; 3] {
        match self.cielab {
            Some(words) => srgb_of_cielab(words),
            None => [(u32::from(self.value) * 255 + 32_767) / 65_535; 3].map(|v| v as u8),
        }
    }
}

impl ShutterShape {
    /// Visible columns of `row`, not beyond `columns`.
    fn runs(&self, row: i32, columns: i32) -> Runs {
        match self {
            Self::Rectangular {
                left,
                right,
                upper,
                lower,
            } => {
                let inside = (*upper..=*lower).contains(&row) && left <= right;
                inside.then_some([*left, *right]).into_iter().collect()
            }
            Self::Circular {
                center,
                radius,
                height_over_width,
            } => {
                let off = (f64::from(row) - f64::from(center[0])) * height_over_width;
                let half = (radius * radius - off * off).sqrt();
                // NaN where the row is above or below.
                let half = half.is_finite().then(|| half.floor() as i32);
                half.map(|h| [center[1].saturating_sub(h), center[1].saturating_add(h)])
                    .into_iter()
                    .collect()
            }
            Self::Polygonal { vertices } => polygon(vertices, f64::from(row)),
            Self::Bitmap(plane) => {
                let mut runs = Runs::new();
                for column in (1..=columns).filter(|c| !plane.marks(c - 1, row - 1)) {
                    match runs.last_mut() {
                        Some(run) if run[1] + 1 == column => run[1] = column,
                        _ => runs.push([column, column]),
                    }
                }
                runs
            }
        }
    }
}

/// Columns whose centres are in the polygon or on its edge.
fn polygon(vertices: &[[i32; 2]], row: f64) -> Runs {
    let mut crossings = Vec::new();
    let mut runs = Runs::new();
    let next = vertices.iter().cycle().skip(1);
    for (a, b) in vertices.iter().zip(next) {
        let [[ay, ax], [by, bx]] = [a, b].map(|p| p.map(f64::from));
        if (row < ay && row < by) || (row > ay && row > by) {
            continue;
        }
        if ay == by {
            // An edge along the row.
            runs.push([ax.min(bx) as i32, ax.max(bx) as i32]);
            continue;
        }
        let at = ax + (row - ay) / (by - ay) * (bx - ax);
        if at.fract() == 0.0 {
            runs.push([at as i32, at as i32]);
        }
        // The lower end of an edge is the next one's.
        if (row < ay) != (row < by) {
            crossings.push(at);
        }
    }
    crossings.sort_by(f64::total_cmp);
    for pair in crossings.as_chunks::<2>().0 {
        let run = [pair[0].ceil() as i32, pair[1].floor() as i32];
        if run[0] <= run[1] {
            runs.push(run);
        }
    }
    runs.sort_unstable();
    let mut joined = Runs::new();
    for run in runs {
        match joined.last_mut() {
            Some(last) if run[0] <= last[1] => last[1] = last[1].max(run[1]),
            _ => joined.push(run),
        }
    }
    joined
}

fn intersection(a: &Runs, b: &Runs) -> Runs {
    let mut both = Runs::new();
    for x in a {
        for y in b {
            let run = [x[0].max(y[0]), x[1].min(y[1])];
            if run[0] <= run[1] {
                both.push(run);
            }
        }
    }
    both.sort_unstable();
    both
}
