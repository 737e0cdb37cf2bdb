"""Writes tests/helpers/fixtures/numpy_legacy_random.json: draws of NumPy's legacy RandomState.

    python tests/peers/numpy_legacy_random_fixture.py > tests/helpers/fixtures/numpy_legacy_random.json
"""

import json
import sys

import numpy


def draws(seed):
    random = numpy.random.RandomState(seed)
    calls = [
        ("randomSample", [5], random.random_sample(5)),
        ("randint", [0, 10, 7], random.randint(0, 10, 7)),
        ("randint", [200, 201, 3], random.randint(200, 201, 3)),
        ("uniform", [1.0, 10.0, 4], random.uniform(1.0, 10.0, 4)),
        ("normal", [0.0, 1.0, 5], random.normal(0.0, 1.0, 5)),  # an odd number: one is left over
        ("randint", [-5, 70000, 6], random.randint(-5, 70000, 6)),
        ("normal", [3.0, 0.5, 4], random.normal(3.0, 0.5, 4)),
        ("pareto", [2.0, 6], random.pareto(2.0, 6)),
        ("exponential", [0.7, 4], random.exponential(0.7, 4)),
        ("randint", [0, 2**40, 4], random.randint(0, 2**40, 4)),
        ("randint", [0, 2**32, 3], random.randint(0, 2**32, 3)),
        ("permutation", [13], random.permutation(13)),
        ("randomSample", [2], random.random_sample(2)),
    ]
    return [{"method": m, "arguments": a, "values": [v.item() for v in values]} for m, a, values in calls]


seeds = [0, 1, 42, 4294967295, [1, 2, 3], [2**31, 7]]
late = numpy.random.RandomState(0).random_sample(100_000)
json.dump(
    {
        "numpy": numpy.__version__,
        "runs": [{"seed": seed, "draws": draws(seed)} for seed in seeds],
        "late": late[[623, 624, 1247, 99_999]].tolist(),
        "sum": late.sum(),
    },
    sys.stdout,
    indent=1,
)
