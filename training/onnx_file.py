"""The fitted model as it ships: an ONNX graph whose matrices are int8, its tokenizer, its types.

The graph is written node by node, so that it depends on no exporter. Rows of the embedding and columns of the matrices
have a scale each, and how matrices are rounded says `rounding.py`. They use seven bits: processors without VNNI add
pairs of products in sixteen.
"""

import hashlib
import json
import random
import shutil
from collections.abc import Mapping, Sequence
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
from training.network import HEADS, LAYERS, WIDTH, model_folder
from training.rounding import Seen, evened, rounded, seen_by

LIMIT = 25_000_000
"""Bytes of the folder that ships."""
SHOWN = 300
"""So many texts show what goes into the matrices."""
Array = NDArray[Any]


class Graph:
    """Nodes and constants, named as they come."""

    def __init__(self, seen: Mapping[str, Seen] | None) -> None:
        self.seen = seen
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

    def linear(self, x: str, name: str, weight: Array, bias: Array) -> str:
        """`x` times a matrix as torch keeps it, and a bias; in whole numbers where what it sees is known."""
        if self.seen is None:
            return self.add("Add", self.add("MatMul", x, self.constant(weight.T)), self.constant(bias))
        even = evened(weight, self.seen[name])
        whole, scale, bias = rounded(weight, bias, self.seen[name], even)
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


def embedded(graph: Graph, w: Mapping[str, Array]) -> str:
    """The embedding of the tokens: rows of int8, each with its scale, and their places."""
    words = w["embeddings.word_embeddings.weight"]
    if graph.seen is None:
        return placed(graph, w, graph.add("Gather", graph.constant(words), "ids"))
    scale = np.maximum(np.abs(words).max(1, keepdims=True), 1e-8) / 127
    table = graph.constant(np.clip(np.round(words / scale), -127, 127).astype(np.int8))
    rows = graph.add("Cast", graph.add("Gather", table, "ids"), to=TensorProto.FLOAT)
    return placed(
        graph, w, graph.add("Mul", rows, graph.add("Gather", graph.constant(scale.astype(np.float32)), "ids"))
    )


def placed(graph: Graph, w: Mapping[str, Array], x: str) -> str:
    """Embedded tokens with their places."""
    places = w["embeddings.position_embeddings.weight"][:WINDOW] + w["embeddings.token_type_embeddings.weight"][0]
    length = graph.add("Shape", "ids", start=1, end=2)
    first, axis = graph.constant(np.array([0], np.int64)), graph.constant(np.array([0], np.int64))
    x = graph.add("Add", x, graph.add("Slice", graph.constant(places), first, length, axis))
    return graph.norm(x, w["embeddings.LayerNorm.weight"], w["embeddings.LayerNorm.bias"])


def layered(graph: Graph, w: Mapping[str, Array], x: str, number: int) -> str:
    """One layer of the encoder."""
    p = f"encoder.layer.{number}"
    parts = [f"{p}.attention.self.{part}" for part in ("query", "key", "value")]
    joined = graph.linear(
        x,
        parts[0],
        np.concatenate([w[f"{part}.weight"] for part in parts]),
        np.concatenate([w[f"{part}.bias"] for part in parts]),
    )
    split = graph.constant(np.array([0, 0, 3, HEADS, WIDTH // HEADS], np.int64))
    apart = graph.add("Transpose", graph.add("Reshape", joined, split), perm=[2, 0, 3, 1, 4])
    query, key, value = (graph.add("Gather", apart, graph.constant(np.array(n, np.int64)), axis=0) for n in range(3))
    root = graph.constant(np.array((WIDTH // HEADS) ** 0.5, np.float32))
    alike = graph.add("MatMul", query, graph.add("Transpose", key, perm=[0, 1, 3, 2]))
    heed = graph.add("Softmax", graph.add("Div", alike, root), axis=-1)
    seen = graph.add("Transpose", graph.add("MatMul", heed, value), perm=[0, 2, 1, 3])
    flat = graph.add("Reshape", seen, graph.constant(np.array([0, 0, WIDTH], np.int64)))
    out = f"{p}.attention.output"
    x = graph.add("Add", x, graph.linear(flat, f"{out}.dense", w[f"{out}.dense.weight"], w[f"{out}.dense.bias"]))
    x = graph.norm(x, w[f"{out}.LayerNorm.weight"], w[f"{out}.LayerNorm.bias"])
    into, back = f"{p}.intermediate.dense", f"{p}.output.dense"
    inner = graph.add("Gelu", graph.linear(x, into, w[f"{into}.weight"], w[f"{into}.bias"]))
    x = graph.add("Add", x, graph.linear(inner, back, w[f"{back}.weight"], w[f"{back}.bias"]))
    return graph.norm(x, w[f"{p}.output.LayerNorm.weight"], w[f"{p}.output.LayerNorm.bias"])


def network(w: Mapping[str, Array], seen: Mapping[str, Seen] | None = None) -> Any:
    """The whole graph: token ids and each sentence's shares of them to probabilities by sentence and type; in whole
    numbers where what its matrices see is known."""
    graph = Graph(seen)
    x = embedded(graph, w)
    for number in range(LAYERS):
        x = layered(graph, w, x, number)
    states = graph.add("Squeeze", x, graph.constant(np.array([0], np.int64)))
    means = graph.add("MatMul", "shares", states)
    # The head keeps its full weights: it is small, and decides.
    head = graph.add("Gemm", means, graph.constant(w["head.weight"]), graph.constant(w["head.bias"]), transB=1)
    graph.nodes.append(helper.make_node("Sigmoid", [head], ["values"]))
    made = helper.make_graph(
        graph.nodes,
        "reader",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "length"]),
            helper.make_tensor_value_info("shares", TensorProto.FLOAT, ["sentences", "length"]),
        ],
        [helper.make_tensor_value_info("values", TensorProto.FLOAT, ["sentences", len(LABELLED)])],
        graph.constants,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], producer_name="therawatch")
    model.ir_version = 9
    onnx.checker.check_model(model)
    return model


def export(fitted: Path, items: Sequence[Labelled], folder: Path = FOLDER, *, full: Path | None = None) -> None:
    """Write the folder that ships from fitted weights; `full` takes the graph before int8, to compare. What matrices
    see is learnt from some of the items.

    Raises SystemExit where the folder is larger than what may ship.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = load_file(fitted / "model.safetensors")
    some = random.Random(len(items)).sample(list(items), min(SHOWN, len(items)))
    seen = seen_by({name: torch.tensor(weight) for name, weight in weights.items()}, some)
    onnx.save(network(weights, seen), folder / "reader.onnx")
    if full is not None:
        full.mkdir(parents=True, exist_ok=True)
        onnx.save(network(weights), full / "reader.onnx")
    digest = hashlib.sha256((folder / "reader.onnx").read_bytes()).hexdigest()
    for place in (folder, *([full] if full is not None else [])):
        shutil.copy(model_folder() / "tokenizer.json", place / "tokenizer.json")
        (place / "labels.json").write_text(json.dumps({"types": LABELLED, "sha256": digest}, indent=1) + "\n")
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{folder}: {size / 1e6:.1f} MB, reader.onnx sha256 {digest}")
    if size > LIMIT:
        raise SystemExit(f"expected at most {LIMIT / 1e6:.0f} MB, found {size / 1e6:.1f}")
