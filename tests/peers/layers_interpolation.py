"""Writes tests/layers/fixtures/interpolation.json: interpolation layers for irregular series in PyTorch, with gradients.

    python -m venv VENV && VENV/bin/pip install torch
    VENV/bin/python tests/peers/layers_interpolation.py

One object, band and point at a time over the observations that are there, in float64, straight from the equations;
nothing of this project takes part.
"""

import json
import math
import pathlib

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
BATCH, BANDS, STEPS = 3, 2, 5


def flat(values):
    values = values.detach().numpy() if isinstance(values, torch.Tensor) else values
    return [float(f"{v:.8g}") for v in np.asarray(values, dtype="float64").ravel()]


def leaf(random, shape, scale=1.0):
    """Numbers that float32 holds, so that both sides start from the same."""
    values = random.normal(0, scale, shape).astype("float32").astype("float64")
    return torch.tensor(values, requires_grad=True)


def masks(random):
    """One band is empty, one has a single observation."""
    mask = random.random((BATCH, BANDS, STEPS)) < 0.7
    mask[0, 0, :2] = True
    mask[1, 1] = False
    mask[2, 0] = False
    mask[2, 0, 3] = True
    return mask


def times(random, shape):
    return torch.tensor(random.random(shape).astype("float32").astype("float64"), requires_grad=True)


# Multi-time attention


def embed(time, embedding, parameters):
    """One time to a vector."""
    if embedding["kind"] == "learned":
        angle = parameters["p/embedding/frequency"] * time + parameters["p/embedding/phase"]
        return torch.cat([angle[:1], torch.sin(angle[1:])])
    size, scale = embedding["size"], embedding.get("scale", 1)
    sines, cosines = [], []
    for k in range(size // 2):
        angle = time * scale * math.exp(-2 * k * math.log(10) / size)
        sines.append(torch.sin(angle))
        cosines.append(torch.cos(angle))
    if embedding.get("layout") == "interleaved":
        return torch.stack([v for pair in zip(sines, cosines) for v in pair])
    return torch.stack(sines + cosines)


def project(name, vector, parameters):
    out = vector @ parameters[f"p/{name}/kernel"]
    bias = parameters.get(f"p/{name}/bias")
    return out if bias is None else out + bias


def attend(query, keys, values, heads):
    """One query on lists of keys and values: the heads' mixtures one after the other."""
    width, mixed = len(query) // heads, []
    for h in range(heads):
        part = slice(h * width, (h + 1) * width)
        scores = torch.stack([query[part] @ key[part] for key in keys]) / math.sqrt(width)
        mixed.append(torch.softmax(scores, 0) @ torch.stack(values))
    return torch.cat(mixed)


def attention_parameters(random, options, inputs):
    size, width = options["embedding"]["size"], options["heads"] * options["headSize"]
    shapes = {
        "p/query/kernel": (size, width),
        "p/key/kernel": (size, width),
        "p/output/kernel": (options["heads"] * inputs, options["hidden"]),
    }
    if options["projectionBias"]:
        shapes |= {"p/query/bias": (width,), "p/key/bias": (width,)}
    if options["bias"]:
        shapes["p/output/bias"] = (options["hidden"],)
    if options["embedding"]["kind"] == "learned":
        shapes |= {"p/embedding/frequency": (size,), "p/embedding/phase": (size,)}
    return {name: leaf(random, shape) for name, shape in shapes.items()}


def finish(random, case, out, inputs, parameters):
    weight = torch.tensor(random.normal(0, 1, out.shape).astype("float32").astype("float64"))
    (out * weight).sum().backward()
    gradients = {name: v.grad for name, v in {**inputs, **parameters}.items()}
    # What is absent has the gradient zero.
    zero = {name: torch.zeros_like(v) for name, v in {**inputs, **parameters}.items()}
    return case | {
        "inputs": {name: {"shape": list(v.shape), "data": flat(v)} for name, v in inputs.items()},
        "parameters": {name: {"shape": list(v.shape), "data": flat(v)} for name, v in parameters.items()},
        "weight": flat(weight),
        "shape": list(out.shape),
        "out": flat(out),
        "gradients": {name: flat(zero[name] if g is None else g) for name, g in gradients.items()},
    }


def encode_case(options, channels, seed):
    random = np.random.default_rng(seed)
    reference = [0.0, 0.25, 0.625, 1.0]
    time, mask = times(random, (BATCH, BANDS, STEPS)), masks(random)
    value = leaf(random, (BATCH, BANDS, STEPS, channels))
    parameters = attention_parameters(random, options, BANDS * channels)
    embedding, heads = options["embedding"], options["heads"]
    rows = []
    for n in range(BATCH):
        for r in reference:
            query = project("query", embed(torch.tensor(r), embedding, parameters), parameters)
            bands = []
            for b in range(BANDS):
                there = np.flatnonzero(mask[n, b])
                keys = [project("key", embed(time[n, b, j], embedding, parameters), parameters) for j in there]
                values = [value[n, b, j] for j in there]
                bands.append(attend(query, keys, values, heads) if keys else torch.zeros(heads * channels))
            rows.append(project("output", torch.cat(bands), parameters))
    out = torch.stack(rows).reshape(BATCH, len(reference), options["hidden"])
    case = {"options": options, "reference": reference, "mask": mask.astype(int).ravel().tolist()}
    return finish(random, case, out, {"time": time, "value": value}, parameters)


def read_case(options, width, per_band, seed):
    random = np.random.default_rng(seed)
    reference = [0.0, 0.25, 0.625, 1.0]
    time, mask = times(random, (BATCH, BANDS, STEPS)), masks(random)
    shape = (BATCH, BANDS, len(reference), width) if per_band else (BATCH, len(reference), width)
    sequence = leaf(random, shape)
    parameters = attention_parameters(random, options, width)
    embedding, heads = options["embedding"], options["heads"]
    keys = [project("key", embed(torch.tensor(r), embedding, parameters), parameters) for r in reference]
    rows = []
    for n in range(BATCH):
        for b in range(BANDS):
            values = list(sequence[n, b] if per_band else sequence[n])
            for j in range(STEPS):
                if not mask[n, b, j]:
                    rows.append(torch.zeros(options["hidden"]))
                    continue
                query = project("query", embed(time[n, b, j], embedding, parameters), parameters)
                rows.append(project("output", attend(query, keys, values, heads), parameters))
    out = torch.stack(rows).reshape(BATCH, BANDS, STEPS, options["hidden"])
    case = {"options": options, "reference": reference, "mask": mask.astype(int).ravel().tolist()}
    return finish(random, case, out, {"time": time, "sequence": sequence}, parameters)


# Interpolation-prediction


def smoothed(alpha, time, value, there, points):
    """Weighted means and intensities of one band at points, by the exponentials themselves."""
    if len(there) == 0:
        return torch.zeros(len(points)), torch.zeros(len(points))
    weight = torch.exp(-alpha * (points[:, None] - time[there][None, :]) ** 2)
    total = weight.sum(1)
    return (weight * value[there][None, :]).sum(1) / total, total


def chi_of(n, points, grid, alpha, rho, time, value, mask, centred):
    """The interpolant across bands of object n, [bands, points]."""
    there = [np.flatnonzero(mask[n, b]) for b in range(BANDS)]
    at = [smoothed(alpha[b], time[n, b], value[n, b], there[b], points) for b in range(BANDS)]
    total = sum(at[b][1] for b in range(BANDS))
    means = [
        smoothed(alpha[b], time[n, b], value[n, b], there[b], grid)[0].mean() if centred else torch.tensor(0.0)
        for b in range(BANDS)
    ]
    return torch.stack([
        means[d] + sum(rho[d, e] * at[e][1] / total * (at[e][0] - means[e]) for e in range(BANDS))
        for d in range(BANDS)
    ])


def interpolation_inputs(random):
    time, mask, value = times(random, (BATCH, BANDS, STEPS)), masks(random), leaf(random, (BATCH, BANDS, STEPS))
    parameters = {"p/bandwidth": leaf(random, (BANDS,)), "p/across": leaf(random, (BANDS, BANDS))}
    return time, mask, value, parameters


def interpolant_case(kappa, transient, centred, seed):
    random = np.random.default_rng(seed)
    time, mask, value, parameters = interpolation_inputs(random)
    alpha = torch.nn.functional.softplus(parameters["p/bandwidth"])
    reference = [0.125, 0.375, 0.5, 0.875]
    grid = torch.tensor(reference)
    objects = []
    for n in range(BATCH):
        sigma, intensity, gamma = [], [], []
        for b in range(BANDS):
            there = np.flatnonzero(mask[n, b])
            low, total = smoothed(alpha[b], time[n, b], value[n, b], there, grid)
            high, own = smoothed(kappa * alpha[b], time[n, b], value[n, b], there, grid)
            sigma.append(low)
            intensity.append(total)
            gamma.append(high * own / total if transient == "damped" and len(there) else high)
        chi = chi_of(n, grid, grid, alpha, parameters["p/across"], time, value, mask, centred)
        gamma = torch.stack(gamma)
        objects.append(torch.cat([torch.stack(sigma), torch.stack(intensity), gamma, chi, gamma - chi]))
    out = torch.stack(objects).transpose(1, 2)  # [batch, points, outputs * bands]
    case = {
        "options": {"kappa": kappa, "transient": transient, "centred": centred},
        "reference": reference,
        "mask": mask.astype(int).ravel().tolist(),
    }
    return finish(random, case, out, {"time": time, "value": value}, parameters)


def loss_case(across, centred, seed):
    random = np.random.default_rng(seed)
    time, mask, value, parameters = interpolation_inputs(random)
    alpha = torch.nn.functional.softplus(parameters["p/bandwidth"])
    mask[0, 1, :4] = True
    keep = (random.random(mask.shape) < 0.6) & mask
    keep[0, 0] = mask[0, 0]  # nothing is held out of this band
    keep[2, 0] = mask[2, 0]
    reference = [0.125, 0.375, 0.5, 0.875]
    grid, total = torch.tensor(reference), torch.tensor(0.0)
    for n in range(BATCH):
        for b in range(BANDS):
            held = np.flatnonzero(mask[n, b] & ~keep[n, b])
            if len(held) == 0:
                continue
            if across:
                rho = parameters["p/across"]
                found = chi_of(n, time[n, b, held], grid, alpha, rho, time, value, keep, centred)[b]
            else:
                there = np.flatnonzero(keep[n, b])
                found = smoothed(alpha[b], time[n, b], value[n, b], there, time[n, b, held])[0]
            total = total + ((value[n, b, held] - found) ** 2).mean() / BATCH
    if not across:
        del parameters["p/across"]
    case = {
        "options": {"centred": centred, "outputs": ["chi"] if across else ["sigma"]},
        "reference": reference,
        "mask": mask.astype(int).ravel().tolist(),
        "kept": keep.astype(int).ravel().tolist(),
    }
    return finish(random, case, total.reshape(1), {"time": time, "value": value}, parameters)


def attention_options(embedding, heads, head_size, hidden, bias, projection_bias):
    return {
        "embedding": embedding,
        "heads": heads,
        "headSize": head_size,
        "hidden": hidden,
        "bias": bias,
        "projectionBias": projection_bias,
    }


FIXED = {"kind": "fixed", "size": 6}
ORIGINAL = {"kind": "fixed", "size": 8, "scale": 48, "layout": "interleaved"}
LEARNED = {"kind": "learned", "size": 5}
fixture = {
    "made by": f"tests/peers/layers_interpolation.py, torch {torch.__version__}",
    "attention": [
        encode_case(attention_options(FIXED, 1, 6, 4, False, False), 1, 1),
        encode_case(attention_options(ORIGINAL, 2, 4, 3, True, True), 2, 2),
        encode_case(attention_options(LEARNED, 2, 7, 3, True, True), 1, 3),
    ],
    "readout": [
        read_case(attention_options(FIXED, 1, 6, 4, False, False), 3, False, 4),
        read_case(attention_options(LEARNED, 2, 4, 3, True, True), 2, True, 5),
    ],
    "interpolants": [
        interpolant_case(10, "own intensity", True, 6),
        interpolant_case(4, "damped", False, 7),
    ],
    "losses": [loss_case(True, True, 8), loss_case(True, False, 9), loss_case(False, True, 10)],
}
path = pathlib.Path(__file__).parent.parent / "layers" / "fixtures" / "interpolation.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(fixture) + "\n")
