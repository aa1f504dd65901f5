//! Rows of the browser: the elements of two files paired by their paths, and those that pass its filter.

use std::collections::BTreeMap;
use std::sync::Arc;

use triptych_workbench::browse::{HeaderEntry, HeaderList};

/// Rows of the files that are shown.
#[derive(Debug)]
pub(super) struct Made {
    pub left: Arc<HeaderList>,
    pub right: Option<Arc<HeaderList>>,
    pub rows: Vec<Row>,
    /// Filter that `shown` is of.
    pub by: (String, bool),
    /// Rows that pass.
    pub shown: Vec<usize>,
}

/// One element of either file or of both, by its place in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub left: Option<usize>,
    pub right: Option<usize>,
    pub differs: bool,
}

impl Made {
    pub fn filter(&mut self, by: (String, bool)) {
        let words: Vec<&str> = by.0.split_whitespace().collect();
        let mut shown = Vec::new();
        // From the end: what a row stands in is kept with it.
        let mut need = 0;
        for (k, row) in self.rows.iter().enumerate().rev() {
            let Some(entry) = self.entry(row) else {
                continue;
            };
            let level = level(entry);
            let fits = (!by.1 || row.differs) && self.fits(row, entry, &words);
            if fits || level < need {
                need = level;
                shown.push(k);
            }
        }
        shown.reverse();
        self.shown = shown;
        self.by = by;
    }

    /// Every word is in the tag, the name or a value. A tag may be typed with or without its comma.
    fn fits(&self, row: &Row, entry: &HeaderEntry, words: &[&str]) -> bool {
        if words.is_empty() {
            return true;
        }
        let [left, right] = self.values(row);
        let value = |e: Option<&HeaderEntry>| e.map(|e| e.value.to_lowercase()).unwrap_or_default();
        let tag = entry.tag_words().to_lowercase();
        let bare = tag.replace(['(', ',', ')'], "");
        let all = format!(
            "{tag} {bare} {} {} {} {}",
            entry.vr.to_lowercase(),
            entry.name.to_lowercase(),
            value(left),
            value(right)
        );
        words.iter().all(|word| all.contains(word))
    }

    pub fn entry(&self, row: &Row) -> Option<&HeaderEntry> {
        let [left, right] = self.values(row);
        left.or(right)
    }

    pub fn values(&self, row: &Row) -> [Option<&HeaderEntry>; 2] {
        let right = self.right.as_ref();
        [
            row.left.and_then(|k| self.left.entries.get(k)),
            row.right.and_then(|k| right?.entries.get(k)),
        ]
    }
}

/// Deeper than what it stands in: an item between its sequence and its elements.
fn level(entry: &HeaderEntry) -> u32 {
    let inner = u32::from(entry.depth) * 2;
    inner.saturating_sub(u32::from(entry.item > 0))
}

/// Rows of two lists in the order of both. An element is found again by the path to it; a private one by its creator, whatever block it has.
pub(super) fn paired(left: &[HeaderEntry], right: Option<&[HeaderEntry]>) -> Vec<Row> {
    let Some(right) = right else {
        let alone = |k| Row {
            left: Some(k),
            right: None,
            differs: false,
        };
        return (0..left.len()).map(alone).collect();
    };
    let (lefts, rights) = (paths(left), paths(right));
    let known: BTreeMap<&str, usize> = rights.iter().map(String::as_str).zip(0..).collect();
    let ours: std::collections::BTreeSet<&str> = lefts.iter().map(String::as_str).collect();
    let mut rows = Vec::with_capacity(left.len().max(right.len()));
    let mut next = 0;
    let only_right = |k: usize| Row {
        left: None,
        right: Some(k),
        differs: true,
    };
    for (k, path) in lefts.iter().enumerate() {
        let at = known.get(path.as_str()).copied();
        if let Some(at) = at {
            let missing = (next..at).filter(|j| !ours.contains(rights[*j].as_str()));
            rows.extend(missing.map(only_right));
            next = next.max(at + 1);
        }
        let pair = left.get(k).zip(at.and_then(|at| right.get(at)));
        let same = pair.is_some_and(|(a, b)| {
            a.vr == b.vr && a.value == b.value && a.bytes == b.bytes && a.name == b.name
        });
        rows.push(Row {
            left: Some(k),
            right: at,
            differs: !same,
        });
    }
    let missing = (next..right.len()).filter(|j| !ours.contains(rights[*j].as_str()));
    rows.extend(missing.map(only_right));
    rows
}

/// Path of each entry: the sequences and items it stands in, and itself.
fn paths(entries: &[HeaderEntry]) -> Vec<String> {
    let mut inside: Vec<String> = vec![String::new()];
    let mut last: Vec<String> = vec![String::new()];
    let mut out = Vec::with_capacity(entries.len());
    for entry in entries {
        let depth = usize::from(entry.depth);
        inside.resize(depth + 1, String::new());
        last.resize(depth + 1, String::new());
        let path = if entry.item > 0 {
            let above = depth.checked_sub(1).and_then(|d| last.get(d));
            let path = format!("{}#{}", above.map_or("", String::as_str), entry.item);
            if let Some(place) = inside.get_mut(depth) {
                place.clone_from(&path);
            }
            path
        } else {
            let [group, element] = entry.tag;
            let around = inside.get(depth).map_or("", String::as_str);
            let path = if entry.is_private() && element > 0xFF && !entry.name.is_empty() {
                let low = element & 0xFF;
                format!("{around}/{group:04X}[{}]{low:02X}", entry.name)
            } else {
                format!("{around}/{group:04X}{element:04X}")
            };
            if let Some(place) = last.get_mut(depth) {
                place.clone_from(&path);
            }
            path
        };
        out.push(path);
    }
    out
}
