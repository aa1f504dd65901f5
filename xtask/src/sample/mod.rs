//! The sample patient: two thorax CTs, a radiograph and a six-year record, all made here from a fixed seed.
//!
//! Nothing is copied from a person, a scanner or another data set, and every name and header says "synthetic".

mod dates;
mod dicom;
mod noise;
mod phantom;
mod record;
mod tree;

use std::path::Path;

use anyhow::{Context as _, Result};
use jiff::civil::{Date, date};

use dicom::{StudyPlan, Subject};
use phantom::Thorax;

/// Seed of everything in the sample.
const SEED: u64 = 0x7219_7c48;

/// Writes one radiograph of somebody of six years below `out`: what the model for adults must withhold from.
///
/// # Errors
/// When a file or folder cannot be written.
pub fn write_film_of_a_child(out: &Path) -> Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("making {}", out.display()))?;
    let subject = Subject {
        name: "Child-Synthetic^Nobody",
        id: "SAMPLE-0002",
        issuer: "urn:triptych:sample",
        birth_date: "20200302",
    };
    let study = StudyPlan {
        uid: "2.25.305220163274520613408221157260016950002",
        date: "20261029",
        time: "142000",
        accession: "SYN-DX-2",
        age: "006Y",
    };
    dicom::write_dx(out, &subject, &study, &Thorax::new(0.0, 0.0, SEED), SEED)
}

/// Writes the sample below `out` (`images/…`, `record.json`) and returns the number of DICOM files.
///
/// `slices` of each CT; the default of 120 gives 2.5 mm. The story is read on `until`; as written, that is 2026-11-02.
///
/// # Errors
/// When a file or folder cannot be written.
pub fn write(out: &Path, slices: usize, until: Option<Date>) -> Result<usize> {
    anyhow::ensure!(
        (10..=2000).contains(&slices),
        "--slices {slices}: 10 to 2000 are possible"
    );
    let days = until.map_or(Ok(0), dates::days_to)?;
    let subject = Subject {
        name: "Sample-Synthetic^Martha",
        id: "SAMPLE-0001",
        issuer: "urn:triptych:sample",
        birth_date: "19570302",
    };
    let [first, second, film] = [date(2025, 10, 14), date(2026, 10, 27), date(2026, 10, 29)]
        .map(|day| dates::dicom(day, days));
    let studies = [
        (
            StudyPlan {
                uid: record::CT_1_STUDY_UID,
                date: &first,
                time: "101500",
                accession: "SYN-CT-1",
                age: "068Y",
            },
            Some(6.0),
        ),
        (
            StudyPlan {
                uid: record::CT_2_STUDY_UID,
                date: &second,
                time: "091200",
                accession: "SYN-CT-2",
                age: "069Y",
            },
            Some(9.0),
        ),
        (
            StudyPlan {
                uid: record::DX_STUDY_UID,
                date: &film,
                time: "142000",
                accession: "SYN-DX-1",
                age: "069Y",
            },
            None,
        ),
    ];
    let mut files = 0;
    for (k, (study, nodule)) in studies.iter().enumerate() {
        let folder = out.join("images").join(study.accession);
        std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let seed = SEED + k as u64;
        let breath = if k == 0 { 0.25 } else { 0.0 };
        let thorax = Thorax::new(nodule.unwrap_or(9.0), breath, SEED);
        files += match nodule {
            Some(_) => dicom::write_ct(&folder, &subject, study, &thorax, slices, seed)?,
            None => dicom::write_dx(&folder, &subject, study, &thorax, seed).map(|()| 1)?,
        };
    }
    let mut bundle = record::bundle(SEED);
    dates::shift_record(&mut bundle, days)?;
    #[allow(
        clippy::disallowed_methods,
        reason = "a developer's tool writing made-up data, no patient's"
    )]
    std::fs::write(out.join("record.json"), serde_json::to_vec_pretty(&bundle)?)
        .context("writing record.json")?;
    Ok(files)
}
