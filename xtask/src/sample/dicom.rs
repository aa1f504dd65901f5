//! The sample's images as DICOM: two CT series and one frontal radiograph, every header marked as synthetic.

use std::path::Path;

use anyhow::{Context as _, Result};
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use rayon::prelude::*;

use super::{
    noise::{Random, add_grain},
    phantom::{Thorax, Z_HIGH, Z_LOW},
};

const COLUMNS: usize = 512;
const FIELD_MM: f32 = 380.0;
const MANUFACTURER: &str = "Triptych sample generator";

/// Who the images are of: the same identifier and issuer as in the record.
pub struct Subject<'a> {
    /// DICOM PN.
    pub name: &'a str,
    /// Patient ID.
    pub id: &'a str,
    /// Issuer of Patient ID.
    pub issuer: &'a str,
    /// DA.
    pub birth_date: &'a str,
}

/// One study of the sample.
pub struct StudyPlan<'a> {
    /// Study Instance UID.
    pub uid: &'a str,
    /// DA.
    pub date: &'a str,
    /// TM.
    pub time: &'a str,
    /// Accession Number.
    pub accession: &'a str,
    /// Age at the study as AS.
    pub age: &'a str,
}

type Object = InMemDicomObject;

fn put(object: &mut Object, tag: Tag, vr: VR, value: &str) {
    object.put(DataElement::new(tag, vr, PrimitiveValue::from(value)));
}

fn put_u16(object: &mut Object, tag: Tag, value: u16) {
    object.put(DataElement::new(tag, VR::US, PrimitiveValue::from(value)));
}

/// UID of a thing of this sample: `2.25.` and a number from a fixed stream (PS3.5 B.2).
fn uid(seed: u64, kind: u64, index: u64) -> String {
    let mut random = Random::new(seed ^ kind.rotate_left(17) ^ index.rotate_left(40));
    let number = (u128::from(random.next()) << 64 | u128::from(random.next())) >> 6;
    format!("2.25.{number}")
}

fn decimals(values: &[f64]) -> String {
    values
        .iter()
        .map(|v| format!("{v:.4}"))
        .map(|t| t.trim_end_matches('0').trim_end_matches('.').to_owned())
        .collect::<Vec<_>>()
        .join("\\")
}

fn common(
    subject: &Subject<'_>,
    study: &StudyPlan<'_>,
    sop_class: &str,
    instance: &str,
    series: &str,
) -> Object {
    let mut o = Object::new_empty();
    put(&mut o, tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192");
    put(&mut o, tags::SOP_CLASS_UID, VR::UI, sop_class);
    put(&mut o, tags::SOP_INSTANCE_UID, VR::UI, instance);
    for (date, time) in [
        (tags::STUDY_DATE, tags::STUDY_TIME),
        (tags::SERIES_DATE, tags::SERIES_TIME),
        (tags::ACQUISITION_DATE, tags::ACQUISITION_TIME),
        (tags::CONTENT_DATE, tags::CONTENT_TIME),
    ] {
        put(&mut o, date, VR::DA, study.date);
        put(&mut o, time, VR::TM, study.time);
    }
    put(&mut o, tags::ACCESSION_NUMBER, VR::SH, study.accession);
    put(&mut o, tags::MANUFACTURER, VR::LO, MANUFACTURER);
    put(
        &mut o,
        tags::INSTITUTION_NAME,
        VR::LO,
        "Synthetic: no patient, no scanner",
    );
    put(&mut o, tags::REFERRING_PHYSICIAN_NAME, VR::PN, "");
    put(&mut o, tags::PATIENT_NAME, VR::PN, subject.name);
    put(&mut o, tags::PATIENT_ID, VR::LO, subject.id);
    put(&mut o, tags::ISSUER_OF_PATIENT_ID, VR::LO, subject.issuer);
    put(&mut o, tags::PATIENT_BIRTH_DATE, VR::DA, subject.birth_date);
    put(&mut o, tags::PATIENT_SEX, VR::CS, "F");
    put(&mut o, tags::PATIENT_AGE, VR::AS, study.age);
    put(
        &mut o,
        tags::PATIENT_COMMENTS,
        VR::LT,
        "SYNTHETIC: made by a program, no person",
    );
    put(&mut o, tags::IMAGE_COMMENTS, VR::LT, "SYNTHETIC");
    put(&mut o, tags::STUDY_INSTANCE_UID, VR::UI, study.uid);
    put(&mut o, tags::SERIES_INSTANCE_UID, VR::UI, series);
    put(&mut o, tags::STUDY_ID, VR::SH, study.accession);
    put(&mut o, tags::BODY_PART_EXAMINED, VR::CS, "CHEST");
    put(&mut o, tags::BURNED_IN_ANNOTATION, VR::CS, "NO");
    put(&mut o, tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "00");
    put_u16(&mut o, tags::SAMPLES_PER_PIXEL, 1);
    o
}

fn write(object: Object, path: &Path) -> Result<()> {
    let meta = FileMetaTableBuilder::new().transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN);
    object
        .with_meta(meta)
        .context("file meta information")?
        .write_to_file(path)
        .with_context(|| format!("writing {}", path.display()))
}

/// Writes a thorax CT of `slices` slices from base to apex and returns how many files it wrote.
pub fn write_ct(
    folder: &Path,
    subject: &Subject<'_>,
    study: &StudyPlan<'_>,
    thorax: &Thorax,
    slices: usize,
    seed: u64,
) -> Result<usize> {
    let series = uid(seed, 1, 0);
    let frame = uid(seed, 2, 0);
    let spacing = FIELD_MM / COLUMNS as f32;
    let step = (Z_HIGH - Z_LOW) / slices as f32;
    (0..slices).into_par_iter().try_for_each(|k| {
        let z = Z_LOW + step * (k as f32 + 0.5);
        let mut hu = vec![0.0_f32; COLUMNS * COLUMNS];
        for (row, line) in hu.chunks_mut(COLUMNS).enumerate() {
            let y = (row as f32 - (COLUMNS as f32 - 1.0) / 2.0) * spacing + 8.0;
            for (column, value) in line.iter_mut().enumerate() {
                let x = (column as f32 - (COLUMNS as f32 - 1.0) / 2.0) * spacing;
                // Two samples along the slice: thick slices blur what they cut.
                *value = 0.5
                    * (thorax.hounsfield([x, y, z - 0.25 * step])
                        + thorax.hounsfield([x, y, z + 0.25 * step]));
            }
        }
        add_grain(&mut hu, COLUMNS, 17.0, seed ^ (k as u64) << 8);
        #[allow(clippy::cast_possible_truncation, reason = "clamped to 12 bits")]
        let stored: Vec<i16> = hu
            .iter()
            .map(|v| v.round().clamp(-1024.0, 3071.0) as i16)
            .collect();
        let instance = uid(seed, 3, k as u64);
        let mut o = common(subject, study, uids::CT_IMAGE_STORAGE, &instance, &series);
        put(
            &mut o,
            tags::STUDY_DESCRIPTION,
            VR::LO,
            "CT chest (synthetic)",
        );
        put(&mut o, tags::SERIES_DESCRIPTION, VR::LO, "Chest 2.5 mm");
        put(&mut o, tags::MODALITY, VR::CS, "CT");
        put(&mut o, tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\AXIAL");
        put(&mut o, tags::SERIES_NUMBER, VR::IS, "2");
        put(&mut o, tags::ACQUISITION_NUMBER, VR::IS, "1");
        // Scanned from apex to base: the first image is the highest.
        put(
            &mut o,
            tags::INSTANCE_NUMBER,
            VR::IS,
            &(slices - k).to_string(),
        );
        put(&mut o, tags::PATIENT_POSITION, VR::CS, "HFS");
        put(&mut o, tags::FRAME_OF_REFERENCE_UID, VR::UI, &frame);
        put(&mut o, tags::POSITION_REFERENCE_INDICATOR, VR::LO, "");
        let origin = -f64::from(FIELD_MM) / 2.0 + f64::from(spacing) / 2.0;
        put(
            &mut o,
            tags::IMAGE_POSITION_PATIENT,
            VR::DS,
            &decimals(&[origin, origin + 8.0, f64::from(z)]),
        );
        put(
            &mut o,
            tags::IMAGE_ORIENTATION_PATIENT,
            VR::DS,
            "1\\0\\0\\0\\1\\0",
        );
        put(
            &mut o,
            tags::PIXEL_SPACING,
            VR::DS,
            &decimals(&[f64::from(spacing), f64::from(spacing)]),
        );
        put(
            &mut o,
            tags::SLICE_THICKNESS,
            VR::DS,
            &decimals(&[f64::from(step)]),
        );
        put(
            &mut o,
            tags::SLICE_LOCATION,
            VR::DS,
            &decimals(&[f64::from(z)]),
        );
        put(&mut o, tags::KVP, VR::DS, "120");
        put(&mut o, tags::CONVOLUTION_KERNEL, VR::SH, "SYNTHETIC");
        put(&mut o, tags::RESCALE_INTERCEPT, VR::DS, "0");
        put(&mut o, tags::RESCALE_SLOPE, VR::DS, "1");
        put(&mut o, tags::RESCALE_TYPE, VR::LO, "HU");
        put(&mut o, tags::WINDOW_CENTER, VR::DS, "-600\\40");
        put(&mut o, tags::WINDOW_WIDTH, VR::DS, "1500\\400");
        put(
            &mut o,
            tags::WINDOW_CENTER_WIDTH_EXPLANATION,
            VR::LO,
            "LUNG\\SOFT TISSUE",
        );
        put(
            &mut o,
            tags::PHOTOMETRIC_INTERPRETATION,
            VR::CS,
            "MONOCHROME2",
        );
        put_u16(&mut o, tags::ROWS, COLUMNS as u16);
        put_u16(&mut o, tags::COLUMNS, COLUMNS as u16);
        put_u16(&mut o, tags::BITS_ALLOCATED, 16);
        put_u16(&mut o, tags::BITS_STORED, 16);
        put_u16(&mut o, tags::HIGH_BIT, 15);
        put_u16(&mut o, tags::PIXEL_REPRESENTATION, 1);
        #[allow(clippy::cast_sign_loss, reason = "the bits are meant")]
        let words: Vec<u16> = stored.iter().map(|v| *v as u16).collect();
        o.put(DataElement::new(
            tags::PIXEL_DATA,
            VR::OW,
            PrimitiveValue::U16(words.into()),
        ));
        write(o, &folder.join(format!("CT{:04}.dcm", slices - k)))
    })?;
    Ok(slices)
}

/// Writes a postero-anterior radiograph: what is left of parallel rays through the same thorax.
pub fn write_dx(
    folder: &Path,
    subject: &Subject<'_>,
    study: &StudyPlan<'_>,
    thorax: &Thorax,
    seed: u64,
) -> Result<()> {
    const SPACING: f32 = 0.42;
    const WIDTH: usize = 912;
    const HEIGHT: usize = 714;
    const STEP: f32 = 1.5;
    let mut attenuation = vec![0.0_f32; WIDTH * HEIGHT];
    attenuation
        .par_chunks_mut(WIDTH)
        .enumerate()
        .for_each(|(row, line)| {
            let z = Z_HIGH - 1.0 - row as f32 * SPACING;
            for (column, value) in line.iter_mut().enumerate() {
                // As read: the patient's right on the picture's left.
                let x = (column as f32 - (WIDTH as f32 - 1.0) / 2.0) * SPACING;
                let mut sum = 0.0;
                let mut y = -150.0;
                while y < 128.0 {
                    // Linear attenuation relative to water at about 70 keV; bone counts more than its Hounsfield units say.
                    let hu = thorax.hounsfield([x, y, z]);
                    sum += (1.0 + hu / 1000.0).max(0.0)
                        * (1.0 + (hu - 120.0).max(0.0) * 0.0007)
                        * STEP;
                    y += STEP;
                }
                *value = sum * 0.0195;
            }
        });
    // A detector counts quanta: the grain grows where the body is thick, then the logarithm makes the film.
    add_grain(&mut attenuation, WIDTH, 0.012, seed);
    let mut sorted = attenuation.clone();
    sorted.sort_by(f32::total_cmp);
    let quantile = |q: f32| {
        sorted
            .get((q * (sorted.len() - 1) as f32) as usize)
            .copied()
            .unwrap_or_default()
    };
    let (low, high) = (quantile(0.02), quantile(0.995));
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 12 bits"
    )]
    let stored: Vec<u16> = attenuation
        .iter()
        .map(|v| (((v - low) / (high - low)).clamp(0.0, 1.0).powf(0.85) * 4000.0 + 40.0) as u16)
        .collect();
    let series = uid(seed, 1, 1);
    let mut o = common(
        subject,
        study,
        uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION,
        &uid(seed, 3, 1),
        &series,
    );
    put(
        &mut o,
        tags::STUDY_DESCRIPTION,
        VR::LO,
        "Chest radiograph PA (synthetic)",
    );
    put(&mut o, tags::SERIES_DESCRIPTION, VR::LO, "PA");
    put(&mut o, tags::MODALITY, VR::CS, "DX");
    put(&mut o, tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\");
    put(
        &mut o,
        tags::PRESENTATION_INTENT_TYPE,
        VR::CS,
        "FOR PRESENTATION",
    );
    put(&mut o, tags::VIEW_POSITION, VR::CS, "PA");
    put(&mut o, tags::PATIENT_ORIENTATION, VR::CS, "L\\F");
    put(&mut o, tags::IMAGE_LATERALITY, VR::CS, "U");
    put(&mut o, tags::SERIES_NUMBER, VR::IS, "1");
    put(&mut o, tags::INSTANCE_NUMBER, VR::IS, "1");
    put(&mut o, tags::ACQUISITION_NUMBER, VR::IS, "1");
    put(
        &mut o,
        tags::IMAGER_PIXEL_SPACING,
        VR::DS,
        &decimals(&[f64::from(SPACING), f64::from(SPACING)]),
    );
    put(&mut o, tags::PIXEL_INTENSITY_RELATIONSHIP, VR::CS, "LOG");
    object_sign(&mut o);
    put(&mut o, tags::RESCALE_INTERCEPT, VR::DS, "0");
    put(&mut o, tags::RESCALE_SLOPE, VR::DS, "1");
    put(&mut o, tags::RESCALE_TYPE, VR::LO, "US");
    put(&mut o, tags::PRESENTATION_LUT_SHAPE, VR::CS, "IDENTITY");
    put(&mut o, tags::WINDOW_CENTER, VR::DS, "2048");
    put(&mut o, tags::WINDOW_WIDTH, VR::DS, "4096");
    put(
        &mut o,
        tags::PHOTOMETRIC_INTERPRETATION,
        VR::CS,
        "MONOCHROME2",
    );
    put_u16(&mut o, tags::ROWS, HEIGHT as u16);
    put_u16(&mut o, tags::COLUMNS, WIDTH as u16);
    put_u16(&mut o, tags::BITS_ALLOCATED, 16);
    put_u16(&mut o, tags::BITS_STORED, 12);
    put_u16(&mut o, tags::HIGH_BIT, 11);
    put_u16(&mut o, tags::PIXEL_REPRESENTATION, 0);
    o.put(DataElement::new(
        tags::PIXEL_DATA,
        VR::OW,
        PrimitiveValue::U16(stored.into()),
    ));
    write(o, &folder.join("DX0001.dcm"))
}

/// Thick parts are bright: the stored value rises with attenuation, so it falls with the X-ray signal.
fn object_sign(object: &mut Object) {
    object.put(DataElement::new(
        tags::PIXEL_INTENSITY_RELATIONSHIP_SIGN,
        VR::SS,
        PrimitiveValue::from(-1_i16),
    ));
}
