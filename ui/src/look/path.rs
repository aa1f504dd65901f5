//! Outlines in SVG path syntax, as `marks.svg` writes them, turned into line strips.
//!
//! Understands `M L H V C S Q A Z` in both cases: what the marks and icons use. A command it does not know ends the path; the test draws
//! every icon, so that cannot happen unseen.

use egui::{Pos2, Vec2, pos2, vec2};

/// A strip of points; closed when its path ends in `z`.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// Points in the path's own grid.
    pub points: Vec<Pos2>,
    /// The last point joins the first.
    pub closed: bool,
}

/// Segments a curve is cut into.
const CURVE_STEPS: u8 = 12;

/// The strips of `path`.
#[must_use]
pub fn strips(path: &str) -> Vec<Strip> {
    let mut reader = Reader { rest: path };
    let mut out: Vec<Strip> = Vec::new();
    let (mut at, mut start, mut last_control) = (Pos2::ZERO, Pos2::ZERO, None::<Pos2>);
    let mut command = 'M';
    while let Some(next) = reader.command(command) {
        command = next;
        let base = if command.is_ascii_lowercase() {
            at.to_vec2()
        } else {
            Vec2::ZERO
        };
        let mut control = None;
        match command.to_ascii_uppercase() {
            'M' => {
                let Some(p) = reader.point() else { break };
                at = p + base;
                start = at;
                out.push(Strip {
                    points: vec![at],
                    closed: false,
                });
                // Further pairs after a move are lines.
                command = if command == 'm' { 'l' } else { 'L' };
            }
            'L' => {
                let Some(p) = reader.point() else { break };
                at = p + base;
                push(&mut out, at);
            }
            'H' => {
                let Some(x) = reader.number() else { break };
                at.x = x + base.x;
                push(&mut out, at);
            }
            'V' => {
                let Some(y) = reader.number() else { break };
                at.y = y + base.y;
                push(&mut out, at);
            }
            'C' => {
                let (Some(a), Some(b), Some(c)) = (reader.point(), reader.point(), reader.point())
                else {
                    break;
                };
                cubic(&mut out, at, a + base, b + base, c + base);
                control = Some(b + base);
                at = c + base;
            }
            'S' => {
                let (Some(b), Some(c)) = (reader.point(), reader.point()) else {
                    break;
                };
                let a = last_control.map_or(at, |l| at + (at - l));
                cubic(&mut out, at, a, b + base, c + base);
                control = Some(b + base);
                at = c + base;
            }
            'Q' => {
                let (Some(q), Some(c)) = (reader.point(), reader.point()) else {
                    break;
                };
                let (q, c) = (q + base, c + base);
                cubic(
                    &mut out,
                    at,
                    at + (q - at) * (2.0 / 3.0),
                    c + (q - c) * (2.0 / 3.0),
                    c,
                );
                at = c;
            }
            'A' => {
                let Some(arc) = reader.arc() else { break };
                let to = arc.to + base;
                elliptic(&mut out, at, to, &arc);
                at = to;
            }
            'Z' => {
                if let Some(strip) = out.last_mut() {
                    strip.closed = true;
                }
                at = start;
            }
            _ => break,
        }
        last_control = control;
    }
    out
}

fn push(out: &mut [Strip], p: Pos2) {
    if let Some(strip) = out.last_mut() {
        strip.points.push(p);
    }
}

fn cubic(out: &mut [Strip], p0: Pos2, p1: Pos2, p2: Pos2, p3: Pos2) {
    for step in 1..=CURVE_STEPS {
        let u = f32::from(step) / f32::from(CURVE_STEPS);
        let v = 1.0 - u;
        let p = p0.to_vec2() * (v * v * v)
            + p1.to_vec2() * (3.0 * v * v * u)
            + p2.to_vec2() * (3.0 * v * u * u)
            + p3.to_vec2() * (u * u * u);
        push(out, p.to_pos2());
    }
}

struct Arc {
    radius: f32,
    large: bool,
    sweep: bool,
    to: Pos2,
}

/// A circular arc (both radii alike, as in all our icons); SVG 1.1, implementation note F.6.5.
fn elliptic(out: &mut [Strip], from: Pos2, to: Pos2, arc: &Arc) {
    let half = (from - to) / 2.0;
    let distance = half.length();
    if distance < 1e-4 {
        return;
    }
    let r = arc.radius.max(distance);
    let height = (r * r - distance * distance).max(0.0).sqrt();
    let sign = if arc.large == arc.sweep { -1.0 } else { 1.0 };
    let normal = vec2(half.y, -half.x) / distance;
    let center = from + (to - from) / 2.0 + normal * (sign * height);
    let (a0, a1) = ((from - center).angle(), (to - center).angle());
    let mut turn = a1 - a0;
    if arc.sweep && turn < 0.0 {
        turn += std::f32::consts::TAU;
    } else if !arc.sweep && turn > 0.0 {
        turn -= std::f32::consts::TAU;
    }
    for step in 1..=CURVE_STEPS {
        let angle = a0 + turn * f32::from(step) / f32::from(CURVE_STEPS);
        push(out, center + Vec2::angled(angle) * r);
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', ',', '\n']);
    }

    /// The next command letter; a number instead means the former one again.
    fn command(&mut self, former: char) -> Option<char> {
        self.skip();
        let c = self.rest.chars().next()?;
        if c.is_ascii_alphabetic() {
            self.rest = self.rest.get(1..)?;
            return Some(c);
        }
        Some(former)
    }

    fn number(&mut self) -> Option<f32> {
        self.skip();
        let mut seen_dot = false;
        let end = self
            .rest
            .char_indices()
            .find(|&(i, c)| match c {
                '0'..='9' => false,
                '-' => i > 0,
                '.' => std::mem::replace(&mut seen_dot, true),
                _ => true,
            })
            .map_or(self.rest.len(), |(i, _)| i);
        let (number, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        number.parse().ok()
    }

    fn point(&mut self) -> Option<Pos2> {
        Some(pos2(self.number()?, self.number()?))
    }

    fn flag(&mut self) -> Option<bool> {
        self.skip();
        let c = self.rest.chars().next()?;
        self.rest = self.rest.get(1..)?;
        Some(c == '1')
    }

    fn arc(&mut self) -> Option<Arc> {
        let (rx, ry, _turn) = (self.number()?, self.number()?, self.number()?);
        Some(Arc {
            radius: rx.max(ry),
            large: self.flag()?,
            sweep: self.flag()?,
            to: self.point()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_lines_and_closing() {
        let got = strips("M2 2h3v3H2z");
        assert_eq!(
            got,
            vec![Strip {
                points: vec![
                    pos2(2.0, 2.0),
                    pos2(5.0, 2.0),
                    pos2(5.0, 5.0),
                    pos2(2.0, 5.0)
                ],
                closed: true
            }]
        );
    }

    #[test]
    fn numbers_may_touch_and_moves_go_on_as_lines() {
        let got = strips("M8 .5 15.5 8 8 15.5 .5 8z");
        assert_eq!(got.len(), 1);
        assert_eq!(got[0].points.len(), 4);
        assert_eq!(got[0].points[3], pos2(0.5, 8.0));
    }

    /// Half a circle of radius 5.5 about (8, 8), from its top over the right to its bottom: every point keeps the radius.
    #[test]
    fn an_arc_keeps_its_radius() {
        let got = strips("M8 2.5a5.5 5.5 0 0 1 0 11z");
        let strip = &got[0];
        assert!(
            strip
                .points
                .iter()
                .all(|p| (p.distance(pos2(8.0, 8.0)) - 5.5).abs() < 1e-3)
        );
        assert!(
            strip.points.iter().any(|p| p.x > 13.4),
            "over the right side"
        );
    }
}
