"""Fixture of the quick features, made with the PyPI package light-curve (0.13) and NumPy.

    python tests/peers/features_light_curve.py > tests/features/fixtures/light_curve.json
"""

import json

import light_curve as lc
import numpy as np

rng = np.random.default_rng(3)
PAIRS = {
    "HalfRange": lc.Amplitude(), "AndersonDarling": lc.AndersonDarlingNormal(), "BeyondOneDeviation": lc.BeyondNStd(1.0),
    "Cusum": lc.Cusum(), "Duration": lc.Duration(), "Eta": lc.Eta(), "EtaE": lc.EtaE(),
    "ExcessVariance": lc.ExcessVariance(), "SmallKurtosis": lc.Kurtosis(), "LinearFit": lc.LinearFit(),
    "LinearTrend": lc.LinearTrend(), "MaxSlope": lc.MaximumSlope(), "Mean": lc.Mean(), "Median": lc.Median(),
    "MedianAbsDev": lc.MedianAbsoluteDeviation(), "MedianBufferRangePercentage_10": lc.MedianBufferRangePercentage(0.1),
    "ObservationCount": lc.ObservationCount(), "MaximumDeviation": lc.PercentAmplitude(), "ReducedChi2": lc.ReducedChi2(),
    "SampleSkew": lc.Skew(), "StetsonK": lc.StetsonK(), "WeightedMean": lc.WeightedMean(),
    "StandardDeviation": lc.StandardDeviation(),
}
curves = []
for n in (7, 60, 201):
    t = np.sort(rng.uniform(0, 200, n))
    e = rng.uniform(0.01, 0.2, n)
    m = 18 + 0.3 * np.sin(t) + e * rng.normal(size=n)
    expected = {name: extractor(t, m, e).tolist() for name, extractor in PAIRS.items()}
    # light-curve has other rules for quantiles; NumPy's default is ours.
    q = lambda p: float(np.quantile(m, p))
    expected["InterPercentileRange_10"] = [q(0.9) - q(0.1)]
    expected["Q31"] = [q(0.75) - q(0.25)]
    expected["MagnitudePercentageRatio_40_5"] = [(q(0.6) - q(0.4)) / (q(0.95) - q(0.05))]
    expected["PercentDifferenceMagnitudePercentile_5"] = [(q(0.95) - q(0.05)) / q(0.5)]
    flux = 10 ** (-0.4 * (m - np.median(m)))
    f = lambda p: float(np.quantile(flux, p))
    expected["FluxPercentileRatioMid35"] = [(f(0.675) - f(0.325)) / (f(0.95) - f(0.05))]
    expected["PercentAmplitude"] = [float(np.max(np.abs(flux - np.median(flux))) / np.median(flux))]
    curves.append(dict(time=t.tolist(), value=m.tolist(), error=e.tolist(), expected=expected))
print(json.dumps(curves))
