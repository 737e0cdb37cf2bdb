"""Writes a safetensors file by the format's own library, with its values in JSON beside it.

    pip install safetensors numpy ml_dtypes
    python tests/peers/safetensors_fixture.py > tests/tensor/interchange/fixtures/safetensors.json
"""

import base64
import json
import sys

import ml_dtypes
import numpy
from safetensors.numpy import save

arrays = {
    "float32": numpy.array([[1.5, -2.25], [3e38, 1e-40]], dtype="float32"),
    "float64": numpy.array([0.1, -1e300]),
    "int32": numpy.array([[-(2**31)], [7]], dtype="int32"),
    "int64": numpy.array([2**53 - 1, -3], dtype="int64"),
    "uint8": numpy.array([0, 255], dtype="uint8"),
    "bool": numpy.array([True, False, True]),
    "float16": numpy.array([1, -0.5, 65504, 6e-8, 6.1e-5, numpy.inf, numpy.nan], dtype="float16"),
    "bfloat16": numpy.array([1, -0.5, 3.140625, 1e30, numpy.inf], dtype=ml_dtypes.bfloat16),
    "scalar": numpy.array(4.0, dtype="float32"),
    "empty": numpy.zeros((0, 2), dtype="float32"),
}
metadata = {"format": "np", "note": "µ"}


def plain(x):
    x = float(x)
    return "nan" if x != x else "inf" if x == float("inf") else x


kinds = {"float16": "float32", "bfloat16": "float32"}
json.dump(
    {
        "file": base64.b64encode(save(arrays, metadata)).decode(),
        "metadata": metadata,
        "arrays": {
            name: {
                "shape": list(a.shape),
                "dtype": kinds.get(a.dtype.name, a.dtype.name),
                "values": [plain(x) for x in a.ravel()],
            }
            for name, a in arrays.items()
        },
    },
    sys.stdout,
    indent=1,
)
