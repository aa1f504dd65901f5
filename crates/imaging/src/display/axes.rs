//! Where the pixels of the screen lie in the image, worked out once a row and once a column when the view turns by quarters.

use super::{
    draw::Drawing,
    taps::{Cover, Tap},
};
use crate::geometry::ViewportPx;

/// How a position of the screen becomes one of the image, ready for use.
pub(super) enum Axes {
    /// The image's x follows the screen's x (`swapped`: its y).
    Separable {
        x: Vec<Tap>,
        y: Vec<Tap>,
        cover_x: Vec<Cover>,
        cover_y: Vec<Cover>,
        swapped: bool,
    },
    /// Any angle.
    Free,
}

impl Axes {
    pub(super) fn new(drawing: &Drawing<'_>) -> Self {
        let (origin, dx, dy) = drawing.transform.steps();
        let (columns, rows) = (drawing.frame.shape.columns, drawing.frame.shape.rows);
        let straight = dx.y == 0.0 && dy.x == 0.0;
        let swapped = dx.x == 0.0 && dy.y == 0.0;
        if !straight && !swapped {
            return Self::Free;
        }
        let line = |n: u32, start: f64, step: f64| {
            (0..n).map(move |k| start + step * (f64::from(k) + 0.5))
        };
        let [width, height] = drawing.size;
        let (along_x, along_y, half_x, half_y) = if straight {
            (
                line(width, origin.0.x, dx.x),
                line(height, origin.0.y, dy.y),
                dx.x.abs() / 2.0,
                dy.y.abs() / 2.0,
            )
        } else {
            (
                line(height, origin.0.x, dy.x),
                line(width, origin.0.y, dx.y),
                dy.x.abs() / 2.0,
                dx.y.abs() / 2.0,
            )
        };
        let averages = drawing.averages();
        let covers = |positions: &dyn Fn() -> Vec<f64>, half: f64, count: u32| {
            if averages {
                positions()
                    .into_iter()
                    .map(|c| Cover::new(c, half, count))
                    .collect()
            } else {
                Vec::new()
            }
        };
        Self::Separable {
            cover_x: covers(&|| along_x.clone().collect(), half_x, columns),
            cover_y: covers(&|| along_y.clone().collect(), half_y, rows),
            x: along_x.map(|c| Tap::new(c, columns)).collect(),
            y: along_y.map(|c| Tap::new(c, rows)).collect(),
            swapped,
        }
    }

    /// Taps along the image's x and y for screen pixel (i, j).
    #[inline]
    pub(super) fn taps(&self, drawing: &Drawing<'_>, i: usize, j: usize) -> (Tap, Tap) {
        match self {
            Self::Separable { x, y, swapped, .. } => {
                let (a, b) = if *swapped { (j, i) } else { (i, j) };
                (
                    x.get(a).copied().unwrap_or_default(),
                    y.get(b).copied().unwrap_or_default(),
                )
            }
            Self::Free => {
                let at = self.free(drawing, i, j);
                let shape = drawing.frame.shape;
                (Tap::new(at.x, shape.columns), Tap::new(at.y, shape.rows))
            }
        }
    }

    #[inline]
    pub(super) fn covers(&self, drawing: &Drawing<'_>, i: usize, j: usize) -> (Cover, Cover) {
        match self {
            Self::Separable {
                cover_x,
                cover_y,
                swapped,
                ..
            } => {
                let (a, b) = if *swapped { (j, i) } else { (i, j) };
                (
                    cover_x.get(a).copied().unwrap_or_default(),
                    cover_y.get(b).copied().unwrap_or_default(),
                )
            }
            Self::Free => {
                let at = self.free(drawing, i, j);
                let (_, dx, dy) = drawing.transform.steps();
                let shape = drawing.frame.shape;
                (
                    Cover::new(at.x, (dx.x.abs() + dy.x.abs()) / 2.0, shape.columns),
                    Cover::new(at.y, (dx.y.abs() + dy.y.abs()) / 2.0, shape.rows),
                )
            }
        }
    }

    fn free(&self, drawing: &Drawing<'_>, i: usize, j: usize) -> glam::DVec2 {
        let at = glam::DVec2::new(i as f64 + 0.5, j as f64 + 0.5);
        drawing.transform.to_image(ViewportPx(at)).0
    }
}
