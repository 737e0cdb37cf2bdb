"""Writes tests/astronomy/fixtures/distances_dust.json with astropy (distances, coordinates) and dust_extinction (laws).

Run in an environment with both: python tests/peers/astronomy_distances_dust.py
"""
import json
import pathlib

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.cosmology import FlatLambdaCDM
from dust_extinction.parameter_averages import F99, O94

universes = []
for hubble, matter in [(70, 0.3), (67.7, 0.31), (50, 1.0)]:
    cosmology = FlatLambdaCDM(H0=hubble, Om0=matter, Tcmb0=0)
    z = np.array([0.001, 0.03, 0.1, 0.5, 1.0, 3.0, 8.0, 1000.0])
    universes.append({
        "hubble": hubble, "matter": matter, "z": z.tolist(),
        "luminosity": cosmology.luminosity_distance(z).value.tolist(),
        "angular": cosmology.angular_diameter_distance(z).value.tolist(),
        "modulus": cosmology.distmod(z).value.tolist(),
        "volume": cosmology.comoving_volume(z).to(u.Gpc**3).value.tolist(),
        "age": cosmology.age(z).value.tolist(),
    })
laws = []
for rv in [2.5, 3.1, 5.0]:
    x = np.array([0.31, 0.46, 0.8, 1.1, 1.5, 1.82, 2.27, 2.8, 3.2, 3.6, 4.6, 5.5, 6.5, 7.8, 8.5])
    laws.append({
        "rv": rv, "x": x.tolist(),
        "odonnell94": O94(Rv=rv)(x / u.micron).tolist(),
        "fitzpatrick99": F99(Rv=rv)(x / u.micron).tolist(),
    })
places = []
for ra, dec in [(0, 0), (192.85948, 27.12825), (266.405, -28.936), (83.6, 22.0), (10.68, 41.27), (300, -75)]:
    g = SkyCoord(ra, dec, unit="deg").galactic
    places.append({"ra": ra, "dec": dec, "l": g.l.deg, "b": g.b.deg})
path = pathlib.Path(__file__).parent.parent / "astronomy" / "fixtures" / "distances_dust.json"
path.write_text(json.dumps({"universes": universes, "laws": laws, "places": places}, indent=1) + "\n")
