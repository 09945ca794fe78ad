#!/usr/bin/env python3
"""A peer to measure against: the training step of a GPT in PyTorch, on the CPU or on an NVIDIA GPU.

The work is that of our own bench: untied embeddings, biases, LayerNorm, parallel residual, GELU, full causal attention,
AdamW, gradients clipped at 1.0, float32. Debian: python3-torch and libopenblas0-pthread; without OpenBLAS PyTorch takes
a generic BLAS that is 30 times slower and does not say so, which is why the measurement names the BLAS. On a GPU the step
is measured as a program of many launches and as a CUDA graph, which is one; the faster of them counts.

Prints a Measurement (mod.ts) as one line of JSON.
"""

import argparse
import json
import math
import statistics
import time

import torch
from torch import nn
from torch.nn import functional

WARM_UP = 2


class Block(nn.Module):
    """A transformer block with a parallel residual, as in GPT-NeoX."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def attention(self, x):
        batch, seq, width = x.shape
        q, k, v = (part.view(batch, seq, self.heads, -1).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=2))
        if hasattr(functional, "scaled_dot_product_attention"):
            attended = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = q @ k.transpose(2, 3) / math.sqrt(width // self.heads)
            future = torch.ones(seq, seq, dtype=torch.bool).triu(1)
            attended = scores.masked_fill(future, -math.inf).softmax(dim=3) @ v
        return self.out(attended.transpose(1, 2).reshape(batch, seq, width))

    def forward(self, x):
        return x + self.attention(self.norm1(x)) + self.down(functional.gelu(self.up(self.norm2(x))))


class GPT(nn.Module):
    """A language model whose input and output embeddings are not tied."""

    def __init__(self, vocab, width, layers, heads):
        super().__init__()
        self.embedding = nn.Embedding(vocab, width)
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(layers)))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocab, bias=False)

    def loss(self, inputs, targets):
        logits = self.head(self.norm(self.blocks(self.embedding(inputs))))
        return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


def loaded_blas():
    """Names the BLAS library that this process has loaded, where the system tells (Linux)."""
    try:
        with open("/proc/self/maps", encoding="utf-8") as maps:
            loaded = maps.read()
    except OSError:
        return "unknown blas"
    return next((name for name in ("openblas", "mkl", "blis", "atlas") if name in loaded), "generic blas")


class Step:
    """A training step of a model on a device."""

    def __init__(self, flags):
        torch.manual_seed(1)
        self.device = flags.device
        self.model = GPT(flags.vocab, flags.width, flags.layers, flags.heads).to(self.device)
        options = self.for_cuda(fused=True, capturable=True)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1, **options
        )
        tokens = torch.randint(0, flags.vocab, (flags.batch, flags.seq + 1)).to(self.device)
        self.inputs, self.targets = tokens[:, :-1].contiguous(), tokens[:, 1:].contiguous()

    def for_cuda(self, **options):
        return options if self.device == "cuda" else {}

    def launch(self):
        self.optimizer.zero_grad()
        loss = self.model.loss(self.inputs, self.targets)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0, **self.for_cuda(foreach=True))
        self.optimizer.step()
        return loss

    def captured(self):
        """Returns the step as a CUDA graph, which replays its launches as one."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UP):
                self.launch()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            loss = self.launch()

        def replay():
            graph.replay()
            return loss

        return replay


def timed(launch, steps):
    """Returns the seconds of each step and its loss, read in every one, as a training loop on the CPU does."""
    times, losses = [], []
    for _ in range(WARM_UP + steps):
        start = time.perf_counter()
        losses.append(launch().item())
        times.append(time.perf_counter() - start)
    return times[WARM_UP:], losses


def timed_in_a_row(launch, steps, pieces=5):
    """Returns the seconds of a step in each piece of the run, of which only the last step is waited for."""
    _, losses = timed(launch, 1)
    times = []
    for _ in range(pieces):
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(steps):
            launch()
        torch.cuda.synchronize()
        times.append((time.perf_counter() - start) / steps)
    return times, losses


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    names = ("vocab", "width", "layers", "heads", "batch", "seq")
    for name in (*names, "steps", "threads"):
        parser.add_argument("--" + name, type=int, required=True)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    flags = parser.parse_args()

    torch.set_num_threads(flags.threads)
    step = Step(flags)
    if flags.device == "cpu":
        peer = f"torch {torch.__version__} cpu, {loaded_blas()}"
        times, losses = timed(step.launch, flags.steps)
    else:
        peer = f"torch {torch.__version__} {torch.cuda.get_device_name()}, float32"
        torch.backends.cuda.matmul.allow_tf32 = False
        steps = max(flags.steps, 50)
        times, losses = timed_in_a_row(step.launch, steps)
        replayed, _ = timed_in_a_row(step.captured(), steps)
        if statistics.median(replayed) < statistics.median(times):
            peer, times = f"{peer}, CUDA graph", replayed
    median = statistics.median(times)
    measurement = {
        "peer": peer,
        "shape": {name: getattr(flags, name) for name in names},
        "params": sum(parameter.numel() for parameter in step.model.parameters()),
        "step_ms": round(min(times) * 1e3, 2),
        "step_ms_median": round(median * 1e3, 2),
        "tokens_per_s": round(flags.batch * flags.seq / median),
        "losses": losses[:3],
    }
    print(json.dumps(measurement))


if __name__ == "__main__":
    main()
