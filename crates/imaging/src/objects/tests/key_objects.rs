//! E2 and T61: key images.

use std::process::Command;

use super::*;
use crate::objects::{
    Evidence, ImageReference, KEY_OBJECT_SELECTION, KeyObjects, KeySelection, KeyTitle, WriteError,
    write_key_objects,
};

fn key(file: &DicomFile, frames: &[u32]) -> Evidence {
    let anchor = anchor(file, 0);
    let image = anchor.image.unwrap();
    Evidence {
        study: anchor.study,
        series: anchor.series,
        image: ImageReference {
            frames: frames.to_vec(),
            ..ImageReference::whole(image.sop_class, image.instance)
        },
    }
}

fn key_objects(bytes: &[u8]) -> KeyObjects {
    match read(bytes) {
        Object::KeyObjects(keys) => keys,
        other => panic!("{other:?}"),
    }
}

#[test]
fn t61_key_images_over_real_images_come_back_from_a_valid_selection() {
    let test = "t61_key_images_over_real_images_come_back_from_a_valid_selection";
    let Some(folder) = series_folder(test) else {
        return;
    };
    for (name, title) in IMAGES.into_iter().zip(KeyTitle::ALL.into_iter().cycle()) {
        let path = folder.join(name);
        let file = parse(&path);
        let frames: &[u32] = if file.frames() > 1 { &[0, 2] } else { &[] };
        let selection = KeySelection {
            title,
            description: "Drei Bilder für die Übergabe".to_owned(),
            keys: vec![key(&file, frames)],
        };
        let contexts = [context(&file, "2.25.4712")];
        let written = write_key_objects(&contexts, &selection, &mut counter()).unwrap();
        assert_eq!(written.len(), 1);
        is_valid(&written[0], &path, test);
        let keys = key_objects(&written[0].bytes);
        assert_eq!(KeyTitle::of(&keys.title), Some(title));
        assert_eq!(keys.description, selection.description);
        assert_eq!(keys.observer, "Müller^Änne");
        assert!(!keys.rejects());
        let got = &keys.keys[0];
        assert_eq!(got.image, selection.keys[0].image, "{name}");
        let place = (
            selection.keys[0].study.clone(),
            selection.keys[0].series.clone(),
        );
        assert_eq!(got.place, Some(place));
        let instance = &got.image.instance;
        assert!(keys.holds(instance, 0) && (frames.is_empty() || !keys.holds(instance, 1)));
        // DCMTK refuses this image's UID, which has a component with a leading zero.
        let refused = name.starts_with("cr_modality_lut");
        if !refused && has("dsrdump", test) {
            let saved = Saved::new(&written[0], test);
            let (ok, text) = output(Command::new("dsrdump").args(["+Pl", "+Pu"]).arg(&saved.0));
            assert!(
                ok && text.contains("Key Object Selection Document"),
                "{text}"
            );
            assert!(text.contains(instance.as_str()), "{text}");
            assert!(!text.contains("E: ") && !text.contains("absent"), "{text}");
        }
    }
}

/// Images of two studies: a document in each, with the same images, each naming the other.
#[test]
fn e2_a_selection_over_two_studies_is_written_into_both() {
    let test = "e2_a_selection_over_two_studies_is_written_into_both";
    let Some(folder) = series_folder(test) else {
        return;
    };
    let paths = [IMAGES[0], IMAGES[1]].map(|name| folder.join(name));
    let files = [parse(&paths[0]), parse(&paths[1])];
    let selection = KeySelection {
        title: KeyTitle::ForConference,
        description: String::new(),
        keys: vec![key(&files[0], &[]), key(&files[1], &[])],
    };
    let contexts = [
        context(&files[0], "2.25.4712"),
        context(&files[1], "2.25.4713"),
    ];
    let one = write_key_objects(&contexts[..1], &selection, &mut counter());
    assert!(matches!(one, Err(WriteError::Unsayable { .. })));
    let written = write_key_objects(&contexts, &selection, &mut counter()).unwrap();
    assert_eq!(written.len(), 2);
    for (k, document) in written.iter().enumerate() {
        is_valid(document, &paths[k], test);
        assert_eq!(document.study, *contexts[k].source.study());
        let keys = key_objects(&document.bytes);
        let images: Vec<_> = keys.keys.iter().map(|k| k.image.clone()).collect();
        let wanted: Vec<_> = selection.keys.iter().map(|k| k.image.clone()).collect();
        assert_eq!(images, wanted);
        let other = &written[1 - k];
        let twin = Evidence {
            study: other.study.clone(),
            series: other.series.clone(),
            image: ImageReference::whole(KEY_OBJECT_SELECTION, other.instance.clone()),
        };
        assert_eq!(keys.twins, [twin]);
    }
}

#[test]
fn t61_the_selection_of_the_shelf_names_its_three_slices() {
    let test = "t61_the_selection_of_the_shelf_names_its_three_slices";
    let folder = crate::tests::shelf_folder(test, "data/dicom_objects/made");
    let (Some(folder), Some(series)) = (folder, series_folder(test)) else {
        return;
    };
    let keys = key_objects(&std::fs::read(folder.join("key_object_selection.dcm")).unwrap());
    assert_eq!(KeyTitle::of(&keys.title), Some(KeyTitle::OfInterest));
    assert_eq!(keys.description, "Three slices chosen for tests");
    for (got, name) in keys.keys.iter().zip(["011", "031", "051"]) {
        let file = parse(&series.join(format!("chest_ct/{name}.dcm")));
        assert_eq!(got.image, key(&file, &[]).image);
    }
    assert_eq!(keys.keys.len(), 3);
}
