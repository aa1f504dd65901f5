//! From the data set to what lies over the pixels: overlay planes and shutters (T19). What cannot be used is left out with a mark.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::{
    codec::native::NativeData,
    dataset::DataSet,
    display::{DisplayAttributes, Overlay, OverlayKind, Shutter, ShutterShape},
    file::DicomFile,
    frames::FrameIndex,
    limits,
};

const ROWS: u16 = 0x10;
const COLUMNS: u16 = 0x11;
const FRAMES: u16 = 0x15;
const DESCRIPTION: u16 = 0x22;
const TYPE: u16 = 0x40;
const ORIGIN: u16 = 0x50;
const FRAME_ORIGIN: u16 = 0x51;
const BIT_POSITION: u16 = 0x102;
const ROI_AREA: u16 = 0x1301;
const ROI_MEAN: u16 = 0x1302;
const ROI_DEVIATION: u16 = 0x1303;
const LABEL: u16 = 0x1500;
const DATA: u16 = 0x3000;

/// Planes of all frames together may take this many bytes beside the file.
const MOST_BYTES: usize = limits::FILE_BUDGET_BYTES;

/// Where a plane's bits are.
enum Bits {
    /// In Overlay Data, of this frame.
    Own(Vec<u8>),
    /// In this bit of the pixel cells.
    InPixels(u16),
}

impl DicomFile {
    /// As [`DicomFile::display_attributes`], with the overlay planes that old files keep in the unused bits of their pixels. `bytes` are those
    /// the file was parsed from.
    #[must_use]
    pub fn display_attributes_with_pixels(&self, bytes: &[u8], k: usize) -> DisplayAttributes {
        let mut attributes = self.display_attributes(k);
        self.embedded_overlays(bytes, k, &mut attributes);
        attributes
    }

    fn embedded_overlays(&self, bytes: &[u8], k: usize, attributes: &mut DisplayAttributes) {
        let data = self.data();
        let mut cells = None;
        for group in groups(&data) {
            let Ok(Some((mut plane, Bits::InPixels(bit)))) = plane(&data, group, k) else {
                continue;
            };
            let cells = cells.get_or_insert_with(|| self.cells(bytes, k));
            let name = plane.name();
            match cells
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|cells| self.bits_of(cells, bit, &plane))
            {
                Ok(bits) => {
                    plane.bits = bits;
                    attributes.overlays.push(plane);
                }
                Err(reason) => attributes.marks.push(format!("{name} not shown: {reason}")),
            }
        }
        attributes.overlays.sort_by_key(|o| o.group);
    }

    /// The cells of native frame `k` as they are, native endian.
    fn cells(&self, bytes: &[u8], k: usize) -> Result<Vec<u8>, String> {
        let (pixels, source) = self.native_source(bytes);
        let pixels = pixels.ok_or("the pixels cannot be read")?;
        let FrameIndex::Native { value, .. } = &pixels.index else {
            return Err("its bits were lost when the pixels were compressed".to_owned());
        };
        let d = &pixels.description;
        if d.samples != 1 || d.bits.allocated() == 1 {
            return Err("its bits are in no grey pixel".to_owned());
        }
        let native = NativeData {
            bytes: source.get(value.clone()).unwrap_or_default(),
            big_endian: pixels.big_endian,
            vr: pixels.vr,
        };
        let mut cells = vec![0; d.frame_bytes()];
        native
            .frame(k, d, &mut cells)
            .map_err(|_| "the pixels are not there".to_owned())?;
        Ok(cells)
    }

    /// Bit `bit` of each cell, packed.
    fn bits_of(&self, cells: &[u8], bit: u16, plane: &Overlay) -> Result<Vec<u8>, String> {
        let d = self.description().map_err(|e| e.to_string())?;
        if (plane.rows, plane.columns) != (d.rows, d.columns) {
            return Err("its size is not that of the image".to_owned());
        }
        let (bits, bit) = (d.bits, u32::from(bit));
        let (low, high) = bits.lowest_and_highest_bit();
        if bit >= u32::from(bits.allocated()) || (low..=high).contains(&bit) {
            return Err(format!("bit {bit} is no free bit of the pixels"));
        }
        let size = usize::from(bits.allocated() / 8);
        let byte = usize::try_from(bit / 8).unwrap_or(0);
        let byte = if cfg!(target_endian = "little") {
            byte
        } else {
            size.saturating_sub(1).saturating_sub(byte)
        };
        let mut packed = vec![0_u8; Overlay::byte_len(plane.rows, plane.columns).unwrap_or(0)];
        for (at, cell) in cells.chunks_exact(size).enumerate() {
            let set = cell.get(byte).is_some_and(|b| b >> (bit % 8) & 1 == 1);
            if let Some(target) = packed.get_mut(at / 8).filter(|_| set) {
                *target |= 1 << (at % 8);
            }
        }
        Ok(packed)
    }

    /// Overlay planes with bits of their own, and the shutter, of frame `k`.
    pub(crate) fn covering(
        &self,
        data: &DataSet<'_>,
        k: usize,
        height_over_width: f64,
        marks: &mut Vec<String>,
    ) -> (Vec<Overlay>, Option<Shutter>) {
        let mut planes = Vec::new();
        for group in groups(data) {
            match plane(data, group, k) {
                Ok(Some((mut overlay, Bits::Own(bits)))) => {
                    overlay.bits = bits;
                    planes.push(overlay);
                }
                Ok(_) => {}
                Err(reason) => marks.push(format!("overlay {group:04X} not shown: {reason}")),
            }
        }
        let bytes: usize = planes.iter().map(|p: &Overlay| p.bits.len()).sum();
        if bytes.saturating_mul(self.frames().max(1) as usize) > MOST_BYTES {
            planes.clear();
            marks.push(format!("overlays not shown: {bytes} bytes in each frame"));
        }
        let shutter = shutter(data, &mut planes, height_over_width, marks);
        (planes, shutter)
    }
}

fn groups(data: &DataSet<'_>) -> impl Iterator<Item = u16> {
    let data = data.clone();
    (0x6000..=0x601E)
        .step_by(2)
        .filter(move |g| data.has_value(Tag(*g, ROWS)) || data.has_value(Tag(*g, DATA)))
}

/// The plane of a group as it lies on frame `k`, without its bits; `None` where it lies on other frames.
fn plane(data: &DataSet<'_>, group: u16, k: usize) -> Result<Option<(Overlay, Bits)>, String> {
    let size = |element, name: &str| {
        let value = data.int(Tag(group, element));
        let value = value.and_then(|v| u32::try_from(v).ok());
        value
            .filter(|v| (1..=limits::ROWS_OR_COLUMNS).contains(v))
            .ok_or_else(|| format!("its {name} are missing or make no sense"))
    };
    let (rows, columns) = (size(ROWS, "rows")?, size(COLUMNS, "columns")?);
    let signed = |v: &f64| {
        // SS, whatever VR was written.
        let v = *v as i32;
        if (0x8000..=0xFFFF).contains(&v) {
            v - 0x1_0000
        } else {
            v
        }
    };
    let origin: Vec<i32> = data
        .numbers(Tag(group, ORIGIN))
        .iter()
        .map(signed)
        .collect();
    let origin = match origin[..] {
        [] => [1, 1],
        [row, column] | [row, column, 1] => [row, column],
        _ => return Err("its origin is no row and column".to_owned()),
    };
    let text = |element| data.text(Tag(group, element));
    let statistics: Vec<String> = [
        (ROI_AREA, "area"),
        (ROI_MEAN, "mean"),
        (ROI_DEVIATION, "SD"),
    ]
    .into_iter()
    .filter_map(|(element, name)| Some(format!("{name} {}", text(element)?)))
    .collect();
    let overlay = Overlay {
        group,
        kind: match text(TYPE).as_deref() {
            Some("R") => OverlayKind::Roi,
            _ => OverlayKind::Graphics,
        },
        rows,
        columns,
        origin,
        label: text(LABEL)
            .or_else(|| text(DESCRIPTION))
            .unwrap_or_default(),
        statistics: (!statistics.is_empty())
            .then(|| format!("{} (as the file says)", statistics.join(", "))),
        colour: None,
        bits: Vec::new(),
    };
    if !data.has_value(Tag(group, DATA)) {
        let bit = data.int(Tag(group, BIT_POSITION)).filter(|b| *b > 0);
        let bit = bit.and_then(|b| u16::try_from(b).ok());
        return match bit {
            Some(bit) => Ok(Some((overlay, Bits::InPixels(bit)))),
            None => Err("its data are missing".to_owned()),
        };
    }
    // One plane for all frames, or one each from Image Frame Origin on.
    let frames = data.int(Tag(group, FRAMES)).filter(|n| *n > 0);
    let first = data.int(Tag(group, FRAME_ORIGIN)).unwrap_or(1);
    let own = match (i64::try_from(k), frames) {
        (_, None) => 0,
        (Ok(k), Some(frames)) => {
            let own = k.saturating_add(1).saturating_sub(first);
            if !(0..frames).contains(&own) {
                return Ok(None);
            }
            own
        }
        (Err(_), _) => return Ok(None),
    };
    let pixels = u64::from(rows).saturating_mul(u64::from(columns));
    let all = data.little_endian(Tag(group, DATA)).unwrap_or_default();
    let start = u64::try_from(own).unwrap_or(0).saturating_mul(pixels);
    let bits = packed(&all, start, pixels)
        .ok_or_else(|| format!("its data have {} bytes, too few for its size", all.len()))?;
    Ok(Some((overlay, Bits::Own(bits))))
}

/// `count` bits from bit `start` on, shifted to begin a byte.
fn packed(bytes: &[u8], start: u64, count: u64) -> Option<Vec<u8>> {
    let first = usize::try_from(start / 8).ok()?;
    let last = usize::try_from(start.checked_add(count)?.div_ceil(8)).ok()?;
    let part = bytes.get(first..last)?;
    let shift = (start % 8) as u32;
    let needed = usize::try_from(count.div_ceil(8)).ok()?;
    let next = part.iter().skip(1).copied().chain(std::iter::repeat(0));
    let joined = part.iter().zip(next).map(|(low, high)| {
        let pair = u16::from_le_bytes([*low, high]) >> shift;
        pair.to_le_bytes()[0]
    });
    Some(joined.take(needed).collect())
}

fn shutter(
    data: &DataSet<'_>,
    planes: &mut Vec<Overlay>,
    height_over_width: f64,
    marks: &mut Vec<String>,
) -> Option<Shutter> {
    let mut shapes = Vec::new();
    for term in data.texts(tags::SHUTTER_SHAPE) {
        match shape(data, &term, planes, height_over_width) {
            Ok(shape) => shapes.push(shape),
            Err(reason) => marks.push(format!("shutter not used: {reason}")),
        }
    }
    if shapes.is_empty() {
        return None;
    }
    let cielab = data.words(tags::SHUTTER_PRESENTATION_COLOR_CIE_LAB_VALUE);
    Some(Shutter {
        shapes,
        value: data
            .words(tags::SHUTTER_PRESENTATION_VALUE)
            .first()
            .copied()
            .unwrap_or(0),
        cielab: cielab.first_chunk::<3>().copied(),
    })
}

fn shape(
    data: &DataSet<'_>,
    term: &str,
    planes: &mut Vec<Overlay>,
    height_over_width: f64,
) -> Result<ShutterShape, String> {
    let whole =
        |v: f64| (v.fract() == 0.0 && v.abs() < f64::from(i32::MAX / 4)).then_some(v as i32);
    let one = |tag, name: &str| {
        let value = data.number(tag).and_then(whole);
        value.ok_or_else(|| format!("{name} {tag} is missing or no number"))
    };
    match term {
        "RECTANGULAR" => Ok(ShutterShape::Rectangular {
            left: one(tags::SHUTTER_LEFT_VERTICAL_EDGE, "its left edge")?,
            right: one(tags::SHUTTER_RIGHT_VERTICAL_EDGE, "its right edge")?,
            upper: one(tags::SHUTTER_UPPER_HORIZONTAL_EDGE, "its upper edge")?,
            lower: one(tags::SHUTTER_LOWER_HORIZONTAL_EDGE, "its lower edge")?,
        }),
        "CIRCULAR" => {
            let center: [f64; 2] = data
                .number_array(tags::CENTER_OF_CIRCULAR_SHUTTER)
                .ok_or("its centre is no row and column")?;
            let [Some(row), Some(column)] = center.map(whole) else {
                return Err("its centre is no row and column".to_owned());
            };
            let radius = data.number(tags::RADIUS_OF_CIRCULAR_SHUTTER);
            Ok(ShutterShape::Circular {
                center: [row, column],
                radius: radius
                    .filter(|r| (0.0..1e6).contains(r))
                    .ok_or("its radius is missing or makes no sense")?,
                height_over_width,
            })
        }
        "POLYGONAL" => {
            let numbers = data.numbers(tags::VERTICES_OF_THE_POLYGONAL_SHUTTER);
            let numbers: Option<Vec<i32>> = numbers.into_iter().map(whole).collect();
            let numbers = numbers.ok_or("its vertices are no numbers")?;
            let (vertices, rest) = numbers.as_chunks::<2>();
            if vertices.len() < 3 || !rest.is_empty() {
                return Err("its vertices are no polygon".to_owned());
            }
            if vertices.len() > Shutter::MOST_VERTICES {
                return Err(format!("it has {} vertices", vertices.len()));
            }
            Ok(ShutterShape::Polygonal {
                vertices: vertices.to_vec(),
            })
        }
        "BITMAP" => {
            let group = data.words(tags::SHUTTER_OVERLAY_GROUP).first().copied();
            let at = planes.iter().position(|p| Some(p.group) == group);
            // A plane that covers is no drawing.
            let plane = at.map(|at| planes.remove(at));
            plane
                .map(ShutterShape::Bitmap)
                .ok_or_else(|| "its overlay plane is missing".to_owned())
        }
        other => Err(format!("shape {other:?} is unknown")),
    }
}
