//! From a file to what the archive keeps of an instance.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use triptych_clinical::{
    BirthDate, FrameOfReferenceUid, Identifier, Identity, InstanceRecord, SeriesUid, Sex,
    SopClassUid, SopInstanceUid, StudyUid, TransferSyntaxUid, UidError, When,
};

use crate::{
    dataset::DataSet,
    file::{DicomError, DicomFile},
    limits,
};

impl DicomFile {
    /// The attributes that lists, slice order and hanging need. Position, orientation and spacing are those of the first frame.
    ///
    /// # Errors
    /// [`DicomError::Identity`] when a UID that names study, series, instance or class is missing or is no UID: such an object cannot be kept.
    pub fn record(&self) -> Result<InstanceRecord, DicomError> {
        let data = self.data();
        let text = |tag| data.text(tag).unwrap_or_default();
        let int = |tag| data.int(tag).and_then(|v| i32::try_from(v).ok());
        let offset = data
            .text(tags::TIMEZONE_OFFSET_FROM_UTC)
            .and_then(|t| offset_minutes(&t))
            .unwrap_or(0);
        let when = |date, time| {
            let date = data.first_text(date)?;
            // An unreadable date is no date; the value stays in the file.
            When::from_dicom(&date, data.first_text(time).as_deref(), offset).ok()
        };
        let meta = self.meta();
        let frame = self.frame_data(0);
        let description = self.description().ok();
        // Pixels that are refused still are so many frames of this size, as far as the header makes sense.
        let size = |tag, most| {
            let stated = data.int(tag).and_then(|v| u32::try_from(v).ok());
            stated.filter(|v| *v <= most).unwrap_or(0)
        };
        let as_stated = match self.pixel_element() {
            Some(_) => (
                size(tags::NUMBER_OF_FRAMES, limits::FRAMES).max(1),
                size(tags::ROWS, limits::ROWS_OR_COLUMNS),
                size(tags::COLUMNS, limits::ROWS_OR_COLUMNS),
            ),
            None => (0, 0, 0),
        };
        let own = |tag, of_meta: &Option<String>| data.first_text(tag).or_else(|| of_meta.clone());
        Ok(InstanceRecord {
            study: uid(
                "Study Instance UID",
                tags::STUDY_INSTANCE_UID,
                data.first_text(tags::STUDY_INSTANCE_UID),
                StudyUid::new,
            )?,
            series: uid(
                "Series Instance UID",
                tags::SERIES_INSTANCE_UID,
                data.first_text(tags::SERIES_INSTANCE_UID),
                SeriesUid::new,
            )?,
            sop_instance: uid(
                "SOP Instance UID",
                tags::SOP_INSTANCE_UID,
                own(tags::SOP_INSTANCE_UID, &meta.sop_instance),
                SopInstanceUid::new,
            )?,
            sop_class: uid(
                "SOP Class UID",
                tags::SOP_CLASS_UID,
                own(tags::SOP_CLASS_UID, &meta.sop_class),
                SopClassUid::new,
            )?,
            transfer_syntax: uid(
                "Transfer Syntax UID",
                tags::TRANSFER_SYNTAX_UID,
                Some(self.transfer_syntax().to_owned()),
                TransferSyntaxUid::new,
            )?,
            identity: identity(&data),
            study_time: when(tags::STUDY_DATE, tags::STUDY_TIME),
            series_time: when(tags::SERIES_DATE, tags::SERIES_TIME),
            study_description: text(tags::STUDY_DESCRIPTION),
            series_description: text(tags::SERIES_DESCRIPTION),
            accession: text(tags::ACCESSION_NUMBER),
            modality: text(tags::MODALITY),
            body_part: text(tags::BODY_PART_EXAMINED),
            view_position: text(tags::VIEW_POSITION),
            series_number: int(tags::SERIES_NUMBER),
            instance_number: int(tags::INSTANCE_NUMBER),
            volume_attributes: self
                .volume_attributes()
                .into_iter()
                .map(|(attribute, text)| (attribute.keyword().to_owned(), text))
                .collect(),
            frames: description.as_ref().map_or(as_stated.0, |d| d.frames),
            rows: description.as_ref().map_or(as_stated.1, |d| d.rows),
            columns: description.as_ref().map_or(as_stated.2, |d| d.columns),
            frame_of_reference: data
                .first_text(tags::FRAME_OF_REFERENCE_UID)
                .and_then(|u| FrameOfReferenceUid::new(&u).ok()),
            position: frame.position(),
            orientation: frame.orientation(),
            pixel_spacing: frame.pixel_spacing(),
            slice_thickness: frame.slice_thickness(),
            image_type: text(tags::IMAGE_TYPE),
            unreadable: self.refusal().map(ToString::to_string),
            file_bytes: self.file_bytes(),
        })
    }
}

fn uid<T>(
    name: &'static str,
    tag: Tag,
    value: Option<String>,
    parse: fn(&str) -> Result<T, UidError>,
) -> Result<T, DicomError> {
    let error = |why: String| DicomError::Identity { name, tag, why };
    let value = value.ok_or_else(|| error("missing".to_owned()))?;
    parse(&value).map_err(|e| error(e.to_string()))
}

/// Patient module (PS3.3 C.7.1.1): Patient ID with its issuer, other IDs, name, birth date, sex.
fn identity(data: &DataSet<'_>) -> Identity {
    let mut identifiers: Vec<Identifier> = patient_id(data).into_iter().collect();
    for other in data.items(tags::OTHER_PATIENT_I_DS_SEQUENCE) {
        identifiers.extend(patient_id(&other).filter(|id| !identifiers.contains(id)));
    }
    let (family, given) = data
        .text(tags::PATIENT_NAME)
        .map(|n| person_name(&n))
        .unwrap_or_default();
    let birth_date: Option<BirthDate> = data
        .first_text(tags::PATIENT_BIRTH_DATE)
        .and_then(|d| When::from_dicom(&d, None, 0).ok());
    Identity {
        identifiers,
        family,
        given,
        birth_date,
        sex: match data.first_text(tags::PATIENT_SEX).as_deref() {
            Some("F") => Sex::Female,
            Some("M") => Sex::Male,
            Some("O") => Sex::Other,
            _ => Sex::Unknown,
        },
        deceased: None,
        synthetic: data
            .text(tags::PATIENT_COMMENTS)
            .is_some_and(|c| c.to_lowercase().contains("synthetic")),
    }
}

fn patient_id(data: &DataSet<'_>) -> Option<Identifier> {
    let value = data.text(tags::PATIENT_ID)?;
    // The issuer's universal ID is the stronger name of the same authority.
    let universal = data
        .first_item(tags::ISSUER_OF_PATIENT_ID_QUALIFIERS_SEQUENCE)
        .and_then(|q| q.text(tags::UNIVERSAL_ENTITY_ID));
    Some(Identifier {
        issuer: data
            .text(tags::ISSUER_OF_PATIENT_ID)
            .or(universal)
            .unwrap_or_default(),
        kind: "MR".to_owned(),
        value,
    })
}

/// Family and given names of a PN value: the alphabetic group, or the first one that is there (PS3.5 6.2.1). Given and middle names are
/// one text, as clinicians write them.
fn person_name(value: &str) -> (String, String) {
    let group = value
        .split('=')
        .find(|g| !g.trim_matches(['^', ' ']).is_empty())
        .unwrap_or_default();
    let mut parts = group.split('^').map(str::trim);
    let family = parts.next().unwrap_or_default().to_owned();
    let given: Vec<&str> = parts.take(2).filter(|p| !p.is_empty()).collect();
    (family, given.join(" "))
}

/// `+0130`, `-0500` → minutes.
pub(crate) fn offset_minutes(text: &str) -> Option<i16> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = text
        .get(1..5)
        .filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
    let hours: i16 = digits.get(..2)?.parse().ok()?;
    let minutes: i16 = digits.get(2..)?.parse().ok()?;
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_split_into_family_and_given() {
        let check = |value, family: &str, given: &str| {
            assert_eq!(person_name(value), (family.to_owned(), given.to_owned()));
        };
        check("Hyatt^Neva^M^Dr^", "Hyatt", "Neva M");
        check("Yamada^Tarou=山田^太郎", "Yamada", "Tarou");
        check("=山田^太郎", "山田", "太郎");
        check("Hyatt", "Hyatt", "");
        check("", "", "");
    }

    #[test]
    fn zone_offsets_are_read() {
        assert_eq!(offset_minutes("+0130"), Some(90));
        assert_eq!(offset_minutes("-0500"), Some(-300));
        assert_eq!(offset_minutes("0500"), None);
        assert_eq!(offset_minutes("+9999"), None);
    }
}
