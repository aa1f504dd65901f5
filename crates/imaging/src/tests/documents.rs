//! Documents and waveforms (T68): the shelf's, and made ones that are wrong.

use std::fs;

use super::{made::Image, shelf_folder};
use crate::{
    DicomFile,
    objects::{
        document::{Document, DocumentError, SIDE},
        waveform::WaveformGroup,
    },
};

/// A PDF of one page, 300 × 150 points, with this content and font.
fn pdf(content: &str, font: &str) -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 150]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()),
        format!("<</Type/Font/Subtype/Type1/BaseFont/{font}>>"),
    ];
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (k, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", k + 1).bytes());
    }
    let start = out.len();
    out.extend(b"xref\n0 6\n0000000000 65535 f \n");
    for place in places {
        out.extend(format!("{place:010} 00000 n \n").bytes());
    }
    out.extend(format!("trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").bytes());
    out
}

fn dark(rgba: &[u8]) -> usize {
    rgba.chunks_exact(4).filter(|p| p[0] < 128).count()
}

#[test]
fn t68_the_pdf_of_the_shelf_is_drawn() {
    let test = "t68_the_pdf_of_the_shelf_is_drawn";
    let Some(folder) = shelf_folder(test, "data/dicom_objects/made") else {
        return;
    };
    let bytes = fs::read(folder.join("encapsulated_pdf.dcm")).unwrap();
    let document = Document::read(&DicomFile::parse(&bytes).unwrap()).unwrap();
    assert_eq!((document.title(), document.pages()), ("Test document", 1));
    let page = document.render(0, 600).unwrap();
    assert_eq!((page.width, page.height), (600, 300));
    assert_eq!(page.rgba.len(), 600 * 300 * 4);
    assert!(page.rgba.chunks_exact(4).all(|p| p[3] == 255));
    assert_eq!(page.marks, [""; 0]);
    // Text of 18 points from (40, 100): nowhere but there, in the standard Helvetica.
    let rows: Vec<usize> = page.rgba.chunks_exact(2400).map(dark).collect();
    let inked: Vec<usize> = (0..300).filter(|row| rows[*row] > 0).collect();
    assert!(
        inked.first() >= Some(&64) && inked.last() <= Some(&112),
        "{inked:?}"
    );
    assert!(rows.iter().sum::<usize>() > 500);
    let columns = page.rgba.chunks_exact(4).enumerate();
    let left = columns
        .filter(|(_, p)| p[0] < 128)
        .map(|(k, _)| k % 600)
        .min();
    assert!((78..=84).contains(&left.unwrap()), "{left:?}");
}

#[test]
fn t68_the_14_standard_fonts_are_at_hand() {
    for font in [
        "Helvetica",
        "Helvetica-Bold",
        "Helvetica-Oblique",
        "Helvetica-BoldOblique",
        "Times-Roman",
        "Times-Bold",
        "Times-Italic",
        "Times-BoldItalic",
        "Courier",
        "Courier-Bold",
        "Courier-Oblique",
        "Courier-BoldOblique",
        "Symbol",
        "ZapfDingbats",
    ] {
        let bytes = pdf("BT /F1 40 Tf 40 60 Td (abc) Tj ET", font);
        let document = Document::of_pdf(bytes, String::new()).unwrap();
        let page = document.render(0, 300).unwrap();
        assert!(dark(&page.rgba) > 100, "{font}: {}", dark(&page.rgba));
        assert_eq!(page.marks, [""; 0], "{font}");
    }
}

#[test]
fn t68_pages_are_bounded_and_what_is_no_pdf_is_named() {
    let document = Document::of_pdf(pdf("0 0 300 150 re f", "Courier"), String::new()).unwrap();
    // Wider than it may be: as wide as it may be.
    let page = document.render(0, u32::MAX).unwrap();
    assert!(
        page.width <= SIDE && page.width > SIDE - 200,
        "{}",
        page.width
    );
    let missing = document.render(1, 100).unwrap_err();
    assert_eq!(missing.to_string(), "page 2 of 1");
    for bytes in [&b""[..], b"%PDF-1.4\n", b"plain text", &[0; 64]] {
        let error = Document::of_pdf(bytes.to_vec(), String::new()).unwrap_err();
        assert_eq!(error, DocumentError::Invalid);
    }
    // Cut anywhere: opened as far as it goes, or refused.
    let whole = pdf("BT /F1 18 Tf 40 100 Td (text) Tj ET", "Helvetica");
    for end in (0..whole.len()).step_by(7) {
        if let Ok(document) = Document::of_pdf(whole[..end].to_vec(), String::new()) {
            let _ = document.render(0, 64);
        }
    }
    let file = DicomFile::parse(&Image::default().bytes()).unwrap();
    let error = Document::read(&file).unwrap_err().to_string();
    assert!(error.contains("SOP class"), "{error}");
}

/// The first lead of the rhythm, and the sum of the second, as another program has them.
#[test]
fn t68_an_ecg_has_its_leads_in_microvolts() {
    let test = "t68_an_ecg_has_its_leads_in_microvolts";
    let Some(folder) = shelf_folder(test, "data/dicom_objects") else {
        return;
    };
    let bytes = fs::read(folder.join("waveform/waveform_ecg.dcm")).unwrap();
    let groups = WaveformGroup::read_all(&DicomFile::parse(&bytes).unwrap()).unwrap();
    let summaries: Vec<String> = groups.iter().map(WaveformGroup::summary).collect();
    assert_eq!(
        summaries,
        [
            "RHYTHM: 12 channels, 10.0 s at 1000 Hz",
            "MEDIAN BEAT: 12 channels, 1.2 s at 1000 Hz"
        ]
    );
    let lead = &groups[0].channels[0];
    assert_eq!(
        (lead.name.as_str(), lead.unit.as_str()),
        ("Lead I (Einthoven)", "uV")
    );
    assert_eq!(lead.samples[..3], [100.0, 81.25, 62.5]);
    let sum = |g: usize, c: usize| -> f64 {
        let samples = groups[g].channels[c].samples.iter();
        samples.map(|v| f64::from(*v)).sum()
    };
    assert_eq!(groups[0].channels[1].samples[5000], 68.75);
    assert_eq!(sum(0, 1), 908_587.5);
    assert_eq!(sum(1, 11), 132_025.0);
    let image = DicomFile::parse(&Image::default().bytes()).unwrap();
    assert!(WaveformGroup::read_all(&image).is_err());
}
