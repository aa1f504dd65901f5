//! From content items to data elements.

use dicom_core::VR;
use dicom_dictionary_std::tags;

use super::{
    code::Code,
    content::{ContentItem, ContentValue, Number},
    elements::{Elements, decimal},
    reference::ImageReference,
};

impl Number {
    /// A value that reads back as the same float.
    pub(crate) fn of(value: f64, unit: Code) -> Self {
        let text = decimal(value);
        Self {
            exact: Some(value),
            text,
            unit: Some(unit),
            qualifier: None,
        }
    }
}

impl ContentItem {
    /// The elements of the item; of the root, those that belong to its content.
    pub(crate) fn elements(&self) -> Elements {
        let mut out = Elements::default();
        if !self.relationship.is_empty() {
            out.code(tags::RELATIONSHIP_TYPE, &self.relationship);
        }
        if let Some(concept) = &self.concept {
            out.item(tags::CONCEPT_NAME_CODE_SEQUENCE, concept.elements());
        }
        if let Some(uid) = &self.uid {
            out.uid(tags::OBSERVATION_UID, uid);
        }
        if let Some(observed) = &self.observed {
            out.text(tags::OBSERVATION_DATE_TIME, VR::DT, observed);
        }
        if let Some(template) = &self.template {
            let mut item = Elements::default();
            item.code(tags::MAPPING_RESOURCE, "DCMR")
                .code(tags::TEMPLATE_IDENTIFIER, template);
            out.item(tags::CONTENT_TEMPLATE_SEQUENCE, item);
        }
        let kind = self.value.write(&mut out);
        if !kind.is_empty() {
            out.code(tags::VALUE_TYPE, kind);
        }
        if !self.children.is_empty() {
            let children = self.children.iter().map(Self::elements).collect();
            out.items(tags::CONTENT_SEQUENCE, children);
        }
        out
    }
}

impl ContentValue {
    /// Puts the value and gives its type.
    fn write(&self, out: &mut Elements) -> &str {
        match self {
            Self::Container(continuity) => {
                out.code(tags::CONTINUITY_OF_CONTENT, continuity);
                "CONTAINER"
            }
            Self::Code(code) => {
                out.item(tags::CONCEPT_CODE_SEQUENCE, code.elements());
                "CODE"
            }
            Self::Number(number) => {
                let mut item = Elements::default();
                item.text(tags::NUMERIC_VALUE, VR::DS, &number.text);
                if let Some(exact) = number.exact {
                    item.doubles(tags::FLOATING_POINT_VALUE, &[exact]);
                }
                if let Some(unit) = &number.unit {
                    item.item(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, unit.elements());
                }
                let items = if number.text.is_empty() {
                    Vec::new()
                } else {
                    vec![item]
                };
                out.items(tags::MEASURED_VALUE_SEQUENCE, items);
                if let Some(qualifier) = &number.qualifier {
                    out.item(
                        tags::NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE,
                        qualifier.elements(),
                    );
                }
                "NUM"
            }
            Self::Text(text) => {
                out.text(tags::TEXT_VALUE, VR::UT, text);
                "TEXT"
            }
            Self::PersonName(name) => {
                out.text(tags::PERSON_NAME, VR::PN, name);
                "PNAME"
            }
            Self::Date(date) => {
                out.text(tags::DATE, VR::DA, date);
                "DATE"
            }
            Self::Time(time) => {
                out.text(tags::TIME, VR::TM, time);
                "TIME"
            }
            Self::DateTime(time) => {
                out.text(tags::DATE_TIME, VR::DT, time);
                "DATETIME"
            }
            Self::Uid(uid) => {
                out.uid(tags::UID, uid);
                "UIDREF"
            }
            Self::Image {
                image,
                state,
                values,
            } => {
                let mut item = image.elements();
                let whole = ImageReference::elements;
                if let Some(state) = state {
                    item.item(tags::REFERENCED_SOP_SEQUENCE, whole(state));
                }
                if let Some(values) = values {
                    item.item(
                        tags::REFERENCED_REAL_WORLD_VALUE_MAPPING_INSTANCE_SEQUENCE,
                        whole(values),
                    );
                }
                out.item(tags::REFERENCED_SOP_SEQUENCE, item);
                "IMAGE"
            }
            Self::Composite(instance) => {
                out.item(tags::REFERENCED_SOP_SEQUENCE, instance.elements());
                "COMPOSITE"
            }
            Self::Waveform { waveform, channels } => {
                let mut item = waveform.elements();
                if !channels.is_empty() {
                    let words = channels.iter().flatten();
                    let words: Vec<u16> = words.filter_map(|c| u16::try_from(*c).ok()).collect();
                    item.words(tags::REFERENCED_WAVEFORM_CHANNELS, &words);
                }
                out.item(tags::REFERENCED_SOP_SEQUENCE, item);
                "WAVEFORM"
            }
            Self::Points { kind, points } => {
                out.floats(tags::GRAPHIC_DATA, points.as_flattened())
                    .code(tags::GRAPHIC_TYPE, kind);
                "SCOORD"
            }
            Self::PointsMm {
                kind,
                frame_of_reference,
                points,
            } => {
                out.floats(tags::GRAPHIC_DATA, points.as_flattened())
                    .code(tags::GRAPHIC_TYPE, kind)
                    .uid(tags::REFERENCED_FRAME_OF_REFERENCE_UID, frame_of_reference);
                "SCOORD3D"
            }
            Self::Times {
                kind,
                samples,
                offsets,
                times,
            } => {
                out.code(tags::TEMPORAL_RANGE_TYPE, kind);
                if !samples.is_empty() {
                    out.longs(tags::REFERENCED_SAMPLE_POSITIONS, samples);
                }
                out.text_if(tags::REFERENCED_TIME_OFFSETS, VR::DS, &offsets.join("\\"))
                    .text_if(tags::REFERENCED_DATE_TIME, VR::DT, &times.join("\\"));
                "TCOORD"
            }
            Self::Reference(path) => {
                out.longs(tags::REFERENCED_CONTENT_ITEM_IDENTIFIER, path);
                ""
            }
            Self::Unknown { kind, .. } => kind,
        }
    }
}
