"""Writes tests/tensor/recurrent/fixtures/keras.json: what Keras makes of small GRU and LSTM layers, with gradients.

    python -m venv VENV && VENV/bin/pip install torch keras
    VENV/bin/python tests/peers/recurrent_fixture.py

Keras runs on its PyTorch backend, which differentiates its step functions; nothing of this project takes part.
"""

import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402

BATCH, TIME, FEATURES, UNITS = 3, 6, 4, 5


def hard_sigmoid(x):
    """The hard sigmoid of Keras 1 and 2; Keras 3 has another slope under this name."""
    return keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)


def case(cell, reset_after, hard, backwards, masked, seed):
    random = np.random.default_rng(seed)
    gates = 3 if cell == "gru" else 4
    activation = hard_sigmoid if hard else "sigmoid"
    options = dict(return_sequences=True, recurrent_activation=activation, go_backwards=backwards)
    if cell == "gru":
        layer = keras.layers.GRU(UNITS, reset_after=reset_after, **options)
    else:
        layer = keras.layers.LSTM(UNITS, **options)
    layer.build((BATCH, TIME, FEATURES))
    bias_shape = (2, gates * UNITS) if reset_after else (gates * UNITS,)
    kernel = random.normal(0, 0.7, (FEATURES, gates * UNITS)).astype("float32")
    recurrent = random.normal(0, 0.7, (UNITS, gates * UNITS)).astype("float32")
    bias = random.normal(0, 0.4, bias_shape).astype("float32")
    layer.set_weights([kernel, recurrent, bias])
    x = torch.tensor(random.normal(0, 1, (BATCH, TIME, FEATURES)).astype("float32"), requires_grad=True)
    states = [
        torch.tensor(random.normal(0, 0.5, (BATCH, UNITS)).astype("float32"), requires_grad=True)
        for _ in range(1 if cell == "gru" else 2)
    ]
    mask = None
    if masked:
        mask = random.random((BATCH, TIME)) < 0.6
        # Keras shows zeros, not the initial state, for steps before the first one that is seen.
        mask[:, TIME - 1 if backwards else 0] = True
    weights = random.normal(0, 1, (BATCH, TIME, UNITS)).astype("float32")
    result = layer(x, initial_state=states, mask=None if mask is None else torch.tensor(mask))
    (result * torch.tensor(weights)).sum().backward()

    def flat(values):
        values = values.detach().numpy() if isinstance(values, torch.Tensor) else values
        return [float(f"{v:.8g}") for v in np.asarray(values, dtype="float64").ravel()]

    variables = [v.value for v in layer.trainable_weights]
    return {
        "cell": cell,
        "resetAfter": reset_after,
        "hard": hard,
        "backwards": backwards,
        "mask": None if mask is None else [int(v) for v in mask.ravel()],
        "x": flat(x),
        "kernel": flat(kernel),
        "recurrentKernel": flat(recurrent),
        "bias": flat(bias),
        "initial": flat(states[0]),
        "initialCell": flat(states[1]) if cell == "lstm" else [],
        "weights": flat(weights),
        "states": flat(result),
        "gradients": {
            "x": flat(x.grad),
            "kernel": flat(variables[0].grad),
            "recurrentKernel": flat(variables[1].grad),
            "bias": flat(variables[2].grad),
            "initial": flat(states[0].grad),
            "initialCell": flat(states[1].grad) if cell == "lstm" else [],
        },
    }


def main():
    cases, seed = [], 0
    for cell, reset_after in (("gru", False), ("gru", True), ("lstm", False)):
        for hard in (False, True):
            for backwards, masked in ((False, False), (False, True), (True, True)):
                seed += 1
                cases.append(case(cell, reset_after, hard, backwards, masked, seed))
    target = pathlib.Path(__file__).parents[1] / "tensor" / "recurrent" / "fixtures" / "keras.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    facts = {"keras": keras.__version__, "torch": torch.__version__}
    sizes = {"batch": BATCH, "time": TIME, "features": FEATURES, "units": UNITS}
    target.write_text(json.dumps({**facts, **sizes, "cases": cases}, separators=(",", ":")) + "\n")
    print(target.name, len(cases), "cases", target.stat().st_size, "bytes")


main()
