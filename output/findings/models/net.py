"""The model's training, in torch: the same layers as output.findings.model, made to learn.

First the word layers alone learn the roles of MedQuAD's questions from unlabelled answers; then everything learns from labelled units, whole
documents at a time, the word layers also on their own. AdamW, drop-out, a cosine of steps; what is kept is the running mean of the weights over the
last of them (Polyak and Juditsky 1992). The seeds are fixed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from output.findings.features import CLASSES, Floats
from output.findings.model import EDGE, NOTHING, REACH, SPAN, UNKNOWN, Model

WIDTH = 64
"""Of a word's vector. (32, 48 and 64, author i left out: macro F1 .753, .771, .772; NIDDK left out: .689, .698, .705. With 96 and 8,000 words the log loss is .823
instead of .816.)"""
SPANS, HEADING, HIDDEN, NEAR = 128, 16, 96, 64
"""Widths of the layers. (96, 16, 64, 48: macro F1 of NIDDK left out .737 to .739, of NHLBI .659; these .742 and .746, .665; 192, 16, 128, 96: NIDDK .742.)"""
NOISY_EPOCHS, EPOCHS = 2, 4
"""(4 and DECAY .1, 6 and DECAY .3, vectors of 48: author i .771, .755, NIDDK .698, .702; 4 and 6 with all labels: units of NIDDK right .652, .649.)"""
NOISY_BATCH, BATCH = 128, 8
"""Units, and documents."""
STEP, DECAY = 2e-3, 0.1
LEAST_STEP, AVERAGED, KEPT = 0.25, 0.4, 0.998
"""The share of STEP that the cosine ends at; the share of steps, the last ones, over which the mean is taken; how much of it each of them keeps. (Without: macro F1 of NIDDK
left out .742 and .746, of NHLBI .665; with: .747 and .751, .665. The mean of three runs from one start: .742.)"""
UNREAD, DROP_ROW, DROP_WORDS, DROP = 0.1, 0.1, 0.2, 0.3
"""Shares of words taken for unknown, of the row, of the word layers' answers and of the hidden layers left out at a step."""
ALONE = 1.0
"""How much the word layers' own answers count beside the whole model's. (.3 and 1: see WIDTH.)"""


@dataclass(slots=True)
class Page:
    """A document's units, as arrays."""

    words: list[list[int]]
    headings: list[list[int]]
    rows: Floats
    classes: npt.NDArray[np.int64]
    """-1 where not labelled."""
    weight: float


class Net(nn.Module):  # type: ignore[misc]  # torch is installed only where weights are made
    """Layers by the names that output.findings.model.Model gives them."""

    def __init__(self, vectors: Floats, mean: Floats, scale: Floats) -> None:
        super().__init__()
        row = len(mean)
        self.mean, self.scale = mean, scale
        self.vectors = nn.Embedding(len(vectors), WIDTH, padding_idx=NOTHING)
        self.vectors.weight.data.copy_(torch.from_numpy(vectors))
        self.spans = nn.Conv1d(WIDTH, SPANS, SPAN, padding=SPAN - 1)
        self.heading = nn.Linear(WIDTH, HEADING)
        self.inner = nn.Linear(row + SPANS + WIDTH + HEADING, HIDDEN)
        self.near = nn.Conv1d(HIDDEN, NEAR, 2 * REACH + 1, padding=REACH)
        self.far = nn.Conv1d(NEAR, NEAR, 2 * REACH + 1, padding=REACH)
        self.outer = nn.Linear(HIDDEN + 2 * NEAR, len(CLASSES))
        self.straight = nn.Linear(row, len(CLASSES), bias=False)
        self.alone = nn.Linear(SPANS + WIDTH, len(CLASSES))

    def words(self, numbers: Tensor) -> Tensor:
        """(units, words) → what the word layers say of each unit."""
        if self.training:
            unread = (torch.rand(numbers.shape) < UNREAD) & (numbers != NOTHING)
            numbers = numbers.masked_fill(unread, UNKNOWN)
        vectors = self.vectors(numbers)
        largest = torch.relu(self.spans(vectors.transpose(1, 2))).amax(2)
        return torch.cat([largest, _sums(vectors, numbers)], 1)

    def forward(self, pages: Sequence[Page]) -> tuple[Tensor, Tensor]:
        """Logits of all units of some documents, and those of the word layers alone."""
        words = self.words(_padded([unit for page in pages for unit in page.words]))
        headings = _padded([unit for page in pages for unit in page.headings])
        rows = np.concatenate([page.rows for page in pages])
        row = torch.from_numpy(((rows - self.mean) / self.scale).clip(-EDGE, EDGE).astype(np.float32))
        row = functional.dropout(row, DROP_ROW, self.training)
        heading = torch.relu(self.heading(_sums(self.vectors(headings), headings)))
        together = torch.cat([row, functional.dropout(words, DROP_WORDS, self.training), heading], 1)
        hidden = self.drop(torch.relu(self.inner(together)))
        lengths = [len(page.rows) for page in pages]
        wide = nn.utils.rnn.pad_sequence(list(torch.split(hidden, lengths)), batch_first=True)
        within = (torch.arange(wide.shape[1])[None] < torch.tensor(lengths)[:, None]).unsqueeze(1)
        near = torch.relu(self.near(wide.transpose(1, 2))) * within
        far = torch.relu(self.far(near)) * within
        around = torch.cat([near, far], 1).transpose(1, 2)[within.squeeze(1)]
        logits = self.outer(torch.cat([hidden, self.drop(around)], 1)) + self.straight(row)
        return logits, self.alone(self.drop(words))

    def drop(self, values: Tensor) -> Tensor:
        return functional.dropout(values, DROP, self.training)

    def model(self, vocabulary: Sequence[str]) -> Model:
        """The weights as numpy reads them."""

        def table(layer: nn.Linear | nn.Conv1d) -> Floats:
            weight: Floats = layer.weight.detach().numpy()
            return np.ascontiguousarray(weight.T).reshape(-1, len(weight))

        return Model(
            tuple(vocabulary), self.vectors.weight.detach().numpy(),
            table(self.spans), self.spans.bias.detach().numpy(),
            table(self.heading), self.heading.bias.detach().numpy(),
            table(self.inner), self.inner.bias.detach().numpy(),
            table(self.near), self.near.bias.detach().numpy(),
            table(self.far), self.far.bias.detach().numpy(),
            table(self.outer), table(self.straight), self.outer.bias.detach().numpy(),
            self.mean, self.scale,
        )  # fmt: skip


def _sums(vectors: Tensor, numbers: Tensor) -> Tensor:
    return vectors.sum(1) / (numbers != NOTHING).sum(1, keepdim=True).clamp(min=1).sqrt()


def _padded(numbers: Sequence[Sequence[int]]) -> Tensor:
    """One column more than the longest: after every unit's last word there is nothing."""
    table = np.full((len(numbers), 1 + max(map(len, numbers))), NOTHING, np.int64)
    for row, own in zip(table, numbers, strict=True):
        row[: len(own)] = own
    return torch.from_numpy(table)


def fit(vectors: Floats, pages: Sequence[Page], noisy: Sequence[tuple[list[int], int]], seed: int) -> Net:
    """Learn from noisy units (words, class), then from labelled pages. `vectors`: what the words' vectors start from."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # the products are small: more threads wait for one another
    rng = np.random.default_rng(seed)
    rows = np.concatenate([page.rows for page in pages])
    mean, scale = rows.mean(axis=0), np.maximum(rows.std(axis=0), 0.15)
    net = Net(vectors, mean.astype(np.float32), scale.astype(np.float32))
    optimizer = torch.optim.AdamW(net.parameters(), lr=STEP, weight_decay=DECAY)
    net.train()
    for _ in range(NOISY_EPOCHS):
        order = rng.permutation(len(noisy))
        for begin in range(0, len(order), NOISY_BATCH):
            some = [noisy[at] for at in order[begin : begin + NOISY_BATCH]]
            logits = net.alone(net.drop(net.words(_padded([words for words, _ in some]))))
            loss = functional.cross_entropy(logits, torch.tensor([label for _, label in some]))
            _step(net, optimizer, loss)
    weights = np.concatenate([np.full(len(page.rows), page.weight) for page in pages])
    mean_weight = weights[np.concatenate([page.classes for page in pages]) >= 0].mean()
    mean_net = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(KEPT))
    steps = EPOCHS * -(-len(pages) // BATCH)
    step = 0
    for _ in range(EPOCHS):
        order = rng.permutation(len(pages))
        for begin in range(0, len(order), BATCH):
            batch = [pages[at] for at in order[begin : begin + BATCH]]
            for group in optimizer.param_groups:
                group["lr"] = STEP * max(LEAST_STEP, 0.5 * (1 + np.cos(np.pi * step / steps)))
            step += 1
            classes = torch.from_numpy(np.concatenate([page.classes for page in batch]))
            weight = torch.tensor([page.weight / mean_weight for page in batch for _ in page.classes])
            told = classes >= 0
            loss = torch.zeros(())
            for logits, share in zip(net(batch), (1.0, ALONE), strict=True):
                each = functional.cross_entropy(logits[told], classes[told], reduction="none")
                loss = loss + share * (each * weight[told]).mean()
            _step(net, optimizer, loss)
            if step > (1 - AVERAGED) * steps:
                mean_net.update_parameters(net)
    learnt: Net = mean_net.module.eval()
    return learnt


def _step(net: Net, optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
