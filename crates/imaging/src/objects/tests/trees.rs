//! Any report as a tree: nothing is missing.

use std::process::Command;

use super::*;
use crate::objects::{ContentItem, SrTree};

fn tree(path: &Path) -> SrTree {
    match crate::objects::read(&parse(path).data()).unwrap() {
        Object::Report(tree) => tree,
        Object::Measurements(report) => report.tree,
        Object::KeyObjects(keys) => keys.tree,
        other => panic!("{other:?}"),
    }
}

fn reports(test: &str) -> Vec<(String, PathBuf)> {
    let Some(folder) = crate::tests::shelf_folder(test, "data/dicom_objects") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for part in ["sr", "made"] {
        for entry in std::fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            let data = parse(&path);
            let class = data.data().first_text(tags::SOP_CLASS_UID).unwrap();
            if class.starts_with("1.2.840.10008.5.1.4.1.1.88.") {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                found.push((format!("{part}/{name}"), path));
            }
        }
    }
    found.sort();
    found
}

/// The shelf's own count, made by other software, and a second one by pydicom where it is there.
#[test]
fn e1_every_report_of_the_shelf_becomes_a_tree_with_all_its_items() {
    let test = "e1_every_report_of_the_shelf_becomes_a_tree_with_all_its_items";
    let reports = reports(test);
    if reports.is_empty() {
        return;
    }
    assert_eq!(reports.len(), 7);
    let interpreter = highdicom(test);
    let script = r"
import sys, json, pydicom
def count(ds):
    return 1 + sum(count(i) for i in ds.get('ContentSequence', []))
json.dump(count(pydicom.dcmread(sys.argv[1], force=True)), sys.stdout)
";
    let json = reports[0]
        .1
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .join("expected.json");
    let expected: serde_json::Value =
        serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    for (name, path) in &reports {
        let tree = tree(path);
        let mut entries = expected["files"].as_array().unwrap().iter();
        let entry = entries.find(|f| f["file"] == name.as_str()).unwrap();
        let below = entry["content_tree"]["items"].as_u64().unwrap();
        let count = tree.root.count();
        // The shelf counts the items of the root or all with the root, by file; pydicom decides below.
        assert!(
            count as u64 == below || count as u64 == below + 1,
            "{name} {count} {below}"
        );
        if let Some(python_path) = &interpreter {
            let counted = python(python_path, script, path);
            assert_eq!(counted.as_u64(), Some(count as u64), "{name}");
        }
        // An attribute without a place of its own is shown by its name.
        let wanted: &[&str] = match name.as_str() {
            "sr/sr_document.dcm" => &["PixelOriginInterpretation (0048,0301): VOLUME"],
            _ => &[],
        };
        assert_eq!(unread(&tree.root), wanted, "{name}");
        let lines = tree.lines();
        assert!(lines.len() >= count, "{name}");
        assert!(tree.to_text().lines().count() >= count, "{name}");
    }
}

/// Attributes and values that found no place.
fn unread(item: &ContentItem) -> Vec<String> {
    let mut all = item.other.clone();
    if let crate::objects::ContentValue::Unknown { .. } = item.value {
        all.push(item.value.shown());
    }
    all.extend(item.children.iter().flat_map(unread));
    all
}

/// OFFIS' demonstration of every value type, in Latin-1 with odd line ends.
#[test]
fn e1_the_offis_demonstration_is_readable_whole() {
    let test = "e1_the_offis_demonstration_is_readable_whole";
    let Some(folder) = crate::tests::shelf_folder(test, "data/dicom_objects/sr") else {
        return;
    };
    let path = folder.join("test-SR.dcm");
    let tree = tree(&path);
    let text = tree.to_text();
    for part in [
        "Diagnosis",
        "Some UID: 1.2.3.4.5",
        "Diameter: 3 cm",
        "inferred from – Code: Inferred Sample Text",
        "has properties – SCoord Code: CIRCLE 0/0 255/255",
        "has properties – TCoord Code: SEGMENT 1.000000 2.500000",
        "selected from – item 1.3.2",
        "has acq context – Date: 20001206",
        "DateTime: 20001206120000",
        "CT Image Storage",
        "shown with Grayscale Softcopy Presentation State",
        "channels 5/3, 2/0",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert_eq!(tree.verification, "VERIFIED");
    assert_eq!(tree.verified_by[0][0], "Riesmeier^Jörg");
    if has("dsrdump", test) {
        let (_, dump) = output(Command::new("dsrdump").arg("+Pl").arg(&path));
        let items = dump
            .lines()
            .filter(|l| l.trim_start().starts_with('<'))
            .count();
        assert_eq!(items, tree.root.count());
    }
}

fn forget_other(item: &mut ContentItem) {
    item.other.clear();
    item.children.iter_mut().for_each(forget_other);
}

/// The tree of a report, written and read again, is the same tree.
#[test]
fn e1_trees_lose_nothing_when_they_are_written() {
    let test = "e1_trees_lose_nothing_when_they_are_written";
    for (name, path) in reports(test) {
        let file = parse(&path);
        let mut tree = tree(&path);
        forget_other(&mut tree.root);
        let context = context(&file, "2.25.4711");
        let mut elements = context.elements(crate::objects::COMPREHENSIVE_SR, "1.2.3.4", "SR");
        elements.extend(&tree.root.elements());
        let written = context
            .finish(
                &elements,
                crate::objects::COMPREHENSIVE_SR,
                "1.2.3.4",
                Vec::new(),
            )
            .unwrap();
        let again = DicomFile::parse(&written.bytes).unwrap();
        let again = ContentItem::read(&again.data()).unwrap();
        assert_eq!(again, tree.root, "{name}");
    }
}
