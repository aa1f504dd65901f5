//! C-CDA: the broken files, and where every fact came from.

use std::path::PathBuf;

use triptych_record::read;

use super::cda::{documents, facts, shelf, wrapped};
use super::{RECEIVED, read_file};

/// `broken/README.md`, statement by statement.
#[test]
fn par_15_broken_ccda_is_answered_as_told() {
    let Some(folder) = shelf("par_15_broken_ccda_is_answered_as_told") else {
        return;
    };
    let folder = folder.join("broken");
    let refused = [
        ("01_truncated.xml", "the document ends"),
        (
            "02_unescaped_ampersand.xml",
            "an '&' that begins no known character reference (line ",
        ),
        (
            "03_undeclared_prefix.xml",
            "the prefix \"xsi\" is not declared",
        ),
        ("04_doctype_entity.xml", "DOCTYPE"),
        ("06_says_utf8_is_latin1.xml", "not UTF-8: byte 0x"),
        (
            "07_not_a_cda.xml",
            "not a clinical document: XML with <html>",
        ),
    ];
    let mut seen = 2;
    for (file, words) in refused {
        let error = read_file(&folder.join(file)).expect_err(file).to_string();
        assert!(error.contains(words), "{file}: {error}");
        seen += 1;
    }
    let files = std::fs::read_dir(&folder).unwrap();
    let is_xml = |p: &PathBuf| p.extension().is_some_and(|e| e == "xml");
    assert_eq!(
        seen,
        files
            .filter(|e| is_xml(&e.as_ref().unwrap().path()))
            .count()
    );

    let wide = read_file(&folder.join("05_utf16.xml")).unwrap();
    assert_eq!(wide.counts.cda.sections, 7);
    let bytes = std::fs::read(folder.join("05_utf16.xml")).unwrap();
    for fact in facts(&wide) {
        let span = fact.provenance.span.unwrap();
        let raw = &bytes[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()];
        let (text, _) = encoding(raw, &bytes);
        assert!(text.starts_with('<') && text.ends_with('>'), "{text}");
    }

    let script = read_file(&folder.join("08_script_in_narrative.xml")).unwrap();
    let all: String = facts(&script)
        .iter()
        .filter_map(|f| f.text.clone())
        .collect();
    assert!(
        !all.contains("<script") && !all.contains("alert("),
        "the script is dropped"
    );
    assert!(all.contains("file:"), "the link is text");
    assert!(
        script
            .problems
            .iter()
            .any(|p| p.reason.contains("<script>"))
    );
}

fn encoding(raw: &[u8], document: &[u8]) -> (String, bool) {
    let little = document.starts_with(&[0xFF, 0xFE]);
    let units = raw.chunks(2).map(|p| {
        let pair = [p[0], p[1]];
        if little {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        }
    });
    (
        String::from_utf16(&units.collect::<Vec<_>>()).unwrap(),
        little,
    )
}

/// Provenance: every span is the very element that its path names, and the notes' is the narrative.
#[test]
fn every_ccda_span_holds_the_element_of_its_fact() {
    let Some(folder) = documents("every_ccda_span_holds_the_element_of_its_fact") else {
        return;
    };
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let bytes = if name.contains("_fragment_") {
            wrapped(&path)
        } else {
            std::fs::read(&path).unwrap()
        };
        for fact in facts(&read(&bytes, RECEIVED).unwrap()) {
            let span = fact.provenance.span.unwrap();
            let raw =
                &bytes[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()];
            let element = fact.provenance.path.rsplit('/').next().unwrap();
            let element = element.split('[').next().unwrap();
            assert!(
                raw.starts_with(format!("<{element}").as_bytes()),
                "{name}: {}",
                fact.provenance.path
            );
            assert!(raw.ends_with(b">"), "{name}");
        }
    }
}
