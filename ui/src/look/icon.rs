//! Icons on a 16 px grid, stroke 1.3, paths as in `marks.svg`.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, epaint::PathStroke, vec2};

use super::path;

/// An icon by its name in `marks.svg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Icon {
    Window,
    Scroll,
    Zoom,
    Pan,
    Grid,
    Search,
    Fold,
    Unfold,
    Jump,
    Reset,
    File,
    Down,
    Close,
    Check,
    Text,
    Flask,
    Image,
    Back,
    Lock,
    Warning,
    Contrast,
    Length,
    Bidirectional,
    Angle,
    Ellipse,
    KeyImage,
}

impl Icon {
    /// Every icon.
    pub const ALL: [Self; 26] = [
        Self::Window,
        Self::Scroll,
        Self::Zoom,
        Self::Pan,
        Self::Grid,
        Self::Search,
        Self::Fold,
        Self::Unfold,
        Self::Jump,
        Self::Reset,
        Self::File,
        Self::Down,
        Self::Close,
        Self::Check,
        Self::Text,
        Self::Flask,
        Self::Image,
        Self::Back,
        Self::Lock,
        Self::Warning,
        Self::Contrast,
        Self::Length,
        Self::Bidirectional,
        Self::Angle,
        Self::Ellipse,
        Self::KeyImage,
    ];

    const fn path(self) -> &'static str {
        match self {
            Self::Window => "",
            Self::Scroll => "M8 2v12M5 5l3-3 3 3M5 11l3 3 3-3",
            Self::Zoom | Self::Search => "M10.5 10.5 14 14",
            Self::Pan => "M8 2v12M2 8h12M6 4l2-2 2 2M6 12l2 2 2-2M4 6 2 8l2 2M12 6l2 2-2 2",
            Self::Grid => "M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z",
            Self::Fold => "M6 3l5 5-5 5",
            Self::Back => "M10 3 5 8l5 5",
            Self::Unfold => "M3 6l5 5 5-5",
            Self::Jump => "M5 3h8v8M13 3 4 12",
            Self::Reset => "M3 8a5 5 0 1 0 1.6-3.7M3 2.5v3h3",
            Self::File => "M4 1.500h5l3.5 3.500v9.500H4zM9 1.500V5h3.5",
            Self::Down => "M8 2v9M4 7.5 8 11.500l4-4M2.5 14h11",
            Self::Close => "M3.5 3.500l9 9M12.5 3.500l-9 9",
            Self::Check => "M2.5 8.5 6 12l7.5-8",
            Self::Text => "M2 3.500h12M2 8h12M2 12.500h8",
            Self::Flask => "M6 1.500h4M7 1.500V6L3 13.500h10L9 6V1.5",
            Self::Image => "M1.5 2.5h13v11h-13zM1.5 11 6 7l3 3 2-2 3.5 3",
            Self::Lock => "M3 7h10v7H3zM5 7V5a3 3 0 0 1 6 0v2",
            Self::Contrast => "M2 2h12v12H2zM2 14 14 2M8.5 11h4M5 4v4M3 6h4",
            Self::Length => "M2.5 13.5 13.5 2.5M1 12l3 3M12 1l3 3",
            Self::Bidirectional => "M2.5 13.5 13.5 2.5M5 5l6 6",
            Self::Angle => "M13 3 3 13h11M7 9a5 5 0 0 1 1.6 4",
            Self::Ellipse => {
                "M2 8C2 5.8 4.7 4 8 4C11.3 4 14 5.8 14 8C14 10.2 11.3 12 8 12C4.7 12 2 10.2 2 8z"
            }
            Self::KeyImage => "M8 1.8l1.9 4 4.3.5-3.2 3 .9 4.3L8 11.4l-3.9 2.2.9-4.3-3.2-3 4.3-.5z",
            Self::Warning => "M8 1.8 15 14H1zM8 6v4M8 11.4v1.2",
        }
    }

    /// Paints the icon with its 16 px grid centred on `center`, `size` points wide.
    pub fn paint(self, painter: &Painter, center: Pos2, size: f32, colour: Color32) {
        let scale = size / 16.0;
        let stroke = Stroke::new(1.3 * scale.max(1.0), colour);
        let origin = center - vec2(size, size) / 2.0;
        let at = |p: Pos2| origin + p.to_vec2() * scale;
        match self {
            Self::Window => {
                let c = at(Pos2::new(8.0, 8.0));
                painter.circle_stroke(c, 5.5 * scale, stroke);
                let right: Vec<Pos2> = (0..=16u8)
                    .map(|i| {
                        let angle = std::f32::consts::PI * (f32::from(i) / 16.0 - 0.5);
                        c + egui::Vec2::angled(angle) * 5.5 * scale
                    })
                    .collect();
                painter.add(Shape::convex_polygon(right, colour, Stroke::NONE));
            }
            Self::Zoom | Self::Search => {
                painter.circle_stroke(at(Pos2::new(7.0, 7.0)), 4.5 * scale, stroke);
            }
            _ => {}
        }
        for strip in path::strips(self.path()) {
            let points = strip.points.iter().map(|p| at(*p)).collect();
            let stroke = PathStroke::from(stroke);
            painter.add(if strip.closed {
                Shape::closed_line(points, stroke)
            } else {
                Shape::line(points, stroke)
            });
        }
    }
}

/// The program's own mark without its dark ground: two wings in perspective, a taller light centre with a trace (`icon.svg`), or with a
/// bar below 32 points (`icon-16.svg`).
pub fn program(painter: &Painter, rect: Rect) {
    use super::tokens as t;
    let at = |x: f32, y: f32| rect.min + vec2(x, y) * (rect.width() / 16.0);
    let quad = |points: [(f32, f32); 4], colour| {
        let points = points.iter().map(|&(x, y)| at(x, y)).collect();
        painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
    };
    quad([(2.0, 4.5), (4.0, 4.0), (4.0, 12.0), (2.0, 11.5)], t::LABEL);
    quad(
        [(12.0, 4.0), (14.0, 4.5), (14.0, 11.5), (12.0, 12.0)],
        t::LABEL,
    );
    painter.rect_filled(
        Rect::from_min_max(at(5.0, 2.0), at(11.0, 14.0)),
        0.0,
        t::VALUE,
    );
    if rect.width() < 32.0 {
        painter.rect_filled(
            Rect::from_min_max(at(6.0, 8.0), at(10.0, 10.0)),
            0.0,
            t::TRACE,
        );
    } else {
        let trace = [
            (5.0, 8.5),
            (6.6, 8.5),
            (7.4, 6.1),
            (8.6, 10.1),
            (9.4, 8.5),
            (11.0, 8.5),
        ];
        let points = trace.iter().map(|&(x, y)| at(x, y)).collect();
        painter.line(points, Stroke::new(rect.width() / 23.0, t::TRACE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_draws_inside_its_grid() {
        for icon in Icon::ALL {
            let strips = path::strips(icon.path());
            assert!(
                !strips.is_empty() || icon == Icon::Window,
                "{icon:?} draws nothing"
            );
            for p in strips.iter().flat_map(|s| &s.points) {
                assert!(
                    (0.0..=16.0).contains(&p.x) && (0.0..=16.0).contains(&p.y),
                    "{icon:?} {p:?}"
                );
            }
        }
    }
}
