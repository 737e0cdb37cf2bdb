"""Fixture of the supersmoother tests, made with the PyPI package supersmoother (0.4).

    python tests/peers/signal_supersmoother.py > tests/signal/fixtures/supersmoother.json
"""

import json

import numpy as np
from supersmoother import LinearSmoother, SuperSmoother

rng = np.random.default_rng(11)
cases = []
for name, n, period, alpha, with_error in [
    ("uniform errors over time", 120, None, None, False),
    ("errors over time, bass 3", 150, None, 3.0, True),
    ("errors over phase", 140, 0.7, None, True),
    ("errors over phase, bass 8", 61, 0.7, 8.0, True),
    ("short curve over phase", 24, 2.5, None, True),
]:
    t = np.sort(rng.uniform(0, 30, n))
    dy = rng.uniform(0.05, 0.3, n) if with_error else np.full(n, 1.0)
    y = np.sin(2 * np.pi * t / 0.7) + 0.05 * t + (dy if with_error else 0.2) * rng.normal(size=n)
    model = SuperSmoother(alpha=alpha, period=period).fit(t, y, dy)
    at = np.sort(rng.uniform(1, 29, 20))
    own = LinearSmoother(0.2, period).fit(t, y, dy)
    inverse = np.argsort(np.argsort(t % period)) if period else slice(None)
    cases.append(
        dict(
            name=name, period=period, bass=alpha, time=t.tolist(), value=y.tolist(),
            error=dy.tolist() if with_error else None,
            smooth=model.predict(t).tolist(), at=at.tolist(), predicted=model.predict(at).tolist(),
            left_out=own.cv_values(cv=True)[inverse].tolist(),
            residual=float(np.sqrt(np.mean((y - model.predict(t)) ** 2)) / np.std(y)),
        )
    )
rng0 = np.random.RandomState(0)
t = np.sort(2 * np.pi * rng0.rand(100))
y0 = np.sin(t)
sine = dict(time=t.tolist(), value=(y0 + 0.1 * rng0.randn(100)).tolist(), truth=y0.tolist())
print(json.dumps(dict(cases=cases, sine=sine)))
