//! Objects that are no images.

use triptych_imaging::{
    objects::{
        self, ObjectHead, ObjectKind, ReadError,
        document::{Document, DocumentError, PagePicture},
        rtstruct::StructureSet,
        segmentation::{LABEL_MAP, SEGMENTATION, Segmentation},
        waveform::WaveformGroup,
    },
    tags,
};

use super::{Refusal, input::Input};
use crate::ObjectContent;

/// What it is, what it is called, what it refers to.
pub(super) fn head(input: &Input) -> Result<ObjectHead, Refusal> {
    Ok(ObjectHead::read(&input.dicom()?.data()))
}

/// Its content; what is of a kind without a reader is named.
pub(super) fn content(input: &Input) -> Result<ObjectContent, Refusal> {
    let file = input.dicom()?;
    let data = file.data();
    let class = data.first_text(tags::SOP_CLASS_UID).unwrap_or_default();
    match ObjectKind::of(&class) {
        Some(ObjectKind::StructureSet) => {
            let set = StructureSet::read(file).map_err(Refusal::of)?;
            return Ok(ObjectContent::Structures(Box::new(set)));
        }
        Some(ObjectKind::Document) => {
            return match Document::read(file) {
                Ok(document) => Ok(ObjectContent::Pages {
                    title: document.title().to_owned(),
                    pages: document.pages(),
                }),
                Err(error @ DocumentError::OtherKind(_)) => Ok(ObjectContent::Named {
                    why: error.to_string(),
                }),
                Err(error) => Err(Refusal::of(error)),
            };
        }
        Some(ObjectKind::Waveform) => {
            let groups = WaveformGroup::read_all(file).map_err(Refusal::of)?;
            let words = groups.iter().map(WaveformGroup::summary);
            return Ok(ObjectContent::Waveform(words.collect()));
        }
        _ => {}
    }
    match class.as_str() {
        SEGMENTATION | LABEL_MAP => Segmentation::read(file, input.bytes())
            .map(|s| ObjectContent::Segmentation(Box::new(s)))
            .map_err(Refusal::of),
        _ => match objects::read(&data) {
            Ok(object) => Ok(ObjectContent::Read(Box::new(object))),
            Err(ReadError::OtherClass(_)) => Ok(ObjectContent::Named {
                why: "objects of this kind are kept and not drawn".to_owned(),
            }),
            Err(error) => Err(Refusal::of(error)),
        },
    }
}

/// Page `page`, from 0, so many pixels wide.
pub(super) fn page(input: &Input, page: u32, width: u32) -> Result<PagePicture, Refusal> {
    let document = Document::read(input.dicom()?).map_err(Refusal::of)?;
    document.render(page, width).map_err(Refusal::of)
}
