//! Reading stored values out of a frame, whatever their type and alignment.

use crate::frame::{Frame, SampleType};

/// One kind of stored value.
pub(crate) trait Sample: Sync {
    /// Bytes of one.
    const SIZE: usize;
    /// The value; NaN when it lies outside the bytes.
    fn at(bytes: &[u8], index: usize) -> f64;
    /// All values in order.
    fn all(bytes: &[u8]) -> impl Iterator<Item = f64>;
}

macro_rules! samples {
    ($($name:ident $ty:ty;)*) => {$(
        pub(crate) struct $name;
        impl Sample for $name {
            const SIZE: usize = size_of::<$ty>();
            #[inline(always)]
            fn at(bytes: &[u8], index: usize) -> f64 {
                let start = index * Self::SIZE;
                let cell = bytes.get(start..start + Self::SIZE).and_then(|b| b.try_into().ok());
                cell.map_or(f64::NAN, |b| <$ty>::from_ne_bytes(b) as f64)
            }
            #[inline(always)]
            fn all(bytes: &[u8]) -> impl Iterator<Item = f64> {
                let (cells, _) = bytes.as_chunks::<{ size_of::<$ty>() }>();
                cells.iter().map(|b| <$ty>::from_ne_bytes(*b) as f64)
            }
        }
    )*};
}

samples! {
    U8 u8;
    I8 i8;
    U16 u16;
    I16 i16;
    U32 u32;
    I32 i32;
    F32 f32;
    F64 f64;
}

/// Calls `$body` with `$S` standing for the sample type of `$frame`.
macro_rules! with_samples {
    ($sample:expr, $S:ident => $body:expr) => {
        match $sample {
            $crate::frame::SampleType::U8 => {
                type $S = $crate::display::samples::U8;
                $body
            }
            $crate::frame::SampleType::I8 => {
                type $S = $crate::display::samples::I8;
                $body
            }
            $crate::frame::SampleType::U16 => {
                type $S = $crate::display::samples::U16;
                $body
            }
            $crate::frame::SampleType::I16 => {
                type $S = $crate::display::samples::I16;
                $body
            }
            $crate::frame::SampleType::U32 => {
                type $S = $crate::display::samples::U32;
                $body
            }
            $crate::frame::SampleType::I32 => {
                type $S = $crate::display::samples::I32;
                $body
            }
            $crate::frame::SampleType::F32 => {
                type $S = $crate::display::samples::F32;
                $body
            }
            $crate::frame::SampleType::F64 => {
                type $S = $crate::display::samples::F64;
                $body
            }
        }
    };
}
pub(crate) use with_samples;

/// Whether values of this type are integers.
pub(crate) const fn is_integer(sample: SampleType) -> bool {
    !matches!(sample, SampleType::F32 | SampleType::F64)
}

/// Stored samples of the pixel at (column, row): one, or red, green and blue; `None` outside.
pub(crate) fn stored_at(frame: &Frame, column: u32, row: u32) -> Option<[f64; 3]> {
    let shape = frame.shape;
    if column >= shape.columns || row >= shape.rows {
        return None;
    }
    let pixel = row as usize * shape.columns as usize + column as usize;
    let samples = shape.samples();
    let mut out = [f64::NAN; 3];
    with_samples!(shape.sample, S => {
        for (k, value) in out.iter_mut().enumerate().take(samples) {
            *value = S::at(&frame.bytes, pixel * samples + k);
        }
    });
    (frame.bytes.len() >= (pixel + 1) * samples * shape.sample.bytes()).then_some(out)
}
