"""Fixture of the Gaussian-process tests, made with scikit-learn (1.9).

    python tests/peers/signal_gaussian_process.py > tests/signal/fixtures/gaussian_process.json
"""

import json

import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, ExpSineSquared, Matern

rng = np.random.default_rng(13)
n = 40
t = np.sort(rng.uniform(0, 60, n))
e = rng.uniform(0.03, 0.15, n)
y = np.sin(t / 5) + e * rng.normal(size=n)
at = np.linspace(-5, 70, 16)
wave = rng.choice([3671.0, 4827.0, 6223.0, 7546.0], n)


def case(name, kernel, x, at):
    model = GaussianProcessRegressor(kernel, alpha=e**2, optimizer=None).fit(x, y)
    value, gradient = model.log_marginal_likelihood(kernel.theta, eval_gradient=True)
    mean, std = model.predict(at, return_std=True)
    free = GaussianProcessRegressor(kernel, alpha=e**2, n_restarts_optimizer=0).fit(x, y)
    return dict(name=name, parameters=np.exp(kernel.theta).tolist(), value=float(value), gradient=gradient.tolist(),
                mean=mean.tolist(), variance=(std**2).tolist(), best=float(free.log_marginal_likelihood_value_))


one, many = t[:, None], np.stack([t, wave], 1)
grid = at[:, None]
cases = [
    case("1/2", ConstantKernel(0.7) * Matern(8.0, nu=0.5), one, grid),
    case("3/2", ConstantKernel(0.7) * Matern(8.0, nu=1.5), one, grid),
    case("5/2", ConstantKernel(0.7) * Matern(8.0, nu=2.5), one, grid),
    case("gaussian", ConstantKernel(0.7) * RBF(4.0), one, grid),
    case("periodic", ConstantKernel(0.7) * ExpSineSquared(1.3, 31.0), one, grid),
    case("surface", ConstantKernel(0.7) * Matern([8.0, 6000.0], nu=1.5), many, np.stack([at, np.full(16, 6223.0)], 1)),
]
print(json.dumps(dict(time=t.tolist(), value=y.tolist(), error=e.tolist(), wavelength=wave.tolist(), at=at.tolist(),
                      cases=cases)))
