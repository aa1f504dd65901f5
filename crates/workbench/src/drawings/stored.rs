//! Drawings and marks as the archive keeps them: one JSON body each, that of the types themselves.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use triptych_archive::{Edit as StoredEdit, EditKind, NewEdit};
use triptych_clinical::DocumentHash;
use triptych_imaging::annotate::Annotation;

use super::Session;
use crate::WorkbenchError;
use crate::view::KeyImage;

/// What the archive has of one person.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub annotations: Vec<Annotation>,
    pub hashes: BTreeMap<String, Option<DocumentHash>>,
    pub marks: BTreeMap<String, KeyImage>,
    pub views: BTreeMap<String, String>,
    /// Bodies that are not understood: of a newer program, or damaged.
    pub unreadable: usize,
}

impl Stored {
    /// Reads the archive's rows. What cannot be read is counted and stays where it is.
    pub fn read(edits: Vec<StoredEdit>) -> Self {
        let mut stored = Self::default();
        for StoredEdit { edit, .. } in edits {
            let Some(body) = edit.body else { continue };
            match edit.kind {
                EditKind::Drawing => match parse::<Annotation>(&body) {
                    Some(annotation) if annotation.uid == edit.item => {
                        stored.hashes.insert(edit.item, edit.image);
                        stored.annotations.push(annotation);
                    }
                    _ => stored.unreadable += 1,
                },
                EditKind::KeyImage => match parse::<KeyImage>(&body) {
                    Some(mark) => {
                        stored.marks.insert(edit.item, mark);
                    }
                    None => stored.unreadable += 1,
                },
                EditKind::View => {
                    stored.views.insert(edit.item, body);
                }
            }
        }
        stored
    }
}

fn parse<T: DeserializeOwned>(body: &str) -> Option<T> {
    serde_json::from_str(body).ok()
}

/// The body of an item.
pub(super) fn body(item: &impl Serialize) -> Result<String, WorkbenchError> {
    serde_json::to_string(item).map_err(|e| {
        // Without the words of the item: they may be a reader's.
        WorkbenchError::Refused(format!("it cannot be stored: {:?} error", e.classify()))
    })
}

/// One row for a drawing: `one` is the drawing itself, or what it was before it was taken away.
pub(super) fn row(
    session: &Session,
    one: &Annotation,
    taken_away: bool,
) -> Result<NewEdit, WorkbenchError> {
    let image = one.anchor.image.as_ref();
    let known = image.and_then(|i| session.known(&i.instance).ok());
    Ok(NewEdit {
        patient: known.map_or(session.person, |k| k.instance.patient),
        study: one.anchor.study.clone(),
        kind: EditKind::Drawing,
        item: one.uid.clone(),
        body: if taken_away { None } else { Some(body(one)?) },
        image: session.hashes.get(&one.uid).copied().flatten(),
    })
}
