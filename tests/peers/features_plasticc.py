"""Fixture of the 156 PLAsTiCC aggregates, computed with pandas groupby as paper 002 does.

    python tests/peers/features_plasticc.py > tests/features/fixtures/plasticc.json
"""

import json

import numpy as np
import pandas as pd

rng = np.random.default_rng(21)
records, metadata = [], {}
for key, n in ((1, 40), (2, 25), (3, 9)):
    mjd = np.sort(rng.uniform(59600, 59900, n))
    band = rng.integers(0, 6 if key != 3 else 3, n)
    err = rng.uniform(1, 20, n)
    flux = 60 * np.exp(-0.5 * ((mjd - 59750) / 40) ** 2) + err * rng.normal(size=n)
    for row in zip(mjd, band, flux, err, (flux > 3 * err).astype(int)):
        records.append((key, *row))
    metadata[key] = dict(hostgal_photoz=0.3 * key, hostgal_photoz_err=0.01, distmod=40.0 + key, mwebv=0.02)
table = pd.DataFrame(records, columns=["object_id", "mjd", "passband", "flux", "flux_err", "detected"])
# The third object has nothing detected but one row: durations of zero and skewness undefined.
rows = table.index[table.object_id == 3]
table.loc[rows, "detected"] = 0
table.loc[rows[4], "detected"] = 1
table["q"] = (table.flux / table.flux_err) ** 2
table["f"] = table.flux * table.q

per_band = table.groupby(["object_id", "passband"]).agg(dict(
    flux=["min", "max", "mean", "median", "std", "sum", "skew"], flux_err=["min", "max", "mean", "skew"],
    detected=["mean", "std", "sum"], q=["mean", "sum", "skew"], f=["mean", "sum", "skew"],
)).unstack("passband")
per_band.columns = [f"{a}_{b}_{c}" for a, b, c in per_band.columns]
overall = table.groupby("object_id").agg(dict(
    flux=["min", "max", "mean", "median", "std", "sum", "skew"],
    flux_err=["min", "max", "mean", "median", "std", "sum", "skew"], detected=["mean", "skew", "median", "sum"],
    q=["min", "max", "mean", "sum", "skew"], f=["min", "max", "mean", "sum", "skew"],
))
overall.columns = [f"{a}_{b}" for a, b in overall.columns]
overall["count"] = table.groupby("object_id").size()
overall["flux_range"] = overall.flux_max - overall.flux_min
overall["flux_range_over_mean"] = overall.flux_range / overall.flux_mean
overall["flux_weighted_mean"] = overall.f_sum / overall.q_sum
overall["flux_range_over_weighted_mean"] = overall.flux_range / overall.flux_weighted_mean
found = table[table.detected == 1]
span = lambda g: g.max() - g.min()
overall["mjd_duration"] = span(found.groupby("object_id").mjd)
pb = span(found.groupby(["object_id", "passband"]).mjd).unstack("passband")
for b in range(6):
    overall[f"mjd_pb{b}"] = pb[b] if b in pb else np.nan
for name in ("flux", "q", "f"):
    group = found.groupby("object_id")[name]
    overall[f"{name}_det_mean"] = group.mean()
    overall[f"{name}_det_skew"] = group.skew()
    overall[f"{name}_det_range"] = span(group)
whole = per_band.join(overall)
objects = []
for key in (1, 2, 3):
    mine = table[table.object_id == key]
    expected = {name: (None if pd.isna(value) else float(value)) for name, value in whole.loc[key].items()}
    objects.append(dict(
        time=mine.mjd.tolist(), band=mine.passband.tolist(), value=mine.flux.tolist(), error=mine.flux_err.tolist(),
        detected=mine.detected.tolist(), metadata=metadata[key], expected=expected))
print(json.dumps(objects))
