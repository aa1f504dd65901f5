//! Which stacks may be compared, and how a position in one is found in the other (T27).
//!
//! Positions mean the same only in one patient and one frame of reference. Everything else needs a registration or a person who links by
//! hand, and shows a mark. Nothing is ever matched by a description.

use std::collections::BTreeSet;

use glam::{DMat4, DVec3};
use triptych_clinical::InstanceRecord;

use super::{
    placed::PlacedImage,
    plane::{PatientMm, Plane},
    registration::{Registration, turned},
};

/// What the positions of a stack are measured from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Space {
    /// Key of the patient, never empty for a real one.
    pub patient: String,
    /// Study Instance UID.
    pub study: String,
    /// Frame of Reference UID of the images. A published series may have another one in each slice: it is one stack all the same, and is
    /// compared with others by the whole set.
    pub frames_of_reference: BTreeSet<String>,
}

/// What a person decided about two stacks, before anything that the files say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UserLink {
    /// Their positions are not to be compared: the patient moved in between.
    Broken,
    /// Added to a position of the source to get that of the target, mm, LPS.
    Offset(DVec3),
}

/// Why two stacks can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// One frame of reference in one study.
    SameFrame,
    /// One frame of reference in two studies: legal and rare.
    SameFrameOtherStudy,
    /// By Spatial Registration objects.
    Registered,
    /// By hand.
    Manual,
}

/// Why two stacks cannot be compared: cross-reference lines, cursor, linked scroll and fusion are off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unlinked {
    /// Never, by no registration and by no hand.
    #[error("different patient")]
    OtherPatient,
    /// One of them names none.
    #[error("no frame of reference")]
    NoFrame,
    /// Both name one, and nothing joins them.
    #[error("different frame of reference")]
    OtherFrame,
    /// By a person.
    #[error("link broken by hand")]
    Broken,
}

/// Takes positions of a source stack to those of a target stack.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpaceLink {
    kind: LinkKind,
    matrix: DMat4,
}

impl Space {
    /// Of the images of one stack. `patient` is the key that the caller tells patients apart by.
    pub fn of<'a>(patient: &str, records: impl IntoIterator<Item = &'a InstanceRecord>) -> Self {
        let mut space = Self {
            patient: patient.to_owned(),
            ..Self::default()
        };
        for record in records {
            if space.study.is_empty() {
                record.study.as_str().clone_into(&mut space.study);
            }
            let frame = record.frame_of_reference.iter();
            space
                .frames_of_reference
                .extend(frame.map(|f| f.as_str().to_owned()));
        }
        space
    }

    /// Shown with a stack whose images carry more than one frame of reference.
    #[must_use]
    pub fn mark(&self) -> Option<&'static str> {
        (self.frames_of_reference.len() > 1).then_some("several frames of reference")
    }
}

impl SpaceLink {
    /// How positions of `source` become those of `target`: what a person decided, else one frame of reference, else the shortest way through
    /// `registrations`, forward or backward.
    ///
    /// # Errors
    /// [`Unlinked`], whose words are for the screen.
    pub fn between(
        source: &Space,
        target: &Space,
        registrations: &[Registration],
        user: Option<UserLink>,
    ) -> Result<Self, Unlinked> {
        if source.patient != target.patient {
            return Err(Unlinked::OtherPatient);
        }
        match user {
            Some(UserLink::Broken) => return Err(Unlinked::Broken),
            Some(UserLink::Offset(mm)) if mm.is_finite() => {
                return Ok(Self {
                    kind: LinkKind::Manual,
                    matrix: DMat4::from_translation(mm),
                });
            }
            _ => {}
        }
        let (from, to) = (&source.frames_of_reference, &target.frames_of_reference);
        if from.is_empty() || to.is_empty() {
            return Err(Unlinked::NoFrame);
        }
        if from == to {
            let kind = if source.study == target.study {
                LinkKind::SameFrame
            } else {
                LinkKind::SameFrameOtherStudy
            };
            return Ok(Self {
                kind,
                matrix: DMat4::IDENTITY,
            });
        }
        // A set of several frames is joined to nothing: no one matrix could hold for all of it.
        let (Some(a), Some(b), 1, 1) = (from.first(), to.first(), from.len(), to.len()) else {
            return Err(Unlinked::OtherFrame);
        };
        way(a, b, registrations)
            .map(|matrix| Self {
                kind: LinkKind::Registered,
                matrix,
            })
            .ok_or(Unlinked::OtherFrame)
    }

    /// Why they are linked.
    #[must_use]
    pub const fn kind(&self) -> LinkKind {
        self.kind
    }

    /// Drawn at the tile and at every line and cursor that rests on the link; a link by hand is drawn broken.
    #[must_use]
    pub const fn mark(&self) -> Option<&'static str> {
        match self.kind {
            LinkKind::SameFrame => None,
            LinkKind::SameFrameOtherStudy => Some("same frame of reference, other study"),
            LinkKind::Registered => Some("registered"),
            LinkKind::Manual => Some("linked by hand"),
        }
    }

    /// The place in the target of a point of the source.
    #[must_use]
    pub fn point(&self, at: PatientMm) -> PatientMm {
        PatientMm(self.matrix.transform_point3(at.0))
    }

    /// The unit direction in the target of one in the source.
    #[must_use]
    pub fn direction(&self, of: DVec3) -> DVec3 {
        turned(&self.matrix, of).0
    }

    /// An image of the source as it lies in the target; `None` when a registration with shear leaves it no right angles.
    #[must_use]
    pub fn image(&self, of: &PlacedImage) -> Option<PlacedImage> {
        let (row, along_row) = turned(&self.matrix, of.plane.row());
        let (column, along_column) = turned(&self.matrix, of.plane.column());
        let position = self.point(of.plane.position()).0.to_array();
        let ([rx, ry, rz], [cx, cy, cz]) = (row.to_array(), column.to_array());
        let [between_rows, between_columns] = of.pixel_spacing_mm;
        Some(PlacedImage {
            plane: Plane::new(position, [rx, ry, rz, cx, cy, cz]).ok()?,
            pixel_spacing_mm: [between_rows * along_column, between_columns * along_row],
            ..*of
        })
    }

    /// The other way.
    #[must_use]
    pub fn inverse(&self) -> Self {
        Self {
            kind: self.kind,
            matrix: self.matrix.inverse(),
        }
    }
}

/// The matrix of the shortest chain of registrations from `a` to `b`.
fn way(a: &str, b: &str, registrations: &[Registration]) -> Option<DMat4> {
    let mut reached: Vec<(String, DMat4)> = vec![(a.to_owned(), DMat4::IDENTITY)];
    let mut next = 0;
    while let Some((at, so_far)) = reached.get(next).cloned() {
        if at == b {
            return Some(so_far);
        }
        for registration in registrations {
            let step = if registration.from() == at {
                registration.clone()
            } else if registration.to() == at {
                registration.inverse()
            } else {
                continue;
            };
            if !reached.iter().any(|(frame, _)| frame == step.to()) {
                reached.push((step.to().to_owned(), step.matrix() * so_far));
            }
        }
        next += 1;
    }
    None
}
