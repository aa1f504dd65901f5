//! What the manual says of each rule beyond its card texts: formula in words, exclusions, and what a missing input does.
//!
//! One table for all rules, by id: a test asks that every built rule is in it. Entries of rules that are not built are not printed.

/// Logic of a rule in words.
#[derive(Debug)]
pub struct Logic {
    /// `R2`
    pub id: &'static str,
    /// Formula, one step a line.
    pub formula: &'static [&'static str],
    /// Whom it is not for.
    pub excluded: &'static str,
    /// What a missing input does.
    pub missing: &'static str,
}

/// The logic of a rule.
pub(super) fn of(id: &str) -> Option<&'static Logic> {
    LOGIC.iter().find(|l| l.id == id)
}

const fn logic(
    id: &'static str,
    formula: &'static [&'static str],
    excluded: &'static str,
    missing: &'static str,
) -> Logic {
    Logic {
        id,
        formula,
        excluded,
        missing,
    }
}

#[rustfmt::skip]
static LOGIC: &[Logic] = &[
    logic("R1", &[
        "eGFR = 142 x min(S/k, 1)^a x max(S/k, 1)^-1.200 x 0.9938^age (x 1.012 in women); S creatinine in mg/dL, k 0.7 or 0.9, a -0.241 or -0.302 (women, men)",
        "with cystatin C: 135 x min(S/k, 1)^a x max(S/k, 1)^-0.544 x min(C/0.8, 1)^-0.323 x max(C/0.8, 1)^-0.778 x 0.9961^age (x 0.963 in women); a -0.219 or -0.144",
        "age in completed years at the specimen; integer",
    ], "age below 18, dialysis, pregnancy; no value while the acute kidney injury criterion is met (creatinine of 7 d)", "sex: the range of both; birth date or a creatinine of 365 d: cannot tell; cystatin C: the creatinine equation"),
    logic("R2", &[
        "rise in 48 h = current - lowest of the 48 h before, mg/dL, 2 decimals",
        "ratio = current / the lower of the lowest of 7 d and the median of 8 to 365 d (switch), 2 decimals",
        "stage 1: ratio 1.50 or rise 0.30; stage 2: ratio 2.00; stage 3: ratio 3.00, or stage 1 with 4.0 mg/dL",
    ], "age below 18, dialysis", "no earlier value: silent where every admissible eGFR is 60 or more, else cannot tell with the range of the ratio"),
    logic("R3", &[
        "walk back from the newest value while it is abnormal (eGFR below 60, or ACR A2 or A3); chronic when the run spans 90 d",
        "G by eGFR 90, 60, 45, 30, 15; A by ACR 30 and 300 mg/g (3 and 30 mg/mmol); risk by the KDIGO grid",
    ], "age below 18, dialysis, pregnancy", "ACR: ranges of A and risk; sex: cannot tell; abnormal and not yet 90 d: cannot tell"),
    logic("R4", &[
        "L = -0.2201 x (age/10 - 7.036) + 0.2467 x (male - 0.5642) - 0.5567 x (eGFR/5 - 7.222) + 0.4510 x (ln ACR - 5.137)",
        "risk = 100 x (1 - S^exp(L)), 1 decimal; S at 2 and 5 years by region",
    ], "age below 18, dialysis, pregnancy; eGFR 60 or more or no chronic run: not applicable", "ACR: range over 10 to 3000 mg/g; sex: range"),
    logic("R5", &["newest potassium, 1 decimal, against 5.5, 6.0 and 6.5 mmol/L"], "age below 18", "a refused specimen (haemolysed, EDTA): cannot tell"),
    logic("R6", &["corrected sodium = sodium + factor x max(0, glucose - 5.55)/5.55, integer; both factors (1.6, 2.4) as range"], "age below 18", "glucose: decided on the measured value, and listed"),
    logic("R7", &["corrected calcium = calcium + 0.02 x (40 - albumin g/L), mmol/L, 2 decimals; ionised calcium wins"], "age below 18", "albumin: range over 50 to 20 g/L"),
    logic("R8", &[
        "gap = sodium - chloride - bicarbonate; corrected = gap + 0.25 x (40 - albumin g/L), 1 decimal",
        "delta ratio = (corrected - 12)/(24 - bicarbonate)",
    ], "age below 18", "albumin: range over 45 to 20 g/L; sodium or chloride: cannot tell"),
    logic("R9", &["calculated = 2 x sodium + glucose + urea + ethanol (mg/dL)/3.7; gap = measured - calculated, integer"], "age below 18", "sodium, glucose, urea: cannot tell; ethanol: without it, listed when the rule fires"),
    logic("R10", &["age x AST/(platelets x square root of ALT), 2 decimals"], "age below 35; AST or ALT above five times its limit", "ALT, platelets: cannot tell"),
    logic("R11", &[
        "1.33 x female + 4.56 ln(bilirubin) + 0.82 x (137 - Na) - 0.24 x (137 - Na) x ln(bilirubin) + 9.09 ln(INR) + 11.14 ln(creatinine) + 1.85 x (3.5 - albumin) - 1.83 x (3.5 - albumin) x ln(creatinine) + 6, integer, 6 to 40",
        "bounds: bilirubin, INR and creatinine at least 1.0, creatinine at most 3.0 (dialysis 3.0), sodium 125-137, albumin 1.5-3.5 g/dL",
    ], "age below 18; no cirrhosis: not applicable", "albumin: 1.5 and 3.5; sex: both; with an anticoagulant the INR is not used: cannot tell"),
    logic("R12", &["1 to 3 points each for bilirubin, albumin, INR, ascites and encephalopathy; A 5-6, B 7-9, C 10-15"], "age below 18; no cirrhosis: not applicable", "each missing item: 1 to 3 points"),
    logic("R13", &["ALT, ALP and bilirubin over the upper limit of their own report; R = ALT ratio / ALP ratio, 1 decimal: hepatocellular from 5, cholestatic to 2, mixed between"], "age below 18", "a limit that the report does not give: cannot tell, unless ALT alone is enough"),
    logic("R14", &["points for heart failure 1, hypertension 1, age 75 or more 2, diabetes 1, stroke, TIA or embolism 2, vascular disease 1, age 65-74 1 (CHA2DS2-VASc: female 1)"], "age below 18; mechanical valve or mitral stenosis; no atrial fibrillation: not applicable", "a condition that is not recorded counts 0: a lower bound"),
    logic("R15", &["in this order: dialysis; acute kidney injury criterion on a creatinine of 7 d; pregnancy; eGFR (creatinine equation of R1) below 30, 45, 60"], "age below 18", "creatinine absent or too old: cannot tell; sex: range; pregnancy: cannot tell"),
    logic("R16", &[
        "ferritin as reported against 15, the site's threshold, 45 with anaemia, 100 and 300 with chronic disease",
        "transferrin saturation = 100 x iron / iron-binding capacity where not reported, integer",
        "answered in three-valued logic over anaemia, CRP and saturation",
    ], "age below 18; intravenous iron within 28 d: cannot tell", "saturation, CRP or haemoglobin where a value of them would change the answer: cannot tell; anaemia with small cells and no ferritin: cannot tell, needs ferritin"),
    logic("R17", &[
        "vitamin B12 and folate as reported, against the thresholds of their unit",
        "indeterminate vitamin B12: methylmalonic acid against the upper limit of its report",
    ], "age below 16; pregnancy: total vitamin B12 is not used", "methylmalonic acid, or its limit, for an indeterminate vitamin B12: cannot tell; large cells without vitamin B12 or folate: cannot tell"),
    logic("R18", &[
        "TSH, free T4 and free T3 as reported, each against the limits of its report: below, within, above",
        "the pattern is the pair of TSH and free T4; free T3 is asked for when TSH is low and free T4 within limits",
    ], "age below 18, pregnancy; active biotin: cannot tell", "free T4: cannot tell, but TSH 10 or more fires; free T3 where it is asked for, or limits that a report does not give: cannot tell"),
    logic("R19", &["count abnormal HbA1c, fasting and 2-hour results as reported, against the threshold of their unit; two are needed; random glucose with confirmed symptoms stands alone"], "age below 18, known diabetes, pregnancy; HbA1c not used after transfusion, in haemoglobin disorders, dialysis, erythropoietin", "one abnormal result: cannot tell; a refused result: the others decide, and not firing means cannot tell"),
    logic("R20", &["HbA1c % = 0.09148 x mmol/mol + 2.152, 1 decimal, against the target; change against the newest value 60 to 365 d before"], "age below 18, pregnancy; no diabetes: not applicable; confounders as R19: cannot tell", "no HbA1c of 183 d: cannot tell"),
    logic("R21", &[
        "A = (age - 55)/10; N = (total - HDL) x 0.02586 - 3.5; H = (HDL x 0.02586 - 1.3)/0.3, mg/dL",
        "s1 = (min(SBP, 110) - 110)/20; s2 = (max(SBP, 110) - 130)/20; e1 = (min(eGFR, 60) - 60)/-15; e2 = (max(eGFR, 60) - 90)/-15; eGFR of R1 (creatinine)",
        "risk = 100/(1 + exp(-sum)) with the 20 coefficients of the PREVENT base model by sex (prevent.rs), 1 decimal; total CVD is computed for display",
    ], "age below 30 or above 79; known atherosclerotic disease", "smoking, sex: ranges, decided where all agree; HDL, pressure, creatinine, or a value outside the model: cannot tell"),
    logic("R22", &[
        "respiration: to 8: 3, 9-11: 1, 12-20: 0, 21-24: 2, from 25: 3; SBP: to 90: 3, 91-100: 2, 101-110: 1, 111-219: 0, from 220: 3",
        "SpO2 scale 1: to 91: 3, 92-93: 2, 94-95: 1, from 96: 0; scale 2: to 83: 3, 84-85: 2, 86-87: 1, 88-92 or on air: 0, on oxygen 93-94: 1, 95-96: 2, from 97: 3; oxygen: 2",
        "pulse: to 40: 3, 41-50: 1, 51-90: 0, 91-110: 1, 111-130: 2, from 131: 3; consciousness other than alert: 3",
        "temperature: to 35.0: 3, to 36.0: 1, to 38.0: 0, to 39.0: 1, above: 2",
    ], "lane off; age below 16, pregnancy", "each missing parameter: 0 to 3 points (oxygen 0 or 2); fires when the known part is enough, silent when all completions stay below, else cannot tell"),
    logic("R23", &["drop = highest of the 7 d before - current; else median of 8 to 365 d - current; g/L, integers"], "age below 18", "no earlier value: silent, nothing to compare with"),
    logic("R24", &[
        "each of six components 0 to 4 by its thresholds; PaO2/FiO2 in kPa, 1 decimal; bilirubin and creatinine in mg/dL, 1 decimal",
        "rise = sum - baseline (switch)",
    ], "lane off; age below 18; no suspected infection: not applicable", "each missing component: 0 to 4 points; fires on the lower bound where that is enough"),
    logic("R25", &[
        "CVt^2 = CVA^2 + CVI^2; sigma = square root of ln(CVt^2 + 1)",
        "up = exp(z x sqrt 2 x sigma) - 1; down = exp(-z x sqrt 2 x sigma) - 1; per cent, 1 decimal",
    ], "an analyte without accepted biological variation: not applicable", "method changed: cannot tell; no value before: silent"),
    logic("R26", &[
        "each row whose medicine is active asks for its test; every row that is met is a hit",
        "Cockcroft-Gault = (140 - age) x weight kg / (72 x creatinine mg/dL), x 0.85 in women, integer",
        "severity is the highest of the hits; digoxin needs a level only where eGFR is below 30",
    ], "age below 18", "no hit and a test of a row missing, refused or too old: cannot tell; sex: both are tried; eGFR in pregnancy or with the acute kidney injury criterion within 7 d: cannot tell"),
    logic("R27", &[
        "size to the nearest mm, type, one or several, risk group (only for solid below 6 mm)",
        "dates by calendar months from the finding; several findings: the newest of each nodule, the gravest speaks",
    ], "age below 35; known malignancy (other than C44); immunosuppression; screening CT", "type or size: cannot tell; risk where it matters: cannot tell with both texts; unconfirmed: cannot tell"),
    logic("R28", &["size to the nearest mm against 10 mm (younger than 35 years at the finding) or 15 mm; suspicious or FDG-avid at any size"], "age below 19; limited life expectancy recorded by a clinician; ultrasound finding: not applicable", "size or modality: cannot tell; unconfirmed: cannot tell"),
    logic("R29", &["category by size (nearest mm), unenhanced attenuation (HU) and homogeneity; metanephrines indicated above 10 HU"], "age below 18; known malignancy", "attenuation or size: cannot tell; homogeneity: both are tried, decided where they agree; no dexamethasone test: listed"),
    logic("R30", &[
        "diameter to the nearest mm; next imaging = date + interval of the guideline (switch); overdue 30 d after it",
        "growth = (newest - the one before, at least half a year earlier)/years of 365.25 d, 1 decimal",
    ], "repaired", "sex at 50 to 54 mm (SVS): cannot tell, with the 6-month interval; birth date: cannot tell; unconfirmed or without unit: cannot tell"),
    logic("R31", &[
        "volume ratio V2/V1, or (d2/d1)^3 of mean diameters; growth from 25 % volume or 2 mm",
        "doubling time = days x ln 2 / ln(V2/V1), integer",
    ], "none", "one measure: silent, nothing to compare with; kind or method changed: cannot tell; unconfirmed: cannot tell"),
    logic("R32", &[
        "done: a later study with the modality and, where given, the region; closed: a clinician's entry with a reason",
        "due = finding + stated months, else 90 d; overdue 30 d after it",
    ], "none", "modality, or a recommendation that is not confirmed: cannot tell; a later study of the modality without a region: cannot tell"),
];
