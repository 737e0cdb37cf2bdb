"""Writes tests/imaging/fixtures/profiles.json: point spread functions, Sersic profiles, convolutions and fits by astropy and SciPy.

pip install astropy scipy; run from the repository root.
"""
import json
import warnings

import numpy as np
from astropy.modeling import fitting, models
from scipy import signal, special

rng = np.random.default_rng(3)


NODES, WEIGHTS = np.polynomial.legendre.leggauss(10)


def graded(low, high, cusp):
    """Nodes and weights on [low, high], ever finer towards the point nearest to the cusp."""
    near = min(max(cusp, low), high)
    steps = np.concatenate([[0.0], 0.5 ** np.arange(36, -1, -1.0)])
    edges = np.unique(np.concatenate([near - (near - low) * steps, near + (high - near) * steps]))
    middle, half = (edges[1:] + edges[:-1]) / 2, (edges[1:] - edges[:-1]) / 2
    return (middle[:, None] + half[:, None] * NODES).ravel(), (half[:, None] * WEIGHTS).ravel()


def over_pixel(f, column, row, cusp):
    """Integral of f(x, y) over a unit pixel."""
    x, wx = graded(column - 0.5, column + 0.5, cusp[0])
    y, wy = graded(row - 0.5, row + 0.5, cusp[1])
    return wx @ f(*np.meshgrid(x, y, indexing="ij")) @ wy


def r12(values):
    return [float(f"{v:.12g}") for v in np.ravel(values)]


indices = [0.2, 0.36, 0.5, 0.8, 1.0, 1.7, 2.5, 4.0, 6.0, 10.0]
places = [(0.0, 0.0), (1.0, 0.0), (0.3, -2.2), (-4.0, 3.0), (8.5, 1.5)]
pixels = [(0, 0), (1, 0), (-1, 2), (3, -2), (9, 4)]

sersic = []
for n, r, q, angle in [(1.0, 3.0, 0.6, 0.7), (4.0, 2.0, 0.8, -0.4), (4.0, 5.0, 0.3, 2.0), (0.5, 2.5, 1.0, 0.0)]:
    model = models.Sersic2D(amplitude=1, r_eff=r, n=n, ellip=1 - q, theta=angle)
    # A centre off the pixels' middles, as it is in stamps.
    cx, cy = 0.2, -0.1
    total = 2 * np.pi * n * q * r**2 * np.exp(special.gammaincinv(2 * n, 0.5)) \
        * special.gammaincinv(2 * n, 0.5) ** (-2 * n) * special.gamma(2 * n)
    sersic.append({
        "index": n, "effectiveRadius": r, "axisRatio": q, "positionAngle": angle, "total": total, "centre": [cx, cy],
        "intensity": r12([model(x, y) for x, y in places]),
        "pixels": r12([over_pixel(lambda x, y: model(x - cx, y - cy), c, w, (cx, cy)) / total for c, w in pixels]),
    })

spreads = []
for kind, fwhm, beta, q, angle in [("gaussian", 4.0, 0, 1.0, 0.0), ("gaussian", 3.2, 0, 0.7, 0.6), ("moffat", 5.0, 3.0, 1.0, 0.0),
                                   ("moffat", 3.5, 2.5, 1.0, 0.0)]:
    cx, cy = -0.3, 0.4
    if kind == "gaussian":
        sigma = fwhm / (2 * np.sqrt(2 * np.log(2)))
        model = models.Gaussian2D(1 / (2 * np.pi * sigma**2), 0, 0, sigma / np.sqrt(q), sigma * np.sqrt(q), theta=angle)
    else:
        alpha = fwhm / (2 * np.sqrt(2 ** (1 / beta) - 1))
        model = models.Moffat2D((beta - 1) / (np.pi * alpha**2), 0, 0, alpha, beta)
        assert abs(model.fwhm - fwhm) < 1e-12
    spread = {"profile": kind, "fwhm": fwhm, "axisRatio": q, "positionAngle": angle}
    spreads.append({
        "spread": spread if kind == "gaussian" else {**spread, "beta": beta}, "centre": [cx, cy],
        "density": r12([model(x, y) for x, y in places]),
        "pixels": r12([over_pixel(lambda x, y: model(x - cx, y - cy), c, w, (cx, cy)) for c, w in pixels]),
    })

image, kernel = rng.normal(size=(9, 14)) * 1000, rng.uniform(size=(5, 7))
convolution = signal.fftconvolve(image, kernel, mode="same")

y, x = np.mgrid[:21, :21]
star = models.Moffat2D(100, 10.3, 9.6, 3.1, 2.8)(x, y) * (1 + 0.3 * np.cos((x - 10.3) / 5))
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    start = models.Gaussian2D(90, 10, 10, 2, 2, fixed={"theta": True})
    fit = fitting.LevMarLSQFitter()(start, x, y, star, maxiter=1000, acc=1e-14)

json.dump({
    "indices": indices, "b": [float(special.gammaincinv(2 * n, 0.5)) for n in indices],
    "places": places, "pixels": pixels, "sersic": sersic, "spreads": spreads,
    "convolution": {"image": r12(image), "kernel": r12(kernel), "result": r12(convolution), "width": 14, "height": 9,
                    "kernelWidth": 7, "kernelHeight": 5},
    "fit": {"star": r12(star), "amplitude": float(fit.amplitude.value), "x": float(fit.x_mean.value), "y": float(fit.y_mean.value),
            "sigmaX": float(fit.x_stddev.value), "sigmaY": float(fit.y_stddev.value)},
}, open("tests/imaging/fixtures/profiles.json", "w"))
