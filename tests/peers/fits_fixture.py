"""Writes tests/formats/fixtures/fits_astropy.json: FITS files by astropy as base64, and what is in them."""
import base64
import io
import json
import sys
from pathlib import Path

import numpy as np
from astropy.io import fits


def raw(hdus, **options):
    buffer = io.BytesIO()
    fits.HDUList(hdus).writeto(buffer, **options)
    return base64.b64encode(buffer.getvalue()).decode()


def numbers(array):
    return [None if isinstance(x, float) and x != x else x for x in np.asarray(array, dtype=float).ravel().tolist()]


def main():
    cases = {}
    images = {}
    for dtype in ["uint8", "int16", "int32", "int64", "float32", "float64", "int8", "uint16", "uint32", "uint64"]:
        info = None if dtype.startswith("float") else np.iinfo(dtype)
        edge = [-1.5, 0.25, np.nan, 1e30, -0.0, 3] if info is None else [info.min, info.max, 0, 1, 2, 3]
        array = np.array(edge, dtype=dtype).reshape(2, 3)
        images[dtype] = {"file": raw([fits.PrimaryHDU(array)]), "shape": [2, 3], "pixels": numbers(array)}
    stored = np.array([[10, -32768, 3], [4, 5, 6]], dtype="int16")
    hdu = fits.PrimaryHDU(stored, do_not_scale_image_data=True)
    hdu.header["BSCALE"], hdu.header["BZERO"], hdu.header["BLANK"] = 0.5, 100.0, -32768
    images["scaled"] = {"file": raw([hdu]), "shape": [2, 3], "pixels": [105.0, None, 101.5, 102.0, 102.5, 103.0]}
    cube = np.arange(24, dtype="float32").reshape(2, 3, 4)
    images["cube"] = {"file": raw([fits.PrimaryHDU(), fits.ImageHDU(cube, name="CUBE")]), "hdu": 1, "shape": [2, 3, 4],
                      "pixels": numbers(cube)}
    cases["images"] = images

    header = fits.Header()
    header["OBJECT"] = ("O'Brien's star", "with quotes")
    header["EXPTIME"] = (1.5e-7, "a float")
    header["BIG"] = 12345678901234567
    header["FLAG"] = True
    header["NOTHING"] = (None, "undefined")
    header["LONGTEXT"] = ("It's long. " * 20).strip()
    header["HIERARCH ESO DET NAME"] = ("CCD & more", "hierarchical")
    header["COMMENT"] = "a comment"
    header["HISTORY"] = "made by astropy " * 8
    cases["header"] = {
        "file": raw([fits.PrimaryHDU(np.zeros((1, 1), "uint8"), header)]),
        "values": {"OBJECT": header["OBJECT"], "EXPTIME": header["EXPTIME"], "BIG": header["BIG"], "FLAG": True,
                   "NOTHING": None, "LONGTEXT": header["LONGTEXT"], "ESO DET NAME": "CCD & more"},
        "history": "".join(header["HISTORY"]),
    }

    lists = np.empty(3, dtype=object)
    lists[:] = [np.array([1.5, 2.5], "float32"), np.array([], "float32"), np.array([-1, -2, -3], "float32")]
    shorts = np.empty(3, dtype=object)
    shorts[:] = [np.array([1, 2, 3], "int16"), np.array([-7], "int16"), np.array([], "int16")]
    columns = [
        fits.Column("L", "L", array=np.array([True, False, True])),
        fits.Column("X", "11X", array=np.array([[1, 0] * 5 + [1], [0] * 11, [1] * 11], dtype=bool)),
        fits.Column("B", "B", array=np.array([0, 255, 7], "uint8")),
        fits.Column("I", "I", array=np.array([-32768, 5, 32767], "int16"), null=5),
        fits.Column("J", "J", array=np.array([-(2**31), 0, 2**31 - 1], "int32"), unit="count"),
        fits.Column("K", "K", array=np.array([-(2**63), 2**63 - 1, 1186139], "int64")),
        fits.Column("E", "E", array=np.array([1.5, np.nan, -np.inf], "float32")),
        fits.Column("D", "D", array=np.array([0.1, 1e300, -2.5])),
        fits.Column("A", "6A", array=np.array(["Mira", "", "abcdef"])),
        fits.Column("C", "C", array=np.array([1 + 2j, 3 - 4j, 0], "complex64")),
        fits.Column("U16", "I", bzero=32768, array=np.array([0, 40000, 65535], "uint16")),
        fits.Column("U32", "J", bzero=2**31, array=np.array([0, 3000000000, 2**32 - 1], "uint32")),
        fits.Column("U64", "K", bzero=2**63, array=np.array([0, 2**63 + 1, 2**64 - 1], "uint64")),
        fits.Column("V", "3E", array=np.arange(9, dtype="float32").reshape(3, 3)),
        fits.Column("M", "6D", dim="(3,2)", array=np.arange(18, dtype=float).reshape(3, 2, 3)),
        fits.Column("S", "8A", dim="(4,2)", array=np.array([["ab", "cd"], ["efgh", ""], ["i", "jklm"]])),
        fits.Column("P", "PE", array=lists),
        fits.Column("Q", "QI", array=shorts),
    ]
    table = fits.BinTableHDU.from_columns(columns, name="EVERY")
    scaled = fits.BinTableHDU.from_columns([fits.Column("SCALED", "I", array=np.array([0, 50, -1], "int16"))],
                                           name="SCALED")
    scaled.header["TSCAL1"], scaled.header["TZERO1"] = 0.01, 20.0
    cases["table"] = {
        "file": raw([fits.PrimaryHDU(), table, scaled]),
        "rows": 3,
        "numbers": {"L": [1, 0, 1], "B": [0, 255, 7], "I": [-32768, None, 32767], "J": [-(2**31), 0, 2**31 - 1],
                    "D": [0.1, 1e300, -2.5], "C": [1, 2, 3, -4, 0, 0], "U16": [0, 40000, 65535],
                    "U32": [0, 3000000000, 2**32 - 1], "V": list(range(9)), "M": list(range(18))},
        "integers": {"K": [str(-(2**63)), str(2**63 - 1), "1186139"], "U64": ["0", str(2**63 + 1), str(2**64 - 1)],
                     "U16": ["0", "40000", "65535"]},
        "texts": {"A": ["Mira", "", "abcdef"], "S": ["ab", "cd", "efgh", "", "i", "jklm"]},
        "bits": {"X": [1, 0] * 5 + [1] + [0] * 11 + [1] * 11},
        "lists": {"P": [[1.5, 2.5], [], [-1, -2, -3]], "Q": [[1, 2, 3], [-7], []]},
        "scaled": [20.0, 20.5, 19.99],
    }
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "tests/formats/fixtures/fits_astropy.json")
    out.write_text(json.dumps(cases) + "\n")


main()
