"""PyTorch's side of tests/bench/recurrent_bench.ts: builds the network it is told to and takes steps on demand.

Each line of standard input is a JSON object, each answer a line: {"facts"}, {"build": bench}, {"step", "threads"}.
Subnormal numbers are flushed, Adam is fused and the layers are PyTorch's own: the fastest settings that it offers.
"""

import json
import sys
import time

import torch

torch.set_flush_denormal(True)
CLASSES = 8


class Net(torch.nn.Module):
    def __init__(self, bench):
        super().__init__()
        cell = torch.nn.GRU if bench["cell"] == "gru" else torch.nn.LSTM
        units, both, width = bench["units"], bench["both"], bench["features"]
        if len(set(units)) == 1:
            self.layers = torch.nn.ModuleList([cell(width, units[0], len(units), batch_first=True, bidirectional=both)])
        else:
            self.layers = torch.nn.ModuleList()
            for count in units:
                self.layers.append(cell(width, count, batch_first=True, bidirectional=both))
                width = count * (2 if both else 1)
        self.both = both
        self.dense = torch.nn.Linear(units[-1] * (2 if both else 1), CLASSES, bias=False)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)[0]
        return self.dense(x.amax(1) if self.both else x[:, -1])


def main():
    step = None
    for line in sys.stdin:
        message = json.loads(line)
        answer = {}
        if "facts" in message:
            answer = {
                "peer": f"PyTorch {torch.__version__}",
                "threads": torch.get_num_threads(),
                "flags": " ".join(torch.__config__.show().split()),
            }
        elif "build" in message:
            bench = message["build"]
            torch.manual_seed(1)
            net = Net(bench)
            optimizer = torch.optim.Adam(net.parameters(), fused=True)
            x = torch.randn(bench["batch"], bench["time"], bench["features"])
            y = torch.arange(bench["batch"]) * 5 % CLASSES

            def step():
                optimizer.zero_grad(set_to_none=True)
                torch.nn.functional.cross_entropy(net(x), y).backward()
                optimizer.step()

            step()
        else:
            torch.set_num_threads(message["threads"])
            start, cpu = time.perf_counter(), time.process_time()
            step()
            answer = {"ms": 1e3 * (time.perf_counter() - start), "cpu_ms": 1e3 * (time.process_time() - cpu)}
        print(json.dumps(answer), flush=True)


main()
