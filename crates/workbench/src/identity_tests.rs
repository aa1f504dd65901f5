use super::*;

fn bearing(identifiers: &[(&str, &str)]) -> Identity {
    Identity {
        identifiers: identifiers
            .iter()
            .map(|(kind, value)| Identifier {
                issuer: "http://hospital.example".into(),
                kind: (*kind).into(),
                value: (*value).into(),
            })
            .collect(),
        ..Identity::default()
    }
}

#[test]
fn par_18_what_differs_differs_as_far_as_both_go() {
    use Agreement::{Differs, OneSided, Same, Unstated};
    let born = IdentityField::BirthDate;
    for (field, a, b, expected) in [
        (born, "1970-05-28", "1970-05-28", Same),
        (born, "1970", "1970-05-28", Same),
        (born, "1970-05-28", "1971-05-28", Differs),
        (born, "", "1971-05-28", OneSided),
        (born, "", "", Unstated),
        (IdentityField::FamilyName, "SMITH ", "Smith", Same),
        (IdentityField::FamilyName, "Smith", "Smithson", Differs),
        (IdentityField::Sex, "female", "male", Differs),
    ] {
        assert_eq!(agreement(field, a, b), expected, "{field:?} {a} {b}");
        assert_eq!(agreement(field, b, a), expected, "{field:?} {b} {a}");
    }
}

#[test]
fn par_18_identifiers_name_what_only_one_side_has() {
    let a = bearing(&[("SS", "1"), ("MR", "2"), ("DL", "3")]);
    let b = bearing(&[("MR", "2"), ("SS", "1"), ("PPN", "4")]);
    let lines = |sides| identifiers(sides).map(|cell| cell.text);
    assert_eq!(
        lines([&a, &b]),
        [
            "DL 3 (hospital.example)\nand 2 more that both have",
            "PPN 4 (hospital.example)\nand 2 more that both have"
        ]
    );
    let same = "MR 2 (hospital.example)\nand 2 more that both have";
    assert_eq!(lines([&a, &a]), [same, same]);
    assert_eq!(shared([&a, &b]), Agreement::Same);
    let elsewhere = Identity {
        identifiers: vec![Identifier {
            issuer: "http://other.example".into(),
            ..a.identifiers[0].clone()
        }],
        ..Identity::default()
    };
    assert_eq!(
        shared([&a, &elsewhere]),
        Agreement::Differs,
        "another issuer's"
    );
    assert_eq!(shared([&a, &bearing(&[])]), Agreement::OneSided);
}
