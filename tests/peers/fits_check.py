"""Reads a FITS file that this library wrote with astropy, warnings as errors, verifies the standard, prints its content."""
import json
import sys
import warnings

import numpy as np
from astropy.io import fits


def plain(value):
    if isinstance(value, np.ndarray):
        return [plain(x) for x in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, complex):
        return [value.real, value.imag]
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return str(value)
    return value


warnings.simplefilter("error")
with fits.open(sys.argv[1]) as hdus:
    hdus.verify("exception")
    parts = []
    for hdu in hdus:
        header = {k: plain(v) for k, v in hdu.header.items() if k not in ("", "COMMENT", "HISTORY")
                  and not isinstance(v, fits.card.Undefined)}
        part = {"name": hdu.name, "header": header}
        if isinstance(hdu, fits.BinTableHDU):
            part["columns"] = {c: plain(np.asarray(hdu.data[c]) if hdu.data[c].dtype != object else list(hdu.data[c]))
                               if not isinstance(hdu.data[c], fits.column._VLF) else [plain(np.asarray(x)) for x in hdu.data[c]]
                               for c in hdu.columns.names}
        elif hdu.data is not None:
            part["data"] = plain(hdu.data)
        parts.append(part)
print(json.dumps(parts))
