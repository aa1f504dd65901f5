//! Corner text of a tile (T50, T51, T54): whose image, when, how it is shown, what was done to its pixels; letters and ruler.

use egui::{Align, Painter, Rect, Stroke, pos2, vec2};
use triptych_render::display::{CornerItem, CornerLine, CornerState, CornerText};
use triptych_render::{Colour, DisplayAttributes, EdgeLetters, Voi};
use triptych_workbench::measure::{DecimalSign, write};
use triptych_workbench::view::{PatientView, SeriesView, StudyView};

use super::hang::SAME_EPISODE;
use super::tile::Tile;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t};
use crate::words::{signed, w, wf};

const PAD: f32 = 8.0;

fn line_height() -> f32 {
    sz(15.0)
}

/// Tiles are drawn without name, identifier and birth date until this is taken back: for a picture in a file.
pub(super) fn leave_out_identity(ctx: &egui::Context, out: bool) {
    ctx.data_mut(|data| data.insert_temp(egui::Id::unique("no identity"), out));
}

pub(super) fn is_identity_left_out(ctx: &egui::Context) -> bool {
    ctx.data(|data| {
        data.get_temp(egui::Id::unique("no identity"))
            .unwrap_or(false)
    })
}

/// Before there is a picture: name, identifier, birth date of the set's own header at the left; date, time, `title` and description at the right.
pub(super) fn identity(
    p: &Painter,
    rect: Rect,
    patient: &PatientView,
    study: &StudyView,
    series: &SeriesView,
    title: &str,
) {
    if is_identity_left_out(p.ctx()) {
        let at = rect.left_top() + vec2(PAD, 14.0);
        let words = w("images.nameless");
        text::on_image(p, at, Align::Min, words, f::small_strong());
        return;
    }
    let owner = &series.owner;
    let half = rect.width() / 2.0 - PAD - 16.0;
    let lh = line_height();
    let top = rect.top() + 14.0;
    let left = rect.left() + PAD;
    let name = if owner.name.is_empty() {
        w("images.no_name")
    } else {
        &owner.name
    };
    text::on_image_in(
        p,
        pos2(left, top),
        Align::Min,
        name,
        f::small_strong(),
        half,
    );
    let id = if owner.identifier.is_empty() {
        w("images.no_identifier").to_owned()
    } else {
        let kind = if owner.same_as_banner && !patient.banner.identifier_kind.is_empty() {
            patient.banner.identifier_kind.as_str()
        } else {
            w("header.identifier")
        };
        format!("{kind} {}", owner.identifier)
    };
    text::on_image_in(p, pos2(left, top + lh), Align::Min, &id, f::small(), half);
    let mut born = owner.birth_date.clone();
    if born.is_empty() {
        born = w("images.no_birth_date").to_owned();
    }
    // A date is shown whole; what stands behind it goes first.
    let fits = |words: &String| text::width(p, words, f::small()) <= half;
    if !owner.sex.is_empty() {
        born = Some(format!("{born} · {}", owner.sex))
            .filter(fits)
            .unwrap_or(born);
    }
    if owner.same_as_banner && !patient.banner.age.is_empty() && rect.width() > 360.0 {
        born = Some(format!("{born} · {}", patient.banner.age))
            .filter(fits)
            .unwrap_or(born);
    }
    text::on_image_in(
        p,
        pos2(left, top + 2.0 * lh),
        Align::Min,
        &born,
        f::small(),
        half,
    );
    if !owner.same_as_banner {
        text::on_image_in(
            p,
            pos2(left, top + 3.0 * lh),
            Align::Min,
            w("images.other_record"),
            f::small_strong(),
            half,
        );
    }

    let right = rect.right() - PAD;
    let mut when = format!("{} {}", study.date, study.time);
    if text::width(p, when.trim(), f::small_strong()) > half {
        when.clone_from(&study.date);
    }
    text::on_image_in(
        p,
        pos2(right, top),
        Align::Max,
        when.trim(),
        f::small_strong(),
        half,
    );
    // That it is a prior is never cut: it takes a line of its own where the title leaves it none.
    let mut lines = vec![title.to_owned()];
    if let Some(days) = days_before_current(patient, study) {
        let prior = wf("images.prior", &[("days", &days)]);
        let both = format!("{title} · {prior}");
        if text::width(p, &both, f::small()) <= half {
            lines = vec![both];
        } else if rect.width() > 300.0 {
            lines.push(prior);
        } else {
            lines = vec![prior];
        }
    }
    if rect.height() > 300.0 && !series.description.is_empty() && series.description != study.title
    {
        lines.push(series.description.clone());
    }
    for (k, line) in lines.iter().take(3).enumerate() {
        let y = top + lh * (k + 1) as f32;
        text::on_image_in(p, pos2(right, y), Align::Max, line, f::small(), half);
    }
}

/// Days by which a study is older than what it is compared with: the newest of its modality, else the newest of all unless both belong to
/// one episode.
fn days_before_current(patient: &PatientView, study: &StudyView) -> Option<i64> {
    let alike = patient
        .studies
        .iter()
        .filter(|s| s.modality == study.modality);
    let current = alike.map(|s| s.days_before_newest).min().unwrap_or(0);
    match study.days_before_newest - current {
        0 if study.days_before_newest > SAME_EPISODE => Some(study.days_before_newest),
        0 => None,
        days => Some(days),
    }
}

/// Series and place in it, when there is no picture to say more of.
pub(super) fn place(p: &Painter, rect: Rect, tile: &Tile, series: &SeriesView) {
    let at = pos2(rect.left() + PAD, rect.bottom() - 14.0);
    text::on_image(
        p,
        at,
        Align::Min,
        &place_words(tile, series),
        f::small_strong(),
    );
}

/// `4 · 43/60`
pub(super) fn place_words(tile: &Tile, series: &SeriesView) -> String {
    let place = format!("{}/{}", tile.slice + 1, series.images);
    if series.number.is_empty() {
        place
    } else {
        format!("{} · {place}", series.number)
    }
}

/// A picture on screen, for its corners.
pub(super) struct Pictured<'a> {
    pub tile: &'a Tile,
    pub patient: &'a PatientView,
    pub study: &'a StudyView,
    pub series: &'a SeriesView,
    pub display: &'a DisplayAttributes,
    pub colour: Colour,
    /// What it is called, `CT chest`, `CT chest · axial`.
    pub title: &'a str,
    /// Device pixels for an image pixel.
    pub scale: f64,
    /// `4 · 43/60`; empty for the image of the set that the header names.
    pub place: &'a str,
    /// Along the normal.
    pub position: &'a str,
    /// The lower corners and the ruler are on.
    pub graphics: bool,
    /// Nothing of it says who it is.
    pub nameless: bool,
}

/// The four corners of a picture: lines and their corners as the site has them for the modality, words of the image's own header (T50).
pub(super) fn texts(p: &Painter, rect: Rect, of: &Pictured<'_>) {
    let display = of.display;
    let small = rect.height() < 320.0;
    let window = of.tile.window().map(Voi::Window);
    // Without a window it is a table of the file, or colours.
    let table = || display.voi_luts.first().cloned().map(Voi::Lut);
    let voi = window.or_else(table);
    let marks = trust_strip(of);
    let state = CornerState {
        voi: voi.as_ref(),
        unit: &display.unit,
        scale: of.scale,
        interpolation: of.tile.view.interpolation,
        treatments: &[],
        image: [of.tile.slice + 1, of.series.images],
        position: of.position,
        marks: &marks,
    };
    let layout = of.patient.corners.of(&display.modality);
    let mut corners = CornerText::laid_out(&display.corner, &state, layout);
    if small {
        corners = corners.thinned();
    }
    let half = rect.width() / 2.0 - PAD - 16.0;
    let lh = line_height();
    let put = |line: &Line, x: f32, y: f32, align: Align| {
        let font = if line.strong {
            f::small_strong()
        } else {
            f::small()
        };
        text::on_image_in(p, pos2(x, y), align, &line.words, font, half);
    };
    let (left, right) = (rect.left() + PAD, rect.right() - PAD);
    let top = rect.top() + 14.0;
    let mut first = lines(&corners.top_left, of);
    if of.nameless {
        first.insert(0, Line::strong(w("images.nameless")));
    } else if !of.series.owner.same_as_banner {
        first.push(Line::strong(w("images.other_record")));
    }
    let mut second = lines(&corners.top_right, of);
    let is_title = |item: &CornerItem| *item == CornerItem::StudyDescription;
    let described = corners.top_right.iter().any(|line| is_title(&line.item));
    if !small && !described && layout.top_right.iter().any(is_title) {
        // A study without a description is called by what it holds.
        second.push(Line::plain(of.title.to_owned()));
    }
    // That it is a prior is never cut: it stands below the date.
    let days = days_before_current(of.patient, of.study);
    let prior = days.map(|days| wf("images.prior", &[("days", &days)]));
    second.splice(
        second.len().min(1)..second.len().min(1),
        prior.map(Line::plain),
    );
    let room = ((rect.height() / 2.0 - 40.0) / lh).max(3.0) as usize;
    for (k, line) in first.iter().take(room).enumerate() {
        put(line, left, top + lh * k as f32, Align::Min);
    }
    for (k, line) in second.iter().take(room).enumerate() {
        put(line, right, top + lh * k as f32, Align::Max);
    }
    if !of.graphics {
        return;
    }
    let bottom = rect.bottom() - 14.0;
    for (k, line) in lines(&corners.bottom_left, of).iter().rev().enumerate() {
        put(line, left, bottom - lh * k as f32, Align::Min);
    }
    let mut strip = lines(&corners.bottom_right, of);
    let shown = if small { 3 } else { 6 };
    let hidden = strip.len().saturating_sub(shown);
    strip.truncate(shown);
    if hidden > 0 {
        strip.push(Line::plain(wf("images.more_marks", &[("n", &hidden)])));
    }
    // The first mark, whose millimetres they are, lowest: nearest to the ruler's number.
    for (k, line) in strip.iter().enumerate() {
        put(line, right, bottom - lh * k as f32, Align::Max);
    }
    let size = display.spacing.pixel_size(&display.modality);
    if let Some([_, column_mm]) = size.mm {
        let foot = rect.bottom() - 26.0 - lh * strip.len() as f32;
        #[allow(clippy::cast_possible_truncation, reason = "a magnification")]
        ruler(p, rect, foot, of.scale as f32, column_mm as f32);
    }
}

/// A line as it is painted.
struct Line {
    words: String,
    strong: bool,
}

impl Line {
    fn plain(words: String) -> Self {
        Self {
            words,
            strong: false,
        }
    }

    fn strong(words: &str) -> Self {
        Self {
            words: words.to_owned(),
            strong: true,
        }
    }
}

/// The lines of one corner, with what the window knows of them beside the header.
fn lines(corner: &[CornerLine], of: &Pictured<'_>) -> Vec<Line> {
    corner
        .iter()
        .filter(|line| !(of.nameless && names_somebody(line.item)))
        .map(|line| {
            let header = &of.display.corner;
            let words = match line.item {
                CornerItem::PatientId if !header.patient_id.is_empty() => {
                    let kind = &of.patient.banner.identifier_kind;
                    let known = of.series.owner.same_as_banner && !kind.is_empty();
                    let kind = if known {
                        kind.as_str()
                    } else {
                        w("header.identifier")
                    };
                    format!("{kind} {}", line.text)
                }
                CornerItem::StudyDescription => of.title.to_owned(),
                CornerItem::Window => {
                    let words = suv_words(of.tile).unwrap_or_else(|| signed(&line.text));
                    let inverted = of.tile.view.invert;
                    words + if inverted { w("images.inverted") } else { "" }
                }
                CornerItem::Image if !of.place.is_empty() => of.place.to_owned(),
                _ => line.text.clone(),
            };
            let strong = matches!(
                line.item,
                CornerItem::Name | CornerItem::StudyTime | CornerItem::Image
            );
            Line { words, strong }
        })
        .collect()
}

const fn names_somebody(item: CornerItem) -> bool {
    use CornerItem::{Accession, BirthDate, Name, PatientId, SexAndAge};
    matches!(item, Name | PatientId | BirthDate | SexAndAge | Accession)
}

/// Scale, lossy and other marks of a picture.
fn trust_strip(of: &Pictured<'_>) -> Vec<String> {
    let (tile, display) = (of.tile, of.display);
    let size = display.spacing.pixel_size(&display.modality);
    let mut lines = vec![size.provenance.mark()];
    if tile.key_image {
        lines.insert(0, w("images.key_image").to_owned());
    }
    if let Some((k, all)) = tile.key_place {
        lines.insert(0, super::tile::key_words(k, all));
    }
    lines.extend(tile.true_size_mark());
    lines.extend(display.trust_marks(of.colour));
    lines.extend(tile.link_mark.clone());
    if let Some(rate) = tile.real_rate() {
        lines.push(wf("images.rate", &[("rate", &format!("{rate:.1}"))]));
    }
    for mark in &of.series.marks {
        if !lines.contains(mark) {
            lines.push(mark.clone());
        }
    }
    lines
}

/// One line at the lower left and one at the lower right.
pub(super) fn bottom(p: &Painter, rect: Rect, left: &str, right: &str) {
    let y = rect.bottom() - 14.0;
    let half = rect.width() / 2.0 - PAD - 12.0;
    let at = pos2(rect.left() + PAD, y);
    text::on_image_in(p, at, Align::Min, left, f::small_strong(), half);
    let at = pos2(rect.right() - PAD, y);
    text::on_image_in(p, at, Align::Max, right, f::small(), half);
}

/// The ends of the window of a PET whose SUV is known.
fn suv_words(tile: &Tile) -> Option<String> {
    let factor = tile.display()?.suv_bw;
    let factor = factor.filter(|f| f.is_finite() && *f > 0.0)?;
    let window = tile.window()?;
    let [from, to] = [-0.5, 0.5].map(|half| {
        let end = (window.center() + half * window.width()) * factor;
        signed(&write::number(end, 1, DecimalSign::Point))
    });
    Some(wf("images.window_suv", &[("from", &from), ("to", &to)]))
}

/// `W 1500 L −600`; of a PET whose SUV is known its ends.
pub(super) fn window_words(tile: &Tile) -> String {
    let inverted = if tile.view.invert {
        w("images.inverted")
    } else {
        ""
    };
    match tile.window() {
        Some(window) => {
            if let Some(ends) = suv_words(tile) {
                return format!("{ends}{inverted}");
            }
            let (center, width) = (window.center(), window.width());
            let number = |x: f64| {
                if x.fract().abs() < 1e-6 || x.abs() >= 100.0 {
                    format!("{x:.0}")
                } else {
                    format!("{x:.1}")
                }
            };
            format!(
                "W {} L {}{inverted}",
                number(width),
                signed(&number(center))
            )
        }
        None => format!("{}{inverted}", w("images.window_auto")),
    }
}

/// A vertical ruler at the right edge with its length in words; centred in the tile where the lines below allow.
fn ruler(p: &Painter, rect: Rect, foot: f32, device_px_per_image_px: f32, mm_per_image_px: f32) {
    let points_per_mm = device_px_per_image_px / mm_per_image_px / p.pixels_per_point();
    let room = (rect.height() * 0.33).min(foot - rect.top() - 90.0);
    let lengths: [(f32, &str); 7] = [
        (200.0, "20 cm"),
        (100.0, "10 cm"),
        (50.0, "5 cm"),
        (20.0, "2 cm"),
        (10.0, "1 cm"),
        (5.0, "5 mm"),
        (1.0, "1 mm"),
    ];
    let Some((mm, words)) = lengths
        .into_iter()
        .find(|(mm, _)| mm * points_per_mm <= room)
    else {
        return;
    };
    let length = mm * points_per_mm;
    let x = (rect.right() - PAD).round() - 0.5;
    let middle = rect.center().y.min(foot - sz(18.0) - length / 2.0);
    let (top, bottom) = (
        (middle - length / 2.0).round() + 0.5,
        (middle + length / 2.0).round() + 0.5,
    );
    for (stroke, grow) in [
        (Stroke::new(3.0, t::IMAGE), 1.0),
        (Stroke::new(1.0, t::VALUE), 0.0),
    ] {
        p.vline(x, top - grow..=bottom + grow, stroke);
        for i in 0..=5u8 {
            let y = (top + (bottom - top) * f32::from(i) / 5.0).round() + 0.5;
            let long = if i == 0 || i == 5 { 6.0 } else { 4.0 };
            p.hline(x - long - grow..=x + grow, y.min(bottom), stroke);
        }
    }
    text::on_image(
        p,
        pos2(rect.right() - PAD, bottom + sz(12.0)),
        Align::Max,
        words,
        f::small(),
    );
}

/// Letters at left, right, top, bottom.
pub(super) fn letters(
    p: &Painter,
    rect: Rect,
    EdgeLetters {
        left,
        right,
        top,
        bottom,
    }: &EdgeLetters,
) {
    let c = rect.center();
    let at = |pos, align, words: &str| {
        text::on_image(p, pos, align, words, f::small());
    };
    at(pos2(rect.left() + PAD, c.y), Align::Min, left);
    at(pos2(rect.right() - PAD - 14.0, c.y), Align::Max, right);
    at(pos2(c.x, rect.top() + 14.0), Align::Center, top);
    at(pos2(c.x, rect.bottom() - 14.0), Align::Center, bottom);
}

/// No letters, and it says so.
pub(super) fn no_letters(p: &Painter, rect: Rect) {
    let at = rect.center_top() + vec2(0.0, 14.0);
    text::on_image_in(
        p,
        at,
        Align::Center,
        w("images.orientation_unknown"),
        f::small(),
        140.0,
    );
}
