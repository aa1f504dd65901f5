//! Objects that are no images.

use triptych_imaging::{
    objects::{
        self, ObjectHead, ReadError,
        segmentation::{LABEL_MAP, SEGMENTATION, Segmentation},
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
