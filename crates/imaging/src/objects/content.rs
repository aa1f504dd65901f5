//! Content items of structured reports (PS3.3 C.17.3): one tree for what is read and for what is written.

use serde::{Deserialize, Serialize};

use super::{code::Code, content_flat::FlatItem, reference::ImageReference};

/// Content items inside content items.
pub const DEPTH: usize = 32;
/// Content items of one document.
pub const ITEMS: usize = 100_000;

/// One content item with all below it. Written as a flat list, so that reading one back never recurses: it may come from a worker that was
/// taken over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<FlatItem>", into = "Vec<FlatItem>")]
pub struct ContentItem {
    /// Relationship Type (0040,A010) to the item above, such as `CONTAINS`; empty for the root.
    pub relationship: String,
    /// Concept Name: what it is about.
    pub concept: Option<Code>,
    /// Value Type with its value.
    pub value: ContentValue,
    /// Template Identifier (0040,DB00) of a container.
    pub template: Option<String>,
    /// Observation UID (0040,A171).
    pub uid: Option<String>,
    /// Observation DateTime (0040,A032), as written.
    pub observed: Option<String>,
    /// Attributes of the item that have no place above, by name and value, so that nothing is lost on the screen.
    pub other: Vec<String>,
    /// Items below it, in their order.
    pub children: Vec<ContentItem>,
}

/// Value Type (0040,A040) with its value. Dates, times and numbers are kept as they are written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ContentValue {
    /// CONTAINER with Continuity of Content (0040,A050).
    Container(String),
    /// CODE.
    Code(Code),
    /// NUM.
    Number(Number),
    /// TEXT, with its line ends.
    Text(String),
    /// PNAME.
    PersonName(String),
    /// DATE, `YYYYMMDD`.
    Date(String),
    /// TIME, `HHMMSS.FFFFFF`.
    Time(String),
    /// DATETIME, `YYYYMMDDHHMMSS.FFFFFF&ZZXX`.
    DateTime(String),
    /// UIDREF.
    Uid(String),
    /// IMAGE.
    Image {
        /// The image.
        image: ImageReference,
        /// The presentation state to show it with.
        state: Option<ImageReference>,
        /// The real world value map to read it with.
        values: Option<ImageReference>,
    },
    /// COMPOSITE: an instance of any other kind.
    Composite(ImageReference),
    /// WAVEFORM.
    Waveform {
        /// The waveform.
        waveform: ImageReference,
        /// Multiplex group and channel, from 1.
        channels: Vec<[u32; 2]>,
    },
    /// SCOORD: points of an image in corner coordinates (T21).
    Points {
        /// Graphic Type (0070,0023).
        kind: String,
        /// Columns, rows.
        points: Vec<[f32; 2]>,
    },
    /// SCOORD3D: points in the patient.
    PointsMm {
        /// Graphic Type (0070,0023).
        kind: String,
        /// Referenced Frame of Reference UID (3006,0024).
        frame_of_reference: String,
        /// LPS, mm.
        points: Vec<[f32; 3]>,
    },
    /// TCOORD: points or ranges of a waveform or of frames.
    Times {
        /// Temporal Range Type (0040,A130).
        kind: String,
        /// Referenced Sample Positions (0040,A132), from 1.
        samples: Vec<u32>,
        /// Referenced Time Offsets (0040,A138), seconds.
        offsets: Vec<String>,
        /// Referenced DateTime (0040,A13A).
        times: Vec<String>,
    },
    /// Another item of the tree: places in Content Sequences from the root on, each from 1.
    Reference(Vec<u32>),
    /// A value type that is not known, or a value that makes no sense. Its attributes are in [`ContentItem::other`].
    Unknown {
        /// Value Type as written, may be empty.
        kind: String,
        /// Why it is not one of the above.
        why: String,
    },
}

/// Value of a NUM item.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Number {
    /// Numeric Value (0040,A30A) as written; empty when there is none.
    pub text: String,
    /// Floating Point Value (0040,A161): what the text cannot hold exactly.
    pub exact: Option<f64>,
    /// Measurement Units.
    pub unit: Option<Code>,
    /// Numeric Value Qualifier: why there is no number.
    pub qualifier: Option<Code>,
}

impl Number {
    /// The number: the exact one where both are there and say the same to the digits of the text.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        let text: Option<f64> = self.text.trim().parse().ok();
        let text = text.filter(|v| v.is_finite());
        match (self.exact, text) {
            (Some(exact), Some(text)) => {
                let same = (exact - text).abs() <= exact.abs().max(text.abs()) * 1e-6;
                Some(if same { exact } else { text })
            }
            (exact, text) => text.or(exact).filter(|v| v.is_finite()),
        }
    }
}

impl ContentItem {
    pub(crate) fn new(relationship: &str, concept: Option<Code>, value: ContentValue) -> Self {
        Self {
            relationship: relationship.to_owned(),
            concept,
            value,
            template: None,
            uid: None,
            observed: None,
            other: Vec::new(),
            children: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    /// Itself and all below it.
    #[must_use]
    pub fn count(&self) -> usize {
        let below = self.children.iter().map(Self::count);
        below.fold(1, usize::saturating_add)
    }

    pub(crate) fn is(&self, concept: super::code::Concept) -> bool {
        self.concept.as_ref().is_some_and(|c| c.is(concept))
    }

    /// First child that is about `concept`.
    pub(crate) fn child(&self, concept: super::code::Concept) -> Option<&Self> {
        self.children.iter().find(|c| c.is(concept))
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            ContentValue::Text(text)
            | ContentValue::PersonName(text)
            | ContentValue::Uid(text)
            | ContentValue::DateTime(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn code(&self) -> Option<&Code> {
        match &self.value {
            ContentValue::Code(code) => Some(code),
            _ => None,
        }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        match &self.value {
            ContentValue::Number(number) => number.value(),
            _ => None,
        }
    }
}
