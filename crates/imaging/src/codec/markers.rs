//! Marker segments of JPEG and JPEG-LS streams (ITU-T T.81 annex B, T.87 annex C): what the header of a stream says.

/// A component of the frame header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Component {
    pub id: u8,
    /// Horizontal and vertical sampling factor.
    pub sampling: (u8, u8),
}

/// What stands before the first scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StreamHeader {
    /// Second byte of the SOF marker: C0 baseline, C1 extended, C2 progressive, C3 lossless, F7 JPEG-LS.
    pub process: u8,
    pub precision: u8,
    pub rows: u16,
    pub columns: u16,
    pub components: Vec<Component>,
    /// Transform flag of an Adobe APP14 segment.
    pub adobe_transform: Option<u8>,
    /// A JFIF APP0 segment is there.
    pub jfif: bool,
    /// JPEG-LS: interleave mode of the first scan.
    pub interleave: u8,
}

/// Reads the segments up to the first scan. `None` when the stream is cut or is no such stream.
pub(crate) fn stream_header(stream: &[u8]) -> Option<StreamHeader> {
    let mut header = StreamHeader::default();
    let mut found = false;
    for (marker, body) in segments(stream)? {
        let body = body?;
        match marker {
            0xC0..=0xCF | 0xF7 if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                let [precision, r0, r1, c0, c1, count] = *body.first_chunk::<6>()?;
                header.process = marker;
                header.precision = precision;
                header.rows = u16::from_be_bytes([r0, r1]);
                header.columns = u16::from_be_bytes([c0, c1]);
                let components = body.get(6..)?.get(..usize::from(count).checked_mul(3)?)?;
                header.components = components
                    .as_chunks::<3>()
                    .0
                    .iter()
                    .map(|[id, hv, _]| Component {
                        id: *id,
                        sampling: (hv >> 4, hv & 15),
                    })
                    .collect();
                found = true;
            }
            0xE0 if body.starts_with(b"JFIF\0") => header.jfif = true,
            0xEE if body.starts_with(b"Adobe") => header.adobe_transform = body.get(11).copied(),
            0xDA => {
                let count = usize::from(*body.first()?);
                header.interleave = *body.get(count.checked_mul(2)?.checked_add(2)?)?;
                return found.then_some(header);
            }
            _ => {}
        }
    }
    None
}

/// Marker and body of each segment from SOI to the first SOS; the body is `None` when it is cut. `None` when there is no SOI.
fn segments(stream: &[u8]) -> Option<impl Iterator<Item = (u8, Option<&[u8]>)>> {
    let mut rest = stream.strip_prefix(&[0xFF, 0xD8])?;
    let mut done = false;
    Some(std::iter::from_fn(move || {
        while let Some([0xFF, 0xFF]) = rest.first_chunk::<2>() {
            rest = rest.get(1..)?; // fill bytes
        }
        if done {
            return None;
        }
        let [ff, marker] = *rest.first_chunk::<2>()?;
        if ff != 0xFF || marker == 0xD9 {
            return None;
        }
        let length = rest
            .get(2..)
            .and_then(|b| b.first_chunk::<2>())
            .map(|b| usize::from(u16::from_be_bytes(*b)))
            .filter(|n| *n >= 2);
        let end = length.and_then(|n| n.checked_add(2));
        let body = end.and_then(|end| rest.get(4..end));
        rest = end.and_then(|end| rest.get(end..)).unwrap_or_default();
        done = marker == 0xDA || body.is_none();
        Some((marker, body))
    }))
}

/// The stream with its own colour marks taken out and an Adobe segment put in front that states `transform` (0: none, 1: YCbCr).
///
/// A decoder that guesses from markers and component ids then has nothing left to guess (P4).
pub(crate) fn with_colour_transform(stream: &[u8], transform: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(stream.len().saturating_add(16));
    out.extend([0xFF, 0xD8, 0xFF, 0xEE, 0, 14]);
    out.extend(b"Adobe\0\x64\0\0\0\0");
    out.push(transform);
    let mut rest = stream.get(2..).unwrap_or_default();
    while let Some([0xFF, marker, high, low]) = rest.first_chunk::<4>()
        && *marker != 0xDA
    {
        if *marker == 0xFF {
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let length = usize::from(u16::from_be_bytes([*high, *low])).saturating_add(2);
        let (segment, after) = rest.split_at(length.min(rest.len()));
        if !matches!(marker, 0xE0 | 0xEE) {
            out.extend(segment);
        }
        rest = after;
    }
    out.extend(rest);
    out
}

/// Whether an end marker is there. It cannot occur inside entropy-coded data.
pub(crate) fn has_end_marker(stream: &[u8]) -> bool {
    stream.windows(2).rev().any(|w| w == [0xFF, 0xD9])
}
