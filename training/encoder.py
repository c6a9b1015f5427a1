"""The encoder and its fit: MiniLM's six layers, the mean of each sentence's states, one linear layer of types.

Labels belong to whole items, so an item's value for a type is a soft maximum over its title and sentences: the sentence
that says it learns to say so. Types in `accept` are out of the loss. Known drug names change places at random, for acts
are to be learnt and no names. Of the weights the running mean over the last part is kept.

The last epochs, the lessons, teach that a sentence counts for itself, though it is read under its title: sentences
that say nothing are put among the others and must stay at nothing, and where the rules find all the news in the text
as well, the title is at times another one that says nothing (`training/lessons.py`). A fit has two rounds of both. The
second starts from the mean of the weights before and after the first lessons, for these cost a little of what was
learnt before, and learns its own in the whole numbers that ship.
"""

import dataclasses
import json
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F

from monitor.reading.prose.encoder import Heard
from training import vocabulary
from training.drawing import Aims, Drawn, Texts, aims_of, batches, draw, padded
from training.folds import known_drugs
from training.items import LABELLED, Labelled
from training.kept import FIRST, MODEL, ROUNDS, mark_of, prepare
from training.network import Batch, Weights, first_weights, item_values, values, with_names
from training.plan import Plan, first, second

HEADS = {"head.": "head_rate", "names.": "naming_rate"}
"""Weights above the layers, each with a rate of its own."""
TINY = 1e-6
"""A probability is no nearer to none or to one, where its odds are asked."""
STRIDE = 8
"""Steps between two looks at the weights for their mean."""
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


def pace_at(share: float) -> float:
    """Warm-up and cosine."""
    return float(min(share / 0.1, 1.0) * max(0.02, 0.5 * (1 + np.cos(np.pi * min(share, 1.0)))))


def loss_of_names(by_token: torch.Tensor, named: torch.Tensor) -> torch.Tensor:
    """How far tokens are from the names of the medicines, where these are known."""
    known = named >= 0
    if not known.any():
        return by_token.sum() * 0
    return F.binary_cross_entropy_with_logits(by_token[known], named[known])


def loss_of(by_sentence: torch.Tensor, batch: Batch, aims: Aims, plan: Plan, *, last: bool) -> torch.Tensor:
    """How far items are from what is to be said of them, and sentences that say nothing from nothing."""
    aim, weight = aims.so, aims.counts
    item = item_values(by_sentence, batch.there & ~batch.neutral, plan.sharpness)
    loss = F.binary_cross_entropy_with_logits(item, aims.said * 0.98 + 0.002, reduction="none")
    if not last:
        return (loss * weight * (1 + plan.rare * aim)).mean(0).sum() / 4
    # A quarter of what is quiet stands for a half; opposites are kept apart.
    quiet = 1 + (aim.amax(1, keepdim=True) < 0.5).float()
    apart = (((aim > 0.5).float() @ OPPOSED) > 0).float() * (1 - aim)
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

    def __init__(self, plan: Plan, start: Weights | None = None) -> None:
        self.plan = plan
        self.weights = start or first_weights(plan.seed, vocabulary.rows())
        if plan.naming:
            self.weights = with_names(self.weights, plan.seed)
        still = ("embeddings.", *(f"encoder.layer.{n}." for n in range(plan.frozen_layers)))
        self.moving = {k: v.requires_grad_(True) for k, v in self.weights.items() if not k.startswith(still)}
        self.mean = {k: v.detach().clone() for k, v in self.moving.items()}
        self.step, self.epoch = 0, 0
        self.optimizer = torch.optim.AdamW(
            [
                {"params": [v for k, v in self.moving.items() if not k.startswith(tuple(HEADS))], "top": plan.rate},
                *(
                    {"params": [v for k, v in self.moving.items() if k.startswith(head)], "top": getattr(plan, rate)}
                    for head, rate in HEADS.items()
                    if head == "head." or plan.naming
                ),
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
        if plan.one_slope:
            pace = pace_at((self.epoch + done) / (plan.epochs + plan.lessons))
        elif self.last:
            pace = pace_at((self.epoch - plan.epochs + done) / plan.lessons) * plan.lesson_pace
        else:
            pace = pace_at((self.epoch + done) / plan.epochs)
        for group in self.optimizer.param_groups:
            group["lr"] = group["top"] * pace

    def learn(self, batch: Batch, aims: Aims) -> float:
        """One step on a batch; its loss."""
        with torch.autocast("cpu", torch.bfloat16):
            dropout = self.plan.dropout if self.last else self.plan.plain_dropout
            by_sentence, by_token = values(self.weights, batch, dropout, whole=self.plan.rounded and self.last)
        loss = loss_of(by_sentence, batch, aims, self.plan, last=self.last)
        if by_token is not None and self.plan.naming:
            loss = loss + self.plan.naming * loss_of_names(by_token, batch.named)
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(list(self.moving.values()), 1.0)
        self.optimizer.step()
        self.step += 1
        if self.step % STRIDE == 0:
            keep = min(self.plan.mean_of, self.step / (self.step + 10)) ** STRIDE
            for k, v in self.moving.items():
                self.mean[k].lerp_(v.detach(), 1 - keep)
        return float(loss.item())

    def now(self) -> Weights:
        """The running mean of the weights that move, beside the others."""
        return {k: self.mean.get(k, v).detach().clone() for k, v in self.weights.items()}


def fit(items: Sequence[Labelled], more: Sequence[Labelled], plan: Plan, folder: Path) -> Weights:
    """Weights fitted to the items, and in the second round to `more` of them. `folder` keeps the state after each
    epoch, so a fit that was killed goes on, and the weights of the first round, with which the second can be made
    again; other items or numbers begin anew."""
    names = sorted(known_drugs(items))
    rounds = [(Texts(items, names), first(plan)), (Texts([*items, *more], names), second(plan))]
    marks = [mark_of(texts.items, texts.units, vocabulary.rows(), plan) for texts, plan in rounds]
    middle, begun = folder / FIRST, prepare(folder, marks)
    print(f"{len(items)} items, {folder}: {'goes on' if begun else 'from the start'}", flush=True)
    if not middle.exists():
        before, after = round_of(*rounds[0], folder / ROUNDS[0])
        save_file({k: (before[k] + v) / 2 for k, v in after.items()}, middle)
    _, result = round_of(*rounds[1], folder / ROUNDS[1], load_file(middle))
    save_file(result, folder / MODEL)
    (folder / "plan.json").write_text(json.dumps(dataclasses.asdict(plan)) + "\n")
    return result


def round_of(texts: Texts, plan: Plan, folder: Path, start: Weights | None = None) -> tuple[Weights, Weights]:
    """The weights before and after the lessons of a round."""
    folder.mkdir(parents=True, exist_ok=True)
    aims = aims_of(texts.items, plan.taught)
    course, kept, middle = Course(plan, start), folder / "state.pt", folder / "before.safetensors"
    course.resume(kept)
    for epoch in range(course.epoch, plan.epochs + plan.lessons):
        rng = random.Random(plan.seed * 1000 + epoch)
        torch.manual_seed(plan.seed * 1000 + epoch)
        places, some = draw(texts, plan, epoch, rng)
        began, lost, made = time.process_time(), [], list(batches(some, plan.batch, rng))
        for number, chosen in enumerate(made):
            course.set_rates(number / len(made))
            lost.append(course.learn(padded([some[n] for n in chosen]), aims.of([places[n] for n in chosen])))
        print(f"epoch {epoch} loss {np.mean(lost):.4f} cpu {time.process_time() - began:.0f} s", flush=True)
        course.epoch = epoch + 1
        if course.epoch == plan.epochs:
            save_file(course.now(), middle)
        course.keep(kept)
    return load_file(middle), course.now()


def ask(weights: Mapping[str, torch.Tensor], items: Sequence[Labelled]) -> list[Heard]:
    """What fitted weights hear in each item, as `Encoder.read` gives it; the weights may know no names."""
    texts = Texts(items)
    all_windows = [texts.windows(units) for units in texts.units]
    found = [Heard.of_nothing(1 + sum(len(w.spans) - 1 for w in some), len(LABELLED)) for some in all_windows]
    flat = [(n, Drawn(window)) for n, some in enumerate(all_windows) for window in some]
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for chosen in batches([drawn for _, drawn in flat], 32, None):
            batch = padded([flat[place][1] for place in chosen])
            by_sentence, by_token = values(weights, batch)
            shares = torch.sigmoid(by_sentence).numpy()
            named = torch.sigmoid(by_token).numpy() if by_token is not None else np.zeros(batch.ids.shape, np.float32)
            for place, rows, tokens in zip(chosen, shares, named, strict=True):
                n, drawn = flat[place]
                found[n].take(drawn.window, texts.units[n], rows, tokens)
    return found


def together(said: Sequence[Heard]) -> Heard:
    """What several fits hear: the probabilities that have the mean of the odds that they give, as the file that ships
    has it, and the names of the one that knows them."""
    held = np.clip([heard.values for heard in said], TINY, 1 - TINY)
    odds = np.log(held / (1 - held)).mean(0)
    return Heard(
        1 / (1 + np.exp(-odds)),
        max((heard.names for heard in said), key=lambda names: max(names.values(), default=0.0)),
    )
