//! The conditions of record-and-signals 10.2, each with its rules and with the signs in the record that count as its outcome.

use triptych_clinical::{CodeSystem, Coding, Fact, FactKind};

use crate::adapt;
use crate::chart::Kind;

/// What sort of outcome event a sign is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignKind {
    /// A diagnosis code on the problem list.
    Diagnosis,
    /// First treatment.
    Treatment,
    /// A procedure.
    Procedure,
    /// A visit to a specialist.
    Visit,
    /// An imaging study that closes a loop.
    Imaging,
}

/// Codes that count as an outcome event: ICD-10 and ATC by prefix, the others exactly.
#[derive(Debug)]
pub struct Sign {
    /// Sort of event.
    pub kind: SignKind,
    /// Code system.
    pub system: CodeSystem,
    /// Codes.
    pub codes: &'static [&'static str],
    /// Where the codes are from, in words.
    pub source: &'static str,
    /// Counts only within 365 d after a haemoglobin below the limit of R16 or a recorded anaemia.
    pub after_anaemia: bool,
}

/// A result that, once it was there, showed what the rule had asked for (needs-X lead).
#[derive(Debug)]
pub struct Need {
    /// Rule that names it.
    pub rule: &'static str,
    /// Name in the missing list and among the inputs.
    pub input: &'static str,
    /// Abnormal at or below this, canonical unit.
    pub at_most: Option<f64>,
    /// Abnormal at or above this, canonical unit.
    pub at_least: Option<f64>,
}

/// One row of the table.
#[derive(Debug)]
pub struct Condition {
    /// `ckd`
    pub id: &'static str,
    /// In words.
    pub title: &'static str,
    /// Rules whose signal it is.
    pub rules: &'static [&'static str],
    /// Outcome events.
    pub signs: &'static [Sign],
    /// Inputs whose first flag by the laboratory is the comparator.
    pub inputs: &'static [&'static str],
    /// Tests that count for the needs-X lead.
    pub needs: &'static [Need],
    /// Project codes whose first appearance opens a loop: the patient is at risk only from then on, and earlier outcomes do not count.
    pub opened_by: &'static [&'static str],
}

const TABLE: &str = "record-and-signals 10.2";
const LISTED: &str = "record-and-signals 4.2";
const SHELF: &str = "used for it in the sample patients (data/fhir)";
const SPECIALTY: &str = "not in the specification: SNOMED CT specialty, to be checked";

const fn sign(
    kind: SignKind,
    system: CodeSystem,
    codes: &'static [&'static str],
    source: &'static str,
) -> Sign {
    Sign {
        kind,
        system,
        codes,
        source,
        after_anaemia: false,
    }
}

const fn icd(codes: &'static [&'static str]) -> Sign {
    sign(SignKind::Diagnosis, CodeSystem::Icd10, codes, TABLE)
}

const fn atc(codes: &'static [&'static str]) -> Sign {
    sign(SignKind::Treatment, CodeSystem::Atc, codes, TABLE)
}

/// Problems that count as a recorded anaemia before an endoscopy.
const ANAEMIA: [Sign; 2] = [
    sign(
        SignKind::Diagnosis,
        CodeSystem::Icd10,
        &["D50", "D51", "D52", "D53", "D62", "D63", "D64"],
        "ICD-10, anaemia without haemolysis",
    ),
    sign(
        SignKind::Diagnosis,
        CodeSystem::Snomed,
        &["271737000"],
        SHELF,
    ),
];

/// The table.
pub static CONDITIONS: &[Condition] = &[
    Condition {
        id: "ckd",
        title: "Chronic kidney disease",
        rules: &["R3"],
        signs: &[
            icd(&["N18"]),
            sign(
                SignKind::Diagnosis,
                CodeSystem::Snomed,
                crate::codes::CKD.snomed,
                LISTED,
            ),
            sign(
                SignKind::Visit,
                CodeSystem::Snomed,
                &["394589003"],
                SPECIALTY,
            ),
        ],
        inputs: &["creatinine", "cystatinc", "acr"],
        needs: &[Need {
            rule: "R3",
            input: "acr",
            at_most: None,
            at_least: Some(30.0),
        }],
        opened_by: &[],
    },
    Condition {
        id: "iron_deficiency",
        title: "Iron deficiency",
        rules: &["R16"],
        signs: &[
            icd(&["D50"]),
            atc(&["B03A"]),
            Sign {
                kind: SignKind::Procedure,
                system: CodeSystem::Snomed,
                codes: &["73761001"],
                source: SHELF,
                after_anaemia: true,
            },
        ],
        inputs: &["ferritin", "hb", "mcv", "tsat", "iron"],
        needs: &[Need {
            rule: "R16",
            input: "ferritin",
            at_most: Some(30.0),
            at_least: None,
        }],
        opened_by: &[],
    },
    Condition {
        id: "type_2_diabetes",
        title: "Type 2 diabetes",
        rules: &["R19"],
        signs: &[
            icd(&["E11"]),
            sign(
                SignKind::Diagnosis,
                CodeSystem::Snomed,
                &["44054006", "73211009"],
                LISTED,
            ),
            atc(&["A10"]),
        ],
        inputs: &["hba1c", "fpg", "ogtt2h", "glucose"],
        needs: &[],
        opened_by: &[],
    },
    Condition {
        id: "aki",
        title: "Acute kidney injury",
        rules: &["R2"],
        signs: &[icd(&["N17"])],
        inputs: &["creatinine"],
        needs: &[],
        opened_by: &[],
    },
    Condition {
        id: "thyroid",
        title: "Hypothyroidism and hyperthyroidism",
        rules: &["R18"],
        signs: &[
            icd(&["E03", "E05"]),
            sign(
                SignKind::Diagnosis,
                CodeSystem::Snomed,
                &["83664006"],
                SHELF,
            ),
            atc(&["H03"]),
        ],
        inputs: &["tsh", "ft4", "ft3"],
        needs: &[],
        opened_by: &[],
    },
    Condition {
        id: "b12_deficiency",
        title: "Vitamin B12 deficiency",
        rules: &["R17"],
        signs: &[icd(&["E53.8", "D51"]), atc(&["B03BA"])],
        inputs: &["b12", "mcv", "hb"],
        needs: &[],
        opened_by: &[],
    },
    Condition {
        id: "nodule_follow_up",
        title: "Follow-up of a lung nodule",
        rules: &["R27", "R32"],
        signs: &[
            sign(SignKind::Imaging, CodeSystem::Loinc, &["24627-2"], LISTED),
            sign(SignKind::Imaging, CodeSystem::Snomed, &["418891003"], SHELF),
            sign(
                SignKind::Imaging,
                CodeSystem::Tri,
                &["ct_chest"],
                "record-and-signals 4.6",
            ),
        ],
        inputs: &[],
        needs: &[],
        opened_by: &["lung_nodule", "recommendation"],
    },
    Condition {
        id: "hypercalcaemia",
        title: "Hypercalcaemia and hyperparathyroidism",
        rules: &["R7"],
        signs: &[icd(&["E83.5", "E21"])],
        inputs: &["calcium", "ica"],
        needs: &[],
        opened_by: &[],
    },
];

/// All codes of a fact, with the ATC code of a medicine that came under RxNorm.
fn codes(fact: &Fact) -> Vec<Coding> {
    let kind = match fact.kind {
        FactKind::Medication => Kind::Medicine,
        _ => Kind::Observation,
    };
    adapt::codes(&fact.codes, kind)
}

impl Sign {
    /// True when the fact is of this sign's sort and carries one of its codes. Says nothing of its status or time.
    #[must_use]
    pub fn holds(&self, fact: &Fact) -> bool {
        let sort = match self.kind {
            SignKind::Diagnosis => fact.kind == FactKind::Problem,
            SignKind::Treatment => fact.kind == FactKind::Medication,
            SignKind::Procedure => fact.kind == FactKind::Procedure,
            SignKind::Visit => fact.kind == FactKind::Encounter,
            SignKind::Imaging => {
                matches!(fact.kind, FactKind::Imaging | FactKind::Procedure)
            }
        };
        sort && (self.is_coded(fact) || self.is_chest_ct(fact))
    }

    fn is_coded(&self, fact: &Fact) -> bool {
        let by_prefix = matches!(self.system, CodeSystem::Icd10 | CodeSystem::Atc);
        let bare = |s: &str| s.replace('.', "").to_ascii_uppercase();
        codes(fact).iter().any(|c| {
            c.system == self.system
                && self.codes.iter().any(|code| {
                    if by_prefix {
                        bare(&c.code).starts_with(&bare(code))
                    } else {
                        c.code == *code
                    }
                })
        })
    }

    /// Section 4.6: an imaging fact of modality CT and region chest is a chest CT without any code.
    fn is_chest_ct(&self, fact: &Fact) -> bool {
        let attr = |name: &str| {
            fact.attrs
                .get(name)
                .map(|v| v.to_lowercase())
                .unwrap_or_default()
        };
        let is_ct = attr("modality").split('\\').any(|m| m == "ct");
        let chest = ["chest", "thorax", "thoracic"];
        self.codes.contains(&"ct_chest")
            && is_ct
            && chest.iter().any(|word| attr("region").contains(word))
    }
}

/// True for a problem that says anaemia.
#[must_use]
pub fn is_anaemia(fact: &Fact) -> bool {
    ANAEMIA.iter().any(|s| s.holds(fact))
}
