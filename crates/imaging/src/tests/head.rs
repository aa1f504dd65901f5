//! The quick look at a file's first part against the careful way.

use std::fs;

use super::{made::Image, shelf_folder};
use crate::{
    head::{Head, HeadRead, WANTED},
    tags,
};

fn files_below(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Of every file of the shelf, hostile ones included: what the quick way says, the careful way says too, and of any first part it either
/// says the same or asks for more.
#[test]
fn the_first_part_of_a_file_says_what_all_of_it_says() {
    let (mut quick, mut careful) = (0, 0);
    for folder in ["dicom_series", "dicom_syntax", "dicom_objects"] {
        let name = "the_first_part_of_a_file_says_what_all_of_it_says";
        let Some(folder) = shelf_folder(name, &format!("data/{folder}")) else {
            return;
        };
        let mut paths = Vec::new();
        files_below(&folder, &mut paths);
        for path in paths {
            let bytes = fs::read(&path).unwrap();
            let HeadRead::Done(head) = Head::read(&bytes, true) else {
                careful += 1;
                continue;
            };
            quick += 1;
            let Ok(whole) = Head::of_file(&bytes) else {
                panic!("{}: refused by the careful way", path.display());
            };
            for tag in WANTED {
                assert_eq!(head.get(tag), whole.get(tag), "{} {tag}", path.display());
            }
            for length in [0, 4, 140, 400, 1000, 2000, 4000, 8192] {
                let part = &bytes[..bytes.len().min(length)];
                match Head::read(part, part.len() == bytes.len()) {
                    HeadRead::Done(of_part) => assert_eq!(of_part, head, "{}", path.display()),
                    HeadRead::NeedsMore => {}
                }
            }
        }
    }
    println!("{quick} files by their first part, {careful} by all of it");
    assert!(quick > 300, "{quick} of {}", quick + careful);
}

#[test]
fn a_first_part_is_enough_where_the_header_is_short() {
    let bytes = Image::default().bytes();
    let HeadRead::Done(head) = Head::read(&bytes, true) else {
        panic!("a plain file");
    };
    assert_eq!(head, Head::of_file(&bytes).unwrap());
    assert!(!head.get(tags::SERIES_INSTANCE_UID).is_empty());
    for length in 0..bytes.len() {
        match Head::read(&bytes[..length], false) {
            HeadRead::Done(of_part) => assert_eq!(of_part, head),
            HeadRead::NeedsMore => {}
        }
    }
}
