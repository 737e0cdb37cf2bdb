"""PyTorch's side of tests/bench/tensor_bench.ts. Each case takes its fastest number of threads and memory layout."""
import re

import torch
from torch import nn
from torch.nn import functional

from bench_protocol import serve

# A gradient that fades over 200 steps ends among the subnormal numbers, on which a processor is ten times slower. Set
# before the first thread starts, since threads inherit it.
torch.set_flush_denormal(True)
device = "cuda" if torch.cuda.is_available() else "cpu"


class Recurrent(nn.Module):
    def __init__(self, case):
        super().__init__()
        cell = {"gru": nn.GRU, "lstm": nn.LSTM}[case["cell"]]
        both = case["bidirectional"]
        width, layers, units = case["features"], [], case["units"]
        if len(set(units)) == 1:
            # Equal layers in one module, PyTorch's own fast path.
            layers.append(cell(width, units[0], len(units), batch_first=True, bidirectional=both))
            width = units[0] * (2 if both else 1)
        else:
            for size in units:
                layers.append(cell(width, size, batch_first=True, bidirectional=both))
                width = size * (2 if both else 1)
        self.layers, self.head = nn.ModuleList(layers), nn.Linear(width, case["classes"])
        self.pool = case["pool"]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)[0]
        return self.head(x[:, -1] if self.pool == "last" else x.amax(1))


class Autoencoder(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.encoder = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes[:-2], sizes[1:-1]))
        self.latent = nn.Linear(sizes[-2], 2 * sizes[-1])
        back = sizes[::-1]
        self.decoder = nn.ModuleList(nn.Linear(a, b) for a, b in zip(back[:-1], back[1:]))

    def forward(self, x, noise):
        hidden = x
        for layer in self.encoder:
            hidden = functional.relu(layer(hidden))
        mean, spread = self.latent(hidden).chunk(2, 1)
        hidden = mean + torch.exp(0.5 * spread) * noise
        for layer in self.decoder[:-1]:
            hidden = functional.relu(layer(hidden))
        error = torch.sigmoid(self.decoder[-1](hidden)) - x
        divergence = -0.5 * (1 + spread - mean.square() - spread.exp()).sum(1)
        return error.square().sum(1).mean() + 0.5 * divergence.mean()


def trained(model, loss):
    optimizer = torch.optim.Adam(model.parameters(), fused=True)

    def step():
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        return value.item()

    return step


def make_step(case, setting):
    torch.set_num_threads(setting["threads"])
    torch.manual_seed(0)
    kind, batch = case["kind"], case["batch"]
    random = lambda *shape: torch.randn(*shape, device=device)
    if kind == "recurrent":
        model = Recurrent(case).to(device)
        x = random(batch, case["time"], case["features"])
        y = torch.randint(0, case["classes"], (batch,), device=device)
        return trained(model, lambda: functional.cross_entropy(model(x), y))
    if kind == "product":
        m, n, k = case["m"], case["n"], case["k"]
        lead = [batch] if batch > 1 else []
        a = random(*lead, *((k, m) if case["transposeA"] else (m, k)))
        b = random(*lead, *((n, k) if case["transposeB"] else (k, n)))
        a = a.transpose(-1, -2) if case["transposeA"] else a
        b = b.transpose(-1, -2) if case["transposeB"] else b

        def product():
            with torch.no_grad():
                return float((a @ b).flatten()[0])

        return product
    if kind == "convolutions":
        size, channels = case["size"], case["channels"]
        layers = [nn.Conv2d(channels, channels, 3, padding=1, bias=False) for _ in range(case["layers"])]
        model = nn.Sequential(*[part for layer in layers for part in (layer, nn.ReLU())]).to(device)
        x = random(batch, channels, size, size).requires_grad_(True)
        if setting["channels_last"]:
            model = model.to(memory_format=torch.channels_last)
            x = x.detach().to(memory_format=torch.channels_last).requires_grad_(True)

        def convolutions():
            model.zero_grad()
            x.grad = None
            value = model(x).sum()
            value.backward()
            return value.item()

        return convolutions
    if kind == "transformer":
        width = case["width"]
        model = nn.TransformerEncoderLayer(
            width, case["heads"], case["feedForward"], 0.0, "gelu", batch_first=True, norm_first=True
        ).to(device)
        x = random(batch, case["time"], width).requires_grad_(True)
        return trained(model, lambda: model(x).square().mean())
    if kind == "autoencoder":
        sizes = case["sizes"]
        model = Autoencoder(sizes).to(device)
        x = torch.rand(batch, sizes[0], device=device)
        noise = random(batch, sizes[-1])
        return trained(model, lambda: model(x, noise))
    raise ValueError(f"no case {kind}")


def settings(case, threads):
    counts = sorted({1, threads})
    layouts = [False, True] if case["kind"] == "convolutions" else [False]
    return [{"threads": count, "channels_last": layout} for count in counts for layout in layouts]


flags = torch.__config__.show()
wanted = re.findall(r"(?:CPU capability usage: \w+|MKL-DNN v[\d.]+|oneMKL[^\n]*Version [\d.]+|BLAS_INFO=\w+|-O\d)", flags)
name = f"PyTorch {torch.__version__}" + (f" on {torch.cuda.get_device_name()}" if device == "cuda" else "")
serve({"peer": name, "flags": " ".join(dict.fromkeys(wanted))}, settings, make_step)
