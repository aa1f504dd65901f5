//! A small DICOM file that holds no patient: what a fresh worker reads first.

/// An image of 2 × 2 pixels, Explicit VR Little Endian.
pub(super) fn header() -> Vec<u8> {
    const UIDS: [(u16, u16, &str); 4] = [
        (0x0008, 0x0016, "1.2.840.10008.5.1.4.1.1.7"),
        (0x0008, 0x0018, "2.25.1"),
        (0x0020, 0x000D, "2.25.2"),
        (0x0020, 0x000E, "2.25.3"),
    ];
    const NUMBERS: [(u16, u16, u16); 7] = [
        (0x0028, 0x0002, 1),
        (0x0028, 0x0010, 2),
        (0x0028, 0x0011, 2),
        (0x0028, 0x0100, 16),
        (0x0028, 0x0101, 16),
        (0x0028, 0x0102, 15),
        (0x0028, 0x0103, 0),
    ];
    let mut meta = Vec::new();
    element(
        &mut meta,
        (0x0002, 0x0010),
        *b"UI",
        b"1.2.840.10008.1.2.1\0",
    );
    let mut file = vec![0; 128];
    file.extend_from_slice(b"DICM");
    let length = u32::try_from(meta.len()).unwrap_or_default();
    element(&mut file, (0x0002, 0x0000), *b"UL", &length.to_le_bytes());
    file.extend_from_slice(&meta);
    let uid = |file: &mut Vec<u8>, (group, number, value): (u16, u16, &str)| {
        let mut value = value.as_bytes().to_vec();
        value.resize(value.len().next_multiple_of(2), 0);
        element(file, (group, number), *b"UI", &value);
    };
    let [class, instance, study, series] = UIDS;
    uid(&mut file, class);
    uid(&mut file, instance);
    element(&mut file, (0x0008, 0x0060), *b"CS", b"OT");
    uid(&mut file, study);
    uid(&mut file, series);
    let [samples, rest @ ..] = NUMBERS;
    let mut number = |(group, number, value): (u16, u16, u16)| {
        element(&mut file, (group, number), *b"US", &value.to_le_bytes());
    };
    number(samples);
    rest.into_iter().for_each(&mut number);
    let mut pixels = vec![0xE0, 0x7F, 0x10, 0x00, b'O', b'W', 0, 0, 8, 0, 0, 0];
    pixels.extend_from_slice(&[0; 8]);
    file.extend_from_slice(&pixels);
    file
}

fn element(file: &mut Vec<u8>, (group, number): (u16, u16), vr: [u8; 2], value: &[u8]) {
    file.extend_from_slice(&group.to_le_bytes());
    file.extend_from_slice(&number.to_le_bytes());
    file.extend_from_slice(&vr);
    let length = u16::try_from(value.len()).unwrap_or_default();
    file.extend_from_slice(&length.to_le_bytes());
    file.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_first_file_of_a_worker_is_a_whole_image() {
        let bytes = super::header();
        let file = triptych_imaging::DicomFile::parse(&bytes).unwrap();
        assert!(file.record().unwrap().unreadable.is_none());
        assert_eq!(file.decode_frame_vec(&bytes, 0).unwrap(), [0; 8]);
    }
}
