//! Corner text of a tile (T50, T51, T54): whose image, when, how it is shown, what was done to its pixels; letters and ruler.

use egui::{Align, Painter, Rect, Stroke, pos2, vec2};
use triptych_render::{EdgeLetters, Interpolation, View};
use triptych_workbench::view::{Decoded, PatientView, SeriesView, StudyView};

use super::hang::SAME_EPISODE;
use super::tile::Tile;
use crate::look::typeface::{self as f, sz};
use crate::look::{text, tokens as t};
use crate::words::{signed, w, wf};

const PAD: f32 = 8.0;

fn line_height() -> f32 {
    sz(15.0)
}

/// Name, identifier, birth date of the image's own header at the left; date, time, `title` and description at the right.
pub(super) fn identity(
    p: &Painter,
    rect: Rect,
    patient: &PatientView,
    study: &StudyView,
    series: &SeriesView,
    title: &str,
) {
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

/// Window, magnification, `place` and `position` at the left; trust strip at the right; ruler above it.
#[allow(
    clippy::too_many_arguments,
    reason = "what stands in the corners comes from many places"
)]
pub(super) fn pixels(
    p: &Painter,
    rect: Rect,
    tile: &Tile,
    series: &SeriesView,
    decoded: &Decoded,
    scale: f64,
    place: &str,
    position: &str,
) {
    let lh = line_height();
    let bottom = rect.bottom() - 14.0;
    let left = rect.left() + PAD;
    let half = rect.width() / 2.0 - PAD - 12.0;
    let small = rect.height() < 320.0;
    #[allow(clippy::cast_possible_truncation, reason = "a magnification")]
    let scale = scale as f32;
    let resampled = if (scale - 1.0).abs() < 1e-3 {
        w("images.one_to_one").to_owned()
    } else {
        format!("×{scale:.2} {}", interpolation(&tile.view))
    };

    // Bottom left, upwards.
    let first = text::on_image(p, pos2(left, bottom), Align::Min, place, f::small_strong());
    if !position.is_empty() && !small {
        // Whole or not at all: it is a number.
        let words = format!("· {position}");
        if text::width(p, &words, f::small()) <= half - (first.width() + 4.0) {
            let at = pos2(first.right() + 4.0, bottom);
            text::on_image(p, at, Align::Min, &words, f::small());
        }
    }
    let mut y = bottom - lh;
    if !small {
        text::on_image_in(p, pos2(left, y), Align::Min, &resampled, f::small(), half);
        y -= lh;
    }
    text::on_image_in(
        p,
        pos2(left, y),
        Align::Min,
        &window_words(tile),
        f::small(),
        half,
    );

    // Bottom right, upwards: scale, lossy and other marks, kernel.
    let right = rect.right() - PAD;
    let size = decoded
        .display
        .spacing
        .pixel_size(&decoded.display.modality);
    let mut lines = vec![if small {
        format!("×{scale:.2} · {}", size.provenance.mark())
    } else {
        size.provenance.mark()
    }];
    if tile.key_image {
        lines.insert(0, w("images.key_image").to_owned());
    }
    if let Some((k, all)) = tile.key_place {
        lines.insert(0, super::tile::key_words(k, all));
    }
    lines.extend(tile.true_size_mark());
    lines.extend(decoded.display.trust_marks(decoded.frame.shape.colour));
    lines.extend(tile.link_mark.clone());
    if let Some(rate) = tile.real_rate() {
        lines.push(wf("images.rate", &[("rate", &format!("{rate:.1}"))]));
    }
    for mark in &series.marks {
        if !lines.contains(mark) {
            lines.push(mark.clone());
        }
    }
    if !small && !decoded.display.convolution_kernel.is_empty() {
        lines.push(wf(
            "images.kernel",
            &[("kernel", &decoded.display.convolution_kernel)],
        ));
    }
    let shown = if small { 3 } else { 5 };
    let hidden = lines.len().saturating_sub(shown);
    lines.truncate(shown);
    if hidden > 0 {
        lines.push(wf("images.more_marks", &[("n", &hidden)]));
    }
    for (i, line) in lines.iter().enumerate() {
        let at = pos2(right, bottom - lh * i as f32);
        text::on_image_in(p, at, Align::Max, line, f::small(), half);
    }
    if let Some([_, column_mm]) = size.mm {
        let foot = rect.bottom() - 26.0 - lh * lines.len() as f32;
        ruler(p, rect, foot, scale, column_mm as f32);
    }
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

/// `W 1500 L −600`
pub(super) fn window_words(tile: &Tile) -> String {
    let inverted = if tile.view.invert {
        w("images.inverted")
    } else {
        ""
    };
    match tile.window() {
        Some(window) => {
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

fn interpolation(view: &View) -> &'static str {
    match view.interpolation {
        Interpolation::Nearest => w("images.nearest"),
        Interpolation::Bilinear => w("images.bilinear"),
        Interpolation::Bicubic => w("images.bicubic"),
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
