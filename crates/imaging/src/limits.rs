//! What one DICOM file may ask for (PAR-05). `docs/CONFORMANCE.md` shows this table; anything beyond a limit is refused by name.

/// Sequences inside sequences.
pub const NESTING: usize = 64;
/// Data elements in a data set, those inside sequences included.
pub const ELEMENTS: usize = 1_000_000;
/// Items in one sequence.
pub const ITEMS: usize = 65_536;
/// Fragments of encapsulated Pixel Data, empty ones included.
pub const FRAGMENTS: usize = 1_000_000;
/// Number of Frames (0028,0008).
pub const FRAMES: u32 = 100_000;
/// Rows and Columns, each.
pub const ROWS_OR_COLUMNS: u32 = 65_535;
/// Bytes of one decoded frame.
pub const FRAME_BYTES: usize = 1 << 30;
/// Bytes that a deflated data set may grow to, whatever its own size.
pub const INFLATED_BYTES: usize = 512 << 20;
/// Memory one file may take beside four times its own size (PAR-03); a deflated data set is held to it as well.
pub const FILE_BUDGET_BYTES: usize = 256 << 20;
/// Buffers grow by at most this much ahead of the bytes that were really there (PAR-01).
pub const GROWTH_BYTES: usize = 1 << 20;

/// Bytes that a deflated data set of `compressed` bytes may inflate to.
#[must_use]
pub fn inflated_bytes(compressed: usize) -> usize {
    compressed
        .saturating_mul(4)
        .saturating_add(FILE_BUDGET_BYTES)
        .min(INFLATED_BYTES)
}
