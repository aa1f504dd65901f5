//! Regions of an ultrasound picture, each with a scale of its own (T46, PS3.3 C.8.5.5).

use dicom_dictionary_std::tags;
use glam::DVec2;
use serde::{Deserialize, Serialize};

use crate::dataset::DataSet;

/// Physical Units X or Y Direction (0018,6024), (0018,6026).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PhysicalUnit {
    /// 0, absent, or a number that means nothing.
    #[default]
    None,
    /// 1.
    Percent,
    /// 2.
    Decibel,
    /// 3.
    Centimetre,
    /// 4.
    Second,
    /// 5.
    Hertz,
    /// 6.
    DecibelPerSecond,
    /// 7.
    CentimetrePerSecond,
    /// 8.
    SquareCentimetre,
    /// 9.
    SquareCentimetrePerSecond,
    /// A.
    CubicCentimetre,
    /// B.
    CubicCentimetrePerSecond,
    /// C.
    Degree,
}

/// One item of Sequence of Ultrasound Regions (0018,6011). Pixels are counted from 0; pairs are x, y.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UltrasoundRegion {
    /// Region Location Min X0, Y0: the first pixel inside.
    pub least: [u32; 2],
    /// Region Location Max X1, Y1: the last pixel inside.
    pub most: [u32; 2],
    /// Physical Units X, Y Direction.
    pub units: [PhysicalUnit; 2],
    /// Physical Delta X, Y: in the unit, for one pixel; may be negative. 0 where the file has none.
    pub delta: [f64; 2],
    /// Reference Pixel X0, Y0, from the region's first pixel.
    pub reference_pixel: [Option<i32>; 2],
    /// Reference Pixel Physical Value X, Y, in the unit.
    pub reference_value: [Option<f64>; 2],
    /// Region Data Type: 1 tissue, 2 colour flow, 3 and more spectra, traces and graphics.
    pub data_type: Option<u16>,
    /// Region Spatial Format: 1 2-D, 2 M-mode, 3 spectral, 4 wave form, 5 graphics.
    pub spatial_format: Option<u16>,
    /// Region Flags: bit 0 set = low priority.
    pub flags: u32,
}

/// What the physical values of two points of a region differ by, axis by axis, and what the second point holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegionReading {
    /// Unit of the axis.
    pub unit: PhysicalUnit,
    /// From the first point to the second, without sign.
    pub difference: f64,
}

impl PhysicalUnit {
    fn from_code(code: i64) -> Self {
        match code {
            1 => Self::Percent,
            2 => Self::Decibel,
            3 => Self::Centimetre,
            4 => Self::Second,
            5 => Self::Hertz,
            6 => Self::DecibelPerSecond,
            7 => Self::CentimetrePerSecond,
            8 => Self::SquareCentimetre,
            9 => Self::SquareCentimetrePerSecond,
            0xA => Self::CubicCentimetre,
            0xB => Self::CubicCentimetrePerSecond,
            0xC => Self::Degree,
            _ => Self::None,
        }
    }

    /// As written beside a number.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Percent => "%",
            Self::Decibel => "dB",
            Self::Centimetre => "cm",
            Self::Second => "s",
            Self::Hertz => "Hz",
            Self::DecibelPerSecond => "dB/s",
            Self::CentimetrePerSecond => "cm/s",
            Self::SquareCentimetre => "cm²",
            Self::SquareCentimetrePerSecond => "cm²/s",
            Self::CubicCentimetre => "cm³",
            Self::CubicCentimetrePerSecond => "cm³/s",
            Self::Degree => "°",
        }
    }
}

/// Most regions that are read: a screen has a handful, a file can say anything.
const MOST_REGIONS: usize = 256;

/// All regions of an instance, in the order of the file. Items without a place are left out.
#[must_use]
pub fn ultrasound_regions(data: &DataSet<'_>) -> Vec<UltrasoundRegion> {
    data.items(tags::SEQUENCE_OF_ULTRASOUND_REGIONS)
        .take(MOST_REGIONS)
        .filter_map(|item| {
            let place = |tag| item.int(tag).and_then(|v| u32::try_from(v).ok());
            let unit = |tag| PhysicalUnit::from_code(item.int(tag).unwrap_or(0));
            let word = |tag| item.int(tag).and_then(|v| u16::try_from(v).ok());
            let pixel = |tag| item.int(tag).and_then(|v| i32::try_from(v).ok());
            Some(UltrasoundRegion {
                least: [
                    place(tags::REGION_LOCATION_MIN_X0)?,
                    place(tags::REGION_LOCATION_MIN_Y0)?,
                ],
                most: [
                    place(tags::REGION_LOCATION_MAX_X1)?,
                    place(tags::REGION_LOCATION_MAX_Y1)?,
                ],
                units: [
                    unit(tags::PHYSICAL_UNITS_X_DIRECTION),
                    unit(tags::PHYSICAL_UNITS_Y_DIRECTION),
                ],
                delta: [
                    item.number(tags::PHYSICAL_DELTA_X).unwrap_or(0.0),
                    item.number(tags::PHYSICAL_DELTA_Y).unwrap_or(0.0),
                ],
                reference_pixel: [
                    pixel(tags::REFERENCE_PIXEL_X0),
                    pixel(tags::REFERENCE_PIXEL_Y0),
                ],
                reference_value: [
                    item.number(tags::REFERENCE_PIXEL_PHYSICAL_VALUE_X),
                    item.number(tags::REFERENCE_PIXEL_PHYSICAL_VALUE_Y),
                ],
                data_type: word(tags::REGION_DATA_TYPE),
                spatial_format: word(tags::REGION_SPATIAL_FORMAT),
                flags: place(tags::REGION_FLAGS).unwrap_or(0),
            })
        })
        .collect()
}

/// Whether the regions belong to a picture of this size. One pixel too many is a usual slip of writers; more means that the picture was
/// resized or cropped after it was calibrated, and then no region can be trusted.
#[must_use]
pub fn regions_valid(regions: &[UltrasoundRegion], columns: u32, rows: u32) -> bool {
    regions.iter().all(|r| {
        let [x, y] = r.most;
        x <= columns && y <= rows
    })
}

/// The region a tool uses: it holds all points (corner coordinates) and has a unit; of several the one of high priority, then the
/// smallest, then the first. The regions must be valid for a picture of this size; `None` also where they are not.
#[must_use]
pub fn region_for<'a>(
    regions: &'a [UltrasoundRegion],
    columns: u32,
    rows: u32,
    points: &[DVec2],
) -> Option<&'a UltrasoundRegion> {
    if !regions_valid(regions, columns, rows) {
        return None;
    }
    regions
        .iter()
        .filter(|r| r.units != [PhysicalUnit::None; 2])
        .filter(|r| points.iter().all(|p| r.holds(*p, columns, rows)))
        .min_by_key(|r| (r.flags & 1, r.area(columns, rows)))
}

impl UltrasoundRegion {
    /// First and last pixel, cut to the picture.
    fn clipped(&self, columns: u32, rows: u32) -> ([u32; 2], [u32; 2]) {
        let [x, y] = self.most;
        let most = [
            x.min(columns.saturating_sub(1)),
            y.min(rows.saturating_sub(1)),
        ];
        (self.least, most)
    }

    fn holds(&self, at: DVec2, columns: u32, rows: u32) -> bool {
        let ([x0, y0], [x1, y1]) = self.clipped(columns, rows);
        let within = |v: f64, first: u32, last: u32| {
            f64::from(first) <= v && v <= f64::from(last) + 1.0 && first <= last
        };
        within(at.x, x0, x1) && within(at.y, y0, y1)
    }

    fn area(&self, columns: u32, rows: u32) -> u64 {
        let ([x0, y0], [x1, y1]) = self.clipped(columns, rows);
        let side = |first: u32, last: u32| u64::from(last.saturating_sub(first)) + 1;
        side(x0, x1) * side(y0, y1)
    }

    /// Millimetres a pixel, between rows and between columns, of a region that is a picture of tissue: centimetres on both axes, and data
    /// that is tissue or colour flow.
    #[must_use]
    pub fn spacing_mm(&self) -> Option<[f64; 2]> {
        let [dx, dy] = self.delta;
        let tissue = self.data_type.is_none_or(|t| matches!(t, 1 | 2));
        (tissue && self.units == [PhysicalUnit::Centimetre; 2] && dx != 0.0 && dy != 0.0)
            .then(|| [dy.abs() * 10.0, dx.abs() * 10.0])
    }

    /// What two points (corner coordinates) differ by: x, y. `None` for an axis without unit or delta.
    #[must_use]
    pub fn components(&self, from: DVec2, to: DVec2) -> [Option<RegionReading>; 2] {
        let off = (to - from).abs();
        let ([ux, uy], [dx, dy]) = (self.units, self.delta);
        let along = |unit, delta: f64, pixels: f64| {
            (unit != PhysicalUnit::None && delta != 0.0).then(|| RegionReading {
                unit,
                difference: pixels * delta.abs(),
            })
        };
        [along(ux, dx, off.x), along(uy, dy, off.y)]
    }

    /// Physical value on the y axis at a row counted from the region's first row, in the unit of the axis: the velocity or frequency of a
    /// spectrum. `None` without unit, delta or reference pixel.
    #[must_use]
    pub fn value_at_row(&self, row_in_region: f64) -> Option<f64> {
        let ([_, unit], [_, delta]) = (self.units, self.delta);
        let reference = f64::from(self.reference_pixel[1]?);
        let value = self.reference_value[1].unwrap_or(0.0);
        (unit != PhysicalUnit::None && delta != 0.0)
            .then_some((row_in_region - reference) * delta + value)
    }

    /// As [`UltrasoundRegion::value_at_row`] for a point of the picture. Regions count whole pixels and the reference value is that of the
    /// pixel's centre, half a pixel from its corner.
    #[must_use]
    pub fn value_at(&self, at: DVec2) -> Option<f64> {
        self.value_at_row(at.y - 0.5 - f64::from(self.least[1]))
    }
}
