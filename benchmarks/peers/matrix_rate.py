"""How fast this machine multiplies matrices: the roof over both sides. run.py calls it; alone:

    python benchmarks/peers/matrix_rate.py qwen2.5-0.5b bfloat16 2

Prints floating-point operations per second of one layer's linear products at several numbers of tokens, each product
timed in place in the layer's order, so that weights come from memory as they do in a pass; several layers' weights are
used in turn.
"""

import json
import sys
import time

import torch

from workload import SHAPES

TOKENS = (256, 512, 1024, 2048)
LAYERS = 6


def weights(shape, dtype):
    width, inner = shape["hidden_size"], shape["intermediate_size"]
    keys = width // shape["num_attention_heads"] * shape["num_key_value_heads"]
    sizes = [(width + 2 * keys, width), (width, width), (2 * inner, width), (width, inner)]
    return [[torch.randn(size, dtype=dtype) * 0.02 for size in sizes] for _ in range(LAYERS)]


def rate(layers, tokens, dtype):
    inputs = {n: torch.randn(tokens, n, dtype=dtype) for n in {w.shape[1] for w in layers[0]}}
    operations = 2 * tokens * sum(w.numel() for layer in layers for w in layer)

    def once():
        start = time.perf_counter()
        for layer in layers:
            for weight in layer:
                torch.nn.functional.linear(inputs[weight.shape[1]], weight)
        return time.perf_counter() - start

    once()
    return operations / min(once() for _ in range(3))


def main():
    shape, dtype = SHAPES[sys.argv[1]], getattr(torch, sys.argv[2])
    torch.set_num_threads(int(sys.argv[3]))
    with torch.inference_mode():
        layers = weights(shape, dtype)
        print(json.dumps({str(tokens): rate(layers, tokens, dtype) for tokens in TOKENS}))


if __name__ == "__main__":
    main()
