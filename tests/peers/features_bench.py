"""The peers' side of tests/bench/features_bench.ts: the same curves through light-curve, feets, astropy and nifty-ls.

Reads {"curves": [{"time", "value", "error"}, ...], "grids": {...}} from standard input; prints one JSON line a measurement:
{"name", "peer", "ms"} and, for periodograms, the largest error against the exact power. A peer that is not installed is named as such.
"""

import json
import os
import sys
import time
import warnings

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"
import numpy as np

warnings.simplefilter("ignore")
task = json.load(sys.stdin)


def best(work, repeats):
    work()
    least = 1e9
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        least = min(least, time.perf_counter() - start)
    return 1e3 * least


def say(name, peer, **rest):
    print(json.dumps(dict(name=name, peer=peer, **rest)), flush=True)


def columns(curve):
    return tuple(np.asarray(curve[k], float) for k in ("time", "value", "error"))


def peer(name, label, measure):
    try:
        say(name, label, **measure())
    except ImportError as error:
        say(name, label, missing=str(error))


def light_curve():
    import light_curve as lc

    t, m, e = columns(task["quick"])
    extractor = lc.Extractor(
        lc.Amplitude(), lc.AndersonDarlingNormal(), lc.BeyondNStd(1.0), lc.Cusum(), lc.Duration(), lc.Eta(), lc.EtaE(),
        lc.ExcessVariance(), lc.InterPercentileRange(0.1), lc.Kurtosis(), lc.LinearFit(), lc.LinearTrend(),
        lc.MagnitudePercentageRatio(0.4, 0.05), lc.MaximumSlope(), lc.Mean(), lc.Median(), lc.MedianAbsoluteDeviation(),
        lc.MedianBufferRangePercentage(0.1), lc.ObservationCount(), lc.PercentAmplitude(),
        lc.PercentDifferenceMagnitudePercentile(0.05), lc.ReducedChi2(), lc.Skew(), lc.StetsonK(), lc.WeightedMean(),
        lc.StandardDeviation(),
    )
    return dict(ms=best(lambda: [extractor(t, m, e, sorted=True, check=False) for _ in range(50)], 20) / 50)


FEETS = """Amplitude AndersonDarling BeyondNStd Cusum Duration Eta EtaE ExcessVariance InterPercentileRange SmallKurtosis
LinearFit_Slope LinearFit_Sigma LinearFit_ReducedChi2 LinearTrend LinearTrend_Sigma PercentageRatio MaxSlope Mean MedianAbsDev
MedianBRP PercentAmplitude PercentDiffPercentile ReducedChi2 Skew StetsonK WeightedMean""".split()


def feets():
    import feets

    t, m, e = columns(task["quick"])
    space = feets.FeatureSpace(only=FEETS, dask_options={"scheduler": "synchronous"})
    return dict(ms=best(lambda: space.extract(time=t, magnitude=m, error=e), 5))


def periodogram(curve, method):
    def measure():
        from astropy.timeseries import LombScargle

        if method == "fastnifty":
            import nifty_ls  # noqa: F401, registers itself with astropy
        t, y, dy = columns(curve)
        grid = task["grid"]
        f = grid["start"] + grid["step"] * np.arange(grid["count"])
        run = lambda: LombScargle(t, y, dy).power(f, method=method, assume_regular_frequency=True)
        some = slice(0, grid["count"], 97)
        exact = LombScargle(t, y, dy).power(f[some], method="cython")
        return dict(ms=best(run, 5), error=float(np.abs(run()[some] - exact).max()))

    return measure


peer("quick, 26 features, 1000 points", "light-curve", light_curve)
peer("quick, 26 features, 1000 points", "feets", feets)
for n, curve in task["periodograms"].items():
    name = f"Lomb-Scargle, {n} points, {task['grid']['count']} frequencies"
    peer(name, "astropy fast", periodogram(curve, "fast"))
    peer(name, "nifty-ls", periodogram(curve, "fastnifty"))
