//! A content tree as a list, for serialisation: depth and number of items are checked before anything is built, and nothing recurses.

use serde::{Deserialize, Serialize};

use super::{
    code::Code,
    content::{ContentItem, ContentValue, DEPTH, ITEMS},
};

/// A content item without those below it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct FlatItem {
    /// Steps from the root.
    depth: u8,
    relationship: String,
    concept: Option<Code>,
    value: ContentValue,
    template: Option<String>,
    uid: Option<String>,
    observed: Option<String>,
    other: Vec<String>,
}

/// Why a list is no tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a list of content items that is no tree")]
pub(super) struct NoTree;

impl From<ContentItem> for Vec<FlatItem> {
    fn from(root: ContentItem) -> Self {
        let mut list = Self::new();
        let mut left = vec![(0_u8, root)];
        while let Some((depth, item)) = left.pop() {
            let below = item.children.into_iter().rev();
            left.extend(below.map(|child| (depth.saturating_add(1), child)));
            list.push(FlatItem {
                depth,
                relationship: item.relationship,
                concept: item.concept,
                value: item.value,
                template: item.template,
                uid: item.uid,
                observed: item.observed,
                other: item.other,
            });
        }
        list
    }
}

impl TryFrom<Vec<FlatItem>> for ContentItem {
    type Error = NoTree;

    fn try_from(list: Vec<FlatItem>) -> Result<Self, NoTree> {
        if list.len() > ITEMS {
            return Err(NoTree);
        }
        // The way from the root to the last item.
        let mut open: Vec<Self> = Vec::new();
        for flat in list {
            let depth = usize::from(flat.depth);
            let is_root = open.is_empty();
            if depth > DEPTH || depth > open.len() || (depth == 0) != is_root {
                return Err(NoTree);
            }
            close(&mut open, depth);
            open.push(flat.into());
        }
        close(&mut open, 1);
        open.pop().ok_or(NoTree)
    }
}

/// Puts items into those above them until `left` are open.
fn close(open: &mut Vec<ContentItem>, left: usize) {
    while open.len() > left {
        let Some(done) = open.pop() else { return };
        if let Some(above) = open.last_mut() {
            above.children.push(done);
        }
    }
}

impl From<FlatItem> for ContentItem {
    fn from(flat: FlatItem) -> Self {
        Self {
            relationship: flat.relationship,
            concept: flat.concept,
            value: flat.value,
            template: flat.template,
            uid: flat.uid,
            observed: flat.observed,
            other: flat.other,
            children: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(text: &str) -> ContentItem {
        ContentItem::new("CONTAINS", None, ContentValue::Text(text.to_owned()))
    }

    #[test]
    fn par_16_a_tree_comes_back_and_a_list_that_is_none_is_refused() {
        let tree = item("root")
            .with(item("a").with(item("a1")).with(item("a2")))
            .with(item("b").with(item("b1").with(item("b11"))));
        let sent = serde_json::to_vec(&tree).unwrap();
        assert_eq!(serde_json::from_slice::<ContentItem>(&sent).unwrap(), tree);
        let list = Vec::<FlatItem>::from(tree);
        let depths = |depths: &[u8]| -> Vec<FlatItem> {
            let items = list.iter().cloned().cycle();
            let numbered = items.zip(depths);
            numbered.map(|(i, d)| FlatItem { depth: *d, ..i }).collect()
        };
        for lie in [
            &[][..],
            &[1],
            &[0, 0],
            &[0, 2],
            &[0, 1, 3],
            &[0, 1, 0],
        ] {
            assert!(ContentItem::try_from(depths(lie)).is_err(), "{lie:?}");
        }
        let deep: Vec<u8> = (0..=200).collect();
        assert!(ContentItem::try_from(depths(&deep)).is_err());
        let fits: Vec<u8> = (0..=DEPTH as u8).collect();
        assert!(ContentItem::try_from(depths(&fits)).is_ok());
        assert!(ContentItem::try_from(depths(&vec![0; ITEMS + 1])).is_err());
    }
}
