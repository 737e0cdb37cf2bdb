"""Writes tests/layers/fixtures/time_modulation.json: time modulation, encodings and tokens by PyTorch, with gradients.

    python -m venv VENV && VENV/bin/pip install torch numpy
    VENV/bin/python tests/peers/layers_time_modulation.py

Everything is written from the equations of the paper in 64 bits and differentiated by PyTorch's autograd; nothing of this
project takes part. Gradients are those of sum(weights * result).
"""

import json
import math
import pathlib

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
TARGET = pathlib.Path(__file__).parents[1] / "layers" / "fixtures" / "time_modulation.json"


def tensor(values, learned=False):
    # What a 32-bit library receives is what is computed with here.
    return torch.tensor(np.asarray(values, dtype="float32").astype("float64"), requires_grad=learned)


def flat(values):
    array = values.detach().numpy() if isinstance(values, torch.Tensor) else np.asarray(values)
    return [float(f"{v:.9g}") for v in array.astype("float64").ravel()]


def series(coefficients, time, period, first):
    """sum_h alpha_h sin(2 pi h t / period) + beta_h cos(...), term by term; coefficients [2 M, E], time [...]."""
    count = coefficients.shape[0] // 2
    total = 0.0
    for k in range(count):
        angle = 2 * math.pi * (k + first) * time[..., None] / period
        total = total + coefficients[k] * torch.sin(angle) + coefficients[count + k] * torch.cos(angle)
    return total


def modulation(first, seed):
    random = np.random.default_rng(seed)
    batch, bands, length, width, harmonics, period = 2, 3, 4, 5, 6, 1500.0
    embedding = tensor(random.normal(size=(batch, bands, length, width)), True)
    time = torch.tensor(random.uniform(-100, 1400, (batch, bands, length)).round(5))
    scale = tensor(random.normal(size=(bands, 2 * harmonics, width)), True)
    offset = tensor(random.normal(size=(bands, 2 * harmonics, width)), True)
    result = torch.stack(
        [
            embedding[:, b] * series(scale[b], time[:, b], period, first) + series(offset[b], time[:, b], period, first)
            for b in range(bands)
        ],
        1,
    )
    weights = tensor(random.normal(size=result.shape))
    (result * weights).sum().backward()
    return {
        "batch": batch,
        "bands": bands,
        "length": length,
        "width": width,
        "harmonics": harmonics,
        "period": period,
        "firstHarmonic": first,
        "time": flat(time),
        "embedding": flat(embedding),
        "scale": flat(scale),
        "offset": flat(offset),
        "weights": flat(weights),
        "result": flat(result),
        "gradients": {"embedding": flat(embedding.grad), "scale": flat(scale.grad), "offset": flat(offset.grad)},
    }


def light_curve(use_error, seed):
    """Objects with their observations in any order; masked ones hold rubbish. Sorted by time, padding zero and last."""
    random = np.random.default_rng(seed)
    size, bands, steps, width, harmonics, period, first = 3, 2, 4, 6, 3, 1500.0, 0
    time = random.uniform(0, 1000, (size, bands, steps)).round(5)
    flux = random.normal(0, 3, (size, bands, steps)).astype("float32").astype("float64")
    error = random.uniform(0.1, 1, (size, bands, steps)).astype("float32").astype("float64")
    mask = random.random((size, bands, steps)) < 0.6
    mask[2] = False
    mask[2, 1, 3] = True
    columns = 2 if use_error else 1
    kernel = tensor(random.normal(size=(columns, width)), True)
    bias = tensor(random.normal(size=width), True)
    scale = tensor(random.normal(size=(bands, 2 * harmonics, width)), True)
    offset = tensor(random.normal(size=(bands, 2 * harmonics, width)), True)
    length = int(mask.reshape(size, -1).sum(1).max()) + 1
    rows, order = [], np.full((size, length), -1)
    for n in range(size):
        seen = [(time[n, b, j], b, j) for b in range(bands) for j in range(steps) if mask[n, b, j]]
        tokens = []
        for k, (t, b, j) in enumerate(sorted(seen)):
            x = [flux[n, b, j], error[n, b, j]][:columns]
            e = torch.tensor(x) @ kernel + bias
            t = torch.tensor(t)
            tokens.append(e * series(scale[b], t, period, first) + series(offset[b], t, period, first))
            order[n, k] = (n * bands + b) * steps + j
        tokens += [torch.zeros(width)] * (length - len(tokens))
        rows.append(torch.stack(tokens))
    result = torch.stack(rows)
    weights = tensor(random.normal(size=result.shape))
    (result * weights).sum().backward()
    return {
        "size": size,
        "bands": bands,
        "steps": steps,
        "width": width,
        "harmonics": harmonics,
        "period": period,
        "firstHarmonic": first,
        "length": length,
        "useError": use_error,
        "time": flat(time),
        "value": flat(flux),
        "error": flat(error),
        "mask": flat(mask),
        "order": [int(i) for i in order.ravel()],
        "parameters": {
            "embedding/kernel": flat(kernel),
            "embedding/bias": flat(bias),
            "time/scale": flat(scale),
            "time/offset": flat(offset),
        },
        "weights": flat(weights),
        "result": flat(result),
        "gradients": {
            "embedding/kernel": flat(kernel.grad),
            "embedding/bias": flat(bias.grad),
            "time/scale": flat(scale.grad),
            "time/offset": flat(offset.grad),
        },
    }


def table(seed):
    random = np.random.default_rng(seed)
    batch, columns, width = 3, 4, 5
    features = tensor(random.normal(size=(batch, columns)), True)
    weight = tensor(random.normal(size=(columns, width)), True)
    bias = tensor(random.normal(size=(columns, width)), True)
    result = torch.stack([torch.outer(features[:, k], weight[k]) + bias[k] for k in range(columns)], 1)
    weights = tensor(random.normal(size=result.shape))
    (result * weights).sum().backward()
    return {
        "batch": batch,
        "columns": columns,
        "width": width,
        "features": flat(features),
        "weight": flat(weight),
        "bias": flat(bias),
        "weights": flat(weights),
        "result": flat(result),
        "gradients": {"features": flat(features.grad), "weight": flat(weight.grad), "bias": flat(bias.grad)},
    }


def encoding(base, seed):
    random = np.random.default_rng(seed)
    count, width = 7, 6
    time = tensor(random.uniform(0, 60, count), True)
    frequency = tensor([base ** (-2 * i / width) for i in range(width // 2)], True)
    result = torch.zeros(count, width)
    for i in range(width // 2):
        result[:, 2 * i] = torch.sin(time * frequency[i])
        result[:, 2 * i + 1] = torch.cos(time * frequency[i])
    weights = tensor(random.normal(size=result.shape))
    (result * weights).sum().backward()
    return {
        "base": base,
        "width": width,
        "time": flat(time),
        "frequency": flat(frequency),
        "weights": flat(weights),
        "result": flat(result),
        "gradients": {"time": flat(time.grad), "frequency": flat(frequency.grad)},
    }


if __name__ == "__main__":
    fixture = {
        "torch": torch.__version__.split("+")[0],
        "modulation": [modulation(0, 1), modulation(1, 2)],
        "lightCurve": [light_curve(True, 3), light_curve(False, 4)],
        "table": table(5),
        "encoding": [encoding(10000.0, 6), encoding(1500.0, 7)],
    }
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
