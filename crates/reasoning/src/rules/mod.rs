//! The rules, one file each, and what is known about them without running them.

mod aki;
mod ask;
mod drug_lab_rows;
pub(crate) mod egfr;
mod findings;
mod glycaemia;
mod kidney;
mod logic;
mod manual;
mod prevent;
mod r01_egfr;
mod r02_aki;
mod r03_ckd;
mod r04_kfre;
mod r05_potassium;
mod r06_sodium;
mod r07_calcium;
mod r08_anion_gap;
mod r09_osmolar_gap;
mod r10_fib4;
mod r11_meld;
mod r12_child_pugh;
mod r13_liver_injury;
mod r14_af_stroke;
mod r15_metformin;
mod r16_iron;
mod r17_b12_folate;
mod r18_thyroid;
mod r19_diabetes;
mod r20_hba1c;
mod r21_prevent;
mod r22_news2;
mod r23_hb_drop;
mod r24_sofa;
mod r25_rcv;
mod r26_drug_lab;
mod r27_lung_nodule;
mod r28_thyroid_nodule;
mod r29_adrenal;
mod r30_aorta;
mod r31_doubling;
mod r32_open_loop;

use crate::chart::Chart;
use crate::desk::Desk;
use crate::outcome::{Finding, Lane, Outcome};
use crate::settings::Settings;

pub use logic::Logic;
pub use manual::manual;
pub use r25_rcv::ANALYTES;

/// A rule: fixed text and a pure function.
#[derive(Debug)]
pub struct Rule {
    /// `R2`
    pub id: &'static str,
    /// `1.0.0`
    pub version: &'static str,
    /// Lane.
    pub lane: Lane,
    /// `Acute kidney injury stage`
    pub title: &'static str,
    /// What starts the rule, in words.
    pub trigger: &'static str,
    /// Why it is not about a patient, in words, where it has such an answer.
    pub not_applicable: &'static str,
    /// Source with section.
    pub citation: &'static str,
    /// ISO date after which the source counts as past review.
    pub valid_until: &'static str,
    /// Windows of the inputs in words.
    pub windows: &'static [&'static str],
    /// Thresholds in words.
    pub thresholds: &'static [&'static str],
    /// Known limits.
    pub limits: &'static [&'static str],
    /// Site switches that it reads.
    pub settings: &'static [&'static str],
    /// The function itself.
    pub(crate) evaluate: fn(&mut Desk<'_>) -> Finding,
}

/// Every rule that is built, in the order of their numbers.
pub static RULES: &[&Rule] = &[
    &r01_egfr::RULE,
    &r02_aki::RULE,
    &r03_ckd::RULE,
    &r04_kfre::RULE,
    &r05_potassium::RULE,
    &r06_sodium::RULE,
    &r07_calcium::RULE,
    &r08_anion_gap::RULE,
    &r09_osmolar_gap::RULE,
    &r10_fib4::RULE,
    &r11_meld::RULE,
    &r12_child_pugh::RULE,
    &r13_liver_injury::RULE,
    &r14_af_stroke::RULE,
    &r15_metformin::RULE,
    &r16_iron::RULE,
    &r17_b12_folate::RULE,
    &r18_thyroid::RULE,
    &r19_diabetes::RULE,
    &r20_hba1c::RULE,
    &r21_prevent::RULE,
    &r22_news2::RULE,
    &r23_hb_drop::RULE,
    &r24_sofa::RULE,
    &r25_rcv::RULE,
    &r26_drug_lab::RULE,
    &r27_lung_nodule::RULE,
    &r28_thyroid_nodule::RULE,
    &r29_adrenal::RULE,
    &r30_aorta::RULE,
    &r31_doubling::RULE,
    &r32_open_loop::RULE,
];

/// The rule of this id, if it is built.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|r| r.id == id)
}

impl Rule {
    /// `R2@1.0.0`
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }

    /// Formula, exclusions and what a missing input does, in words.
    #[must_use]
    pub fn logic(&self) -> Option<&'static Logic> {
        logic::of(self.id)
    }

    /// Evaluates the rule; `analyte` is the parameter of R25 and ignored by the others.
    #[must_use]
    pub fn evaluate(
        &'static self,
        chart: &Chart,
        settings: &Settings,
        analyte: Option<&'static str>,
    ) -> Outcome {
        let mut desk = Desk::new(chart, settings, analyte);
        let finding = (self.evaluate)(&mut desk);
        let basis = desk.close(self, &finding);
        Outcome {
            rule: self,
            analyte,
            finding,
            basis,
        }
    }
}
