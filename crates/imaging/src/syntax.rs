//! Transfer syntaxes: how the data set is written and which codec made the frames (PS3.5 section 10 and annex A, PS3.6 annex A).

/// Explicit VR Big Endian (retired).
pub const EXPLICIT_BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";
/// Explicit VR Little Endian.
pub const EXPLICIT_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2.1";
/// Implicit VR Little Endian.
pub const IMPLICIT_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2";

/// What made the bytes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Stored as they are, frame after frame.
    Native,
    /// Stored as they are, a fragment a frame (.1.98).
    EncapsulatedUncompressed,
    /// Deflated frame by frame (.8.1).
    DeflatedFrame,
    /// RLE Lossless.
    Rle,
    /// ITU-T T.81: baseline, extended, progressive, lossless.
    Jpeg,
    /// ITU-T T.87.
    JpegLs,
    /// ITU-T T.800 and T.814.
    Jpeg2000,
    /// ISO/IEC 18181.
    JpegXl,
    /// MPEG-2, H.264, H.265: no decoder here.
    Video,
    /// A syntax that is not known.
    Unknown,
}

/// One transfer syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferSyntax {
    /// Its UID.
    pub uid: &'static str,
    /// Its name, PS3.6 table A-1, without the retired mark.
    pub name: &'static str,
    /// What made the frames.
    pub codec: Codec,
    /// The process loses information whatever the header says (T54).
    pub lossy: bool,
    /// The whole data set is deflated.
    pub deflated: bool,
}

const fn syntax(
    uid: &'static str,
    name: &'static str,
    codec: Codec,
    lossy: bool,
) -> TransferSyntax {
    TransferSyntax {
        uid,
        name,
        codec,
        lossy,
        deflated: false,
    }
}

/// All syntaxes that are known, decodable or not.
#[rustfmt::skip]
const SYNTAXES: [TransferSyntax; 40] = [
    syntax(IMPLICIT_LITTLE_ENDIAN, "Implicit VR Little Endian", Codec::Native, false),
    syntax(EXPLICIT_LITTLE_ENDIAN, "Explicit VR Little Endian", Codec::Native, false),
    syntax(EXPLICIT_BIG_ENDIAN, "Explicit VR Big Endian", Codec::Native, false),
    TransferSyntax { deflated: true, ..syntax("1.2.840.10008.1.2.1.99", "Deflated Explicit VR Little Endian", Codec::Native, false) },
    syntax("1.2.840.10008.1.2.1.98", "Encapsulated Uncompressed Explicit VR Little Endian", Codec::EncapsulatedUncompressed, false),
    syntax("1.2.840.10008.1.2.8.1", "Deflated Image Frame Compression", Codec::DeflatedFrame, false),
    syntax("1.2.840.10008.1.2.5", "RLE Lossless", Codec::Rle, false),
    syntax("1.2.840.10008.1.2.4.50", "JPEG Baseline (Process 1)", Codec::Jpeg, true),
    syntax("1.2.840.10008.1.2.4.51", "JPEG Extended (Process 2 and 4)", Codec::Jpeg, true),
    syntax("1.2.840.10008.1.2.4.52", "JPEG Extended (Process 3 and 5)", Codec::Jpeg, true),
    syntax("1.2.840.10008.1.2.4.53", "JPEG Spectral Selection, Non-Hierarchical (Process 6 and 8)", Codec::Jpeg, true),
    syntax("1.2.840.10008.1.2.4.54", "JPEG Spectral Selection, Non-Hierarchical (Process 7 and 9)", Codec::Jpeg, true),
    syntax("1.2.840.10008.1.2.4.55", "JPEG Full Progression, Non-Hierarchical (Process 10 and 12)", Codec::Jpeg, true),
    syntax("1.2.840.10008.1.2.4.56", "JPEG Full Progression, Non-Hierarchical (Process 11 and 13)", Codec::Jpeg, true),
    syntax("1.2.840.10008.1.2.4.57", "JPEG Lossless, Non-Hierarchical (Process 14)", Codec::Jpeg, false),
    syntax("1.2.840.10008.1.2.4.58", "JPEG Lossless, Non-Hierarchical (Process 15)", Codec::Jpeg, false),
    syntax("1.2.840.10008.1.2.4.70", "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])", Codec::Jpeg, false),
    syntax("1.2.840.10008.1.2.4.80", "JPEG-LS Lossless Image Compression", Codec::JpegLs, false),
    syntax("1.2.840.10008.1.2.4.81", "JPEG-LS Lossy (Near-Lossless) Image Compression", Codec::JpegLs, true),
    syntax("1.2.840.10008.1.2.4.90", "JPEG 2000 Image Compression (Lossless Only)", Codec::Jpeg2000, false),
    syntax("1.2.840.10008.1.2.4.91", "JPEG 2000 Image Compression", Codec::Jpeg2000, false),
    syntax("1.2.840.10008.1.2.4.92", "JPEG 2000 Part 2 Multi-component Image Compression (Lossless Only)", Codec::Jpeg2000, false),
    syntax("1.2.840.10008.1.2.4.93", "JPEG 2000 Part 2 Multi-component Image Compression", Codec::Jpeg2000, false),
    syntax("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 Image Compression (Lossless Only)", Codec::Jpeg2000, false),
    syntax("1.2.840.10008.1.2.4.202", "High-Throughput JPEG 2000 with RPCL Options Image Compression (Lossless Only)", Codec::Jpeg2000, false),
    syntax("1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000 Image Compression", Codec::Jpeg2000, false),
    syntax("1.2.840.10008.1.2.4.110", "JPEG XL Lossless", Codec::JpegXl, false),
    syntax("1.2.840.10008.1.2.4.111", "JPEG XL JPEG Recompression", Codec::JpegXl, true),
    syntax("1.2.840.10008.1.2.4.112", "JPEG XL", Codec::JpegXl, false),
    syntax("1.2.840.10008.1.2.4.100", "MPEG2 Main Profile / Main Level", Codec::Video, true),
    syntax("1.2.840.10008.1.2.4.100.1", "Fragmentable MPEG2 Main Profile / Main Level", Codec::Video, true),
    syntax("1.2.840.10008.1.2.4.101", "MPEG2 Main Profile / High Level", Codec::Video, true),
    syntax("1.2.840.10008.1.2.4.102", "MPEG-4 AVC/H.264 High Profile / Level 4.1", Codec::Video, true),
    syntax("1.2.840.10008.1.2.4.103", "MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1", Codec::Video, true),
    syntax("1.2.840.10008.1.2.4.104", "MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video", Codec::Video, true),
    syntax("1.2.840.10008.1.2.4.105", "MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video", Codec::Video, true),
    syntax("1.2.840.10008.1.2.4.106", "MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2", Codec::Video, true),
    syntax("1.2.840.10008.1.2.4.107", "HEVC/H.265 Main Profile / Level 5.1", Codec::Video, true),
    syntax("1.2.840.10008.1.2.4.108", "HEVC/H.265 Main 10 Profile / Level 5.1", Codec::Video, true),
    syntax("1.2.840.10008.1.2.4.94", "JPIP Referenced", Codec::Unknown, false),
];

impl TransferSyntax {
    /// The syntax of a UID, `None` when it is not known (P32).
    #[must_use]
    pub fn of(uid: &str) -> Option<&'static Self> {
        SYNTAXES.iter().find(|s| s.uid == uid)
    }
}
