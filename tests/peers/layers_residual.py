"""Writes tests/layers/fixtures/residual.json: batch renormalisation, residual blocks and the image stage by PyTorch.

    python -m venv VENV && VENV/bin/pip install torch
    VENV/bin/python tests/peers/layers_residual.py

The blocks are modules of torch.nn in double precision, differentiated by autograd. Batch renormalisation, which
torch.nn lacks, is written from the equations of the paper, its correction cut off by `detach`. Names and layouts of the
parameters (kernels with the output last) are those of this project; nothing else of it takes part.
"""

import json
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


class BatchRenormalisation(nn.Module):
    """Channels are axis 1; `r_max` 1 and `d_max` 0 give batch normalisation."""

    def __init__(self, channels, r_max, d_max, rate, epsilon):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.mean, self.deviation = torch.zeros(channels), torch.ones(channels)
        self.r_max, self.d_max, self.rate, self.epsilon = r_max, d_max, rate, epsilon

    def forward(self, x):
        axes = [axis for axis in range(x.ndim) if axis != 1]
        wide = [1, -1] + [1] * (x.ndim - 2)
        mean = x.mean(axes)
        deviation = (x.var(axes, unbiased=False) + self.epsilon).sqrt()
        r = (deviation / self.deviation).detach().clamp(1 / self.r_max, self.r_max)
        d = ((mean - self.mean) / self.deviation).detach().clamp(-self.d_max, self.d_max)
        free = deviation / self.deviation, (mean - self.mean) / self.deviation
        self.clipped = [int((kept != each).sum()) for kept, each in zip((r, d), free)]
        y = (x - mean.view(wide)) / deviation.view(wide) * r.view(wide) + d.view(wide)
        self.mean = self.mean + self.rate * (mean - self.mean).detach()
        self.deviation = self.deviation + self.rate * (deviation - self.deviation).detach()
        return y * self.weight.view(wide) + self.bias.view(wide)


class MlpBlock(nn.Module):
    def __init__(self, units, slope):
        super().__init__()
        self.body = nn.Sequential(
            nn.LeakyReLU(slope), nn.Linear(units, units), nn.LeakyReLU(slope), nn.Linear(units, units)
        )

    def forward(self, x):
        return x + self.body(x)

    def named(self, name):
        return {f"{name}/first": self.body[1], f"{name}/second": self.body[3]}


class Shorten(nn.Module):
    def __init__(self, inputs, maps, kernel, scale):
        super().__init__()
        self.first = nn.Conv1d(inputs, maps, kernel, padding="same", bias=False)
        self.second = nn.Conv1d(maps, maps, kernel, padding="same", bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm1d(maps), nn.BatchNorm1d(maps)])
        changed = inputs != maps or scale > 1
        self.shortcut = nn.Conv1d(inputs, maps, 1) if changed else nn.Identity()
        self.pool = nn.AvgPool1d(scale) if scale > 1 else nn.Identity()

    def forward(self, x):
        main = self.norms[1](self.second(F.relu(self.norms[0](self.first(x)))))
        return self.pool(main) + self.pool(self.shortcut(x))

    def named(self, name):
        return {
            f"{name}/first": self.first,
            f"{name}/second": self.second,
            f"{name}/first normalisation": self.norms[0],
            f"{name}/second normalisation": self.norms[1],
            f"{name}/shortcut": self.shortcut,
        }


class Lengthen(nn.Module):
    def __init__(self, inputs, maps, kernel, scale):
        super().__init__()
        self.first = nn.Conv1d(inputs, maps, kernel, padding="same", bias=False)
        self.second = nn.Conv1d(maps, maps, kernel, padding="same")
        self.norms = nn.ModuleList([nn.BatchNorm1d(inputs), nn.BatchNorm1d(maps)])
        changed = inputs != maps or scale > 1
        self.shortcut = nn.Conv1d(inputs, maps, 1) if changed else nn.Identity()
        self.up = nn.Upsample(scale_factor=scale, mode="nearest")

    def forward(self, x):
        main = self.first(self.up(F.relu(self.norms[0](x))))
        return self.second(F.relu(self.norms[1](main))) + self.shortcut(self.up(x))

    named = Shorten.named


class Encoder(nn.Module):
    def __init__(self, inputs, maps, kernel, scale, blocks, mask):
        super().__init__()
        self.blocks = nn.ModuleList(
            [Shorten(inputs if k == 0 else maps, maps, kernel, scale) for k in range(blocks)]
        )
        self.mask, self.scale = mask, scale

    def forward(self, x):
        seen = None if self.mask is None else self.mask[:, None]
        for block in self.blocks:
            x = block(x)
            seen = None if seen is None else F.max_pool1d(seen, self.scale)
        x = F.relu(x)
        if seen is None:
            return x.mean(2)
        return (x * seen).sum(2) / seen.sum(2).clamp(min=1)

    def named(self, name):
        return {
            key: module
            for k, block in enumerate(self.blocks)
            for key, module in block.named(f"{name}/block {k + 1}").items()
        }


class Decoder(nn.Module):
    def __init__(self, latent, maps, kernel, scale, blocks, first):
        super().__init__()
        self.linear = nn.Linear(latent, first * maps)
        self.blocks = nn.Sequential(*[Lengthen(maps, maps, kernel, scale) for _ in range(blocks)])
        self.first, self.maps = first, maps

    def forward(self, z):
        return self.blocks(self.linear(z).view(len(z), self.first, self.maps).transpose(1, 2))

    def named(self, name):
        return {f"{name}/first maps": self.linear, **Encoder.named(self, name)}


class Stage(nn.Module):
    def __init__(self, side, images, filters, convolutions, poolings, units, renormalisation):
        super().__init__()
        count = convolutions * poolings
        self.convolutions = nn.ModuleList(
            [nn.Conv2d(images if k == 0 else filters, filters, 3, padding="same") for k in range(count)]
        )
        self.norms = nn.ModuleList(
            [BatchRenormalisation(images if k == 0 else filters, **renormalisation) for k in range(count + 1)]
        )
        self.every = convolutions
        for _ in range(poolings):
            side = (side + 1) // 2
        self.dense = nn.Linear(side * side * filters, units)

    def forward(self, x):
        x = self.norms[0](x)
        for k, convolution in enumerate(self.convolutions):
            x = self.norms[k + 1](F.relu(convolution(x)))
            if (k + 1) % self.every == 0:
                x = F.max_pool2d(x, 2, 2, ceil_mode=True)
        return F.relu(self.dense(x.permute(0, 2, 3, 1).flatten(1)))

    def named(self, name):
        named = {f"{name}/input normalisation": self.norms[0], f"{name}/dense": self.dense}
        for k, convolution in enumerate(self.convolutions):
            layer = f"{name}/convolution {k // self.every + 1}.{k % self.every + 1}"
            named |= {layer: convolution, f"{layer}/normalisation": self.norms[k + 1]}
        return named


def channels_first(x):
    return x.movedim(-1, 1) if x.ndim > 2 else x


def channels_last(x):
    return x.movedim(1, -1) if x.ndim > 2 else x


def output_last(tensor):
    """A kernel [outputs, inputs, ...] as [..., inputs, outputs]; vectors as they are."""
    return tensor.permute(*range(2, tensor.ndim), 1, 0) if tensor.ndim > 1 else tensor


def array(tensor):
    """Values to a ten-millionth of the largest, or of 1."""
    values = tensor.detach().contiguous()
    decimals = 7 - int(np.ceil(np.log10(max(1.001, float(values.abs().max())))))
    return {"shape": list(values.shape), "values": np.round(values.ravel().numpy(), decimals).tolist()}


def parameters_of(name, module):
    """Tensors by this project's names."""
    norm = isinstance(module, (nn.BatchNorm1d, BatchRenormalisation, nn.LayerNorm))
    words = ("gain", "offset") if norm else ("kernel", "bias")
    tensors = {word: getattr(module, own, None) for word, own in zip(words, ("weight", "bias"))}
    return {f"{name}/{word}": tensor for word, tensor in tensors.items() if tensor is not None}


def moving_of(name, module):
    if isinstance(module, nn.BatchNorm1d):
        deviation = (module.running_var + module.eps).sqrt()
        return {f"{name}/moving mean": module.running_mean, f"{name}/moving deviation": deviation}
    if isinstance(module, BatchRenormalisation):
        return {f"{name}/moving mean": module.mean, f"{name}/moving deviation": module.deviation}
    return {}


def draw(random, shape, centre=0.0, spread=1.0):
    """Few digits, so that text and single precision lose nothing that matters."""
    return torch.tensor(np.round(centre + spread * random.standard_normal(shape), 3))


def case(kind, name, module, named, x, options, seed, training=True, first=True):
    """One module with its own weights, forward and backward. `first`: whether the input's channels stand last here."""
    random = np.random.default_rng(seed)
    with torch.no_grad():
        for key, each in named.items():
            for word, tensor in parameters_of(key, each).items():
                centre = 1.0 if word.endswith("gain") else 0.0
                tensor.copy_(draw(random, tuple(tensor.shape), centre, 0.4))
            if isinstance(each, nn.BatchNorm1d):
                each.running_mean.copy_(draw(random, each.running_mean.shape, 0, 0.5))
                each.running_var.copy_(draw(random, each.running_var.shape, 1.5, 0.2) ** 2 - each.eps)
            if isinstance(each, BatchRenormalisation):
                each.mean = draw(random, each.mean.shape, 0.3, 0.8)
                each.deviation = draw(random, each.deviation.shape, 1.2, 0.3).abs() + 0.2
    module.train(training)
    before = {k: array(v) for key, each in named.items() for k, v in moving_of(key, each).items()}
    after = {}

    def watch(key, each):
        # The deviation moves here, where PyTorch moves the unbiased variance.
        old = moving_of(key, each)[f"{key}/moving deviation"].clone()

        def hook(_, inputs, __):
            axes = [axis for axis in range(inputs[0].ndim) if axis != 1]
            new = (inputs[0].detach().var(axes, unbiased=False) + each.eps).sqrt()
            after[f"{key}/moving mean"] = each.running_mean.clone()
            after[f"{key}/moving deviation"] = old + each.momentum * (new - old)

        each.register_forward_hook(hook)

    for key, each in named.items():
        if isinstance(each, nn.BatchNorm1d) and training:
            watch(key, each)
    x = x.clone().requires_grad_()
    value = module(channels_first(x) if first else x)
    value = channels_last(value) if first else value
    weights = draw(random, tuple(value.shape))
    (value * weights).sum().backward()
    for key, each in named.items():
        if isinstance(each, BatchRenormalisation):
            after |= moving_of(key, each)
    tensors = {k: v for key, each in named.items() for k, v in parameters_of(key, each).items()}
    clipped = [m.clipped for m in module.modules() if isinstance(m, BatchRenormalisation)]
    return {
        "kind": kind,
        "name": name,
        "training": training,
        "options": options,
        "clipped": np.sum(clipped, axis=0).tolist() if clipped else None,
        "parameters": {k: array(output_last(v)) for k, v in tensors.items()} | before,
        "x": array(x),
        "weights": array(weights),
        "value": array(value),
        "gradients": {"x": array(x.grad)} | {k: array(output_last(v.grad)) for k, v in tensors.items()},
        "statistics": {k: array(v) for k, v in after.items()},
    }


def renormalisations(random):
    for shape, spread in (((7, 4), 1.0), ((2, 3, 4, 5), 3.0)):
        for r_max, d_max in ((1.0, 0.0), (1.5, 0.6), (100.0, 100.0)):
            options = {"r_max": r_max, "d_max": d_max, "rate": 0.05, "epsilon": 1e-3}
            module = BatchRenormalisation(shape[-1], **options)
            x = draw(random, shape, 0.8, spread)
            facts = {"limits": {"ratio": r_max, "shift": d_max}, "rate": 0.05, "epsilon": 1e-3}
            named = {"layer": module}
            yield case("renormalisation", "layer", module, named, x, facts, int(10 * r_max) + len(shape))


def blocks(random):
    options = {"blocks": 2, "units": 5, "slope": 0.1}
    mlp = [MlpBlock(5, 0.1) for _ in range(2)]
    named = {k: v for i, block in enumerate(mlp) for k, v in block.named(f"mlp/block {i + 1}").items()}
    yield case("mlp", "mlp", nn.Sequential(*mlp), named, draw(random, (3, 4, 5)), options, 1, first=False)

    head = nn.Sequential(nn.Linear(6, 6), nn.LayerNorm(6), nn.ReLU(), nn.Linear(6, 2))
    named = {"head/hidden": head[0], "head/normalisation": head[1], "head/output": head[3]}
    yield case("head", "head", head, named, draw(random, (3, 4, 6)), {}, 2, first=False)

    for training in (True, False):
        for kind, make in (("shorten", Shorten), ("lengthen", Lengthen)):
            sizes = ((3, 5, 4, 3, 7), (4, 4, 3, 1, 5), (4, 4, 2, 2, 5))
            for inputs, maps, kernel, scale, time in sizes if training else sizes[:2]:
                block = make(inputs, maps, kernel, scale)
                options = {"maps": maps, "kernel": kernel, "scale": scale}
                x = draw(random, (3, time, inputs), 0.2)
                yield case(kind, "block", block, block.named("block"), x, options, 3 + scale, training)

    options = {"maps": 4, "kernel": 4, "scale": 3, "blocks": 2}
    mask = torch.tensor(random.random((3, 20)) < 0.2, dtype=torch.float64)
    mask[1] = 0
    mask[2] = 1
    for given in (None, mask):
        encoder = Encoder(2, mask=given, **options)
        x = draw(random, (3, 20, 2))
        result = case("encoder", "encoder", encoder, encoder.named("encoder"), x, options, 7)
        yield result | {"mask": None if given is None else array(given)}
    decoder = Decoder(6, first=3, **options)
    facts = options | {"first": 3}
    yield case("decoder", "decoder", decoder, decoder.named("decoder"), draw(random, (4, 6)), facts, 8)


def stage(random):
    sizes = {"filters": 3, "convolutions": 2, "poolings": 2, "units": 5}
    limits = {"r_max": 1.3, "d_max": 0.5, "rate": 0.1, "epsilon": 1e-2}
    module = Stage(7, 2, renormalisation=limits, **sizes)
    facts = sizes | {"height": 7, "width": 7, "images": 2}
    mode = {"limits": {"ratio": 1.3, "shift": 0.5}, "rate": 0.1, "epsilon": 1e-2}
    x = draw(random, (3, 7, 7, 2), 1, 2)
    return case("stage", "stage", module, module.named("stage"), x, facts, 9) | {"mode": mode}


def main():
    random = np.random.default_rng(2017)
    cases = [*renormalisations(random), *blocks(random), stage(random)]
    target = pathlib.Path(__file__).parents[1] / "layers" / "fixtures" / "residual.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    facts = {"torch": torch.__version__, "cases": cases}
    target.write_text(json.dumps(facts, separators=(",", ":")) + "\n")
    for each in cases:
        print(each["kind"], each["training"], each["clipped"], each["value"]["shape"])
    print(target.name, len(cases), "cases", target.stat().st_size, "bytes")


main()
