"""The network: MiniLM's six layers, the mean of each sentence's states, one linear layer of types."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from training.items import LABELLED
from training.vocabulary import model_folder

WIDTH, HEADS, LAYERS = 384, 12, 6
NAMED = 3
"""The layer whose states tell which words name the medicine; those above it tell what happened to it."""
MOST = 63
"""The largest whole number of a matrix that ships: seven bits, for processors without VNNI add pairs of products in
sixteen."""
Weights = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded windows: token ids, mask, the share of each token in each sentence's mean, which sentences there
    are, which of them were put there to say nothing, and which types the rules read in each; of each token whether it
    is part of the name of the medicine that is told of (1 or 0; -1 where that is not known)."""

    ids: torch.Tensor
    mask: torch.Tensor
    spans: torch.Tensor
    there: torch.Tensor
    neutral: torch.Tensor
    told: torch.Tensor
    named: torch.Tensor


def first_weights(seed: int, words: list[int]) -> Weights:
    """MiniLM's weights, of its words those of these rows, and a head that says no to everything."""
    torch.manual_seed(seed)
    found = {k: v.float() for k, v in load_file(model_folder() / "model.safetensors").items() if v.is_floating_point()}
    weights = {k: v for k, v in found.items() if k.startswith(("embeddings", "encoder")) and "position_ids" not in k}
    table = "embeddings.word_embeddings.weight"
    return weights | {
        table: weights[table][words],
        "head.weight": torch.randn(len(LABELLED), WIDTH) * 0.02,
        "head.bias": torch.full((len(LABELLED),), -3.0),
    }


def with_names(weights: Weights, seed: int) -> Weights:
    """The weights with a head for names that knows nothing yet."""
    torch.manual_seed(seed)
    head = {"names.weight": torch.randn(1, WIDTH) * 0.02, "names.bias": torch.full((1,), -2.0)}
    return weights | {name: value for name, value in head.items() if name not in weights}


def as_shipped(weight: torch.Tensor) -> torch.Tensor:
    """A matrix as whole numbers with a scale for each row would have it; gradients pass as if it were not so."""
    scale = weight.detach().abs().amax(1, keepdim=True).clamp_min(1e-8) / MOST
    return weight + ((weight / scale).round() * scale - weight).detach()


def as_asked(x: torch.Tensor) -> torch.Tensor:
    """States as whole numbers of eight bits with one scale a text, as the runtime makes them where it multiplies."""
    low, high = x.detach().amin((1, 2), keepdim=True).clamp_max(0), x.detach().amax((1, 2), keepdim=True).clamp_min(0)
    scale = (high - low).float().clamp_min(1e-8) / 255
    return x + ((x.float() / scale).round() * scale - x).detach().to(x.dtype)


def states(
    w: Mapping[str, torch.Tensor],
    ids: torch.Tensor,
    mask: torch.Tensor,
    dropout: float = 0.0,
    *,
    whole: bool = False,
    watch: Callable[[str, torch.Tensor], None] | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The states of the tokens by which names are known, and their last ones; `whole` rounds, and `watch` is shown what
    goes into each matrix."""

    def linear(x: torch.Tensor, name: str) -> torch.Tensor:
        if watch is not None:
            watch(name, x)
        weight, bias = w[f"{name}.weight"], w[f"{name}.bias"]
        return F.linear(as_asked(x), as_shipped(weight), bias) if whole else F.linear(x, weight, bias)

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.layer_norm(x, (WIDTH,), w[f"{name}.weight"], w[f"{name}.bias"], 1e-12)

    n, length = ids.shape
    x = F.embedding(ids, w["embeddings.word_embeddings.weight"])
    x = x + w["embeddings.position_embeddings.weight"][:length] + w["embeddings.token_type_embeddings.weight"][0]
    x = F.dropout(norm(x, "embeddings.LayerNorm"), dropout)
    middle, hidden = x, ((1 - mask) * -1e4)[:, None, None, :]
    for layer in range(LAYERS):
        p = f"encoder.layer.{layer}"
        q, k, v = (
            linear(x, f"{p}.attention.self.{part}").view(n, length, HEADS, WIDTH // HEADS).transpose(1, 2)
            for part in ("query", "key", "value")
        )
        heed = torch.softmax(q @ k.transpose(2, 3) / (WIDTH // HEADS) ** 0.5 + hidden, -1)
        joined = (heed.to(v.dtype) @ v).transpose(1, 2).reshape(n, length, WIDTH)
        seen = F.dropout(linear(joined, f"{p}.attention.output.dense"), dropout)
        x = norm(x + seen, f"{p}.attention.output.LayerNorm")
        inner = F.gelu(linear(x, f"{p}.intermediate.dense"))
        x = norm(x + F.dropout(linear(inner, f"{p}.output.dense"), dropout), f"{p}.output.LayerNorm")
        middle = x if layer + 1 == NAMED else middle
    return middle, x


def values(
    w: Mapping[str, torch.Tensor], batch: Batch, dropout: float = 0.0, *, whole: bool = False
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """A value for each sentence and type, before the sigmoid, and one for each token that it is part of the name of the
    medicine, of weights that know names."""
    middle, found = (some.float() for some in states(w, batch.ids, batch.mask, dropout, whole=whole))
    with torch.autocast("cpu", enabled=False):
        means = F.dropout(batch.spans @ found, dropout)
        named = F.linear(middle, w["names.weight"], w["names.bias"])[..., 0] if "names.weight" in w else None
        return F.linear(means, w["head.weight"], w["head.bias"]), named


def item_values(by_sentence: torch.Tensor, there: torch.Tensor, sharpness: float) -> torch.Tensor:
    """A soft maximum over the sentences that there are."""
    held = by_sentence.masked_fill(~there[..., None], -1e4)
    return torch.logsumexp(held * sharpness, 1) / sharpness
