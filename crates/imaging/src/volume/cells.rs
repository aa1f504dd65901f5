//! Stored values in single precision, straight out of the bytes of a frame, for loops that the compiler can widen.

/// One kind of stored value.
pub(super) trait Cell: Sync {
    /// Bytes of one.
    const SIZE: usize;
    /// Two neighbours in a row, as they lie in memory.
    type Pair: Copy + Default;
    /// All values in order.
    fn all(bytes: &[u8]) -> impl Iterator<Item = f32>;
    /// Value number `index`; 0 outside.
    fn at(bytes: &[u8], index: usize) -> f32;
    /// The pair at the start and the pair at the end of `window`.
    fn ends(window: &[u8]) -> (Self::Pair, Self::Pair);
    /// Both values of a pair.
    fn split(pair: Self::Pair) -> (f32, f32);
}

macro_rules! cells {
    ($($name:ident $ty:ty, $pair:ty, $of:expr;)*) => {$(
        pub(super) struct $name;
        impl Cell for $name {
            const SIZE: usize = size_of::<$ty>();
            type Pair = $pair;
            #[inline(always)]
            fn all(bytes: &[u8]) -> impl Iterator<Item = f32> {
                let (cells, _) = bytes.as_chunks::<{ size_of::<$ty>() }>();
                cells.iter().map(|b| <$ty>::from_ne_bytes(*b) as f32)
            }
            #[inline(always)]
            fn at(bytes: &[u8], index: usize) -> f32 {
                let cell = bytes.get(index * Self::SIZE..).and_then(|b| b.first_chunk());
                cell.map_or(0.0, |b| <$ty>::from_ne_bytes(*b) as f32)
            }
            #[inline(always)]
            fn ends(window: &[u8]) -> ($pair, $pair) {
                let first = window.first_chunk().map_or(0, |b| <$pair>::from_ne_bytes(*b));
                let last = window.last_chunk().map_or(0, |b| <$pair>::from_ne_bytes(*b));
                (first, last)
            }
            #[inline(always)]
            fn split(pair: $pair) -> (f32, f32) {
                const BITS: u32 = 8 * size_of::<$ty>() as u32;
                let (low, high) = (pair, pair >> BITS);
                let (a, b) = if cfg!(target_endian = "little") { (low, high) } else { (high, low) };
                ($of(a), $of(b))
            }
        }
    )*};
}

cells! {
    U8 u8, u16, |v: u16| f32::from(v as u8);
    I8 i8, u16, |v: u16| f32::from(v as i8);
    U16 u16, u32, |v: u32| f32::from(v as u16);
    I16 i16, u32, |v: u32| f32::from(v as i16);
    U32 u32, u64, |v: u64| v as u32 as f32;
    I32 i32, u64, |v: u64| v as i32 as f32;
    F32 f32, u64, |v: u64| f32::from_bits(v as u32);
    F64 f64, u128, |v: u128| f64::from_bits(v as u64) as f32;
}

/// Calls `$body` with `$C` standing for the cells of a sample type.
macro_rules! with_cells {
    ($sample:expr, $C:ident => $body:expr) => {
        match $sample {
            $crate::frame::SampleType::U8 => {
                type $C = $crate::volume::cells::U8;
                $body
            }
            $crate::frame::SampleType::I8 => {
                type $C = $crate::volume::cells::I8;
                $body
            }
            $crate::frame::SampleType::U16 => {
                type $C = $crate::volume::cells::U16;
                $body
            }
            $crate::frame::SampleType::I16 => {
                type $C = $crate::volume::cells::I16;
                $body
            }
            $crate::frame::SampleType::U32 => {
                type $C = $crate::volume::cells::U32;
                $body
            }
            $crate::frame::SampleType::I32 => {
                type $C = $crate::volume::cells::I32;
                $body
            }
            $crate::frame::SampleType::F32 => {
                type $C = $crate::volume::cells::F32;
                $body
            }
            $crate::frame::SampleType::F64 => {
                type $C = $crate::volume::cells::F64;
                $body
            }
        }
    };
}
pub(super) use with_cells;
