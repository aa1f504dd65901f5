#!/usr/bin/env python3
"""Writes model.toml and CARD.md from figures.json and the files beside it. Run by hand after train.py, then sign:

    python3 package.py
    cargo run -p triptych-inference --example sign -- KEY models/heart-size-reference

No number of the card is typed here: all come from figures.json, as train.py measured them.
"""

import hashlib
import json
from pathlib import Path

HERE = Path(__file__).resolve().parent
VERSION = "0.1.0"
# figures.json is the evidence behind the card, so it is signed too.
FILES = ["model.onnx", "golden/x.f32", "golden/y.f32", "figures.json", "CARD.md"]
PAPER = "https://doi.org/10.1109/CVPR.2017.369"
PLACE = "https://nihcc.app.box.com/v/ChestXray-NIHCC"
CREDIT = f"ChestX-ray14, Wang et al., CVPR 2017 ({PAPER}); provided by the NIH Clinical Center, {PLACE}"
FIGURES = json.loads((HERE / "figures.json").read_text(encoding="utf-8"))
NETWORK, CONTROLS = FIGURES["network"], FIGURES["controls"]
CALIBRATION, BANDS = FIGURES["calibration_out_of_fold"], FIGURES["bands"]
LOW95, HIGH95 = NETWORK["auroc_pooled_95"]


def band(name):
    """What a band means: counts of the model's own cross-validation, no percent."""
    share = BANDS["share"][name]
    return (
        f"in cross-validation {share['with_finding']} of {share['films']} films in this band were labelled cardiomegaly "
        f"({FIGURES['with_finding']} of {FIGURES['films']} in all); not a probability for this patient"
    )


def control(name):
    part = CONTROLS[name]
    return f"{part['auroc_mean']:.3f} (sd {part['auroc_sd_over_folds']:.3f} over folds)"


VALIDITY = (
    f"Patient-grouped 5-fold cross-validation, {FIGURES['films']} films of {FIGURES['patients']} patients, {FIGURES['with_finding']} films of "
    f"{FIGURES['patients_with_finding']} patients with the finding: AUROC {NETWORK['auroc_mean']:.3f} (sd {NETWORK['auroc_sd_over_folds']:.3f} over folds), "
    f"pooled {NETWORK['auroc_pooled']:.3f}, 95 % interval {LOW95:.3f} to {HIGH95:.3f} by resampling patients. "
    f"Controls in the same folds: linear on the whole film {control('linear_whole')}, border only {control('linear_border_only')}, "
    f"centre only {control('linear_centre_only')}, whole film with shuffled labels {control('linear_whole_shuffled_labels')}; this network with shuffled "
    f"labels {FIGURES['network_shuffled_labels']['auroc_pooled']:.3f}. "
    f"Calibration out of fold: slope {CALIBRATION['slope']:.2f}, intercept {CALIBRATION['intercept']:.2f}, Brier {CALIBRATION['brier']:.4f} where "
    f"always saying the prevalence gives {CALIBRATION['brier_of_prevalence']:.4f}, expected calibration error {CALIBRATION['expected_calibration_error']:.3f}: "
    "the score is not calibrated and must not be read as a probability. "
    "The AUROC of these figures belongs to five networks, each trained on four fifths; the one shipped was trained on all films and has no film left to be tested on."
)
VIEWS = (
    f"AUROC on PA films {NETWORK['auroc_pa_only']:.3f}, on AP films {NETWORK['auroc_ap_only']:.3f}: weaker on bedside films. Not computed by sex, age or origin: "
    f"{FIGURES['patients_with_finding']} patients with the finding are too few."
)
LIMITS = (
    "Small and weak. Learned from films of 64 x 64 pixels with labels that were mined from report texts, above 90 % right by their authors and less by later readers. "
    "Cardiomegaly is a text label here, not a measured cardiothoracic ratio. AP projection, poor inspiration, rotation, spinal deformity, pericardial effusion and mediastinal fat enlarge the "
    "shadow of the heart. The films were 8-bit exports with the provider's window and unknown treatment of their aspect; DICOM films are given here as modality values without a window, which was "
    "not validated. An image of another body part, or noise, that is labelled as an adult frontal chest film is not recognised as such."
)

# The 31 source attributes of 45 CFR 170.315(b)(11)(iv)(B); "not done" is an answer.
CARD = {
    "developer_contact": "The Triptych authors, through the issue tracker of this repository.",
    "funding": "None.",
    "output_value": "One score from 0 to 1 a film, shown as band low, middle or high with the definition of the band. No percent.",
    "output_kind": "classification",
    "intended_use": "To try the way of a model through Triptych (signature, preparation, provider, card, refusal) on a real network. Investigational. Not a medical device, not for diagnosis.",
    "intended_population": "Adults, 18 years and older, with a frontal (PA or AP) chest radiograph.",
    "intended_users": "Physicians and engineers who evaluate the program, after the site has enabled the model and given a reason.",
    "decision_role": "informs; shown after the reader's own impression, never alone, starts no action",
    "cautioned_against": "Diagnosis, triage, worklist order, exclusion of disease, children, lateral films, CT, other body parts, follow-up of heart size over time.",
    "known_risks_and_limits": LIMITS,
    "training_inclusion_exclusion": f"All {FIGURES['films']} films of the shelf's part of {CREDIT}. Positive when the published table names Cardiomegaly. None excluded. The outer border never reaches the network.",
    "sensitive_inputs": "None is an input. The picture may show sex, age, body habitus and devices. Age (from the birth date) decides only whether the model is applied.",
    "training_representativeness": f"One hospital, the NIH Clinical Center, whose patients are mostly in research protocols; ages 24 to 87. {FIGURES['patients_with_finding']} patients with the finding stand for no population.",
    "training_relevance": "Same kind of film (adult, frontal), other devices, other processing, far lower resolution than a clinical film.",
    "fairness_approach": "Not done beyond the figures by projection: too few patients.",
    "bias_management": "Border left out and controls measured in the same run, because projection can be read from the border of these films; patients kept apart; shifts, scales, rotations, contrast and blanked patches in training.",
    "external_source": "Not done: no external validation.",
    "external_party": "Not done.",
    "external_representativeness": "Not done.",
    "external_process": "Not done.",
    "validity_internal": VALIDITY,
    "fairness_internal": VIEWS,
    "validity_external": "Not done: not known.",
    "fairness_external": "Not done: not known.",
    "outcome_evaluations": "Not done: no study of its effect on care.",
    "validity_monitoring": "None in this version; the self-test holds the numbers, not the medicine.",
    "validity_local": "Not done. A percent would need a local calibration of at least 200 films a class, and none exists.",
    "fairness_monitoring": "None in this version.",
    "fairness_local": "Not done.",
    "update_process": "A new version is trained by train.py, described by package.py from the new figures, and signed; versions are never mixed in a trend.",
    "correction_schedule": "None promised.",
}


def text(value):
    """A TOML basic string; JSON's escapes are a part of TOML's."""
    return json.dumps(value, ensure_ascii=False)


def card_page():
    rows = "\n".join(f"| {key} | {value} |" for key, value in CARD.items())
    names = ["linear_whole", "linear_border_only", "linear_centre_only", "linear_whole_shuffled_labels"]
    controls = "\n".join(f"| {name.replace('_', ' ')} | {control(name)} |" for name in names)
    shares = "\n".join(f"| {name} | {part['films']} | {part['with_finding']} |" for name, part in BANDS["share"].items())
    return f"""# Heart enlarged on an adult frontal radiograph

**Investigational. Not a medical device. Not for diagnosis.** A weak reference model with a true card: it exists so that the way of a model through Triptych is real.

| Input of the classifier, patients kept apart | AUROC |
| --- | --- |
| **this network** (centre 48 x 48 of 64 x 64) | **{NETWORK['auroc_mean']:.3f} (sd {NETWORK['auroc_sd_over_folds']:.3f} over folds), pooled {NETWORK['auroc_pooled']:.3f}, 95 % interval {LOW95:.3f} to {HIGH95:.3f}** |
{controls}
| this network with shuffled labels | {FIGURES['network_shuffled_labels']['auroc_pooled']:.3f} (pooled) |
| this network, PA films only | {NETWORK['auroc_pa_only']:.3f} |
| this network, AP films only | {NETWORK['auroc_ap_only']:.3f} |

A linear model on the border alone is near chance for this label, and the network never sees the border. The shuffled runs lie a little above 0.5: with {FIGURES['patients_with_finding']} patients
that is the size of chance, and a reason to trust no second decimal of this table. The interval is over patients and does not hold what changes between hospitals.

| Band | Films in cross-validation | of them with the finding |
| --- | --- | --- |
{shares}

Low is a score below {BANDS['low_below']}, high one from {BANDS['high_from']} on: the 60th and 90th percentile of the out-of-fold scores. Calibration slope {CALIBRATION['slope']},
intercept {CALIBRATION['intercept']}, Brier {CALIBRATION['brier']} (the prevalence alone: {CALIBRATION['brier_of_prevalence']}): **not calibrated**, so no percent is ever shown.

Data: {CREDIT}. Any use is allowed with this link, the citation and this acknowledgement: the NIH Clinical Center provided the films. No film is in this package; the golden
input is made of random smooth fields. Package: Apache-2.0.

## Source attributes (45 CFR 170.315(b)(11)(iv)(B))

| Attribute | |
| --- | --- |
{rows}
"""


def manifest():
    files = "\n".join(
        f'[files."{name}"]\nsha256 = "{hashlib.sha256((HERE / name).read_bytes()).hexdigest()}"\nbytes = {(HERE / name).stat().st_size}' for name in FILES
    )
    card = "\n".join(f"{key} = {text(value)}" for key, value in CARD.items())
    return f"""# Written by package.py from figures.json. Signed as bytes: model.toml.minisig lies beside it.
schema = 1

[package]
id = "org.triptych.heart-size-reference"
version = "{VERSION}"
title = "Heart enlarged on an adult frontal radiograph"
entry = "model.onnx"
authors = "The Triptych authors"
copyright = "The Triptych authors"
license = "Apache-2.0"
intended_use = "Research only. Not a medical device."
regulatory = "research"
references = ["{PAPER}", "{PLACE}"]
training_data = {text(CREDIT)}
sources = ["train.py", "package.py"]

{files}

[runtime]
onnx_opset_max = 13
domains = [""]
providers = ["cuda", "cpu"]
memory_mib = 256
timeout_ms = 10000
tf32 = false
batch_max = 8

[accept]
Modality = ["CR", "DX"]
ViewPosition = ["PA", "AP"]
BodyPartExamined = ["CHEST"]
PhotometricInterpretation = ["MONOCHROME1", "MONOCHROME2"]
PatientAgeYears = {{ min = 18 }}
MinSize = [128, 128]
MinContrast = 0.1

[[input]]
name = "image"
type = "image"
format = "magnitude"
modality = "DX"
dtype = "float32"
layout = "NCHW"
num_channels = 1
spatial_shape = [48, 48]
is_patch_data = false
channel_def = {{ "0" = "image" }}

[[input.preprocess]]
op = "modality_lut"
[[input.preprocess]]
op = "monochrome1_to_2"
[[input.preprocess]]
op = "center_crop_square"
[[input.preprocess]]
op = "resize"
size = [64, 64]
interpolation = "area"
antialias = true
[[input.preprocess]]
op = "center_crop"
size = [48, 48]
[[input.preprocess]]
op = "zscore"
mask = "none"

[[output]]
name = "score"
type = "probabilities"
format = "classes"
activation = "none"

[[output.channel]]
index = 0
label = "Heart enlarged"
code = {{ scheme = "SCT", value = "8186001", meaning = "Cardiomegaly" }}
show = true

[output.channel.bands]
low_below = {BANDS['low_below']}
high_from = {BANDS['high_from']}
low = {text(band('low'))}
middle = {text(band('middle'))}
high = {text(band('high'))}

[calibration]
kind = "none"

[explain]
kind = "none"

[golden]
input = "golden/x.f32"
input_shape = [8, 1, 48, 48]
output = "golden/y.f32"
atol_cpu = 1e-5
atol_cuda = 2e-3
rtol = 1e-4

[card]
{card}
"""


def main():
    (HERE / "CARD.md").write_text(card_page(), encoding="utf-8")
    (HERE / "model.toml").write_text(manifest(), encoding="utf-8")


if __name__ == "__main__":
    main()
