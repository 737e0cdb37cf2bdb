"""Writes tests/layers/fixtures/transformer.json: what PyTorch makes of small transformers, with all gradients.

    VENV/bin/python tests/peers/layers_transformer.py          (torch, numpy)

Blocks are `torch.nn.TransformerEncoderLayer`; attention with a head size and a source of its own is put together from
`torch.nn.functional.scaled_dot_product_attention`. All in double precision.
"""

import json
import pathlib

import numpy as np
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
WIDTH, HEADS, HIDDEN, BATCH, LENGTH = 6, 2, 10, 3, 4


def numbers(values):
    return [float(f"{v:.7g}") for v in np.asarray(values, dtype="float64").ravel()]


def draw(random, shape, deviation=1.0, mean=0.0):
    """Numbers of few digits, so that the fixture holds them exactly."""
    return torch.tensor(np.round(random.normal(mean, deviation, shape), 3))


def fill(module, random):
    for name, parameter in module.named_parameters():
        is_gain = "norm" in name and name.endswith("weight")
        parameter.data = draw(random, tuple(parameter.shape), 0.4, 1.0 if is_gain else 0.0)


def dense(name, weight, bias):
    """PyTorch keeps [outputs, inputs], this project [inputs, outputs]."""
    return {f"{name}/kernel": weight.T, f"{name}/bias": bias}


def block(name, layer, of):
    """The parameters of an encoder layer, or with `of` their gradients, under this project's names."""
    attention = layer.self_attn
    weights, biases = of(attention.in_proj_weight).chunk(3), of(attention.in_proj_bias).chunk(3)
    named = {}
    for part, weight, bias in zip(("query", "key", "value"), weights, biases):
        named |= dense(f"{name}/attention/{part}", weight, bias)
    out = attention.out_proj
    named |= dense(f"{name}/attention/output", of(out.weight), of(out.bias))
    named |= dense(f"{name}/feed forward/hidden", of(layer.linear1.weight), of(layer.linear1.bias))
    named |= dense(f"{name}/feed forward/output", of(layer.linear2.weight), of(layer.linear2.bias))
    for part, norm in (("attention", layer.norm1), ("feed forward", layer.norm2)):
        named |= {f"{name}/{part} norm/gain": of(norm.weight), f"{name}/{part} norm/offset": of(norm.bias)}
    return named


def plain(tensors):
    return {k: {"shape": list(v.shape), "values": numbers(v.detach().numpy())} for k, v in tensors.items()}


def mask_of(random, length):
    mask = random.random((BATCH, length)) < 0.6
    mask[:, 0] = True  # PyTorch has no answer where nothing is seen
    return mask


def stack(title, seed, layers, norm_first, masked, token):
    random = np.random.default_rng(seed)
    modules = [
        nn.TransformerEncoderLayer(
            WIDTH, HEADS, HIDDEN, dropout=0.0, activation="gelu", batch_first=True, norm_first=norm_first
        )
        for _ in range(layers)
    ]
    for module in modules:
        fill(module, random)
    tokens = draw(random, (BATCH, LENGTH, WIDTH)).requires_grad_()
    mask = mask_of(random, LENGTH) if masked else None
    x, seen = tokens, None if mask is None else torch.tensor(mask)
    named = {}
    if token:
        first = draw(random, (WIDTH,)).requires_grad_()
        x = torch.cat([first.expand(BATCH, 1, WIDTH), x], dim=1)
        seen = torch.cat([torch.ones(BATCH, 1, dtype=torch.bool), seen], dim=1)
        named["model/class token"] = first
    for module in modules:
        x = module(x, src_key_padding_mask=None if seen is None else ~seen)
    weights = draw(random, tuple(x.shape))
    (x * weights).sum().backward()
    gradients = {name: value.grad for name, value in named.items()}
    for k, module in enumerate(modules):
        named |= block(f"model/block {k}", module, lambda p: p)
        gradients |= block(f"model/block {k}", module, lambda p: p.grad)
    options = {
        "width": WIDTH,
        "heads": HEADS,
        "hidden": HIDDEN,
        "layers": layers,
        "norm": "pre" if norm_first else "post",
    }
    return {
        "title": title,
        "options": options,
        "classToken": token,
        "mask": None if mask is None else mask.astype(int).tolist(),
        "tokens": plain({"x": tokens})["x"],
        "weights": numbers(weights),
        "output": plain({"x": x})["x"],
        "tokensGradient": numbers(tokens.grad),
        "parameters": plain(named),
        "gradients": plain(gradients),
    }


def cross(title, seed, head_size, source_width, source_length):
    random = np.random.default_rng(seed)
    mixed = HEADS * head_size
    layers = {
        "query": nn.Linear(WIDTH, mixed),
        "key": nn.Linear(source_width, mixed),
        "value": nn.Linear(source_width, mixed),
        "output": nn.Linear(mixed, WIDTH),
    }
    for layer in layers.values():
        fill(layer, random)
    tokens = draw(random, (BATCH, LENGTH, WIDTH)).requires_grad_()
    source = draw(random, (BATCH, source_length, source_width)).requires_grad_()
    mask = mask_of(random, source_length)

    def split(x):
        return x.reshape(BATCH, -1, HEADS, head_size).transpose(1, 2)

    out = nn.functional.scaled_dot_product_attention(
        split(layers["query"](tokens)),
        split(layers["key"](source)),
        split(layers["value"](source)),
        attn_mask=torch.tensor(mask)[:, None, None, :],
    )
    out = layers["output"](out.transpose(1, 2).reshape(BATCH, LENGTH, mixed))
    weights = draw(random, tuple(out.shape))
    (out * weights).sum().backward()
    named, gradients = {}, {}
    for name, layer in layers.items():
        named |= dense(f"model/{name}", layer.weight, layer.bias)
        gradients |= dense(f"model/{name}", layer.weight.grad, layer.bias.grad)
    return {
        "title": title,
        "options": {"width": WIDTH, "heads": HEADS, "headSize": head_size, "sourceWidth": source_width},
        "mask": mask.astype(int).tolist(),
        "tokens": plain({"x": tokens})["x"],
        "source": plain({"x": source})["x"],
        "weights": numbers(weights),
        "output": plain({"x": out})["x"],
        "tokensGradient": numbers(tokens.grad),
        "sourceGradient": numbers(source.grad),
        "parameters": plain(named),
        "gradients": plain(gradients),
    }


def main():
    stacks = [
        stack("a pre-norm block", 1, 1, True, False, False),
        stack("a pre-norm block with hidden tokens", 2, 1, True, True, False),
        stack("a post-norm block with hidden tokens", 3, 1, False, True, False),
        stack("three pre-norm blocks behind a class token, with hidden tokens", 4, 3, True, True, True),
    ]
    sized = [cross("attention to a source of another width, heads of their own size", 5, 5, 4, 7)]
    atat = nn.TransformerEncoderLayer(192, 4, 384)
    facts = {"torch": torch.__version__, "atatBlockParameters": sum(p.numel() for p in atat.parameters())}
    target = pathlib.Path(__file__).parents[1] / "layers" / "fixtures" / "transformer.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({**facts, "stacks": stacks, "cross": sized}, separators=(",", ":")) + "\n")
    print(target.name, target.stat().st_size, "bytes")


main()
