//! PID into an identity, and which messages speak of the same person. Record-and-signals 5.6: same key, same person, and no other join.

use triptych_clinical::{Identifier, Identity, Sex, When};

use super::segments::{Piece, Segment};
use super::time;

/// The person of a PID, and what is to be said about it; an error where no identifier is given.
pub(super) fn identity(
    pid: &Segment<'_>,
    msh: &Segment<'_>,
) -> Result<(Identity, Vec<String>), &'static str> {
    let mut problems = Vec::new();
    let mut identifiers = identifiers(pid, 3);
    if identifiers.is_empty() {
        // Up to version 2.3 the external number stood in PID-2.
        identifiers = self::identifiers(pid, 2);
        if !identifiers.is_empty() {
            problems.push("PID-3 is empty: the identifier of PID-2 is used".to_owned());
        }
    }
    if identifiers.is_empty() {
        return Err("no patient identity: PID-3 names nobody");
    }
    let sender = sender(msh);
    for identifier in identifiers.iter_mut().filter(|i| i.issuer.is_empty()) {
        problems.push("an identifier without assigning authority: taken as one of the sending facility (MSH-4)".to_owned());
        identifier.issuer.clone_from(&sender);
    }
    identifiers.dedup();
    let (family, given) = name(pid);
    let birth = pid.value(7);
    let birth_date = birth_date(&birth);
    if birth_date.is_none() && !birth.is_empty() {
        problems.push("PID-7 is no real date: left out".to_owned());
    }
    Ok((
        Identity {
            identifiers,
            family,
            given,
            birth_date,
            sex: match pid.value(8).to_ascii_uppercase().as_str() {
                "F" => Sex::Female,
                "M" => Sex::Male,
                "O" | "A" | "N" | "X" => Sex::Other,
                _ => Sex::Unknown,
            },
            deceased: time::when(&pid.value(29), None).ok().flatten(),
            synthetic: false,
        },
        problems,
    ))
}

/// The sending facility, else the sending application.
pub(super) fn sender(msh: &Segment<'_>) -> String {
    [4, 3]
        .iter()
        .filter_map(|n| msh.repetitions(*n).next().map(|p| authority(msh, p, 0)))
        .find(|s| !s.is_empty())
        .unwrap_or_default()
}

/// All CX of a field.
pub(super) fn identifiers(segment: &Segment<'_>, field: usize) -> Vec<Identifier> {
    segment
        .repetitions(field)
        .filter_map(|cx| {
            let value = segment.part(cx, 1);
            let authority = cx.part(segment.delimiters.component, 3);
            (!value.is_empty()).then(|| Identifier {
                issuer: self::authority(segment, authority, 1),
                kind: segment.part(cx, 5),
                value,
            })
        })
        .collect()
}

/// A hierarchic designator: the universal identifier in the form that FHIR gives it, else the name. Its parts are components at `level` 0,
/// subcomponents at 1.
fn authority(segment: &Segment<'_>, piece: Piece<'_>, level: u8) -> String {
    let part = |n| {
        if level == 0 {
            segment.part(piece, n)
        } else {
            segment.subpart(piece, 1, n)
        }
    };
    let [name, universal, kind] = [1, 2, 3].map(part);
    if universal.is_empty() {
        return name;
    }
    match kind.to_ascii_uppercase().as_str() {
        "ISO" | "" => format!("urn:oid:{universal}"),
        "UUID" | "GUID" => format!("urn:uuid:{universal}"),
        kind => format!("{kind}:{universal}"),
    }
}

/// Family name (without the partner's) and given names: the legal name, else the first.
fn name(pid: &Segment<'_>) -> (String, String) {
    let legal = pid.repetitions(5).find(|n| pid.part(*n, 7) == "L");
    let Some(name) = legal.or_else(|| pid.repetitions(5).next()) else {
        return Default::default();
    };
    let given = [pid.part(name, 2), pid.part(name, 3)].join(" ");
    (pid.subpart(name, 1, 1), given.trim().to_owned())
}

fn birth_date(text: &str) -> Option<When> {
    let digits: String = text
        .chars()
        .take_while(char::is_ascii_digit)
        .take(8)
        .collect();
    time::when(&digits, None).ok().flatten()
}

/// True where an identifier is the same.
pub(super) fn share_identifier(a: &Identity, b: &Identity) -> bool {
    a.identifiers.iter().any(|i| b.identifiers.contains(i))
}

/// The guard against identifiers that were used again: another birth date, or another sex and another name.
pub(super) fn contradict(a: &Identity, b: &Identity) -> bool {
    let birth = matches!((a.birth_date, b.birth_date), (Some(a), Some(b)) if {
        let precision = a.precision.min(b.precision);
        let shown = |when: When| When { precision, ..when }.iso_date();
        shown(a) != shown(b)
    });
    let sex = a.sex != Sex::Unknown && b.sex != Sex::Unknown && a.sex != b.sex;
    let names = [&a.family, &b.family].iter().all(|n| !n.is_empty());
    birth || (sex && names && (&a.family, &a.given) != (&b.family, &b.given))
}

/// Adds what `new` knows more.
pub(super) fn complete(known: &mut Identity, new: Identity) {
    for identifier in new.identifiers {
        if !known.identifiers.contains(&identifier) {
            known.identifiers.push(identifier);
        }
    }
    if known.family.is_empty() && known.given.is_empty() {
        (known.family, known.given) = (new.family, new.given);
    }
    known.birth_date = known.birth_date.or(new.birth_date);
    known.deceased = known.deceased.or(new.deceased);
    if known.sex == Sex::Unknown {
        known.sex = new.sex;
    }
    known.synthetic |= new.synthetic;
}
