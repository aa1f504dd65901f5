//! The line of marked images, of the reader and of others.

use egui::{Id, Rect, Stroke, Ui, pos2, vec2};
use triptych_workbench::view::{KeyImage, PatientView, Target};

use crate::images::paper::place_of;
use crate::look::typeface::{self as f, sz};
use crate::look::widget::Weight;
use crate::look::{text, tokens as t, widget};
use crate::out::Out;
use crate::words::{w, wf};

pub(super) fn has_keys(patient: &PatientView) -> bool {
    let drawings = &patient.drawings;
    !drawings.key_images.is_empty() || !drawings.foreign.keys.is_empty()
}

/// One line of marked images; a click jumps there.
pub(super) fn key_images(ui: &Ui, rect: Rect, patient: &PatientView, out: &mut Out) {
    let p = ui.painter().with_clip_rect(rect);
    p.hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, t::HAIR));
    let y = rect.center().y;
    let head = text::left(
        &p,
        rect.left() + t::PAD_LEFT,
        y,
        w("findings.keys"),
        f::small_medium(),
        t::LABEL,
    );
    let mut x = head.right() + 12.0;
    let all = all_keys(patient);
    for (shown, (target, words)) in all.iter().enumerate() {
        let width = widget::button_width(ui, words);
        if x + width > rect.right() - 60.0 {
            let more = wf("findings.more_keys", &[("n", &(all.len() - shown))]);
            text::left(&p, x, y, &more, f::small(), t::LABEL);
            return;
        }
        let place = Rect::from_min_size(pos2(x, y - sz(t::CHIP) / 2.0), vec2(width, sz(t::CHIP)));
        let id = Id::unique(("key image", shown));
        if widget::button_at(ui, id, place, words, Weight::Plain).clicked() {
            out.jump = Some(target.clone());
        }
        x = place.right() + 6.0;
    }
}

/// Key images of the reader, then those of key object selections that are here, with who chose them.
fn all_keys(patient: &PatientView) -> Vec<(Target, String)> {
    let own = patient.drawings.key_images.iter().map(|key| {
        let target = Target::Image {
            study: key.study.clone(),
            instance: Some((key.instance.clone(), key.frame)),
        };
        (target, key_words(patient, key))
    });
    let theirs = patient.drawings.foreign.keys.iter().flat_map(|key| {
        let frames = if key.image.frames.is_empty() {
            vec![None]
        } else {
            key.image.frames.iter().copied().map(Some).collect()
        };
        frames.into_iter().filter_map(|frame| {
            let instance = &key.image.instance;
            let (study, place) = place_of(patient, instance, frame)?;
            let parts = [place.as_str(), &key.reason, &key.author];
            let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
            let target = Target::Image {
                study,
                instance: Some((instance.clone(), frame.unwrap_or(0))),
            };
            Some((target, parts.join(" · ")))
        })
    });
    own.chain(theirs).collect()
}

/// `2021-02-22 · 4 · 43`
fn key_words(patient: &PatientView, key: &KeyImage) -> String {
    let study = patient.studies.iter().find(|s| s.uid == key.study);
    let place = study.and_then(|study| {
        study.series.iter().find_map(|series| {
            let at = series
                .stack
                .slices
                .iter()
                .position(|s| s.instance == key.instance && s.frame == key.frame)?;
            Some(format!("{} · {} · {}", study.date, series.number, at + 1))
        })
    });
    let place = place.unwrap_or_else(|| w("findings.image_gone").to_owned());
    if key.reason.is_empty() {
        place
    } else {
        format!("{place} · {}", key.reason)
    }
}
