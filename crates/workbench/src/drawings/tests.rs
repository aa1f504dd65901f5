//! A session without an archive: what a reader does, undone and done again.

use std::collections::BTreeMap;

use triptych_archive::BlobName;
use triptych_clinical::{
    Identity, InstanceRecord, SeriesUid, SopClassUid, TransferSyntaxUid, When,
};
use triptych_imaging::annotate::{Anchor, AnchorImage, Quantity, Stated};
use triptych_imaging::display::SpacingProvenance;

use super::*;

const PERSON: PatientKey = PatientKey(7);

fn stored_instance(number: u32, bytes: u8, variant: u32, received: i64) -> StoredInstance {
    StoredInstance {
        record: InstanceRecord {
            study: StudyUid::new("1.2.3").unwrap(),
            series: SeriesUid::new("1.2.3.4").unwrap(),
            sop_instance: SopInstanceUid::new(&format!("1.2.3.4.{number}")).unwrap(),
            sop_class: SopClassUid::new("1.2.840.10008.5.1.4.1.1.2").unwrap(),
            transfer_syntax: TransferSyntaxUid::new("1.2.840.10008.1.2.1").unwrap(),
            identity: Identity::default(),
            study_time: When::parse("2021-02-22").ok(),
            series_time: None,
            study_description: String::new(),
            series_description: String::new(),
            accession: String::new(),
            modality: "CT".into(),
            body_part: String::new(),
            view_position: String::new(),
            series_number: Some(4),
            instance_number: Some(1),
            volume_attributes: BTreeMap::new(),
            frames: 1,
            rows: 512,
            columns: 512,
            frame_of_reference: None,
            position: Some([0.0, 0.0, f64::from(number)]),
            orientation: Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
            pixel_spacing: Some([0.7, 0.7]),
            slice_thickness: Some(2.5),
            image_type: String::new(),
            unreadable: None,
            file_bytes: 1,
        },
        patient: PERSON,
        blob: BlobName([bytes; 32]),
        document: DocumentHash([bytes; 32]),
        received: Instant::from_seconds(received),
        variant,
    }
}

fn images() -> Vec<StoredInstance> {
    (1..=3).map(|n| stored_instance(n, 1, 0, 100)).collect()
}

fn session() -> Session {
    Session::new(PERSON, &images(), Stored::default())
}

fn hand(second: u32) -> Hand {
    Hand {
        who: "reader".into(),
        now: format!("2026-01-01T00:{:02}:{:02}Z", second / 60, second % 60),
        software: "Triptych 1".into(),
    }
}

fn line(number: u32, length: f64) -> Annotation {
    Annotation {
        uid: String::new(),
        lesion: String::new(),
        label: String::new(),
        shape: Shape::Length,
        points: vec![[10.0, 20.0], [10.0 + length, 20.0]],
        anchor: Anchor {
            study: StudyUid::new("1.2.3").unwrap(),
            series: SeriesUid::new("1.2.3.4").unwrap(),
            frame_of_reference: None,
            plane: None,
            image: Some(AnchorImage {
                sop_class: String::new(),
                instance: SopInstanceUid::new(&format!("1.2.3.4.{number}")).unwrap(),
                frame: 0,
                size: [512, 512],
            }),
        },
        text: String::new(),
        known_mm: None,
        finding: None,
        site: None,
        values: vec![Stated {
            quantity: Quantity::Length,
            value: length * 0.7,
            unit: "mm".into(),
            provenance: Some(SpacingProvenance::CrossSection),
        }],
        author: String::new(),
        created: String::new(),
        edited: String::new(),
        software: String::new(),
        locked: false,
    }
}

fn draw(session: &mut Session, drawn: Annotation, second: u32) -> Annotation {
    let before: BTreeSet<String> = uids(session);
    let edits = vec![DrawingEdit::Draw(Box::new(drawn))];
    session.draw(edits, &hand(second)).unwrap();
    let view = session.view();
    let new = view.annotations.iter().find(|a| !before.contains(&a.uid));
    new.unwrap().clone()
}

fn uids(session: &Session) -> BTreeSet<String> {
    let view = session.view();
    view.annotations.iter().map(|a| a.uid.clone()).collect()
}

fn mark(number: u32) -> KeyImage {
    KeyImage {
        study: StudyUid::new("1.2.3").unwrap(),
        series: SeriesUid::new("1.2.3.4").unwrap(),
        instance: SopInstanceUid::new(&format!("1.2.3.4.{number}")).unwrap(),
        frame: 0,
        reason: String::new(),
        author: "reader".into(),
        marked: hand(number).now,
    }
}

#[test]
fn t49_a_new_drawing_says_who_when_with_what_and_where() {
    let mut session = session();
    let first = draw(&mut session, line(1, 30.0), 5);
    assert_eq!(first.author, "reader");
    assert_eq!(
        (&first.created, &first.edited),
        (&hand(5).now, &hand(5).now)
    );
    assert_eq!(first.software, "Triptych 1");
    assert_eq!((first.label.as_str(), &first.lesion), ("L1", &first.uid));
    let image = first.anchor.image.unwrap();
    assert_eq!(image.sop_class, "1.2.840.10008.5.1.4.1.1.2");
    let plane = first.anchor.plane.unwrap();
    assert_eq!((plane.position[2], plane.spacing), (1.0, [0.7, 0.7]));
    assert_eq!(draw(&mut session, line(2, 30.0), 6).label, "L2");
    let mut named = line(2, 8.0);
    named.label = "node".into();
    assert_eq!(draw(&mut session, named, 7).label, "node");
}

/// WRK-03 and T49: more than 100 steps of every kind, all undone, all done again.
#[test]
fn t49_three_hundred_steps_undone_and_done_again_give_the_same_drawings() {
    let mut session = session();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |n: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 33) as usize % n
    };
    let state = |s: &Session| {
        let view = s.view();
        (view.annotations.to_vec(), view.key_images.to_vec())
    };
    let mut states = vec![state(&session)];
    let mut second = 0;
    while states.len() <= 150 {
        second += 1;
        let all = session.view().annotations;
        let chosen = (!all.is_empty()).then(|| all[next(all.len())].clone());
        match (next(5), chosen) {
            (0, Some(one)) => {
                let edits = vec![DrawingEdit::Delete(one.uid)];
                session.draw(edits, &hand(second)).unwrap();
            }
            (1, Some(mut one)) => {
                one.points[0][0] += 1.5;
                let edits = vec![DrawingEdit::Change(Box::new(one))];
                session.draw(edits, &hand(second)).unwrap();
            }
            (2, _) => {
                let image = mark(1 + next(3) as u32);
                let there = session.marks.contains_key(&image.item());
                session
                    .mark(image.item(), (!there).then_some(image))
                    .unwrap();
            }
            (3, Some(one)) => {
                // Two drawings in one step.
                let edits = vec![
                    DrawingEdit::Delete(one.uid),
                    DrawingEdit::Draw(Box::new(line(2, second.into()))),
                ];
                session.draw(edits, &hand(second)).unwrap();
            }
            _ => {
                draw(&mut session, line(1, second.into()), second);
            }
        }
        states.push(state(&session));
    }
    for expected in states.iter().rev().skip(1) {
        assert!(!session.back(false).unwrap().is_empty());
        assert_eq!(state(&session), *expected);
    }
    assert!(!session.view().can_undo);
    assert!(session.back(false).unwrap().is_empty());
    for expected in states.iter().skip(1) {
        session.back(true).unwrap();
        assert_eq!(state(&session), *expected);
    }
    assert!(!session.view().can_redo);
    // A new step cuts the way forth.
    session.back(false).unwrap();
    draw(&mut session, line(1, 3.0), 1000);
    assert!(!session.view().can_redo);
}

#[test]
fn t49_what_is_stored_gives_the_same_drawings_back() {
    let mut session = session();
    let mut rows = Vec::new();
    let edits = |edits| edits;
    for (n, edit) in [line(1, 0.1 + 0.2), line(2, 1.0 / 3.0)]
        .into_iter()
        .enumerate()
    {
        let step = edits(vec![DrawingEdit::Draw(Box::new(edit))]);
        rows.extend(session.draw(step, &hand(n as u32)).unwrap());
    }
    let uid = rows[0].item.clone();
    rows.extend(session.mark(mark(2).item(), Some(mark(2))).unwrap());
    let gone = vec![DrawingEdit::Delete(uid)];
    rows.extend(session.draw(gone, &hand(9)).unwrap());
    rows.extend(session.back(false).unwrap());
    rows.extend(session.keep_view(StudyUid::new("1.2.3").unwrap(), "set".into(), "{}".into()));
    // As the archive does: the last row of an item counts.
    let mut last = BTreeMap::new();
    for row in rows {
        last.insert((row.kind, row.item.clone()), row);
    }
    let stored = last
        .into_values()
        .filter(|row| row.body.is_some())
        .map(|edit| triptych_archive::Edit {
            number: 1,
            edit,
            by: triptych_archive::By::new("reader", Instant(0)),
        });
    let again = Session::new(PERSON, &images(), Stored::read(stored.collect()));
    let (a, b) = (session.view(), again.view());
    assert_eq!(a.annotations, b.annotations);
    assert_eq!(a.key_images, b.key_images);
    assert_eq!(a.lesions, b.lesions);
    assert_eq!(a.views, b.views);
    assert_eq!((b.annotations.len(), b.unreadable), (2, 0));
    assert!(b.image_changed.is_empty());
}

/// The stored form of this version. If this fails, old drawings are unreadable: give the new field a default.
#[test]
fn t49_a_drawing_as_it_was_first_stored_is_still_read() {
    let body = r#"{"uid":"2.25.9","lesion":"2.25.9","label":"L1","shape":"Length","points":[[1.5,2.0],[3.0,4.0]],"anchor":{"study":"1.2.3","series":"1.2.3.4","frame_of_reference":null,"plane":{"position":[0.0,0.0,1.0],"orientation":[1.0,0.0,0.0,0.0,1.0,0.0],"spacing":[0.7,0.7]},"image":{"sop_class":"1.2.840.10008.5.1.4.1.1.2","instance":"1.2.3.4.1","frame":0,"size":[512,512]}},"text":"","known_mm":null,"finding":null,"site":null,"values":[{"quantity":"Length","value":1.75,"unit":"mm","provenance":"CrossSection"}],"author":"reader","created":"2026-01-01T00:00:00Z","edited":"2026-01-01T00:00:00Z","software":"Triptych 0.1.0","locked":false}"#;
    let row = |item: &str, body: &str| triptych_archive::Edit {
        number: 1,
        edit: NewEdit {
            patient: PERSON,
            study: StudyUid::new("1.2.3").unwrap(),
            kind: EditKind::Drawing,
            item: item.into(),
            body: Some(body.into()),
            image: Some(DocumentHash([1; 32])),
        },
        by: triptych_archive::By::new("reader", Instant(0)),
    };
    let rows = vec![row("2.25.9", body), row("2.25.8", "{\"of\":\"tomorrow\"}")];
    let stored = Stored::read(rows);
    assert_eq!(stored.unreadable, 1, "counted, not lost in silence");
    let session = Session::new(PERSON, &images(), stored);
    let view = session.view();
    assert_eq!(view.annotations[0].values[0].value, 1.75);
    assert_eq!(view.unreadable, 1);
}

#[test]
fn t49_a_drawing_whose_image_was_replaced_says_so() {
    let mut session = session();
    let drawn = draw(&mut session, line(1, 30.0), 5);
    let stored = || Stored {
        annotations: vec![drawn.clone()],
        hashes: BTreeMap::from([(drawn.uid.clone(), Some(DocumentHash([1; 32])))]),
        ..Stored::default()
    };
    let changed = |images: &[StoredInstance]| {
        let view = Session::new(PERSON, images, stored()).view();
        view.image_changed.contains(&drawn.uid)
    };
    assert!(!changed(&images()));
    assert!(changed(&[stored_instance(1, 2, 0, 100)]), "other bytes");
    let early = stored_instance(1, 2, 1, 100);
    assert!(
        !changed(&[&images()[..], &[early]].concat()),
        "before it was drawn"
    );
    let late = stored_instance(1, 2, 1, 2_000_000_000);
    assert!(
        changed(&[&images()[..], &[late]].concat()),
        "sent again since"
    );
    assert!(changed(&[]), "not there any more: kept in the list");
}

#[test]
fn wrk_05_nothing_is_drawn_on_the_images_of_somebody_else() {
    let mut session = session();
    let edits = vec![DrawingEdit::Draw(Box::new(line(99, 5.0)))];
    assert!(session.draw(edits, &hand(1)).is_err());
    assert!(session.mark("x/0".into(), Some(mark(99))).is_err());
    assert!(session.view().annotations.is_empty());
    assert!(!session.view().can_undo);
}

#[test]
fn t49_a_final_drawing_stays_as_it_is() {
    let mut session = session();
    let mut drawn = draw(&mut session, line(1, 30.0), 5);
    drawn.locked = true;
    let change = |a: &Annotation| vec![DrawingEdit::Change(Box::new(a.clone()))];
    session.draw(change(&drawn), &hand(6)).unwrap();
    drawn.points[0][0] = 0.0;
    assert!(session.draw(change(&drawn), &hand(7)).is_err());
    let gone = vec![DrawingEdit::Delete(drawn.uid.clone())];
    assert!(session.draw(gone, &hand(8)).is_err());
    assert_eq!(session.view().annotations[0].points[0][0], 10.0);
}

#[test]
fn t48_the_table_has_a_line_a_value_and_no_formula() {
    let mut session = session();
    let mut drawn = line(1, 30.04);
    drawn.label = "=HYPERLINK(\"x\")".into();
    draw(&mut session, drawn, 5);
    let table = csv(&session.view(), &[]);
    let mut lines = table.split("\r\n");
    assert!(lines.next().unwrap().starts_with("label,lesion,study_date"));
    let line = lines.next().unwrap();
    assert!(line.starts_with("\"'=HYPERLINK(\"\"x\"\")\","), "{line}");
    assert!(line.contains(",Length,21.0,mm,mm,no,no,reader,"), "{line}");
}
