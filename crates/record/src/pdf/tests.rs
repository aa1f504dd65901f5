#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

/// A file of these objects, numbered from 1; the first is the catalogue.
fn file(objects: &[String], trailer: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut table = String::new();
    for (i, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", i + 1).bytes());
    }
    let (start, size) = (out.len(), objects.len() + 1);
    out.extend(
        format!(
            "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n"
        )
        .bytes(),
    );
    out
}

fn stream(dictionary: &str, content: &str) -> String {
    format!(
        "<<{dictionary}/Length {}>>\nstream\n{content}\nendstream",
        content.len()
    )
}

/// One page for each content, with Helvetica as F1; `page` goes into each page, `resources` into its resources, `objects` follow from number 4.
fn with(contents: &[&str], page: &str, resources: &str, objects: &[String]) -> Vec<u8> {
    let first = 4 + objects.len();
    let kids: String = (0..contents.len())
        .map(|i| format!("{} 0 R ", first + 2 * i))
        .collect();
    let mut all = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!(
            "<</Type/Pages/Kids[{kids}]/Count {}/MediaBox[0 0 600 800]>>",
            contents.len()
        ),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
    ];
    all.extend_from_slice(objects);
    for (i, content) in contents.iter().enumerate() {
        all.push(format!(
            "<</Type/Page/Parent 2 0 R/Contents {} 0 R/Resources<</Font<</F1 3 0 R>>{resources}>>{page}>>",
            first + 2 * i + 1
        ));
        all.push(stream("", content));
    }
    file(&all, "")
}

fn plain(contents: &[&str]) -> Vec<u8> {
    with(contents, "", "", &[])
}

#[track_caller]
fn check(bytes: &[u8], expected: &str) {
    let read = text_layer(bytes).map(|layer| layer.text);
    assert_eq!(read.as_deref(), Ok(expected));
}

/// Text whose letter A has this glyph name.
fn named(glyph: &str) -> Vec<u8> {
    let font = format!(
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Type/Encoding/Differences[65/{glyph}]>>>>"
    );
    let content = "BT /F1 12 Tf 50 700 Td (A) Tj /F2 12 Tf (A) Tj ET";
    // The second font takes the name F2 of the resources.
    let mut bytes = with(&[content], "", "", &[font]);
    let text = String::from_utf8(bytes.clone()).unwrap();
    bytes = text.replace("/F1 3 0 R", "/F1 4 0 R/F2 3 0 R").into_bytes();
    bytes
}

#[test]
fn lines_go_from_top_to_bottom_whatever_was_drawn_first() {
    check(
        &plain(&[
            "BT /F1 12 Tf 50 600 Td (Second line.) Tj ET BT /F1 12 Tf 50 614 Td (First line.) Tj ET BT /F1 12 Tf 50 540 Td (Below.) Tj ET",
        ]),
        "First line.\nSecond line.\n\nBelow.",
    );
}

#[test]
fn gaps_part_words_and_wide_gaps_part_cells() {
    check(
        &plain(&["BT /F1 10 Tf 50 700 Td [(No) -300 (mass) 20 (es)] TJ ET \
             BT /F1 10 Tf 50 686 Td (Sodium) Tj 150 0 Td (140) Tj 100 0 Td (mmol/L) Tj ET \
             BT /F1 10 Tf 50 672 Td (Potassium) Tj 150 0 Td (4.1) Tj 100 0 Td (mmol/L) Tj ET"]),
        "No masses\nSodium                     140                mmol/L\nPotassium                  4.1                mmol/L",
    );
}

#[test]
fn text_that_is_scaled_across_keeps_its_words() {
    check(
        &plain(&[
            "BT /F1 10 Tf 50 Tz 50 700 Td (narrow letters) Tj 200 Tz 0 -14 Td (wide letters) Tj ET",
        ]),
        "narrow letters\nwide letters",
    );
}

#[test]
fn an_exponent_stays_with_its_number() {
    check(
        &plain(&[
            "BT /F1 12 Tf 50 700 Td (10) Tj /F1 7 Tf 5 Ts (9) Tj 0 Ts /F1 12 Tf (/L) Tj 0 -14 Td (next) Tj ET",
        ]),
        "109/L\nnext",
    );
}

#[test]
fn what_is_drawn_twice_is_read_once() {
    check(
        &plain(&[
            "BT /F1 12 Tf 2 Tr 50 700 Td (Filled and outlined) Tj ET BT /F1 12 Tf 0 Tr 50 680 Td (Bold) Tj ET BT /F1 12 Tf 50.4 680 Td (Bold) Tj ET",
        ]),
        "Filled and outlined\nBold",
    );
}

#[test]
fn invisible_text_is_read_and_said_to_be() {
    let content = "BT /F1 12 Tf 3 Tr 50 700 Td (Recognised words) Tj ET";
    let layer = text_layer(&plain(&[content])).unwrap();
    assert_eq!(
        (layer.text.as_str(), layer.invisible),
        ("Recognised words", true)
    );
    let visible = text_layer(&plain(&["BT /F1 12 Tf 50 700 Td (Words) Tj ET"])).unwrap();
    assert!(!visible.invisible);
}

#[test]
fn turned_pages_and_turned_text_are_read_along_their_lines() {
    let upright = "BT /F1 12 Tf 0 1 -1 0 100 50 Tm (First) Tj 0 1 -1 0 114 50 Tm (Second) Tj ET";
    check(&with(&[upright], "/Rotate 90", "", &[]), "First\nSecond");
    check(
        &plain(&[
            "BT /F1 12 Tf 50 700 Td (Along the page) Tj ET BT /F1 12 Tf 0 1 -1 0 30 50 Tm (Margin) Tj ET",
        ]),
        "Along the page\n\nMargin",
    );
}

#[test]
fn pages_forms_and_filled_fields_are_read() {
    check(
        &plain(&[
            "BT /F1 12 Tf 50 700 Td (One) Tj ET",
            "",
            "BT /F1 12 Tf 50 700 Td (Three) Tj ET",
        ]),
        "One\n\nThree",
    );
    let form = "/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</Font<</F1 3 0 R>>>>";
    let form = stream(form, "BT /F1 12 Tf 50 700 Td (In a form) Tj ET");
    check(
        &with(
            &["/X Do"],
            "",
            "/XObject<</X 4 0 R>>",
            std::slice::from_ref(&form),
        ),
        "In a form",
    );
    let field = "/Annots[<</Type/Annot/Subtype/Widget/Rect[0 0 600 800]/AP<</N 4 0 R>>>>]";
    check(&with(&[""], field, "", &[form]), "In a form");
}

#[test]
fn ligatures_are_their_letters() {
    check(&named("fi"), "fiA");
}

#[test]
fn what_cannot_be_shown_says_why() {
    let why = |bytes: &[u8]| text_layer(bytes).unwrap_err().to_string();
    assert_eq!(
        why(&plain(&["10 10 100 100 re f"])),
        "a PDF without a text layer (1 page): open it outside"
    );
    assert_eq!(
        why(&plain(&["", " ", "BT /F1 12 Tf 50 700 Td (  ) Tj ET"])),
        "a PDF without a text layer (3 pages): open it outside"
    );
    assert_eq!(why(b"%PDF-1.4\n"), "a damaged PDF: open it outside");
    assert_eq!(why(b"no PDF"), "a damaged PDF: open it outside");
    assert_eq!(
        why(&plain(&[""; 201])),
        "a PDF that is too long to be read (201 pages): open it outside"
    );
    assert_eq!(text_layer(&plain(&[""; 200])), Err(PdfError::NoText(200)));
    assert_eq!(
        why(&named("afii57664")),
        "a PDF in a script written from right to left (1 page): open it outside"
    );
    assert_eq!(
        why(&named("g123")),
        "a PDF that does not say which letters it shows (1 page): open it outside"
    );
    let text = String::from_utf8(plain(&["BT /F1 12 Tf 50 700 Td (Secret) Tj ET"])).unwrap();
    let locked = "trailer\n<</ID[(0123456789abcdef)(0123456789abcdef)]/Encrypt<</Filter/Standard/V 1/R 2/P -4\
                  /O(01234567890123456789012345678901)/U(01234567890123456789012345678901)>>";
    assert_eq!(
        why(text.replace("trailer\n<<", locked).as_bytes()),
        "an encrypted PDF: open it outside"
    );
}

#[test]
fn text_outside_the_page_is_on_no_page() {
    check(
        &plain(&["BT /F1 12 Tf 50 700 Td (Seen) Tj 0 200 Td (Not seen) Tj ET"]),
        "Seen",
    );
}

/// Forty forms, each of which draws the next one ten times: the number of steps has forty digits.
#[test]
fn forms_that_call_each_other_end() {
    let forms: Vec<String> = (0..40)
        .map(|i| {
            let next = format!(
                "/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</X {} 0 R>>>>",
                i + 5
            );
            stream(&next, &"/X Do ".repeat(10))
        })
        .collect();
    let bytes = with(&["/X Do"], "", "/XObject<</X 4 0 R>>", &forms);
    assert_eq!(text_layer(&bytes), Err(PdfError::TooLong(1)));
}

/// Depth is bounded by the reader, in the least stack that a thread of ours has.
#[test]
fn what_is_nested_deeply_ends() {
    let work = || {
        let deep = format!(
            "BT /F1 12 Tf 50 700 Td (Words) Tj {}{} TJ ET",
            "[".repeat(100_000),
            "]".repeat(100_000)
        );
        assert!(text_layer(&plain(&[&deep])).is_ok());
        let own = "/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</X 4 0 R>>>>";
        let own = stream(own, "/X Do");
        let read = text_layer(&with(&["/X Do"], "", "/XObject<</X 4 0 R>>", &[own]));
        assert_eq!(read, Err(PdfError::NoText(1)));
        let tree = format!(
            "<</Type/Catalog/Pages {}2 0 R{}>>",
            "<</Kids[".repeat(5000),
            "]>>".repeat(5000)
        );
        let _ = text_layer(&file(
            &[tree, "<</Type/Pages/Kids[]/Count 0>>".to_owned()],
            "",
        ));
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work);
    assert!(thread.unwrap().join().is_ok());
}
