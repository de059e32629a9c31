"""The second model's training: small nets with one hidden layer and a straight way past it, in numpy, averaged.

Adam over batches, drop-out, weight decay, a cosine of steps: nothing that wants a library. The seeds are fixed.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from output.findings.features import CLASSES, Floats
from output.findings.model import EDGE

Integers = npt.NDArray[np.int64]
NETS = 3
"""How many are trained and averaged."""
HIDDEN = 64
EPOCHS = 20
BATCH = 64
STEP = 2e-3
DROP_IN, DROP_HIDDEN = 0.1, 0.3
DECAY, DECAY_STRAIGHT = 0.1, 0.2
"""Weight decay of the two layers and of the straight way. (.9, .3, .1, sources and authors left out: macro F1 of NIDDK and NHLBI .676, .680, .682, of our
own pages .634, .646, .655.)"""


@dataclass(frozen=True, slots=True)
class Net:
    """Weights of the average: the hidden layers side by side."""

    mean: Floats
    scale: Floats
    inner: Floats
    inner_bias: Floats
    outer: Floats
    straight: Floats
    bias: Floats


def fit(x: Floats, y: Integers, weight: Floats, nets: int = NETS) -> Net:
    """Train on rows of features.around(), their classes and how much each row counts."""
    mean = x.mean(axis=0).astype(np.float32)
    scale = np.maximum(x.std(axis=0), 0.15).astype(np.float32)
    z = ((x - mean) / scale).clip(-EDGE, EDGE).astype(np.float32)
    trained = [_one(z, y, (weight / weight.mean()).astype(np.float32), seed) for seed in range(nets)]
    return Net(
        mean,
        scale,
        np.concatenate([layers[0] for layers in trained], axis=1),
        np.concatenate([layers[1] for layers in trained]),
        (np.concatenate([layers[2] for layers in trained]) / nets).astype(np.float32),
        np.mean([layers[4] for layers in trained], axis=0).astype(np.float32),
        np.mean([layers[3] for layers in trained], axis=0).astype(np.float32),
    )


def _one(z: Floats, y: Integers, weight: Floats, seed: int) -> list[Floats]:
    """Inner weights and bias, outer weights and bias, the straight way."""
    rng = np.random.default_rng(seed)
    size, width = z.shape

    def start(rows: int, columns: int) -> Floats:
        return rng.normal(0, 1 / np.sqrt(rows), (rows, columns)).astype(np.float32)

    layers: list[Floats] = [
        start(width, HIDDEN),
        np.zeros(HIDDEN, np.float32),
        start(HIDDEN, len(CLASSES)),
        np.zeros(len(CLASSES), np.float32),
        np.zeros((width, len(CLASSES)), np.float32),
    ]
    decay = (DECAY, 0.0, DECAY, 0.0, DECAY_STRAIGHT)
    first = [np.zeros_like(layer) for layer in layers]
    second = [np.zeros_like(layer) for layer in layers]
    steps = EPOCHS * (size // BATCH)
    step = 0
    for _ in range(EPOCHS):
        order = rng.permutation(size)
        for begin in range(0, size - BATCH + 1, BATCH):
            some = order[begin : begin + BATCH]
            slopes = _slopes(layers, z[some], y[some], weight[some], rng)
            step += 1
            rate = STEP * 0.5 * (1 + np.cos(np.pi * step / steps))
            for n, slope in enumerate(slopes):
                first[n] = 0.9 * first[n] + 0.1 * slope
                second[n] = 0.999 * second[n] + 0.001 * slope**2
                move = (first[n] / (1 - 0.9**step)) / (np.sqrt(second[n] / (1 - 0.999**step)) + 1e-8)
                layers[n] = (layers[n] - rate * (move + decay[n] * layers[n])).astype(np.float32)
    return layers


def _slopes(
    layers: list[Floats], x: Floats, y: Integers, weight: Floats, rng: np.random.Generator
) -> list[Floats]:
    inner, inner_bias, outer, bias, straight = layers
    size = len(x)
    x = x * ((rng.random(x.shape) > DROP_IN) / (1 - DROP_IN)).astype(np.float32)
    sums = x @ inner + inner_bias
    kept = ((rng.random(sums.shape) > DROP_HIDDEN) / (1 - DROP_HIDDEN)).astype(np.float32)
    hidden = np.maximum(sums, 0) * kept
    logits = hidden @ outer + bias + x @ straight
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    shares[np.arange(size), y] -= 1
    wrong = shares * (weight[:, None] / np.float32(size))
    back = (wrong @ outer.T) * kept * (sums > 0)
    return [x.T @ back, back.sum(axis=0), hidden.T @ wrong, wrong.sum(axis=0), x.T @ wrong]
