//! A nodule from one click: grown in the volume of its display set on a thread of its own, drawn as its border on every slice (T44).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use triptych_imaging::annotate::{
    Anchor, AnchorImage, AnchorPlane, Annotation, Quantity, Shape, Stated,
};
use triptych_imaging::display::SpacingProvenance;
use triptych_imaging::volume::{Mask, NoduleMeasures, Volume, grow};

use super::{Workbench, lock};
use crate::command::{DrawingEdit, NoduleClick};
use crate::view::{NoVolume, Page, PatientView, SeriesView, SeriesVolume, Slice, StudyView};
use crate::{Command, WorkbenchError};

/// Slices around the click that are not decoded yet are waited for, at most this long.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// Pieces of one slice that are drawn; what is left is in the numbers all the same.
const MOST_PIECES: usize = 4;

impl Workbench {
    /// Grows what was clicked and orders its drawings. The order is followed like any other: for another patient it is refused.
    pub(super) fn grow_nodule(&self, click: NoduleClick) {
        let Page::Patient(view) = self.snapshot().page.clone() else {
            return;
        };
        let stop = Arc::clone(&lock(&self.0.state).stop);
        self.spawn(
            "nodule",
            move |own, _| {
                if let Some(edits) = edits(&view, &click, &stop)? {
                    own.send(Command::Annotate(edits));
                }
                Ok(())
            },
            |_| {},
        );
    }
}

/// What a click draws, and what it takes the place of; `None` when the patient is not open any more.
fn edits(
    view: &PatientView,
    click: &NoduleClick,
    stop: &AtomicBool,
) -> Result<Option<Vec<DrawingEdit>>, WorkbenchError> {
    let found = view.studies.iter().find_map(|study| {
        study.series.iter().find_map(|series| {
            let mut slices = series.stack.slices.iter();
            let at = slices.position(|s| s.instance == click.instance && s.frame == click.frame)?;
            Some((study, series, at))
        })
    });
    let Some((study, series, at)) = found else {
        return Err(refused("this image does not belong to the open patient"));
    };
    of_series(study, series, at, &view.drawings.annotations, click, stop)
}

/// The same in a display set, whose slice `at` was clicked; `drawings` are all that there are.
fn of_series(
    study: &StudyView,
    series: &SeriesView,
    at: usize,
    drawings: &[Annotation],
    click: &NoduleClick,
    stop: &AtomicBool,
) -> Result<Option<Vec<DrawingEdit>>, WorkbenchError> {
    let Some(volume) = whole(series, at, click, stop)? else {
        return Ok(None);
    };
    if volume.middle.display.unit != "HU" {
        return Err(refused("the values of these images are not in HU"));
    }
    let mask = grow(&volume.volume, click.grown.seed, &click.grown.settings)
        .map_err(|e| refused(&e.to_string()))?;
    let measures = mask.measures(&volume.volume);
    let measures = measures.ok_or_else(|| refused("nothing around the click is in the range"))?;
    let before: Vec<&Annotation> = drawings
        .iter()
        .filter(|a| a.shape == Shape::Nodule && a.lesion == click.lesion)
        .collect();
    if before.iter().any(|a| a.locked) {
        return Err(refused("this measurement is final"));
    }
    let mut drawn = borders(study, series, &volume, &mask, &click.lesion);
    let on_slice =
        |a: &&mut Annotation| a.anchor.image == slice_image(series, &volume, measures.slice);
    let Some(main) = drawn.iter_mut().find(on_slice) else {
        return Err(refused("the border of the nodule could not be drawn"));
    };
    main.values = values(&measures);
    main.text = click.grown.to_string();
    // The drawing that states the values stays the same one, so that it stays chosen.
    let stays = before.iter().find(|a| !a.text.is_empty());
    if let Some(stays) = stays {
        main.uid.clone_from(&stays.uid);
        main.finding.clone_from(&stays.finding);
        main.site.clone_from(&stays.site);
    }
    let label = before.first().map(|a| a.label.clone()).unwrap_or_default();
    let gone = before
        .iter()
        .filter(|a| Some(&a.uid) != stays.map(|s| &s.uid));
    let mut edits: Vec<DrawingEdit> = gone.map(|a| DrawingEdit::Delete(a.uid.clone())).collect();
    for mut border in drawn {
        border.label.clone_from(&label);
        let again = !border.uid.is_empty();
        edits.push(if again {
            DrawingEdit::Change(Box::new(border))
        } else {
            DrawingEdit::Draw(Box::new(border))
        });
    }
    Ok(Some(edits))
}

/// The volume around the click once all slices are there that the nodule may lie in. `None` when somebody else was opened meanwhile.
fn whole(
    series: &SeriesView,
    at: usize,
    click: &NoduleClick,
    stop: &AtomicBool,
) -> Result<Option<SeriesVolume>, WorkbenchError> {
    let began = Instant::now();
    loop {
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        match series.volume_about(at) {
            Ok(volume) if is_there(&volume.volume, click) => return Ok(Some(volume)),
            Ok(_) | Err(NoVolume::Waiting) => {}
            Err(NoVolume::Refused(why)) => return Err(refused(&why.to_string())),
        }
        if began.elapsed() > PATIENCE {
            return Err(refused("the slices around the click are not decoded yet"));
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// Whether every slice is loaded that lies within reach of the click.
fn is_there(volume: &Volume, click: &NoduleClick) -> bool {
    let geometry = volume.geometry();
    let reach = click.grown.settings.max_diameter_mm;
    let positions = geometry.slice_positions_mm();
    let place = geometry.to_voxel(click.grown.seed).0.z.round();
    let here = (0_u32..)
        .zip(positions)
        .find(|(k, _)| f64::from(*k) >= place);
    let Some((_, at)) = here else {
        // Beside the volume: growing says so.
        return true;
    };
    let missing = volume.missing();
    let mut near = missing.iter().filter_map(|k| positions.get(*k));
    !near.any(|mm| (mm - at).abs() <= reach)
}

/// A drawing for each piece of each slice.
fn borders(
    study: &StudyView,
    series: &SeriesView,
    volume: &SeriesVolume,
    mask: &Mask,
    lesion: &str,
) -> Vec<Annotation> {
    let mut all = Vec::new();
    for k in mask.slices() {
        let Some(slice) = slice_of(series, volume, k) else {
            continue;
        };
        let mut rims = mask.rims(k);
        rims.sort_by_key(|rim| std::cmp::Reverse(rim.len()));
        for rim in rims.into_iter().take(MOST_PIECES) {
            all.push(Annotation {
                uid: String::new(),
                lesion: lesion.to_owned(),
                label: String::new(),
                shape: Shape::Nodule,
                points: rim,
                anchor: Anchor {
                    study: study.uid.clone(),
                    series: series.uid.clone(),
                    frame_of_reference: series.frame_of_reference.clone(),
                    plane: plane(volume, slice),
                    image: slice_image(series, volume, k),
                },
                text: String::new(),
                known_mm: None,
                finding: None,
                site: None,
                values: Vec::new(),
                author: String::new(),
                created: String::new(),
                edited: String::new(),
                software: String::new(),
                locked: false,
            });
        }
    }
    all
}

/// The slice of the display set that is slice `k` of the volume.
fn slice_of<'a>(series: &'a SeriesView, volume: &SeriesVolume, k: u32) -> Option<&'a Slice> {
    let given = volume.volume.order().get(k as usize)?;
    series.stack.slices.get(volume.slices.start + given)
}

fn slice_image(series: &SeriesView, volume: &SeriesVolume, k: u32) -> Option<AnchorImage> {
    let slice = slice_of(series, volume, k)?;
    let [columns, rows, _] = volume.volume.geometry().size();
    Some(AnchorImage {
        // Filled in from the archive.
        sop_class: String::new(),
        instance: slice.instance.clone(),
        frame: slice.frame,
        size: [columns, rows],
    })
}

fn plane(volume: &SeriesVolume, slice: &Slice) -> Option<AnchorPlane> {
    let [across, down, _] = volume.volume.geometry().spacing_mm();
    // Frames of one file have no place in the list: theirs came with the pixels.
    let decoded = || slice.pixels.get()?.ok()?.display.plane;
    let (position, orientation) = slice
        .position
        .zip(slice.orientation)
        .or_else(|| decoded().map(|p| (p.position, p.orientation)))?;
    Some(AnchorPlane {
        position,
        orientation,
        spacing: [down, across],
    })
}

fn values(measures: &NoduleMeasures) -> Vec<Stated> {
    let mm = Some(SpacingProvenance::CrossSection);
    let stated = |quantity, value: f64, unit: &str, provenance| Stated {
        quantity,
        value,
        unit: unit.to_owned(),
        provenance,
    };
    let hu = |quantity, value| stated(quantity, value, "[hnsf'U]", None);
    #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 voxels")]
    let count = measures.count as f64;
    let mut values = vec![
        stated(Quantity::Volume, measures.volume_mm3, "mm3", mm),
        stated(Quantity::LongAxis, measures.long_axis_mm, "mm", mm),
        stated(Quantity::ShortAxis, measures.short_axis_mm, "mm", mm),
        hu(Quantity::Mean, measures.mean),
        hu(Quantity::Minimum, measures.min),
        hu(Quantity::Maximum, measures.max),
        stated(Quantity::Count, count, "{pixels}", None),
    ];
    values.extend(measures.sd.map(|sd| hu(Quantity::StandardDeviation, sd)));
    values
}

fn refused(why: &str) -> WorkbenchError {
    WorkbenchError::Refused(format!("no nodule: {why}"))
}

#[cfg(test)]
#[path = "nodule_tests.rs"]
mod tests;
