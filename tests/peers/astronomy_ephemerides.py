"""Writes tests/astronomy/fixtures/ephemerides.json: Sun, Moon, sidereal time and altitudes by astropy.

Run in an environment with astropy: python tests/peers/astronomy_ephemerides.py
"""
import json
import pathlib

import astropy.units as u
from astropy.coordinates import PrecessedGeocentric, SkyCoord, get_body, get_sun
from astropy.time import Time
from astropy.utils import iers

iers.conf.auto_download = False
iers.conf.iers_degraded_accuracy = "ignore"
rows = []
for mjd in [51544.5, 53111.27, 56600.0, 57000.3, 57333.9, 57812.61, 58390.0, 60000.77]:
    time = Time(mjd, format="mjd", scale="ut1")
    of_date = PrecessedGeocentric(equinox=time, obstime=time)
    sun, moon = get_sun(time).transform_to(of_date), get_body("moon", time).transform_to(of_date)
    rows.append({
        "mjd": mjd,
        "sun": [sun.ra.deg, sun.dec.deg],
        "moon": [moon.ra.deg, moon.dec.deg],
        "separation": sun.separation(moon).deg,
        "sidereal": time.sidereal_time("mean", "greenwich").deg,
    })
pairs = []
for a, b in [((10, 20), (10, 20.001)), ((350, -60), (20, 45)), ((0, 89), (180, 89))]:
    pairs.append({
        "a": a, "b": b,
        "separation": SkyCoord(*a, unit="deg").separation(SkyCoord(*b, unit="deg")).deg,
    })
path = pathlib.Path(__file__).parent.parent / "astronomy" / "fixtures" / "ephemerides.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps({"rows": rows, "pairs": pairs}, indent=1) + "\n")
