//! Key object selections (PS3.3 A.35.4, TID 2010): which images matter, and why.

use dicom_core::VR;
use dicom_dictionary_std::tags;
use serde::{Deserialize, Serialize};
use triptych_clinical::{SeriesUid, SopInstanceUid, StudyUid};

use super::{
    code::{Code, concepts as c},
    content::{ContentItem, ContentValue},
    context::{ObjectContext, Uids, WriteError, Written, uid_of},
    group_write::{CONTAINS, item, observers},
    reference::{Evidence, ImageReference},
    tree::SrTree,
};
use crate::dataset::DataSet;

/// SOP Class UID of Key Object Selection Document Storage.
pub const KEY_OBJECT_SELECTION: &str = "1.2.840.10008.5.1.4.1.1.88.59";

/// Titles of CID 7010 that a reader may choose.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum KeyTitle {
    /// 113000
    #[default]
    OfInterest,
    /// 113002
    ForReferringProvider,
    /// 113003
    ForSurgery,
    /// 113004
    ForTeaching,
    /// 113005
    ForConference,
    /// 113006
    ForTherapy,
    /// 113007
    ForPatient,
    /// 113008
    ForPeerReview,
    /// 113009
    ForResearch,
    /// 113010
    QualityIssue,
    /// 113013
    BestInSet,
    /// 113018
    ForPrinting,
    /// 113020
    ForReportAttachment,
}

/// Titles that say that images must not be used (IHE IOCM): they are hidden behind a mark, never deleted (T57).
const REJECTING: [&str; 4] = ["113001", "113037", "113038", "113039"];

/// What is to be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeySelection {
    /// Why these images.
    pub title: KeyTitle,
    /// In words; may be empty.
    pub description: String,
    /// The images, with frames where only some are meant; of one study or of several of one patient.
    pub keys: Vec<Evidence>,
}

/// A key object selection that was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyObjects {
    /// Why these images; of CID 7010 or of the writer's own.
    pub title: Code,
    /// Document Title Modifiers: why an image was rejected.
    pub modifiers: Vec<Code>,
    /// In words; may be empty.
    pub description: String,
    /// Who chose them; may be empty.
    pub observer: String,
    /// The images, in the order of the document.
    pub keys: Vec<KeyImage>,
    /// The same document in other studies.
    pub twins: Vec<Evidence>,
    /// The whole document.
    pub tree: SrTree,
}

/// One chosen instance or some of its frames.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyImage {
    /// What was chosen.
    pub image: ImageReference,
    /// Study and series, where the evidence of the document names the instance.
    pub place: Option<(StudyUid, SeriesUid)>,
}

impl KeyTitle {
    /// All titles, in the order of their codes.
    pub const ALL: [Self; 13] = [
        Self::OfInterest,
        Self::ForReferringProvider,
        Self::ForSurgery,
        Self::ForTeaching,
        Self::ForConference,
        Self::ForTherapy,
        Self::ForPatient,
        Self::ForPeerReview,
        Self::ForResearch,
        Self::QualityIssue,
        Self::BestInSet,
        Self::ForPrinting,
        Self::ForReportAttachment,
    ];

    /// Its code.
    #[must_use]
    pub fn code(self) -> Code {
        let (value, meaning) = match self {
            Self::OfInterest => ("113000", "Of Interest"),
            Self::ForReferringProvider => ("113002", "For Referring Provider"),
            Self::ForSurgery => ("113003", "For Surgery"),
            Self::ForTeaching => ("113004", "For Teaching"),
            Self::ForConference => ("113005", "For Conference"),
            Self::ForTherapy => ("113006", "For Therapy"),
            Self::ForPatient => ("113007", "For Patient"),
            Self::ForPeerReview => ("113008", "For Peer Review"),
            Self::ForResearch => ("113009", "For Research"),
            Self::QualityIssue => ("113010", "Quality Issue"),
            Self::BestInSet => ("113013", "Best In Set"),
            Self::ForPrinting => ("113018", "For Printing"),
            Self::ForReportAttachment => ("113020", "For Report Attachment"),
        };
        Code::new(value, "DCM", meaning)
    }

    /// The title of a code; `None` for one that readers do not choose.
    #[must_use]
    pub fn of(code: &Code) -> Option<Self> {
        Self::ALL.into_iter().find(|title| {
            let own = title.code();
            own.value == code.value && own.scheme == code.scheme
        })
    }
}

impl KeyObjects {
    /// Whether it says that its images must not be used (T57).
    #[must_use]
    pub fn rejects(&self) -> bool {
        self.title.scheme == "DCM" && REJECTING.contains(&self.title.value.as_str())
    }

    /// Whether it chose this frame, counted from 0.
    #[must_use]
    pub fn holds(&self, instance: &SopInstanceUid, frame: u32) -> bool {
        self.keys.iter().any(|k| k.image.covers(instance, frame))
    }

    pub(super) fn read(data: &DataSet<'_>, mut tree: SrTree) -> Self {
        let root = &tree.root;
        let text = |concept| root.child(concept).and_then(ContentItem::text);
        let keys = root.children.iter().filter_map(|child| {
            let image = match &child.value {
                ContentValue::Image { image, .. } | ContentValue::Composite(image) => image,
                ContentValue::Waveform { waveform, .. } => waveform,
                _ => return None,
            };
            let place = tree
                .evidence
                .iter()
                .find(|e| e.image.instance == image.instance);
            Some(KeyImage {
                image: image.clone(),
                place: place.map(|e| (e.study.clone(), e.series.clone())),
            })
        });
        let modifiers = root.children.iter().filter(|i| i.is(c::TITLE_MODIFIER));
        let mut problems = Vec::new();
        let twins =
            Evidence::read_sequence(data, tags::IDENTICAL_DOCUMENTS_SEQUENCE, &mut problems);
        let out = Self {
            title: root.concept.clone().unwrap_or_default(),
            modifiers: modifiers.filter_map(|i| i.code().cloned()).collect(),
            description: text(c::KEY_DESCRIPTION).unwrap_or_default().to_owned(),
            observer: text(c::PERSON_NAME).unwrap_or_default().to_owned(),
            keys: keys.collect(),
            twins,
            tree: tree.clone(),
        };
        tree.problems.extend(problems);
        Self { tree, ..out }
    }
}

/// Writes the selection: one document in each study that its images are of, each naming its twins. `contexts` has one for each study.
///
/// # Errors
/// [`WriteError`]: no images, a study without a context or a context without an image.
pub fn write_key_objects(
    contexts: &[ObjectContext],
    selection: &KeySelection,
    uids: Uids<'_>,
) -> Result<Vec<Written>, WriteError> {
    if selection.keys.is_empty() {
        return Err(WriteError::Nothing("no image is chosen"));
    }
    for key in &selection.keys {
        if !contexts.iter().any(|c| *c.source.study() == key.study) {
            return Err(WriteError::Unsayable {
                what: format!("image {}", key.image.instance),
                why: format!("its study {} would get no document", key.study),
            });
        }
    }
    for context in contexts {
        let study = context.source.study();
        if !selection.keys.iter().any(|key| key.study == *study) {
            return Err(WriteError::OtherStudy {
                study: study.clone(),
            });
        }
    }
    let instances: Vec<String> = contexts.iter().map(|_| uid_of(uids())).collect();
    let mut twins = Vec::new();
    for (context, instance) in contexts.iter().zip(&instances) {
        let uid = SopInstanceUid::new(instance).map_err(|_| WriteError::Uid(instance.clone()))?;
        twins.push(Evidence {
            study: context.source.study().clone(),
            series: context.series.clone(),
            image: ImageReference::whole(KEY_OBJECT_SELECTION, uid),
        });
    }
    let documents = contexts.iter().zip(&instances);
    documents
        .map(|(context, instance)| {
            let others: Vec<Evidence> = twins
                .iter()
                .filter(|t| t.image.instance.as_str() != instance)
                .cloned()
                .collect();
            write_one(context, selection, instance, &others)
        })
        .collect()
}

fn write_one(
    context: &ObjectContext,
    selection: &KeySelection,
    instance: &str,
    twins: &[Evidence],
) -> Result<Written, WriteError> {
    let continuity = ContentValue::Container("SEPARATE".to_owned());
    let mut root = ContentItem::new("", Some(selection.title.code()), continuity);
    root.template = Some("2010".to_owned());
    root.children
        .extend(observers(&context.observer, &context.device.uid, ""));
    if !selection.description.is_empty() {
        let text = ContentValue::Text(selection.description.clone());
        root.children
            .push(item(CONTAINS, c::KEY_DESCRIPTION.code(), text));
    }
    let keys = selection.keys.iter();
    root.children
        .extend(keys.map(|key| ContentItem::new(CONTAINS, None, value(&key.image))));

    let mut elements = context.elements(KEY_OBJECT_SELECTION, instance, "KO");
    let (date, time) = context.date_and_time();
    elements
        .extend(&root.elements())
        .text(tags::CONTENT_DATE, VR::DA, &date)
        .text(tags::CONTENT_TIME, VR::TM, &time)
        .items(
            tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE,
            Vec::new(),
        );
    super::report_write::add_evidence(&mut elements, &selection.keys, &[]);
    if !twins.is_empty() {
        elements.items(
            tags::IDENTICAL_DOCUMENTS_SEQUENCE,
            Evidence::elements(twins),
        );
    }
    context.finish(&elements, KEY_OBJECT_SELECTION, instance, Vec::new())
}

/// IMAGE, WAVEFORM or COMPOSITE, by what the instance is.
fn value(image: &ImageReference) -> ContentValue {
    let of = |root: &str| {
        let rest = image.sop_class.strip_prefix("1.2.840.10008.5.1.4.1.1.");
        rest.is_some_and(|r| r == root || r.starts_with(&format!("{root}.")))
    };
    if of("9") {
        return ContentValue::Waveform {
            waveform: image.clone(),
            channels: Vec::new(),
        };
    }
    if of("88") || of("11") || of("104") {
        return ContentValue::Composite(image.clone());
    }
    ContentValue::Image {
        image: image.clone(),
        state: None,
        values: None,
    }
}
