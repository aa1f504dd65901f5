//! Messages about two patients: a task for a person. Record-and-signals 5.6.

use triptych_clinical::Identity;

use super::message::Message;
use super::segments::Segment;
use super::{Reader, person};
use crate::intake::{IdentityTask, IdentityTaskKind};

impl Reader {
    /// Merge (A40) and link (A24): what a person is asked, never what the program does.
    pub(super) fn identity_tasks(&mut self, message: &Message<'_>) {
        let Some(msh) = message.segments.first() else {
            return;
        };
        let mut people: Vec<Identity> = Vec::new();
        let before = self.tasks.len();
        for segment in message.segments.iter().skip(1) {
            match segment.name() {
                "PID" => match person::identity(segment, msh) {
                    Ok((identity, _)) => people.push(identity),
                    Err(reason) => self.quarantine(message.place(), reason),
                },
                "MRG" => self.merge_task(message, segment, msh, people.last()),
                name => self.ignore(format!("segment {name}")),
            }
        }
        if message.trigger == "A24"
            && let [first, second] = people.as_slice()
        {
            self.task(
                message,
                IdentityTaskKind::Link,
                first.clone(),
                second.clone(),
            );
        }
        if self.tasks.len() == before {
            self.quarantine(
                message.place(),
                "it names no two patients to merge or to link",
            );
        }
    }

    fn merge_task(
        &mut self,
        message: &Message<'_>,
        mrg: &Segment<'_>,
        msh: &Segment<'_>,
        keep: Option<&Identity>,
    ) {
        let mut identifiers = person::identifiers(mrg, 1);
        let sender = person::sender(msh);
        for identifier in identifiers.iter_mut().filter(|i| i.issuer.is_empty()) {
            identifier.issuer.clone_from(&sender);
        }
        let (Some(keep), false) = (keep, identifiers.is_empty()) else {
            return;
        };
        let other = Identity {
            identifiers,
            family: mrg.subpart(mrg.field(7), 1, 1),
            given: mrg.component(7, 2),
            ..Identity::default()
        };
        self.task(message, IdentityTaskKind::Merge, keep.clone(), other);
    }

    fn task(
        &mut self,
        message: &Message<'_>,
        kind: IdentityTaskKind,
        keep: Identity,
        other: Identity,
    ) {
        let reason = match kind {
            IdentityTaskKind::Merge => {
                "asks to merge two patients: nothing is merged without a person's decision"
            }
            IdentityTaskKind::Link => {
                "asks to link two patients: nothing is linked without a person's decision"
            }
        };
        self.problem(message.place(), reason);
        self.tasks.push(IdentityTask {
            kind,
            keep,
            other,
            sent: message.time,
            place: message.place(),
        });
    }
}
