//! Painted text: centred by cap height, right-aligned numbers with lighter units, ellipsis with the full text on hover.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align, Color32, FontId, Galley, Painter, Pos2, Rect, Response, Sense, Ui, pos2, vec2};

use triptych_workbench::letters;

use super::typeface as f;
use super::{tokens as t, widget};

/// Distance from a line's top to the middle of its capitals, in em: ascent 1.025, cap height 0.698.
const CAP_CENTER: f32 = 1.025 - 0.349;

/// One line, never longer than `width`: cut with an ellipsis at the end.
pub fn line(
    painter: &Painter,
    text: &str,
    font: FontId,
    colour: Color32,
    width: f32,
) -> Arc<Galley> {
    let mut job = LayoutJob::single_section(
        one_line(text),
        TextFormat {
            font_id: font,
            color: colour,
            ..TextFormat::default()
        },
    );
    job.wrap = TextWrapping {
        max_width: width.max(0.0),
        max_rows: 1,
        break_anywhere: true,
        overflow_character: Some('…'),
    };
    job.round_output_to_gui = false;
    painter.layout_job(job)
}

/// [`line()`] struck through: what counts no longer.
pub fn struck(
    painter: &Painter,
    text: &str,
    font: FontId,
    colour: Color32,
    width: f32,
) -> Arc<Galley> {
    let galley = line(painter, text, font, colour, width);
    let mut job = (*galley.job).clone();
    for section in &mut job.sections {
        section.format.strikethrough = egui::Stroke::new(1.0, colour);
    }
    painter.layout_job(job)
}

/// Line breaks become spaces, for a line is a line, and right-to-left words stand where they are read.
fn one_line(text: &str) -> String {
    if text.contains(['\n', '\r', '\t']) {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        letters::visual(&line).into_owned()
    } else {
        letters::visual(text).into_owned()
    }
}

/// One line cut in its middle: names and identifiers keep their ends.
pub fn middle(
    painter: &Painter,
    text: &str,
    font: FontId,
    colour: Color32,
    width: f32,
) -> Arc<Galley> {
    let whole = line(painter, text, font.clone(), colour, f32::INFINITY);
    if whole.size().x <= width {
        return whole;
    }
    let chars: Vec<char> = text.chars().collect();
    let mut keep = chars.len();
    while keep > 2 {
        keep -= 1;
        let head = keep.div_ceil(2);
        let tail = keep - head;
        let cut: String = chars
            .iter()
            .take(head)
            .chain(std::iter::once(&'…'))
            .chain(chars.iter().skip(chars.len() - tail))
            .collect();
        let galley = line(painter, &cut, font.clone(), colour, f32::INFINITY);
        if galley.size().x <= width {
            return galley;
        }
    }
    line(painter, text, font, colour, width)
}

/// Paints `galley` with its capitals centred on `y`, its left edge at `x`. The rectangle that it covers.
pub fn put(painter: &Painter, galley: Arc<Galley>, x: f32, y: f32) -> Rect {
    let size = galley
        .job
        .sections
        .first()
        .map_or(13.0, |s| s.format.font_id.size);
    let ppp = painter.pixels_per_point();
    let at = pos2(
        (x * ppp).round() / ppp,
        ((y - CAP_CENTER * size) * ppp).round() / ppp,
    );
    let rect = Rect::from_min_size(at, galley.size());
    painter.galley(at, galley, Color32::PLACEHOLDER);
    rect
}

/// Left-aligned line without a limit.
pub fn left(painter: &Painter, x: f32, y: f32, text: &str, font: FontId, colour: Color32) -> Rect {
    put(
        painter,
        line(painter, text, font, colour, f32::INFINITY),
        x,
        y,
    )
}

/// Right-aligned line: its right edge at `x`.
pub fn right(painter: &Painter, x: f32, y: f32, text: &str, font: FontId, colour: Color32) -> Rect {
    let galley = line(painter, text, font, colour, f32::INFINITY);
    let w = galley.size().x;
    put(painter, galley, x - w, y)
}

/// Centred line.
pub fn center(
    painter: &Painter,
    x: f32,
    y: f32,
    text: &str,
    font: FontId,
    colour: Color32,
) -> Rect {
    let galley = line(painter, text, font, colour, f32::INFINITY);
    let w = galley.size().x;
    put(painter, galley, x - w / 2.0, y)
}

/// Width of a line.
pub fn width(painter: &Painter, text: &str, font: FontId) -> f32 {
    line(painter, text, font, t::VALUE, f32::INFINITY).size().x
}

/// A paragraph wrapped at `width`, at most `rows` lines of `line_height` points.
pub fn paragraph(
    painter: &Painter,
    text: &str,
    font: FontId,
    colour: Color32,
    width: f32,
    rows: usize,
    line_height: f32,
) -> Arc<Galley> {
    let words = match letters::reads_from_right(text) {
        // What fits in one line can be put in order; lines are broken after that.
        true if self::width(painter, text, font.clone()) <= width => {
            letters::visual(text).into_owned()
        }
        _ => text.to_owned(),
    };
    let mut job = LayoutJob::single_section(
        words,
        TextFormat {
            font_id: font,
            color: colour,
            line_height: Some(line_height),
            ..TextFormat::default()
        },
    );
    job.wrap = TextWrapping {
        max_width: width.max(1.0),
        max_rows: rows,
        break_anywhere: false,
        overflow_character: Some('…'),
    };
    painter.layout_job(job)
}

/// Number right-aligned at `x`, its unit 4 points after it, lighter: a number is never without unit.
/// The unit is cut at `unit_width`; true when it was.
pub fn quantity(
    painter: &Painter,
    x: f32,
    y: f32,
    number: &str,
    unit: &str,
    unit_width: f32,
) -> bool {
    right(painter, x, y, number, f::value(), t::VALUE);
    if unit.is_empty() {
        return false;
    }
    let galley = line(painter, unit, f::small(), t::FAINT, unit_width);
    let cut = galley.elided;
    put(painter, galley, x + 4.0, y);
    cut
}

/// Image text: `value` with eight copies in black at one point around it, so that it reads on fat and on air.
pub fn on_image(painter: &Painter, at: Pos2, align: Align, text: &str, font: FontId) -> Rect {
    on_image_in(painter, at, align, text, font, f32::INFINITY)
}

/// [`on_image`] cut at `width` points.
pub fn on_image_in(
    painter: &Painter,
    at: Pos2,
    align: Align,
    text: &str,
    font: FontId,
    width: f32,
) -> Rect {
    let light = line(painter, text, font.clone(), t::VALUE, width);
    let dark = line(painter, text, font, t::IMAGE, width);
    let x = match align {
        Align::Min => at.x,
        Align::Center => at.x - light.size().x / 2.0,
        Align::Max => at.x - light.size().x,
    };
    for dx in [-1.0, 0.0, 1.0] {
        for dy in [-1.0, 0.0, 1.0] {
            if dx != 0.0 || dy != 0.0 {
                put(painter, dark.clone(), x + dx, at.y + dy);
            }
        }
    }
    put(painter, light, x, at.y)
}

/// A line of text inside `rect`, known to screen readers, with the full text on hover where it does not fit.
pub fn label(
    ui: &Ui,
    id: impl egui::AsIdSalt,
    rect: Rect,
    text: &str,
    font: FontId,
    colour: Color32,
    align: Align,
) -> Response {
    let galley = line(ui.painter(), text, font, colour, rect.width());
    let cut = galley.elided;
    let x = match align {
        Align::Min => rect.left(),
        Align::Center => rect.center().x - galley.size().x / 2.0,
        Align::Max => rect.right() - galley.size().x,
    };
    put(ui.painter(), galley, x, rect.center().y);
    let response = spoken(ui, id, rect, text);
    if cut {
        widget::hover(response, text)
    } else {
        response
    }
}

/// Tells screen readers that `text` stands in `rect`.
pub fn spoken(ui: &Ui, id: impl egui::AsIdSalt, rect: Rect, text: &str) -> Response {
    let response = ui.interact(rect, ui.scope_id().with(("text", id)), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, text));
    response
}

/// A wrapped paragraph at the cursor of `ui`, known to screen readers.
pub fn block(ui: &mut Ui, text: &str, font: FontId, colour: Color32, line_height: f32) -> Rect {
    block_rows(ui, text, font, colour, line_height, usize::MAX)
}

/// [`block`] of at most `rows` lines; cut text is shown whole on hover.
pub fn block_rows(
    ui: &mut Ui,
    text: &str,
    font: FontId,
    colour: Color32,
    line_height: f32,
    rows: usize,
) -> Rect {
    let galley = paragraph(
        ui.painter(),
        text,
        font,
        colour,
        ui.available_width(),
        rows,
        line_height,
    );
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), galley.size().y), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, text));
    if galley.elided {
        widget::hover(response, text);
    }
    ui.painter().galley(rect.min, galley, colour);
    rect
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(words: &str) -> Vec<(char, f32)> {
        let ctx = egui::Context::default();
        f::install(&ctx);
        let mut glyphs = Vec::new();
        // The first pass makes the fonts.
        for _ in 0..2 {
            let mut out = ctx.run_ui(egui::RawInput::default(), |ui| {
                let galley = line(ui.painter(), words, f::title(), t::VALUE, f32::INFINITY);
                let rows = galley.rows.iter().flat_map(|row| row.glyphs.iter());
                // Every other letter of a joined stretch also has an empty place, for a cursor.
                let rows = rows.filter(|g| !g.uv_rect.is_nothing());
                glyphs = rows.map(|g| (g.chr, g.pos.x)).collect();
            });
            out.textures_delta.clear();
        }
        glyphs
    }

    /// T50: names in their own letters, which are not the boxes that stand for every letter alike.
    #[test]
    fn t50_a_name_is_read_in_the_direction_of_its_script() {
        let from_left = |words: &str| {
            let mut glyphs = drawn(words);
            glyphs.sort_by(|a, b| a.1.total_cmp(&b.1));
            glyphs
                .into_iter()
                .map(|(letter, _)| letter)
                .collect::<String>()
        };
        assert_eq!(from_left("HYATT, Neva"), "HYATT,Neva");
        let reversed: String = "שרון,דבורה".chars().rev().collect();
        assert_eq!(from_left("שרון, דבורה"), reversed);
        assert_eq!(triptych_workbench::letters::missing(), "");
    }
}
