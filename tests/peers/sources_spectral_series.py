"""Writes tests/sources/transients/fixtures/sncosmo.json with sncosmo: fluxes of an expanding, cooling black body.

The passbands are those of data/passbands/*.json, evaluated here anew from the form that stands in the files.
Run in an environment with sncosmo, from the root of the repository: python tests/peers/sources_spectral_series.py
"""
import json
import pathlib

import numpy as np
import sncosmo
from astropy.cosmology import FlatLambdaCDM

ROOT = pathlib.Path(__file__).parents[2]
PLANCK, LIGHT, BOLTZMANN = 6.62607015e-27, 2.99792458e10, 1.380649e-16


def bandpass(system, band):
    shape = band["shape"]
    blue, red, w_blue, w_red = shape["blue"], shape["red"], shape["blueWidth"], shape["redWidth"]
    x = np.arange(blue - 9 * w_blue, red + 9 * w_red, 2.0)
    top = np.polynomial.polynomial.polyval((2 * x - blue - red) / (red - blue), shape["top"])
    value = np.clip(top, 0, None) / (1 + np.exp((blue - x) / w_blue)) / (1 + np.exp((x - red) / w_red))
    return sncosmo.Bandpass(x, value, name=f"{system}_{band['name']}")


def luminosity(phase, wavelength):
    """L_lambda in erg/s/A: T = 5000 + 9000 exp(-p / 25), R = 6e14 + 8e13 p."""
    temperature, radius = 5000 + 9000 * np.exp(-phase / 25), 6e14 + 8e13 * phase
    cm = wavelength * 1e-8
    surface = 2 * PLANCK * LIGHT**2 / cm**5 / np.expm1(PLANCK * LIGHT / (cm * BOLTZMANN * temperature))
    return 4 * np.pi**2 * radius**2 * surface * 1e-8


phases, grid = np.arange(-5, 121.0), np.arange(900, 12500, 10.0)
source = sncosmo.TimeSeriesSource(phases, grid, np.array([luminosity(p, grid) for p in phases]), zero_before=False)
universe = FlatLambdaCDM(H0=70, Om0=0.3, Tcmb0=0)
cases = []
for z, mwebv, host, rv in [(0.03, 0, 0, 3.1), (0.2, 0.1, 0, 3.1), (0.6, 0.02, 0.25, 2.4), (1.1, 0.3, 0.1, 3.1)]:
    effects = [sncosmo.F99Dust(r_v=rv), sncosmo.F99Dust(r_v=3.1)]
    model = sncosmo.Model(source, effects=effects, effect_names=["host", "mw"], effect_frames=["rest", "obs"])
    distance = universe.luminosity_distance(z).to("cm").value
    model.set(z=z, t0=60000, amplitude=1 / (4 * np.pi * distance**2), hostebv=host, mwebv=mwebv)
    for system in ["lsst", "ztf"]:
        bands = json.loads((ROOT / f"data/passbands/{system}.json").read_text())["bands"]
        days = [0, 3, 10, 40, 110]
        flux = [
            [float(f"{model.bandflux(bandpass(system, b), 60000 + d, zp=27.5, zpsys='ab'):.7g}") for b in bands] for d in days
        ]
        cases.append({"redshift": z, "mwebv": mwebv, "host": host, "rv": rv, "system": system, "days": days, "flux": flux})
out = ROOT / "tests/sources/transients/fixtures/sncosmo.json"
out.write_text(json.dumps({"sncosmo": sncosmo.__version__, "cases": cases}) + "\n")
print(len(cases), "cases")
