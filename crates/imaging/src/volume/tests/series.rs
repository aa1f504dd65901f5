//! The series of the shelf as volumes.

use std::{collections::BTreeMap, path::Path};

use sha2::{Digest as _, Sha256};

use super::*;
use crate::{
    DicomFile,
    display::{Voi, VoiFunction, Window},
    geometry::{Orientation, Slice, arrange},
    tests::shelf_folder,
};

/// Every volume of a folder: of each stack the first volume with tools.
fn volumes(folder: &Path) -> Vec<Volume> {
    let mut all: Vec<(Slice, VolumeSlice)> = Vec::new();
    let mut modality = String::new();
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    paths.sort();
    for path in paths.iter().filter(|p| p.is_file()) {
        let bytes = std::fs::read(path).unwrap();
        let Ok((file, None)) = DicomFile::parse_partial(&bytes) else {
            continue;
        };
        for (k, slice) in file.slices().into_iter().enumerate() {
            let attributes = file.display_attributes(k);
            modality.clone_from(&attributes.modality);
            let shape = file.frame_shape().unwrap();
            let Ok(pixels) = file.decode_frame_vec(&bytes, k) else {
                continue;
            };
            let frame = Frame {
                shape,
                bytes: FrameBytes::from(pixels),
            };
            let mut of = VolumeSlice::new(k + 1, shape, &attributes, Some(frame)).unwrap();
            of.thickness_mm = slice.thickness_mm;
            all.push((slice, of));
        }
    }
    let slices: Vec<Slice> = all.iter().map(|s| s.0.clone()).collect();
    let mut found = Vec::new();
    for stack in arrange(&slices) {
        let Some(of) = stack.split.volumes.first() else {
            continue;
        };
        let picked = of.iter().map(|k| all[*k].1.clone()).collect();
        if let Ok(volume) = Volume::new(&modality, picked) {
            found.push(volume);
        }
    }
    found
}

fn one(test: &str, name: &str) -> Option<Volume> {
    let folder = shelf_folder(test, &format!("data/dicom_series/{name}"))?;
    let mut found = volumes(&folder);
    assert_eq!(found.len(), 1, "{name}");
    found.pop()
}

fn check_greys(id: &str, greys: &[u8]) {
    let entry = file_entry(id);
    let sum: u64 = greys.iter().map(|g| u64::from(*g)).sum();
    assert_eq!(sum, entry["expected"]["sum"].as_u64().unwrap(), "{id}");
    let digest: String = Sha256::digest(greys)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    assert_eq!(digest, entry["expected"]["sha256"], "{id}");
}

fn soft() -> Voi {
    Voi::Window(Window::new(40.0, 400.0, VoiFunction::Linear).unwrap())
}

#[test]
fn t34_the_coronal_plane_of_the_chest_has_its_digest() {
    let Some(volume) = one("t34_coronal", "chest_ct") else {
        return;
    };
    let g = volume.geometry();
    let mut view = PlaneView::covering(g, PlaneAxes::Patient, Orientation::Coronal);
    // One row a slice, upwards.
    view.down = -view.down;
    view.size = [512, 60];
    view.mm_per_pixel[1] = 4.0;
    view = view.through(g.to_patient(Voxel(DVec3::new(0.0, 256.0, 0.0))));
    near(
        "y",
        view.centre.0.y,
        f(&file_entry("F.chest_ct.coronal256")["expected"]["y_lps"]),
        1e-6,
    );
    let mut greys = vec![0; 512 * 60];
    sample(&volume, &view)
        .unwrap()
        .greys(&soft(), false, &mut greys);
    check_greys("F.chest_ct.coronal256", &greys);
}

#[test]
fn t35_the_maximum_of_five_slices_of_the_chest_has_its_digest() {
    let Some(volume) = one("t35_mip5", "chest_ct") else {
        return;
    };
    let g = volume.geometry();
    let mut view = PlaneView::covering(g, PlaneAxes::Acquisition, Orientation::Axial)
        .through(g.slice_centre(29.0));
    // Slices 28 to 32 of 1 to 60: two to each side of the 30th. Every sample lies between or on them.
    view.slab = Slab::new(SlabMode::Mip, 16.0);
    // Samples have to fall on the slices: the smallest spacing does not divide 4 mm.
    let whole = [27.0, 28.0, 29.0, 30.0, 31.0].map(|k| {
        let single = PlaneView {
            slab: Slab::default(),
            ..view.through(g.slice_centre(k))
        };
        sample(&volume, &single).unwrap()
    });
    let mut most = whole[0].clone();
    for plane in &whole {
        most.values
            .iter_mut()
            .zip(&plane.values)
            .for_each(|(m, v)| *m = m.max(*v));
    }
    let mut greys = vec![0; 512 * 512];
    most.greys(&soft(), false, &mut greys);
    check_greys("F.chest_ct.mip5", &greys);
    // And the slab never shows more than that, nor less than its middle.
    let slab = sample(&volume, &view).unwrap();
    for ((slab, most), middle) in slab.values.iter().zip(&most.values).zip(&whole[2].values) {
        assert!(slab <= most && slab >= middle);
    }
}

/// T34: at every slice of the acquisition the plane is the stored image, bit for bit; also of tilted and uneven stacks.
#[test]
fn t34_acquisition_planes_of_the_shelf_are_their_images() {
    let mut planes = 0;
    for name in [
        "chest_ct",
        "head_ct_tilt",
        "mr_coronal",
        "mr_sagittal_fragmented",
        "pet_head_neck",
    ] {
        let Some(volume) = one("t34_equality", name) else {
            return;
        };
        let g = volume.geometry();
        let [nx, ny, nz] = g.size();
        for k in 0..nz {
            let view = PlaneView {
                centre: g.slice_centre(f64::from(k)),
                right: g.row(),
                down: g.column(),
                mm_per_pixel: [g.spacing_mm()[0], g.spacing_mm()[1]],
                size: [nx, ny],
                slab: Slab::default(),
            };
            let plane = sample(&volume, &view).unwrap();
            for v in 0..ny {
                for u in 0..nx {
                    assert_eq!(
                        plane.value(u, v),
                        volume.voxel(u, v, k),
                        "{name} ({u}, {v}, {k})"
                    );
                }
            }
            planes += 1;
        }
    }
    assert_eq!(planes, 60 + 10 + 16 + 18 + 72);
}

#[test]
fn t25_t29_places_and_letters_of_the_shelf() {
    let expected: BTreeMap<&str, (&[&str], [&str; 2])> = BTreeMap::from([
        ("chest_ct", (&[][..], ["R", "A"])),
        (
            "head_ct_tilt",
            (
                &["tilted acquisition (18.5°)", "variable spacing"][..],
                ["R", "AH"],
            ),
        ),
        ("mr_coronal", (&[][..], ["R", "H"])),
        ("mr_sagittal_fragmented", (&[][..], ["A", "H"])),
        (
            "mr_sagittal_gap_and_duplicate",
            (&["variable spacing", "gap 10.0 mm"][..], ["A", "H"]),
        ),
        ("pet_head_neck", (&[][..], ["R", "A"])),
    ]);
    for (name, (marks, [left, top])) in expected {
        let Some(folder) = shelf_folder("t25_t29_places", &format!("data/dicom_series/{name}"))
        else {
            return;
        };
        let Some(volume) = volumes(&folder).into_iter().next() else {
            // Rule 4 of T24 needs digests of pixels, which are not computed here.
            assert_eq!(name, "mr_sagittal_gap_and_duplicate");
            continue;
        };
        let own: Vec<&str> = volume.marks().iter().map(String::as_str).collect();
        assert_eq!(own, marks, "{name}");
        let g = volume.geometry();
        let orientation = match name {
            "mr_coronal" => Orientation::Coronal,
            n if n.starts_with("mr_sagittal") => Orientation::Sagittal,
            _ => Orientation::Axial,
        };
        let view = PlaneView::covering(g, PlaneAxes::Acquisition, orientation);
        let letters = view.letters(false);
        assert_eq!(
            [letters.left.as_str(), letters.top.as_str()],
            [left, top],
            "{name}"
        );
        // In the patient's axes letters are single.
        let letters =
            PlaneView::covering(g, PlaneAxes::Patient, Orientation::Coronal).letters(false);
        assert_eq!(
            [letters.left, letters.top],
            ["R", "H"].map(String::from),
            "{name}"
        );
        let geometry = file_entry(&format!("F.{name}.geometry"));
        near(
            name,
            g.spacing_mm()[2],
            f(&geometry["expected"]["spacing_mm"]),
            0.001,
        );
        if let Some(ratio) = geometry["expected"]["shear_ratio_along_column_cosine"].as_f64() {
            near(name, g.lean()[1], ratio, 0.001);
        }
    }
}
