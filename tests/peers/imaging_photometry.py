"""Makes tests/imaging/fixtures/photometry.json: aperture sums by photutils, clipped statistics by astropy, Gaussian fits by SciPy.

Needs numpy, scipy, astropy and photutils. Images are formulas that the tests repeat, so the fixture holds results only.
"""
import json, sys
import numpy as np
import astropy, scipy, photutils
from astropy.stats import sigma_clipped_stats
from photutils.aperture import CircularAperture, aperture_photometry
from scipy.optimize import curve_fit

SIDE = 25
y, x = np.mgrid[0:SIDE, 0:SIDE]
noise = ((x * 7919 + y * 104729 + x * y * 31) % 1000) / 1000 - 0.5
image = 100 + 40 * noise
apertures = []
for (cx, cy, r) in [(12, 12, 3), (12.3, 11.8, 0.4), (10.5, 10.5, 0.5), (11.77, 12.21, 4.6), (2.2, 1.4, 3.3), (12, 12, 9.5), (23.9, 12, 1.7)]:
    table = aperture_photometry(image, CircularAperture((cx, cy), r), method="exact")
    area = aperture_photometry(np.ones_like(image), CircularAperture((cx, cy), r), method="exact")
    apertures.append(dict(x=cx, y=cy, radius=r, sum=float(table["aperture_sum"][0]), area=float(area["aperture_sum"][0])))

outliers = image + np.where((x + 2 * y) % 17 == 0, 300, 0)
mean, median, _ = sigma_clipped_stats(outliers, sigma=3, maxiters=None, cenfunc="median", stdfunc=lambda a, axis=None: np.std(a, axis=axis, ddof=1))


def gaussian(xy, a, x0, y0, sx, sy, r, b):
    u, v = (xy[0] - x0) / sx, (xy[1] - y0) / sy
    return a * np.exp(-0.5 * (u * u - 2 * r * u * v + v * v) / (1 - r * r)) + b


truth = (900, 12.4, 11.3, 2.1, 3.0, 0.35, 120)
star = gaussian((x, y), *truth) + 60 * noise
variance = 50 + star / 4
fits = []
for shape in ["elliptical", "aligned", "circular"]:
    if shape == "elliptical":
        f, p0 = gaussian, (800, 12, 12, 2, 2, 0.1, 100)
    elif shape == "aligned":
        f, p0 = (lambda xy, a, x0, y0, sx, sy, b: gaussian(xy, a, x0, y0, sx, sy, 0, b)), (800, 12, 12, 2, 2, 100)
    else:
        f, p0 = (lambda xy, a, x0, y0, s, b: gaussian(xy, a, x0, y0, s, s, 0, b)), (800, 12, 12, 2, 100)
    for weighted in [False, True]:
        p, c = curve_fit(f, (x.ravel(), y.ravel()), star.ravel(), p0=p0, sigma=np.sqrt(variance.ravel()) if weighted else None,
                         absolute_sigma=weighted, xtol=1e-14, ftol=1e-14, gtol=1e-14)
        fits.append(dict(shape=shape, weighted=weighted, parameters=[round(v, 9) for v in p], errors=[float(f"{v:.8g}") for v in np.sqrt(np.diag(c))]))

json.dump(dict(
    made_by=f"numpy {np.__version__}, scipy {scipy.__version__}, astropy {astropy.__version__}, photutils {photutils.__version__}",
    apertures=apertures, clipped=dict(mean=float(mean), median=float(median)), fits=fits,
), sys.stdout, indent=1)
print()
