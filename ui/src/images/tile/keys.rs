//! A tile that is scrolled through its key images only (T61).

use triptych_workbench::view::SeriesView;

use super::{Context, Tile};
use crate::words::{w, wf};

impl Tile {
    /// With the filter on, the key image nearest in the direction that was scrolled in; a set without any is shown whole.
    pub(super) fn keep_to_keys(&mut self, context: &Context<'_>, series: &SeriesView) {
        self.key_place = None;
        if !context.key_only {
            self.keyed = None;
            return;
        }
        let drawings = &context.patient.drawings;
        let slices = series.stack.slices.iter().enumerate();
        let keys = slices.filter(|(_, s)| drawings.is_key(&s.instance, s.frame));
        let keys: Vec<usize> = keys.map(|(k, _)| k).collect();
        let asked = self.slice;
        let (before, from) = self.keyed.unwrap_or((asked, asked));
        if asked == before && self.keyed.is_some() {
            // Asked again, as a drag does in every frame.
            self.slice = from;
        } else if asked != from || self.keyed.is_none() {
            self.slice = key_for(&keys, from, asked);
            self.keyed = Some((asked, self.slice));
        }
        let at = keys.iter().position(|k| *k == self.slice);
        self.key_place = Some((at.map_or(0, |at| at + 1), keys.len()));
    }
}

/// The key image to show when slice `to` is asked for and `from` is shown: the first one at or beyond it in that direction, else the last
/// one in it.
fn key_for(keys: &[usize], from: usize, to: usize) -> usize {
    let found = if to >= from {
        keys.iter().find(|k| **k >= to).or(keys.last())
    } else {
        keys.iter().rfind(|k| **k <= to).or(keys.first())
    };
    found.copied().unwrap_or(to)
}

/// `key images only · 2/3`
pub(in crate::images) fn key_words(k: usize, all: usize) -> String {
    match all {
        0 => w("images.no_keys").to_owned(),
        _ => wf("images.keys_only", &[("n", &k), ("all", &all)]),
    }
}

#[cfg(test)]
mod tests {
    use super::key_for;

    #[test]
    fn t61_scrolling_goes_from_key_image_to_key_image() {
        let keys = [10, 30, 50];
        for (from, to, shown) in [
            (0, 0, 10),
            (10, 11, 30),
            (30, 29, 10),
            (30, 40, 50),
            (10, 9, 10),
            (50, 51, 50),
            (30, 0, 10),
            (30, 59, 50),
            (10, 30, 30),
        ] {
            assert_eq!(key_for(&keys, from, to), shown, "{from} to {to}");
        }
        assert_eq!(key_for(&[], 3, 4), 4, "a set without any is shown whole");
    }
}
