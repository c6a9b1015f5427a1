"""The fits as they ship: one ONNX graph whose matrices are int8, its tokenizer, its types.

The graph is written node by node, so that it depends on no exporter. Rows of the embedding and columns of the matrices
have a scale each, and how matrices are rounded says `rounding.py`. They use seven bits: processors without VNNI add
pairs of products in sixteen.
"""

import hashlib
import json
import random
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

from monitor.reading.prose.encoder import FOLDER, WINDOW
from training.items import LABELLED, Labelled
from training.kept import MODEL
from training.network import HEADS, LAYERS, NAMED, WIDTH
from training.rounding import Seen, evened, rounded, seen_by

LIMIT = 25_000_000
"""Bytes of the folder that ships."""
SHOWN = 300
"""So many texts show what goes into the matrices."""
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Fit:
    """The weights of a fit, and what goes into its matrices; without that they stay full."""

    weights: Mapping[str, Array]
    seen: Mapping[str, Seen] | None = None


class Graph:
    """Nodes and constants, named as they come."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """A node, by the name of what it gives."""
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, value: Array) -> str:
        """A constant, by its name."""
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def linear(self, x: str, weight: Array, bias: Array, seen: Seen | None) -> str:
        """`x` times a matrix as torch keeps it, and a bias; in whole numbers where what it sees is known."""
        if seen is None:
            return self.add("Add", self.add("MatMul", x, self.constant(weight.T)), self.constant(bias))
        even = evened(weight, seen)
        whole, scale, bias = rounded(weight, bias, seen, even)
        x = self.add("Mul", x, self.constant(1 / even))
        name = f"whole_{len(self.nodes)}"
        self.nodes.append(helper.make_node("DynamicQuantizeLinear", [x], [name, f"{name}_scale", f"{name}_zero"]))
        zero = self.constant(np.array(0, np.int8))
        product = self.add("MatMulInteger", name, self.constant(whole.T), f"{name}_zero", zero)
        scales = self.add("Mul", f"{name}_scale", self.constant(scale))
        product = self.add("Mul", self.add("Cast", product, to=TensorProto.FLOAT), scales)
        return self.add("Add", product, self.constant(bias))

    def norm(self, x: str, weight: Array, bias: Array) -> str:
        """Layer normalisation."""
        return self.add("LayerNormalization", x, self.constant(weight), self.constant(bias), epsilon=1e-12)


def embedded(graph: Graph, fit: Fit) -> str:
    """The embedding of the tokens: rows of int8, each with its scale, and their places."""
    words = fit.weights["embeddings.word_embeddings.weight"]
    if fit.seen is None:
        return placed(graph, fit.weights, graph.add("Gather", graph.constant(words), "ids"))
    scale = np.maximum(np.abs(words).max(1, keepdims=True), 1e-8) / 127
    table = graph.constant(np.clip(np.round(words / scale), -127, 127).astype(np.int8))
    rows = graph.add("Cast", graph.add("Gather", table, "ids"), to=TensorProto.FLOAT)
    scales = graph.add("Gather", graph.constant(scale.astype(np.float32)), "ids")
    return placed(graph, fit.weights, graph.add("Mul", rows, scales))


def placed(graph: Graph, w: Mapping[str, Array], x: str) -> str:
    """Embedded tokens with their places."""
    places = w["embeddings.position_embeddings.weight"][:WINDOW] + w["embeddings.token_type_embeddings.weight"][0]
    length = graph.add("Shape", "ids", start=1, end=2)
    first, axis = graph.constant(np.array([0], np.int64)), graph.constant(np.array([0], np.int64))
    x = graph.add("Add", x, graph.add("Slice", graph.constant(places), first, length, axis))
    return graph.norm(x, w["embeddings.LayerNorm.weight"], w["embeddings.LayerNorm.bias"])


def layered(graph: Graph, fit: Fit, x: str, number: int) -> str:
    """One layer of the encoder."""
    p = f"encoder.layer.{number}"

    def linear(x: str, *names: str) -> str:
        weight, bias = (
            np.concatenate([fit.weights[f"{name}.{kind}"] for name in names]) for kind in ("weight", "bias")
        )
        return graph.linear(x, weight, bias, fit.seen[names[0]] if fit.seen else None)

    def norm(x: str, name: str) -> str:
        return graph.norm(x, fit.weights[f"{name}.weight"], fit.weights[f"{name}.bias"])

    joined = linear(x, *(f"{p}.attention.self.{part}" for part in ("query", "key", "value")))
    split = graph.constant(np.array([0, 0, 3, HEADS, WIDTH // HEADS], np.int64))
    apart = graph.add("Transpose", graph.add("Reshape", joined, split), perm=[2, 0, 3, 1, 4])
    query, key, value = (graph.add("Gather", apart, graph.constant(np.array(n, np.int64)), axis=0) for n in range(3))
    root = graph.constant(np.array((WIDTH // HEADS) ** 0.5, np.float32))
    alike = graph.add("MatMul", query, graph.add("Transpose", key, perm=[0, 1, 3, 2]))
    heed = graph.add("Softmax", graph.add("Div", alike, root), axis=-1)
    seen = graph.add("Transpose", graph.add("MatMul", heed, value), perm=[0, 2, 1, 3])
    flat = graph.add("Reshape", seen, graph.constant(np.array([0, 0, WIDTH], np.int64)))
    x = norm(graph.add("Add", x, linear(flat, f"{p}.attention.output.dense")), f"{p}.attention.output.LayerNorm")
    inner = graph.add("Gelu", linear(x, f"{p}.intermediate.dense"))
    return norm(graph.add("Add", x, linear(inner, f"{p}.output.dense")), f"{p}.output.LayerNorm")


def in_common(fits: Sequence[Fit]) -> int:
    """How many of the lowest layers all fits have in common; the embeddings stay still in each."""
    one, *others = [fit.weights for fit in fits]

    def common(number: int) -> bool:
        names = [name for name in one if name.startswith(f"encoder.layer.{number}.")]
        return all(np.array_equal(one[name], other[name]) for name in names for other in others)

    return next((number for number in range(LAYERS) if not common(number)), LAYERS)


def network(fits: Sequence[Fit]) -> Any:
    """The whole graph: token ids and each sentence's shares of them to probabilities by sentence and type, by the mean
    of the odds that the fits give. The layers that they have in common stand there once."""
    graph, common = Graph(), in_common(fits)
    x = embedded(graph, fits[0])
    for number in range(common):
        x = layered(graph, fits[0], x, number)
    odds = graph.add("Mean", *(said(graph, fit, x, common) for fit in fits))
    graph.nodes.append(helper.make_node("Sigmoid", [odds], ["values"]))
    if not any("names" in node.output for node in graph.nodes):
        raise ValueError("expected a fit that knows names (`plan.NAMING`), found none")
    made = helper.make_graph(
        graph.nodes,
        "reader",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "length"]),
            helper.make_tensor_value_info("shares", TensorProto.FLOAT, ["sentences", "length"]),
        ],
        [
            helper.make_tensor_value_info("values", TensorProto.FLOAT, ["sentences", len(LABELLED)]),
            helper.make_tensor_value_info("names", TensorProto.FLOAT, ["length"]),
        ],
        graph.constants,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], producer_name="therawatch")
    model.ir_version = 9
    onnx.checker.check_model(model)
    return model


def said(graph: Graph, fit: Fit, x: str, common: int) -> str:
    """The logarithms of the odds that one fit gives, from its own layers on. The head keeps its full weights: it is
    small, and decides."""
    for number in range(common, LAYERS):
        x = layered(graph, fit, x, number)
        if number + 1 == NAMED and "names.weight" in fit.weights:
            named(graph, fit, x)
    states = graph.add("Squeeze", x, graph.constant(np.array([0], np.int64)))
    means = graph.add("MatMul", "shares", states)
    head = [graph.constant(fit.weights[f"head.{kind}"]) for kind in ("weight", "bias")]
    return graph.add("Gemm", means, *head, transB=1)


def named(graph: Graph, fit: Fit, x: str) -> None:
    """The probability of each token that it is part of the name of the medicine that is told of."""
    states = graph.add("Squeeze", x, graph.constant(np.array([0], np.int64)))
    head = [graph.constant(fit.weights[f"names.{kind}"]) for kind in ("weight", "bias")]
    by_token = graph.add("Squeeze", graph.add("Gemm", states, *head, transB=1), graph.constant(np.array([1], np.int64)))
    graph.nodes.append(helper.make_node("Sigmoid", [by_token], ["names"]))


def export(
    fitted: Sequence[Path], items: Sequence[Labelled], folder: Path = FOLDER, *, full: Path | None = None
) -> None:
    """Write the folder that ships from the weights of some fits, beside its tokenizer; `full` takes the graph before
    int8, to compare. What matrices see is learnt from some of the items.

    Raises SystemExit where the folder is larger than what may ship.
    """
    folder.mkdir(parents=True, exist_ok=True)
    some = random.Random(len(items)).sample(list(items), min(SHOWN, len(items)))
    exact = [Fit(load_file(path / MODEL)) for path in fitted]
    seen = [seen_by({name: torch.tensor(value) for name, value in fit.weights.items()}, some) for fit in exact]
    onnx.save(network([Fit(fit.weights, one) for fit, one in zip(exact, seen, strict=True)]), folder / "reader.onnx")
    if full is not None:
        full.mkdir(parents=True, exist_ok=True)
        onnx.save(network(exact), full / "reader.onnx")
    digest = hashlib.sha256((folder / "reader.onnx").read_bytes()).hexdigest()
    for place in (folder, *([full] if full is not None else [])):
        if place != FOLDER:
            shutil.copy(FOLDER / "tokenizer.json", place / "tokenizer.json")
        (place / "labels.json").write_text(json.dumps({"types": LABELLED, "sha256": digest}, indent=1) + "\n")
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{folder}: {size / 1e6:.1f} MB, reader.onnx sha256 {digest}")
    if size > LIMIT:
        raise SystemExit(f"expected at most {LIMIT / 1e6:.0f} MB, found {size / 1e6:.1f}")
