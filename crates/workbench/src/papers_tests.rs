//! What documents say of images, from values as a worker gives them.

use std::sync::Arc;

use triptych_clinical::{Instant, StudyUid, When};
use triptych_imaging::objects::{ContentItem, ContentValue, ImageReference, KeyImage, SrTree};

use super::*;

fn uid(n: u32) -> SopInstanceUid {
    SopInstanceUid::new(&format!("1.2.3.{n}")).unwrap()
}

fn code(value: &str, meaning: &str) -> Code {
    Code {
        value: value.into(),
        scheme: "DCM".into(),
        version: String::new(),
        meaning: meaning.into(),
    }
}

fn selection(title: Code, modifiers: Vec<Code>, frames: Vec<u32>) -> ObjectContent {
    let mut image = ImageReference::whole("1.2.840.10008.5.1.4.1.1.2", uid(7));
    image.frames = frames;
    let root = ContentItem {
        relationship: String::new(),
        concept: Some(title.clone()),
        value: ContentValue::Container("SEPARATE".into()),
        template: None,
        uid: None,
        observed: None,
        other: vec![],
        children: vec![],
    };
    let tree = SrTree {
        sop_class: String::new(),
        completion: String::new(),
        verification: String::new(),
        preliminary: String::new(),
        verified_by: vec![],
        date: String::new(),
        time: String::new(),
        written_by: String::new(),
        evidence: vec![],
        problems: vec![],
        root,
    };
    ObjectContent::Read(Box::new(Object::KeyObjects(KeyObjects {
        title,
        modifiers,
        description: "seen twice".into(),
        observer: "Meier".into(),
        keys: vec![KeyImage { image, place: None }],
        twins: vec![],
        tree,
    })))
}

fn object(n: u32, content: Option<ObjectContent>) -> ObjectView {
    let slot = Arc::new(ObjectSlot::default());
    if let Some(content) = content {
        slot.set(Ok(content));
    }
    ObjectView {
        instance: uid(n),
        series: SeriesUid::new(&format!("1.2.4.{n}")).unwrap(),
        kind: ObjectKind::KeyObjects,
        class: String::new(),
        title: "series".into(),
        date: String::new(),
        time: String::new(),
        author: String::new(),
        owner: ImageOwner::default(),
        refers_to: vec![],
        slot,
    }
}

fn study(objects: Vec<ObjectView>) -> StudyView {
    StudyView {
        uid: StudyUid::new("1.2.5").unwrap(),
        date: String::new(),
        time: String::new(),
        title: String::new(),
        modality: String::new(),
        series: vec![],
        objects,
        days_before_newest: 0,
    }
}

/// T57: a rejection hides, any other selection chooses, by instance or by frame.
#[test]
fn t57_a_rejection_hides_and_a_choice_does_not() {
    let rejected = selection(
        code("113001", "Rejected for Quality Reasons"),
        vec![code("111207", "Image artifact(s)")],
        vec![2],
    );
    let chosen = selection(code("113000", "Of Interest"), vec![], vec![]);
    let studies = [study(vec![
        object(1, Some(rejected)),
        object(2, Some(chosen)),
        object(3, None),
    ])];
    let found = foreign(&studies, &Catalog::default());
    assert_eq!((found.rejected.len(), found.keys.len()), (1, 1));
    let why = found.rejection(&uid(7), 2).map(|r| r.reason.as_str());
    assert_eq!(why, Some("Rejected for Quality Reasons: Image artifact(s)"));
    assert_eq!(found.rejection(&uid(7), 1), None);
    assert_eq!(found.rejection(&uid(8), 2), None);
    let key = found.key(&uid(7), 5).unwrap();
    assert_eq!((key.author.as_str(), &key.document), ("Meier", &uid(2)));
    for (value, hides) in [
        ("113037", true),
        ("113038", true),
        ("113039", true),
        ("113010", false),
    ] {
        let title = selection(code(value, "any"), vec![], vec![]);
        let found = foreign(&[study(vec![object(1, Some(title))])], &Catalog::default());
        assert_eq!(found.rejected.len() == 1, hides, "{value}");
    }
}

/// D-36: what was written after the index time does not exist for the reader.
#[test]
fn d_36_an_object_of_a_later_time_is_not_there() {
    let head = |day: &str| ObjectHead {
        kind: ObjectKind::Report,
        title: "Imaging Measurement Report".into(),
        written: When::parse(day).ok(),
        author: "Meier".into(),
        series: vec![SeriesUid::new("1.2.9").unwrap()],
        instances: vec![],
    };
    let heads: Heads = [(uid(1), head("2021-02-22")), (uid(2), head("2021-02-24"))].into();
    let mut studies = [study(vec![
        object(1, None),
        object(2, None),
        object(3, None),
    ])];
    let at: Instant = When::parse("2021-02-23").unwrap().instant;
    put_heads(&mut studies, at, &Catalog::default(), &heads);
    let left: Vec<&SopInstanceUid> = studies[0].objects.iter().map(|o| &o.instance).collect();
    assert_eq!(left, [&uid(1), &uid(3)]);
    let read = &studies[0].objects[0];
    assert_eq!(read.title, "Imaging Measurement Report");
    assert_eq!(read.date, "2021-02-22");
    assert_eq!(read.refers_to.len(), 1);
    assert_eq!(studies[0].objects[1].title, "series", "not read yet");
}
