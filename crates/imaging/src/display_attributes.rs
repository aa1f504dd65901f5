//! From the data set to what the renderer reads: the attributes of one frame that decide its picture (T2 to T13, T15, T33, T54, T57).
//!
//! Written here and not taken from dicom-pixeldata, which mixes frames, knows only the first window and drops tables in silence (P20 to P24).

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::{
    attributes::Photometric,
    codec,
    dataset::DataSet,
    display::{
        DisplayAttributes, LossyAttributes, Lut, ModalityLut, Padding, Palette, PlaneAttributes,
        PresentationLutShape, SpacingAttributes, VoiFunction, VoiLut, expand_segments,
        windows_of_file,
    },
    display_header,
    file::DicomFile,
    frame::SampleType,
    functional::FrameData,
    measure, suv,
    marks,
    syntax::Codec,
};

const SECONDARY_CAPTURE: &str = "1.2.840.10008.5.1.4.1.1.7";

impl DicomFile {
    /// Attributes of frame `k`, counted from 0. Never fails: what cannot be used is left out, with a mark that says so.
    #[must_use]
    pub fn display_attributes(&self, k: usize) -> DisplayAttributes {
        let data = self.data();
        let frame = self.frame_data(k);
        let mut marks = Vec::new();
        let description = self.description().ok();
        let signed = description.is_some_and(|d| d.bits.signed());
        let text = |tag| data.first_text(tag).unwrap_or_default();
        let modality = text(tags::MODALITY);
        let (modality_lut, lut_type) = modality_lut(&data, &frame, &modality, signed, &mut marks);
        let unit = unit(&data, &frame, &modality, &modality_lut, lut_type);
        let voi = frame.group_or_root(tags::FRAME_VOILUT_SEQUENCE);
        let function = voi
            .first_text(tags::VOILUT_FUNCTION)
            .and_then(|t| VoiFunction::from_term(&t))
            .unwrap_or_default();
        let (windows, window_marks) = windows_of_file(
            &voi.numbers(tags::WINDOW_CENTER),
            &voi.numbers(tags::WINDOW_WIDTH),
            &voi.texts(tags::WINDOW_CENTER_WIDTH_EXPLANATION),
            function,
        );
        marks.extend(window_marks.into_iter().map(str::to_owned));
        let position = frame.position();
        let orientation = frame.orientation();
        let plane = position
            .zip(orientation)
            .map(|(position, orientation)| PlaneAttributes {
                position,
                orientation,
            });
        let negative = signed || gives_negative_values(&modality_lut);
        let palette = palette(
            &data,
            description.map(|d| d.photometric),
            signed,
            &mut marks,
        );
        let spacing = spacing(&data, &frame, plane.is_some());
        let (overlays, shutter) = self.covering(&data, k, spacing.height_over_width(), &mut marks);
        let photometric = description.map(|d| d.photometric);
        let colour_correction =
            self.of_all_frames
                .colour_correction(&data, photometric, &mut marks);
        stated_twice(&frame, &mut marks);
        marks.extend(marks::of(&data).into_iter().map(|mark| mark.text));
        if let Some(incomplete) = self.incomplete() {
            marks.push(format!("incomplete: {incomplete}"));
        }
        DisplayAttributes {
            body_part: text(tags::BODY_PART_EXAMINED),
            convolution_kernel: text(tags::CONVOLUTION_KERNEL),
            secondary_capture: text(tags::SOP_CLASS_UID).starts_with(SECONDARY_CAPTURE),
            bits_stored: description.map_or(0, |d| match d.sample {
                SampleType::F32 => 32,
                SampleType::F64 => 64,
                _ => u16::from(d.bits.stored()),
            }),
            unit,
            suv_bw: None,
            windows,
            voi_luts: voi_luts(&voi, &data, negative, &mut marks),
            padding: self.padding(&data, k, signed),
            reconstruction_diameter_mm: data.number(tags::RECONSTRUCTION_DIAMETER),
            presentation_lut_shape: data
                .first_text(tags::PRESENTATION_LUT_SHAPE)
                .and_then(|t| PresentationLutShape::from_term(&t)),
            palette,
            ultrasound_regions: measure::ultrasound_regions(&data),
            suv: suv::attributes(&data, &modality),
            spacing,
            overlays,
            shutter,
            colour_correction,
            cine: (k == 0)
                .then(|| display_header::cine(&data, self.frames()))
                .flatten(),
            corner: self.of_all_frames.corner(&data, &frame),
            plane,
            patient_orientation: data.texts(tags::PATIENT_ORIENTATION).try_into().ok(),
            quadruped: text(tags::ANATOMICAL_ORIENTATION_TYPE) == "QUADRUPED",
            lossy: self.lossy(&data, k),
            marks,
            modality_lut,
            modality,
        }
    }

    /// Pixel padding in stored values; the fill of an incomplete frame where the file names none.
    fn padding(&self, data: &DataSet<'_>, k: usize, signed: bool) -> Option<Padding> {
        let float = |value, limit| {
            data.number(value)
                .map(|v| Padding::new(v, data.number(limit)))
        };
        #[expect(
            clippy::cast_precision_loss,
            reason = "stored values have 32 bits at most"
        )]
        let whole = |tag| data.signed_like_pixels(tag, signed).map(|v| v as f64);
        let sample = self.description().ok()?.sample;
        let stated = match sample {
            SampleType::F32 => float(
                tags::FLOAT_PIXEL_PADDING_VALUE,
                tags::FLOAT_PIXEL_PADDING_RANGE_LIMIT,
            ),
            SampleType::F64 => float(
                tags::DOUBLE_FLOAT_PIXEL_PADDING_VALUE,
                tags::DOUBLE_FLOAT_PIXEL_PADDING_RANGE_LIMIT,
            ),
            _ => whole(tags::PIXEL_PADDING_VALUE)
                .map(|v| Padding::new(v, whole(tags::PIXEL_PADDING_RANGE_LIMIT))),
        };
        stated.or_else(|| {
            // Only the last frame that is there can be cut.
            let last = self.incomplete()?.frames_present.checked_sub(1)?;
            let cut = usize::try_from(last).ok() == Some(k);
            #[expect(
                clippy::cast_precision_loss,
                reason = "stored values have 32 bits at most"
            )]
            let fill = self.fill().filter(|_| cut).map(|v| v as f64);
            fill.map(|v| Padding::new(v, None))
        })
    }

    fn lossy(&self, data: &DataSet<'_>, k: usize) -> LossyAttributes {
        let derivation = data
            .text(tags::DERIVATION_DESCRIPTION)
            .unwrap_or_default()
            .to_lowercase();
        // (113040, DCM, "Lossy Compression")
        let coded = data
            .items(tags::DERIVATION_CODE_SEQUENCE)
            .any(|c| c.first_text(tags::CODE_VALUE).as_deref() == Some("113040"));
        let decoded = self.description().ok().map(|d| d.frame_bytes());
        #[expect(clippy::cast_precision_loss, reason = "a ratio to show")]
        let computed_ratio = decoded
            .zip(self.stream_bytes(k).filter(|n| *n > 0))
            .map(|(d, s)| d as f64 / s as f64);
        LossyAttributes {
            stated: data.first_text(tags::LOSSY_IMAGE_COMPRESSION).as_deref() == Some("01"),
            ratios: data.numbers(tags::LOSSY_IMAGE_COMPRESSION_RATIO),
            methods: data.texts(tags::LOSSY_IMAGE_COMPRESSION_METHOD),
            transfer_syntax: self.transfer_syntax().to_owned(),
            stream_irreversible: self.stream_irreversible(),
            computed_ratio,
            by_derivation: coded || derivation.contains("lossy"),
        }
    }
}

/// Whether the first code stream loses information, where its header tells.
pub(crate) fn irreversible(codec: Codec, stream: &[u8]) -> Option<bool> {
    match codec {
        Codec::Jpeg2000 => codec::jpeg2000::main_header(stream).map(|h| h.irreversible),
        Codec::JpegXl => codec::jpegxl::is_irreversible(stream),
        _ => None,
    }
}

/// T2: table, else rescale, else nothing; of this frame. The second part is Modality LUT Type or Rescale Type.
fn modality_lut(
    data: &DataSet<'_>,
    frame: &FrameData<'_>,
    modality: &str,
    signed: bool,
    marks: &mut Vec<String>,
) -> (ModalityLut, Option<String>) {
    let values = frame.group_or_root(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE);
    let slope = values.number(tags::RESCALE_SLOPE);
    let intercept = values.number(tags::RESCALE_INTERCEPT);
    let stated = values.has_value(tags::RESCALE_SLOPE) || values.has_value(tags::RESCALE_INTERCEPT);
    // A table back to linear intensity serves subtraction, not the picture (T2).
    let relationship = data.first_text(tags::PIXEL_INTENSITY_RELATIONSHIP);
    let to_linear = matches!(modality, "XA" | "RF" | "XRF")
        && matches!(relationship.as_deref(), Some("LOG" | "DISP"));
    if let Some(item) = data
        .first_item(tags::MODALITY_LUT_SEQUENCE)
        .filter(|_| !to_linear)
    {
        match lut(&item, signed) {
            Ok(table) => {
                if stated {
                    marks.push("rescale beside a modality LUT: the LUT is used".to_owned());
                }
                let kind = item.first_text(tags::MODALITY_LUT_TYPE);
                return (ModalityLut::Table(table), kind);
            }
            Err(reason) => marks.push(format!("modality LUT not used: {reason}")),
        }
    }
    if !stated
        && modality == "RTDOSE"
        && let Some(scaling) = data.number(tags::DOSE_GRID_SCALING)
    {
        let (scale, mark) = ModalityLut::rescale(Some(scaling), Some(0.0));
        marks.extend(mark.map(str::to_owned));
        return (scale, None);
    }
    let (rescale, mark) = ModalityLut::rescale(slope, intercept);
    marks.extend(
        mark.or_else(|| {
            (stated && slope.is_none() && intercept.is_none()).then_some("rescale incomplete")
        })
        .map(str::to_owned),
    );
    (rescale, values.first_text(tags::RESCALE_TYPE))
}

/// T2: Rescale Type, HU for a CT that is no localizer, Units of a PET, Dose Units.
fn unit(
    data: &DataSet<'_>,
    frame: &FrameData<'_>,
    modality: &str,
    lut: &ModalityLut,
    stated: Option<String>,
) -> String {
    if matches!(modality, "PT") {
        return data.first_text(tags::UNITS).unwrap_or_default();
    }
    if modality == "RTDOSE" {
        return data.first_text(tags::DOSE_UNITS).unwrap_or_default();
    }
    if *lut == ModalityLut::Identity {
        return String::new();
    }
    match stated.as_deref() {
        Some("US") => String::new(),
        Some(unit) => unit.to_owned(),
        None => {
            let of_frame = frame
                .group(tags::CT_IMAGE_FRAME_TYPE_SEQUENCE)
                .map(|g| g.texts(tags::FRAME_TYPE));
            let kind = of_frame.unwrap_or_else(|| data.texts(tags::IMAGE_TYPE));
            let localizer = kind.iter().any(|v| v == "LOCALIZER");
            if modality == "CT" && !localizer {
                "HU".to_owned()
            } else {
                String::new()
            }
        }
    }
}

/// Whether the modality value can be negative though stored values are not.
fn gives_negative_values(lut: &ModalityLut) -> bool {
    match lut {
        ModalityLut::Rescale { slope, intercept } => *slope < 0.0 || *intercept < 0.0,
        _ => false,
    }
}

/// LUT Descriptor and LUT Data of one item.
fn lut(item: &DataSet<'_>, signed: bool) -> Result<Lut, String> {
    table(
        item,
        tags::LUT_DESCRIPTOR,
        signed,
        &item.words(tags::LUT_DATA),
    )
}

fn table(data: &DataSet<'_>, descriptor: Tag, signed: bool, words: &[u16]) -> Result<Lut, String> {
    // US or SS: the bits are the same, and the first value alone may be signed.
    let [count, first, bits] = *data.words(descriptor).first_chunk::<3>().ok_or_else(|| {
        if data.has(descriptor) {
            "its descriptor has fewer than three values"
        } else {
            "its descriptor is missing"
        }
        .to_owned()
    })?;
    Lut::new(count, Lut::first_of(first, signed), bits, words).map_err(|e| e.to_string())
}

fn voi_luts(
    voi: &DataSet<'_>,
    data: &DataSet<'_>,
    negative: bool,
    marks: &mut Vec<String>,
) -> Vec<VoiLut> {
    let own: Vec<_> = voi.items(tags::VOILUT_SEQUENCE).collect();
    let items = if own.is_empty() {
        data.items(tags::VOILUT_SEQUENCE).collect()
    } else {
        own
    };
    let mut luts = Vec::new();
    for item in items {
        match lut(&item, negative) {
            Ok(lut) => luts.push(VoiLut {
                lut,
                explanation: item.text(tags::LUT_EXPLANATION).unwrap_or_default(),
            }),
            Err(reason) => marks.push(format!("VOI LUT not used: {reason}")),
        }
    }
    luts
}

/// Plain or segmented palette of PALETTE COLOR, or a supplemental one beside grey pixels (T13).
fn palette(
    data: &DataSet<'_>,
    photometric: Option<Photometric>,
    signed: bool,
    marks: &mut Vec<String>,
) -> Option<Palette> {
    let indices = photometric == Some(Photometric::PaletteColor);
    let presentation = data.first_text(tags::PIXEL_PRESENTATION);
    let supplemental = photometric == Some(Photometric::Monochrome2)
        && matches!(
            presentation.as_deref(),
            Some("COLOR" | "MIXED" | "TRUE_COLOR")
        );
    if !indices && (!supplemental || !data.has(tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR)) {
        return None;
    }
    let channel = |name: &str, descriptor, plain, segmented| {
        channel(data, descriptor, plain, segmented, signed).map_err(|e| format!("{name}: {e}"))
    };
    let tables = || {
        Ok::<_, String>(Palette {
            red: channel(
                "red",
                tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
                tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
                tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            )?,
            green: channel(
                "green",
                tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
                tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
                tags::SEGMENTED_GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            )?,
            blue: channel(
                "blue",
                tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
                tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
                tags::SEGMENTED_BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            )?,
            supplemental: !indices,
        })
    };
    tables()
        .map_err(|reason| marks.push(format!("palette not used: {reason}")))
        .ok()
}

fn channel(
    data: &DataSet<'_>,
    descriptor: Tag,
    plain: Tag,
    segmented: Tag,
    signed: bool,
) -> Result<Lut, String> {
    if data.has_value(plain) || !data.has_value(segmented) {
        return table(data, descriptor, signed, &data.words(plain));
    }
    let words = data.words(segmented);
    let eight_bits = data.words(descriptor).get(2) == Some(&8);
    let expanded = if eight_bits {
        let bytes: Vec<u16> = words
            .iter()
            .flat_map(|w| w.to_le_bytes())
            .map(u16::from)
            .collect();
        expand_segments(&bytes, 1)
    } else {
        expand_segments(&words, 2)
    };
    let expanded = expanded.map_err(|e| e.to_string())?;
    table(data, descriptor, signed, &expanded)
}

fn spacing(data: &DataSet<'_>, frame: &FrameData<'_>, has_plane: bool) -> SpacingAttributes {
    let pair = |tag| {
        data.number_array(tag)
            .filter(|s: &[f64; 2]| s.iter().all(|v| *v > 0.0))
    };
    SpacingAttributes {
        pixel_spacing: frame.pixel_spacing(),
        imager_pixel_spacing: pair(tags::IMAGER_PIXEL_SPACING),
        nominal_scanned_pixel_spacing: pair(tags::NOMINAL_SCANNED_PIXEL_SPACING),
        object_pixel_spacing: pair(tags::OBJECT_PIXEL_SPACING_IN_CENTER_OF_BEAM),
        calibration_type: data.first_text(tags::PIXEL_SPACING_CALIBRATION_TYPE),
        magnification_factor: data.number(tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR),
        source_to_detector_mm: data.number(tags::DISTANCE_SOURCE_TO_DETECTOR),
        source_to_patient_mm: data.number(tags::DISTANCE_SOURCE_TO_PATIENT),
        pixel_aspect_ratio: pair(tags::PIXEL_ASPECT_RATIO),
        has_plane,
        // A sequence without items says nothing: then the other attributes count.
        ultrasound_regions: data
            .first_item(tags::SEQUENCE_OF_ULTRASOUND_REGIONS)
            .is_some(),
    }
}

/// Macros that stand in the frame's group and in the shared one: the frame's is used (T33).
fn stated_twice(frame: &FrameData<'_>, marks: &mut Vec<String>) {
    for (sequence, name) in [
        (
            tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
            "Pixel Value Transformation",
        ),
        (tags::FRAME_VOILUT_SEQUENCE, "Frame VOI LUT"),
        (tags::PIXEL_MEASURES_SEQUENCE, "Pixel Measures"),
        (tags::PLANE_POSITION_SEQUENCE, "Plane Position"),
        (tags::PLANE_ORIENTATION_SEQUENCE, "Plane Orientation"),
    ] {
        if frame.stated_twice(sequence) {
            marks.push(format!(
                "{name} stands in the shared group and in the frame's: the frame's is used"
            ));
        }
    }
}
