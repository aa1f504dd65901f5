//! A display set as one volume: its decoded slices where they lie, without a copy.

use std::ops::Range;

use triptych_imaging::geometry::{Plane, PlaneError};
use triptych_imaging::volume::{Volume, VolumeRefusal, VolumeSlice};

use super::{Decoded, SeriesView, Slice};

/// Positions nearer than this are one (T24).
const SAME_POSITION_MM: f64 = 0.01;

/// The volume around one slice of a display set.
#[derive(Clone, Debug)]
pub struct SeriesVolume {
    /// Its pixels are those of the slices.
    pub volume: Volume,
    /// Slices of the set that it is made of: all, or those of one time point.
    pub slices: Range<usize>,
    /// How many of them are decoded.
    pub ready: usize,
    /// The decoded slice nearest to its middle: says how the volume is shown.
    pub middle: Decoded,
    /// Cannot be decoded: missing in the volume.
    pub failed: usize,
    /// Images, from 0, that are copies of the one before at the same position, and left out (T24, rule 4).
    pub copies: Vec<usize>,
}

/// Why there is no volume, or not yet.
#[derive(Clone, Debug, PartialEq)]
pub enum NoVolume {
    /// Nothing is decoded yet.
    Waiting,
    /// It never will be one, for this reason.
    Refused(VolumeRefusal),
}

impl SeriesView {
    /// The volume that slice `at` belongs to. Slices that are not decoded are announced with their place and missing in it.
    ///
    /// # Errors
    /// [`NoVolume`]
    pub fn volume_about(&self, at: usize) -> Result<SeriesVolume, NoVolume> {
        let mut failed = 0;
        let decoded: Vec<Option<Decoded>> = self
            .stack
            .slices
            .iter()
            .map(|slice| match slice.pixels.get() {
                Some(Ok(decoded)) => Some(decoded),
                Some(Err(_)) => {
                    failed += 1;
                    None
                }
                None => None,
            })
            .collect();
        // Frames of one file have no place in the list: theirs comes with the pixels.
        let places: Vec<Option<Plane>> = self
            .stack
            .slices
            .iter()
            .zip(&decoded)
            .map(|(slice, decoded)| place(slice, decoded.as_ref()))
            .collect();
        let pending = decoded.iter().filter(|d| d.is_none()).count() > failed;
        let range = match places.iter().copied().collect::<Option<Vec<Plane>>>() {
            Some(places) => one_direction(&keys(&places), at),
            None if pending => return Err(NoVolume::Waiting),
            None => 0..places.len(),
        };
        let half = range.len() / 2 + range.start;
        let middle = range
            .clone()
            .filter_map(|k| Some((k.abs_diff(half), decoded.get(k)?.as_ref()?)))
            .min_by_key(|(off, _)| *off)
            .map(|(_, decoded)| decoded.clone())
            .ok_or(NoVolume::Waiting)?;
        let mut slices = Vec::with_capacity(range.len());
        let mut copies = Vec::new();
        for k in range.clone() {
            let before = k.checked_sub(1).filter(|b| range.contains(b));
            if before.is_some_and(|b| is_copy(&places, &decoded, b, k)) {
                copies.push(k);
                continue;
            }
            let own = decoded.get(k).and_then(Option::as_ref);
            let shown = own.unwrap_or(&middle);
            let frame = own.map(|own| own.frame.clone());
            let mut given = VolumeSlice::new(k + 1, shown.frame.shape, &shown.display, frame)
                .map_err(NoVolume::Refused)?;
            // One that is not there yet lies where it says, and is made like the others.
            let plane = places.get(k).copied().flatten();
            given.plane = plane.ok_or(NoVolume::Refused(VolumeRefusal::NoPlane {
                slice: k + 1,
                why: PlaneError::Orientation,
            }))?;
            given.thickness_mm = self.stack.slices.get(k).and_then(|s| s.thickness_mm);
            slices.push(given);
        }
        let ready = range
            .clone()
            .filter(|k| decoded.get(*k).is_some_and(Option::is_some))
            .count();
        let volume = Volume::with_wide_gaps(&self.modality, slices).map_err(NoVolume::Refused)?;
        Ok(SeriesVolume {
            volume,
            slices: range,
            ready,
            middle,
            failed,
            copies,
        })
    }
}

/// Two images at one position with the same pixels; one that is not decoded yet counts as one until it is.
fn is_copy(
    places: &[Option<Plane>],
    decoded: &[Option<Decoded>],
    before: usize,
    at: usize,
) -> bool {
    let place = |k: usize| places.get(k).copied().flatten();
    let Some((a, b)) = place(before).zip(place(at)) else {
        return false;
    };
    if (a.position().0 - b.position().0).length() > SAME_POSITION_MM {
        return false;
    }
    let pixels = |k: usize| decoded.get(k)?.as_ref().map(|d| &d.frame);
    match (pixels(before), pixels(at)) {
        (Some(a), Some(b)) => a.shape == b.shape && *a.bytes == *b.bytes,
        _ => true,
    }
}

fn place(slice: &Slice, decoded: Option<&Decoded>) -> Option<Plane> {
    let listed = slice.position.zip(slice.orientation);
    let shown = || decoded?.display.plane.map(|p| (p.position, p.orientation));
    let (position, orientation) = listed.or_else(shown)?;
    Plane::new(position, orientation).ok()
}

/// Positions along the normal of the first.
fn keys(places: &[Plane]) -> Vec<f64> {
    let normal = places.first().map(Plane::normal).unwrap_or_default();
    places.iter().map(|p| p.position().0.dot(normal)).collect()
}

/// The longest run of `keys` around `at` that only rises or only falls.
fn one_direction(keys: &[f64], at: usize) -> Range<usize> {
    let at = at.min(keys.len().saturating_sub(1));
    let step = |k: usize| -> Option<f64> { Some(keys.get(k + 1)? - keys.get(k)?) };
    // Direction of most steps: where one volume ends and the next begins, one step goes far back.
    let rising = (0..keys.len())
        .filter_map(step)
        .map(|d| if d > 0.0 { 1i64 } else { -1 })
        .sum::<i64>()
        >= 0;
    // Two at one position are still on the way.
    let goes_on =
        |k: usize| step(k).is_some_and(|d| d.abs() <= SAME_POSITION_MM || (d > 0.0) == rising);
    let mut begin = at;
    while begin > 0 && goes_on(begin - 1) {
        begin -= 1;
    }
    let mut end = at;
    while goes_on(end) {
        end += 1;
    }
    begin..(end + 1).min(keys.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t24_one_time_point_is_one_volume() {
        let times: Vec<f64> = [30.0, 20.0, 10.0, 0.0].repeat(3);
        assert_eq!(one_direction(&times, 0), 0..4);
        assert_eq!(one_direction(&times, 3), 0..4);
        assert_eq!(one_direction(&times, 4), 4..8);
        assert_eq!(one_direction(&times, 11), 8..12);
        assert_eq!(one_direction(&[1.0, 2.0, 3.0], 1), 0..3);
        assert_eq!(one_direction(&[1.0], 5), 0..1);
        assert_eq!(one_direction(&[], 0), 0..0);
    }
}
