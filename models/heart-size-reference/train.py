#!/usr/bin/env python3
"""Trains the reference model "heart enlarged on an adult frontal radiograph" and writes its package.

Run by hand, never by `demo` or `test`:

    apt-get install python3-torch python3-numpy python3-pil
    python3 train.py ../../../shared/data/cxr            # minutes on two cores

Input films: NIH ChestX-ray14 (Wang et al., CVPR 2017; provider: NIH Clinical Center), 64 x 64, in `nih_64/` with `labels.csv`.
What it guards against: the border of a film tells AP from PA (and so the sicker patient), so the network never sees it; patients are
kept apart in every fold; the same folds carry the controls (linear on the whole film, border only, centre only, shuffled labels).
Writes: model.onnx, golden/x.f32, golden/y.f32, figures.json. `package.py` writes the manifest from them.
"""

import csv
import json
import math
import random
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

SEED = 20261122
SIDE, CROP = 64, 48
BORDER = 6  # ring of the border control, as in the data's README
FOLDS = 5
EPOCHS = 40
BATCH = 64
HERE = Path(__file__).resolve().parent


def load(root):
    """Films as float arrays 0..1, labels (1 = cardiomegaly in the published table), patients, views."""
    films, labels, patients, views = [], [], [], []
    with open(root / "labels.csv", newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if not row["file"].startswith("nih_64/"):
                continue
            picture = np.asarray(Image.open(root / row["file"]).convert("L"), dtype=np.float32) / 255.0
            assert picture.shape == (SIDE, SIDE), row["file"]
            films.append(picture)
            labels.append(1.0 if "Cardiomegaly" in row["finding_labels"] else 0.0)
            patients.append(row["patient_id"])
            views.append(row["view"])
    return np.stack(films), np.array(labels, dtype=np.float32), np.array(patients), np.array(views)


def folds(labels, patients, seed):
    """Fold of each film: patients kept apart, positives spread (greedy by number of positives, then size)."""
    rng = random.Random(seed)
    people = sorted(set(patients))
    rng.shuffle(people)
    size = {p: (labels[patients == p].sum(), (patients == p).sum()) for p in people}
    people.sort(key=lambda p: (-size[p][0], -size[p][1]))
    load = [[0.0, 0] for _ in range(FOLDS)]
    where = {}
    for person in people:
        positives, count = size[person]
        key = (lambda k: (load[k][0], load[k][1])) if positives else (lambda k: (load[k][1], load[k][0]))
        fold = min(range(FOLDS), key=key)
        where[person] = fold
        load[fold][0] += positives
        load[fold][1] += count
    return np.array([where[p] for p in patients])


def centre(films):
    """The central 48 x 48, each film to mean 0 and deviation 1: what the manifest's `center_crop` and `zscore` do."""
    edge = (SIDE - CROP) // 2
    cut = films[:, edge : edge + CROP, edge : edge + CROP]
    mean = cut.mean(axis=(1, 2), keepdims=True)
    deviation = cut.std(axis=(1, 2), keepdims=True)
    return (cut - mean) / np.maximum(deviation, 1e-3)


class HeartSize(nn.Module):
    """Four small convolutions and a mean over the picture: 25 thousand weights."""

    def __init__(self):
        super().__init__()
        widths = [1, 12, 24, 32, 48]
        layers = []
        for a, b in zip(widths, widths[1:]):
            layers += [nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU(), nn.AvgPool2d(2)]
        self.features = nn.Sequential(*layers)
        self.drop = nn.Dropout(0.4)
        self.head = nn.Linear(widths[-1] * 9, 1)

    def forward(self, image):
        """Probability-like score in 0..1, not calibrated."""
        return torch.sigmoid(self.logit(image))

    def logit(self, image):
        return self.head(self.drop(torch.flatten(self.features(image), 1)))


def augment(films, generator):
    """Shift, scale, rotation, contrast, noise and a blanked patch; films are 64 x 64, cropped only afterwards."""
    n = films.shape[0]
    u = lambda low, high: low + (high - low) * torch.rand(n, generator=generator)
    angle, scale = u(-0.17, 0.17), u(0.86, 1.14)
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = torch.cos(angle) / scale
    theta[:, 0, 1] = -torch.sin(angle) / scale
    theta[:, 1, 0] = torch.sin(angle) / scale
    theta[:, 0, 2], theta[:, 1, 2] = u(-0.12, 0.12), u(-0.12, 0.12)
    grid = nn.functional.affine_grid(theta, (n, 1, SIDE, SIDE), align_corners=False)
    out = nn.functional.grid_sample(films[:, None], grid, padding_mode="border", align_corners=False)
    out = out.clamp(0, 1) ** u(0.7, 1.4)[:, None, None, None]
    edge = (SIDE - CROP) // 2
    out = out[:, :, edge : edge + CROP, edge : edge + CROP]
    out = (out - out.mean(dim=(2, 3), keepdim=True)) / out.std(dim=(2, 3), keepdim=True).clamp_min(1e-3)
    out = out + 0.08 * torch.randn(out.shape, generator=generator)
    for k in range(n):
        if torch.rand(1, generator=generator).item() < 0.4:
            x, y = (int(v) for v in torch.randint(0, CROP - 12, (2,), generator=generator))
            out[k, :, y : y + 12, x : x + 12] = 0.0
    return out


def train(films, labels, seed):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = HeartSize()
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=2e-2)
    steps = math.ceil(len(films) / BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=EPOCHS * steps)
    films, labels = torch.from_numpy(films), torch.from_numpy(labels)
    weight = torch.tensor(float((labels == 0).sum() / (labels == 1).sum()) ** 0.5)
    loss = nn.BCEWithLogitsLoss(pos_weight=weight)
    model.train()
    for _ in range(EPOCHS):
        order = torch.randperm(len(films), generator=generator)
        for step in range(steps):
            pick = order[step * BATCH : (step + 1) * BATCH]
            if len(pick) < 2:
                continue
            optimiser.zero_grad()
            loss(model.logit(augment(films[pick], generator))[:, 0], labels[pick]).backward()
            optimiser.step()
            schedule.step()
    return model.eval()


def score(model, films):
    with torch.no_grad():
        return model(torch.from_numpy(centre(films))[:, None])[:, 0].numpy()


def auroc(labels, scores):
    order = np.argsort(scores, kind="mergesort")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    for value in np.unique(scores):
        ranks[scores == value] = ranks[scores == value].mean()
    positives = labels == 1
    n, m = positives.sum(), (~positives).sum()
    return float((ranks[positives].sum() - n * (n + 1) / 2) / (n * m)) if n and m else float("nan")


def interval(labels, scores, patients, seed, rounds=1000):
    """95 % interval of the AUROC by resampling patients, not films."""
    rng = np.random.default_rng(seed)
    people = np.unique(patients)
    rows = {p: np.flatnonzero(patients == p) for p in people}
    values = []
    for _ in range(rounds):
        pick = np.concatenate([rows[p] for p in rng.choice(people, len(people))])
        value = auroc(labels[pick], scores[pick])
        if not math.isnan(value):
            values.append(value)
    return [round(float(v), 3) for v in np.percentile(values, [2.5, 97.5])]


def linear(inputs, labels, fold, k):
    """Logistic regression on 40 principal components, as the controls in the data's README."""
    train_rows, test_rows = fold != k, fold == k
    mean = inputs[train_rows].mean(0)
    _, _, axes = np.linalg.svd(inputs[train_rows] - mean, full_matrices=False)
    project = lambda x: (x - mean) @ axes[:40].T
    a = project(inputs[train_rows])
    scale = a.std(0) + 1e-9
    x = torch.from_numpy((a / scale).astype(np.float32))
    y = torch.from_numpy(labels[train_rows])
    w = torch.zeros(x.shape[1] + 1, requires_grad=True)
    optimiser = torch.optim.LBFGS([w], max_iter=200)

    def closure():
        optimiser.zero_grad()
        value = nn.functional.binary_cross_entropy_with_logits(x @ w[1:] + w[0], y, reduction="sum") + 0.5 * (w[1:] ** 2).sum()
        value.backward()
        return value

    optimiser.step(closure)
    with torch.no_grad():
        return torch.sigmoid(torch.from_numpy((project(inputs[test_rows]) / scale).astype(np.float32)) @ w[1:] + w[0]).numpy()


def controls(films, labels, fold, seed):
    ring = np.ones((SIDE, SIDE), dtype=bool)
    ring[BORDER:-BORDER, BORDER:-BORDER] = False
    whole = films.reshape(len(films), -1)
    inputs = {
        "linear_whole": (whole, labels),
        "linear_border_only": (films[:, ring], labels),
        "linear_centre_only": (films[:, 16:48, 16:48].reshape(len(films), -1), labels),
        "linear_whole_shuffled_labels": (whole, np.random.default_rng(seed).permutation(labels).astype(np.float32)),
    }
    out = {}
    for name, (x, y) in inputs.items():
        values = [auroc(y[fold == k], linear(x, y, fold, k)) for k in range(FOLDS)]
        out[name] = {"auroc_mean": round(float(np.nanmean(values)), 3), "auroc_sd_over_folds": round(float(np.nanstd(values)), 3)}
    return out


def calibration(labels, scores):
    """Slope and intercept of a logistic recalibration, Brier score, expected calibration error in ten equal bins."""
    z = np.log(np.clip(scores, 1e-6, 1 - 1e-6) / np.clip(1 - scores, 1e-6, 1 - 1e-6))
    w = torch.tensor([0.0, 1.0], requires_grad=True)
    x, y = torch.from_numpy(z.astype(np.float32)), torch.from_numpy(labels)
    optimiser = torch.optim.LBFGS([w], max_iter=200)

    def closure():
        optimiser.zero_grad()
        value = nn.functional.binary_cross_entropy_with_logits(x * w[1] + w[0], y)
        value.backward()
        return value

    optimiser.step(closure)
    bins = np.clip((scores * 10).astype(int), 0, 9)
    error = sum(abs(scores[bins == b].mean() - labels[bins == b].mean()) * (bins == b).mean() for b in range(10) if (bins == b).any())
    return {
        "slope": round(float(w[1]), 2),
        "intercept": round(float(w[0]), 2),
        "brier": round(float(((scores - labels) ** 2).mean()), 4),
        "brier_of_prevalence": round(float(labels.mean() * (1 - labels.mean())), 4),
        "expected_calibration_error": round(float(error), 3),
    }


def bands(labels, scores):
    """Cuts between low, middle and high by out-of-fold scores, and the share of films with the finding in each band."""
    low, high = (float(v) for v in np.percentile(scores, [60, 90]))
    parts = {"low": scores < low, "middle": (scores >= low) & (scores < high), "high": scores >= high}
    share = {name: {"films": int(rows.sum()), "with_finding": int(labels[rows].sum())} for name, rows in parts.items()}
    best = max(np.unique(scores), key=lambda t: (scores[labels == 1] >= t).mean() - (scores[labels == 0] >= t).mean())
    return {"low_below": round(low, 4), "high_from": round(high, 4), "share": share, "youden_threshold": round(float(best), 4)}


def golden_input(seed):
    """Made pictures, no film: smooth random fields and a constant one, already preprocessed."""
    rng = np.random.default_rng(seed)
    noise = torch.from_numpy(rng.standard_normal((8, 1, 12, 12)).astype(np.float32))
    x = nn.functional.interpolate(noise, size=(CROP, CROP), mode="bilinear", align_corners=False).numpy()
    x[7] = 0.0
    return x.astype("<f4")


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else sys.exit(__doc__)
    random.seed(SEED), np.random.seed(SEED), torch.manual_seed(SEED)
    torch.set_num_threads(1)  # small pictures: threads only wait for each other
    began = time.time()
    films, labels, patients, views = load(root)
    fold = folds(labels, patients, SEED)
    shuffled = np.random.default_rng(SEED).permutation(labels).astype(np.float32)
    scores, shuffled_scores = np.zeros(len(films)), np.zeros(len(films))
    for k in range(FOLDS):
        test = fold == k
        scores[test] = score(train(films[~test], labels[~test], SEED + k), films[test])
        shuffled_scores[test] = score(train(films[~test], shuffled[~test], SEED + k), films[test])
        print(f"fold {k}: {test.sum()} films, {int(labels[test].sum())} with the finding, AUROC {auroc(labels[test], scores[test]):.3f}", flush=True)
    per_fold = [auroc(labels[fold == k], scores[fold == k]) for k in range(FOLDS)]
    figures = {
        "films": len(films),
        "patients": len(set(patients)),
        "with_finding": int(labels.sum()),
        "patients_with_finding": len(set(patients[labels == 1])),
        "seed": SEED,
        "torch": torch.__version__,
        "network": {
            "auroc_mean": round(float(np.mean(per_fold)), 3),
            "auroc_sd_over_folds": round(float(np.std(per_fold)), 3),
            "auroc_folds": [round(v, 3) for v in per_fold],
            "auroc_pooled": round(auroc(labels, scores), 3),
            "auroc_pooled_95": interval(labels, scores, patients, SEED),
            "auroc_pa_only": round(auroc(labels[views == "PA"], scores[views == "PA"]), 3),
            "auroc_ap_only": round(auroc(labels[views == "AP"], scores[views == "AP"]), 3),
        },
        "network_shuffled_labels": {"auroc_pooled": round(auroc(shuffled, shuffled_scores), 3)},
        "controls": controls(films, labels, fold, SEED),
        "calibration_out_of_fold": calibration(labels, scores),
        "bands": bands(labels, scores),
    }
    model = train(films, labels, SEED + FOLDS)
    x = golden_input(SEED)
    with torch.no_grad():
        y = model(torch.from_numpy(x)).numpy().astype("<f4")
    (HERE / "golden").mkdir(exist_ok=True)
    x.tofile(HERE / "golden" / "x.f32")
    y.tofile(HERE / "golden" / "y.f32")
    torch.onnx.export(model, torch.zeros(1, 1, CROP, CROP), str(HERE / "model.onnx"), input_names=["image"], output_names=["score"],
                      dynamic_axes={"image": {0: "batch"}, "score": {0: "batch"}}, opset_version=13)
    figures["minutes"] = round((time.time() - began) / 60, 1)
    (HERE / "figures.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
