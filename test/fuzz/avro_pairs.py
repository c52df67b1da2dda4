"""Pairs of writer and reader schemas with one value each and what fastavro reads: JSON lines.

    pip install -r test/fuzz/requirements.txt
    python3 test/fuzz/avro_pairs.py 10000 SEED > pairs.jsonl
    node test/fuzz/avro-pairs.ts pairs.jsonl

The suite reads `avro-pairs.jsonl`: 250 pairs of seed 7. `answer` is null where the pair cannot be resolved, or where that value cannot: a union is resolved by the branch that was written.
"""

import io
import json
import random
import sys

import fastavro

STRINGS = ["string", "string", "string", "bytes"]
LONGS = ["long", "long", "int"]
OTHERS = ["null", "boolean", "float", "double"]
NAMES = ["verdikt.v1.WordSubmitted", "com.acme.WordSubmitted", "WordSubmitted"]


def value_of(r, schema):
    kind = schema["type"] if isinstance(schema, dict) else schema
    if isinstance(schema, list):
        return value_of(r, r.choice(schema))
    if kind == "null":
        return None
    if kind == "boolean":
        return r.random() < 0.5
    if kind == "int":
        return r.randint(-(2**31), 2**31 - 1)
    if kind == "long":
        return r.randint(-(2**53) + 2, 2**53 - 2)
    if kind in ("float", "double"):
        return float(r.randint(-1000, 1000))
    if kind == "bytes":
        return r.choice(["kayak", "é", ""]).encode()
    if kind == "string":
        return r.choice(["kayak", "Straße", "", "語"])
    if kind == "enum":
        return r.choice(schema["symbols"])
    if kind == "fixed":
        return bytes(schema["size"])
    if kind == "array":
        return [value_of(r, schema["items"]) for _ in range(r.randint(0, 3))]
    if kind == "map":
        return {f"k{i}": value_of(r, schema["values"]) for i in range(r.randint(0, 3))}
    return {f["name"]: value_of(r, f["type"]) for f in schema["fields"]}


def any_type(r, depth=0):
    """Below the top no null: we refuse arrays whose items take no bytes."""
    simple = STRINGS + LONGS + (OTHERS if depth == 0 else OTHERS[1:])
    if depth > 1 or r.random() < 0.6:
        return r.choice(simple)
    name = f"N{r.randint(0, 10**9)}"
    return r.choice(
        [
            {"type": "array", "items": any_type(r, depth + 1)},
            {"type": "map", "values": any_type(r, depth + 1)},
            {"type": "enum", "name": name, "symbols": ["A", "B"]},
            {"type": "fixed", "name": name, "size": 3},
            {"type": "record", "name": name, "fields": [{"name": "x", "type": any_type(r, depth + 1)}]},
            ["null", r.choice(STRINGS + LONGS)] if r.random() < 0.5 else ["null", "string", "long"],
        ]
    )


def flat(types):
    """A union without unions or twins in it."""
    out = []
    for t in types:
        for one in t if isinstance(t, list) else [t]:
            if one not in out:
                out.append(one)
    return out


def near(r, wanted):
    """Mostly what resolves into the wanted type, alone or within a union."""
    roll = r.random()
    if roll < 0.55:
        return r.choice(wanted)
    if roll < 0.85:
        union = flat([r.choice(wanted), r.choice(wanted + OTHERS), *(["null"] if r.random() < 0.5 else [])])
        r.shuffle(union)
        return union if len(union) > 1 else union[0]
    return any_type(r)


def writer_of(r):
    fields = [
        {"name": r.choice(["word", "word", "word", "text"]), "type": near(r, STRINGS)},
        {"name": r.choice(["submittedAt", "submittedAt", "submittedAt", "at"]), "type": near(r, LONGS)},
        *({"name": f"extra{i}", "type": any_type(r)} for i in range(r.randint(0, 3))),
    ]
    if r.random() < 0.1:
        fields.pop(r.randint(0, 1))
    r.shuffle(fields)
    return {"type": "record", "name": r.choice(NAMES), "fields": fields}


def reader_of(r):
    word = {"name": "word", "type": "string"}
    at = {"name": "submittedAt", "type": "long"}
    if r.random() < 0.5:
        if r.random() < 0.5:
            word["aliases"] = ["text"]
        if r.random() < 0.5:
            at["aliases"] = ["at"]
        if r.random() < 0.3:
            word["default"] = "none"
        if r.random() < 0.3:
            at["default"] = 7
    return {"type": "record", "name": "verdikt.v1.WordSubmitted", "fields": [word, at]}


def pair(r):
    writer, reader = writer_of(r), reader_of(r)
    out = io.BytesIO()
    fastavro.schemaless_writer(out, writer, value_of(r, writer))
    data = out.getvalue()
    try:
        read = fastavro.schemaless_reader(io.BytesIO(data), writer, reader)
        answer = [read["word"], read["submittedAt"]]
    except Exception:  # Whatever it says, it does not resolve.
        answer = None
    return {"writer": writer, "reader": reader, "bytes": data.hex(), "answer": answer}


def main():
    r = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    for _ in range(int(sys.argv[1])):
        print(json.dumps(pair(r), ensure_ascii=False, separators=(",", ":")))


main()
