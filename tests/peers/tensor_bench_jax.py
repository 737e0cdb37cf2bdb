"""jax's side of tests/bench/tensor_bench.ts: every step one compiled function, a recurrence one scan over time."""
import os
import sys

if hasattr(os, "sched_setaffinity"):
    # XLA takes as many threads as it sees cores.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(sys.argv[1])])
import jax
import numpy as np
from jax import numpy as jnp
from jax import lax

from bench_protocol import serve

generator = np.random.default_rng(0)


def normal(*shape, scale=1.0):
    return jnp.asarray(generator.normal(size=shape) * scale, jnp.float32)


def dense(*sizes):
    return normal(*sizes, scale=sizes[0] ** -0.5), jnp.zeros(sizes[-1])


def cell(kind, units, projected, state, inner, bias):
    if kind == "gru":
        h = state[0]
        product = h @ inner + bias
        zr = jax.nn.sigmoid(projected[:, : 2 * units] + product[:, : 2 * units])
        z, r = zr[:, :units], zr[:, units:]
        candidate = jnp.tanh(projected[:, 2 * units :] + r * product[:, 2 * units :])
        h = candidate + z * (h - candidate)
        return (h,), h
    h, c = state
    gates = projected + h @ inner
    i, f, g, o = jnp.split(gates, 4, 1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    h = jax.nn.sigmoid(o) * jnp.tanh(c)
    return (h, c), h


def recurrence(kind, x, weights, reverse):
    (kernel, offset), (inner, bias) = weights
    units, batch = inner.shape[0], x.shape[1]
    projected = x @ kernel + offset
    zero = jnp.zeros((batch, units))
    state = (zero,) if kind == "gru" else (zero, zero)
    return lax.scan(lambda s, p: cell(kind, units, p, s, inner, bias), state, projected, reverse=reverse)[1]


def recurrent(case):
    gates, directions = (3 if case["cell"] == "gru" else 4), (2 if case["bidirectional"] else 1)
    width, weights = case["features"], []
    for units in case["units"]:
        weights.append([(dense(width, gates * units), dense(units, gates * units)) for _ in range(directions)])
        width = units * directions
    x = normal(case["time"], case["batch"], case["features"])
    y = jnp.asarray(generator.integers(0, case["classes"], case["batch"]))

    def loss(parameters):
        sequence = x
        for layer in parameters[0]:
            sequence = jnp.concatenate(
                [recurrence(case["cell"], sequence, w, bool(k)) for k, w in enumerate(layer)], 2
            )
        kernel, bias = parameters[1]
        pooled = sequence[-1] if case["pool"] == "last" else sequence.max(0)
        return -jax.nn.log_softmax(pooled @ kernel + bias)[jnp.arange(len(y)), y].mean()

    return trained([weights, dense(width, case["classes"])], loss)


def trained(parameters, loss):
    zeros = jax.tree.map(jnp.zeros_like, parameters)

    @jax.jit
    def update(parameters, first, second, step):
        value, gradients = jax.value_and_grad(loss)(parameters)
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)
        a, b = 1 - 0.9**step, 1 - 0.999**step
        change = lambda p, m, v: p - 1e-3 * (m / a) / (jnp.sqrt(v / b) + 1e-8)
        return jax.tree.map(change, parameters, first, second), first, second, value

    state = [parameters, zeros, zeros, 1.0]

    def step():
        *state[:3], value = jax.block_until_ready(update(*state))
        state[3] += 1.0
        return float(value)

    return step


def normalised(x, scale, shift):
    return (x - x.mean(-1, keepdims=True)) * lax.rsqrt(x.var(-1, keepdims=True) + 1e-5) * (1 + scale) + shift


def transformer(case):
    width, heads, batch, time = case["width"], case["heads"], case["batch"], case["time"]
    tokens = normal(batch, time, width)
    layers = [dense(width, 3 * width), dense(width, width), dense(width, case["feedForward"])]
    layers.append(dense(case["feedForward"], width))
    norms = [(jnp.zeros(width), jnp.zeros(width)) for _ in range(2)]

    def loss(parameters):
        (qkv, out, up, down), norms, x = parameters
        q, k, v = jnp.split(normalised(x, *norms[0]) @ qkv[0] + qkv[1], 3, -1)
        cut = lambda y: y.reshape(batch, time, heads, width // heads)
        attended = jax.nn.dot_product_attention(cut(q), cut(k), cut(v)).reshape(batch, time, width)
        x = x + attended @ out[0] + out[1]
        hidden = jax.nn.gelu(normalised(x, *norms[1]) @ up[0] + up[1], approximate=False)
        return jnp.square(x + hidden @ down[0] + down[1]).mean()

    return trained([layers, norms, tokens], loss)


def autoencoder(case):
    sizes, batch = case["sizes"], case["batch"]
    encoder = [dense(a, b) for a, b in zip(sizes[:-2], sizes[1:-1])] + [dense(sizes[-2], 2 * sizes[-1])]
    decoder = [dense(a, b) for a, b in zip(sizes[:0:-1], sizes[-2::-1])]
    x, noise = jnp.asarray(generator.random((batch, sizes[0])), jnp.float32), normal(batch, sizes[-1])

    def chain(h, layers):
        for kernel, bias in layers[:-1]:
            h = jax.nn.relu(h @ kernel + bias)
        return h @ layers[-1][0] + layers[-1][1]

    def loss(parameters):
        mean, spread = jnp.split(chain(x, parameters[0]), 2, 1)
        error = jax.nn.sigmoid(chain(mean + jnp.exp(0.5 * spread) * noise, parameters[1])) - x
        divergence = -0.5 * (1 + spread - mean**2 - jnp.exp(spread)).sum(1)
        return jnp.square(error).sum(1).mean() + 0.5 * divergence.mean()

    return trained([encoder, decoder], loss)


def product(case):
    m, n, k = case["m"], case["n"], case["k"]
    lead = [case["batch"]] if case["batch"] > 1 else []
    a = normal(*lead, *((k, m) if case["transposeA"] else (m, k)))
    b = normal(*lead, *((n, k) if case["transposeB"] else (k, n)))
    turned = lambda x, turn: jnp.swapaxes(x, -1, -2) if turn else x
    multiply = jax.jit(lambda a, b: turned(a, case["transposeA"]) @ turned(b, case["transposeB"]))
    return lambda: jax.block_until_ready(multiply(a, b))


def convolutions(case):
    size, channels = case["size"], case["channels"]
    x = normal(case["batch"], size, size, channels)
    filters = [normal(3, 3, channels, channels, scale=0.05) for _ in range(case["layers"])]

    def value(x, filters):
        for each in filters:
            x = jax.nn.relu(lax.conv_general_dilated(x, each, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")))
        return x.sum()

    run = jax.jit(jax.value_and_grad(value, (0, 1)))
    return lambda: jax.block_until_ready(run(x, filters))


kinds = dict(
    recurrent=recurrent, product=product, convolutions=convolutions, transformer=transformer, autoencoder=autoencoder
)
serve(
    {"peer": f"jax {jax.__version__}", "flags": f"devices {jax.devices()}"},
    lambda case, threads: [{"threads": threads}],
    lambda case, setting: kinds[case["kind"]](case),
)
