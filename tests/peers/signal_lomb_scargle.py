"""Fixture of the periodogram tests, made with astropy (8.0).

    python tests/peers/signal_lomb_scargle.py > tests/signal/fixtures/lomb_scargle.json
"""

import json

import numpy as np
from astropy.timeseries import LombScargle

rng = np.random.default_rng(5)
n = 60
t = np.sort(rng.uniform(0, 90, n))
dy = rng.uniform(0.02, 0.2, n)
y = 15 + 0.4 * np.sin(2 * np.pi * t / 3.7) + 0.2 * np.cos(4 * np.pi * t / 3.7) + dy * rng.normal(size=n)
band = rng.integers(0, 3, n)
frequency = 0.011 * np.arange(1, 201)
cases = []
for errors in (True, False):
    for floating in (True, False):
        for terms in (1, 3):
            model = LombScargle(t, y, dy if errors else None, nterms=terms, fit_mean=floating)
            method = "slow" if terms == 1 else "chi2"
            cases.append(dict(errors=errors, floating=floating, harmonics=terms,
                              power=model.power(frequency, method=method).tolist()))
model = LombScargle(t, y, dy)
normalisations = {
    name: LombScargle(t, y, dy, normalization=name).power(frequency, method="slow").tolist()
    for name in ("model", "log", "psd")
}
levels = [0.2, 0.35, 0.5, 0.9]
alarm = {
    method: [float(model.false_alarm_probability(z, method=method, maximum_frequency=5.0)) for z in levels]
    for method in ("single", "naive", "davies", "baluev")
}
level = [float(model.false_alarm_level(p, method="baluev", maximum_frequency=5.0)) for p in (0.1, 0.01, 1e-4)]
grid = LombScargle(t, y, dy).autofrequency(samples_per_peak=5, nyquist_factor=5)
# LombScargleMultiband weighs bands by the sum of their squared powers, not by their chi squares; ours follows the article.
chi0, single = [], []
for b in range(3):
    m = band == b
    w = dy[m] ** -2
    chi0.append(np.sum(w * (y[m] - np.sum(w * y[m]) / w.sum()) ** 2))
    single.append(LombScargle(t[m], y[m], dy[m]).power(frequency, method="slow"))
multi = np.dot(chi0, single) / np.sum(chi0)
# astropy takes the end of its own grid as the highest frequency.
highest = float(model.autofrequency(maximum_frequency=5.0)[-1])
print(json.dumps(dict(
    time=t.tolist(), value=y.tolist(), error=dy.tolist(), band=band.tolist(),
    start=float(frequency[0]), step=0.011, count=200, cases=cases, normalisations=normalisations,
    highest=highest, levels=levels, alarm=alarm, level=level, multi=np.asarray(multi).tolist(),
    grid=[float(grid[0]), float(grid[1] - grid[0]), len(grid)],
)))
