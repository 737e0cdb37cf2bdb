"""Writes tests/numerics/fixtures/scipy.json: special functions, quantiles and minima by SciPy and NumPy.

pip install numpy==2.4.6 scipy==1.17.1; run from the repository root.
"""
import json
import numpy as np
from scipy import interpolate, optimize, special

rng = np.random.default_rng(1)
x = [1e-8, 1e-3, 0.1, 0.5, 0.9999, 1.0, 1.5, 2.0, 3.7, 10.0, 55.5, 171.0, 999.0, 1001.0, 1e6, 1e12, -0.5, -3.3, -20.7]
pairs = [(a, v) for a in (0.01, 0.5, 1.0, 2.5, 10.0, 100.0, 1000.0) for v in (1e-6, 0.1, 1.0, 5.0, 50.0, 120.0, 990.0, 1100.0)]
e = [-7.0, -3.0, -1.0, -0.3, 1e-10, 0.1, 0.5, 1.0, 2.0, 4.0, 5.9, 10.0, 26.0]
p = [1e-300, 1e-20, 1e-7, 0.001, 0.1, 0.3, 0.5, 0.7, 0.99, 1 - 1e-9]
sample = rng.normal(size=37)
q = np.linspace(0, 1, 21)
nm = optimize.minimize(optimize.rosen, [-1.2, 1.0, 0.7], method="Nelder-Mead")
lb = optimize.minimize(optimize.rosen, [-1.2, 1.0, 0.7, 0.2], jac=optimize.rosen_der, method="L-BFGS-B",
                       bounds=[(None, 0.5), (-1, 2), (0.3, 2), (-2, 2)], options={"ftol": 1e-15, "gtol": 1e-10})
sx = np.sort(rng.uniform(0, 10, 9))
sy = np.sin(sx) + 0.2 * sx
st = np.linspace(sx[0] - 0.5, sx[-1] + 0.5, 41)
splines = {end: interpolate.CubicSpline(sx, sy, bc_type=end) for end in ("natural", "not-a-knot")}
design = np.vander(np.linspace(0, 1, 25), 8)
target = rng.normal(size=25)
solution, residual, _, _ = np.linalg.lstsq(design, target, rcond=None)
json.dump({
    "spline": {"x": sx.tolist(), "y": sy.tolist(), "t": st.tolist(),
               **{end: [s(st).tolist(), s(st, 1).tolist()] for end, s in splines.items()}},
    "interp": np.interp(st, sx, sy).tolist(),
    "lstsq": {"design": design.tolist(), "target": target.tolist(), "x": solution.tolist(), "residual": float(residual[0])},
    "x": x, "gammaln": special.gammaln(x).tolist(), "digamma": special.digamma(x).tolist(),
    "betaln": [[a, b, float(special.betaln(a, b))] for a in (0.3, 1.0, 7.0) for b in (0.2, 2.0, 40.0)],
    "gammainc": [[a, v, float(special.gammainc(a, v)), float(special.gammaincc(a, v))] for a, v in pairs],
    "e": e, "erf": special.erf(e).tolist(), "erfc": special.erfc(e).tolist(),
    "p": p, "ndtri": special.ndtri(p).tolist(),
    "sample": sample.tolist(), "q": q.tolist(), "quantiles": np.quantile(sample, q).tolist(),
    "nelder_mead": {"x": nm.x.tolist(), "iterations": nm.nit, "evaluations": nm.nfev},
    "lbfgs": {"x": lb.x.tolist(), "value": float(lb.fun)},
}, open("tests/numerics/fixtures/scipy.json", "w"))
