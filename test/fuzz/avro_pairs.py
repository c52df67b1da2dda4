"""Pairs of writer and reader schemas with one value each and what fastavro reads: JSON lines.

    pip install -r test/fuzz/requirements.txt
    python3 test/fuzz/avro_pairs.py 10000 SEED > pairs.jsonl
    node test/fuzz/avro-pairs.ts pairs.jsonl

The suite reads `avro-pairs.jsonl`: 300 pairs of seed 7. Without an `answer` the pair cannot be resolved, or that value cannot: a union is
resolved by the branch that was written. Bytes are hexadecimal, times milliseconds.

Left out is what fastavro does not do: defaults of bytes, nanoseconds. So are empty arrays and maps, whose items it does not compare, items of
no bytes, which we refuse, and recursion, which our readers do not have.
"""

import datetime
import decimal
import io
import json
import pathlib
import random
import sys

import fastavro

SCHEMAS = pathlib.Path(__file__).parents[2] / "schemas" / "verdikt"
OWN = [json.loads((SCHEMAS / f"{name}.avsc").read_text()) for name in ("WordSubmitted", "WordJudged")]

PRIMITIVES = ["boolean", "int", "long", "float", "double", "bytes", "string"]
PROMOTED = {
    "long": ["int"],
    "float": ["int", "long"],
    "double": ["int", "long", "float"],
    "string": ["bytes"],
    "bytes": ["string"],
}
MILLIS = {"type": "long", "logicalType": "timestamp-millis"}
TIMES = [
    MILLIS,
    {"type": "long", "logicalType": "timestamp-micros"},
    {"type": "long", "logicalType": "timestamp-micros"},
    {"type": "long", "logicalType": "local-timestamp-millis"},
    {"type": "long", "logicalType": "local-timestamp-micros"},
    # Of these the logical type does not count: it is unknown, or annotates another type.
    {"type": "long", "logicalType": "our-time"},
    {"type": "int", "logicalType": "timestamp-micros"},
    "long",
    "int",
    # These are no points in time.
    {"type": "int", "logicalType": "date"},
    {"type": "int", "logicalType": "time-millis"},
    {"type": "long", "logicalType": "time-micros"},
]
TEXTS = [
    {"type": "string", "logicalType": "uuid"},
    {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
]
DAY_MS = 86_400_000
UUID = "0a1b2c3d-0000-4000-8000-0123456789ab"


class Names:
    def __init__(self):
        self.last = 0

    def __call__(self):
        self.last += 1
        return f"N{self.last}"


def kind_of(t):
    return "union" if isinstance(t, list) else t["type"] if isinstance(t, dict) else t


def number_of(r, logical, is_long):
    if logical == "date":
        return r.randint(-20_000, 40_000)
    if logical in ("time-millis", "time-micros"):
        return r.randint(0, DAY_MS - 1)
    if logical is not None and is_long:
        ms = r.randint(-(10**12), 4 * 10**12)
        return ms * 1000 + r.randint(0, 999) if logical.endswith("micros") else ms
    return r.randint(-(2**53) + 2, 2**53 - 2) if is_long else r.randint(-(2**31), 2**31 - 1)


def value_of(r, t):
    """A value as it goes over the wire: without the logical types, which `bare` has taken off."""
    kind = kind_of(t)
    logical = t.get("logicalType") if isinstance(t, dict) else None
    if kind == "union":
        i = r.randrange(len(t))
        # Half of what is null would be read by nobody.
        i = r.randrange(len(t)) if t[i] == "null" else i
        return (i, value_of(r, t[i]))
    if kind == "null":
        return None
    if kind == "boolean":
        return r.random() < 0.5
    if kind in ("int", "long"):
        return number_of(r, logical, kind == "long")
    if kind in ("float", "double"):
        return r.randint(-1000, 1000) / 4
    if kind == "bytes":
        if logical == "decimal":
            return r.choice([b"\x01", b"12", b"\xff"])
        return r.choice([b"kayak", "é".encode(), b"", b"a"]) if r.random() < 0.93 else b"\xff\xfe"
    if kind == "string":
        return UUID if logical == "uuid" else r.choice(["kayak", "Straße", "", "語"])
    if kind == "enum":
        return r.choice(t["symbols"])
    if kind == "fixed":
        return r.randbytes(t["size"])
    if kind == "array":
        return [value_of(r, t["items"]) for _ in range(r.randint(1, 3))]
    if kind == "map":
        return {f"k{i}": value_of(r, t["values"]) for i in range(r.randint(1, 3))}
    return {f["name"]: value_of(r, f["type"]) for f in t["fields"]}


def write(out, t, value):
    """By hand: fastavro would choose the branch of a union by itself."""
    kind = kind_of(t)
    if kind == "union":
        i, inner = value
        number(out, i)
        write(out, t[i], inner)
    elif kind == "array":
        number(out, len(value))
        for item in value:
            write(out, t["items"], item)
        number(out, 0)
    elif kind == "map":
        number(out, len(value))
        for key, item in value.items():
            write(out, "string", key)
            write(out, t["values"], item)
        number(out, 0)
    elif kind == "record":
        for f in t["fields"]:
            write(out, f["type"], value[f["name"]])
    else:
        bare = {k: v for k, v in t.items() if k != "logicalType"} if isinstance(t, dict) else t
        fastavro.schemaless_writer(out, bare, value)


def number(out, n):
    fastavro.schemaless_writer(out, "long", n)


def any_type(r, names, depth=0):
    """No null alone."""
    if depth > 1 or r.random() < 0.55:
        return r.choice(PRIMITIVES)
    kind = r.choice(["array", "map", "enum", "fixed", "record", "union", "time"])
    if kind == "time":
        return MILLIS
    if kind == "array":
        return {"type": "array", "items": any_type(r, names, depth + 1)}
    if kind == "map":
        return {"type": "map", "values": any_type(r, names, depth + 1)}
    if kind == "fixed":
        return {"type": "fixed", "name": names(), "size": r.randint(1, 4)}
    if kind == "enum":
        symbols = r.sample(["A", "B", "C", "D"], r.randint(1, 4))
        out = {"type": "enum", "name": names(), "symbols": symbols}
        return {**out, "default": r.choice(symbols)} if r.random() < 0.5 else out
    if kind == "record":
        return record_of(r, names, depth + 1)
    if r.random() < 0.6:
        return ["null", any_type(r, names, 2) if r.random() < 0.7 else MILLIS]
    return r.sample(["null", *PRIMITIVES], r.randint(2, 4))


def default_of(r, t):
    kind = kind_of(t)
    if kind == "union":
        return None if t[0] == "null" else ...
    if kind in ("bytes", "fixed"):
        return ...
    if kind == "array":
        return []
    if kind == "map":
        return {}
    if kind == "enum":
        return t["symbols"][0]
    if kind == "record":
        out = {f["name"]: default_of(r, f["type"]) for f in t["fields"]}
        return ... if ... in out.values() else out
    return {"boolean": True, "string": "none"}.get(kind, 7)


def record_of(r, names, depth=0):
    fields = []
    for i in range(r.randint(1, 4)):
        field = {"name": f"f{i}", "type": any_type(r, names, depth)}
        if r.random() < 0.3:
            field["aliases"] = [f"old{i}"]
        default = default_of(r, field["type"])
        if r.random() < 0.4 and default is not ...:
            field["default"] = default
        fields.append(field)
    out = {"type": "record", "name": names(), "fields": fields}
    return {**out, "aliases": [f"{out['name']}Old"]} if r.random() < 0.3 else out


def renamed(r, t):
    """Name of a named type: mostly one that matches."""
    name = t["name"]
    roll = r.random()
    if roll < 0.04:
        return f"{name}Other"
    if roll < 0.15:
        return f"com.acme.{name.split('.')[-1]}"
    if roll < 0.3 and t.get("aliases"):
        return t["aliases"][0]
    return name


def writer_for(r, names, t):
    """Mostly what can be read as `t`."""
    roll = r.random()
    if roll < 0.02:
        return any_type(r, names)
    if roll < 0.12:
        return union_with(r, names, like(r, names, t))
    return like(r, names, t)


def union_with(r, names, t):
    branches = []
    for one in [*(t if isinstance(t, list) else [t]), r.choice(PRIMITIVES), "null"]:
        if kind_of(one) not in [kind_of(b) for b in branches]:
            branches.append(one)
    r.shuffle(branches)
    return branches


def like(r, names, t):
    kind = kind_of(t)
    if kind == "union":
        roll = r.random()
        if roll < 0.4:
            one = r.choice(t)
            # What fastavro makes of a UUID or a decimal is none of the other branches.
            return one if one == "string" else like(r, names, one)
        branches = r.sample(t, len(t))
        return branches if roll < 0.8 else branches[1:] if len(t) > 2 else branches
    if t == MILLIS:
        return r.choice(TIMES if r.random() < 0.5 else TIMES[:5])
    if kind == "array":
        items = writer_for(r, names, t["items"])
        return {"type": "array", "items": "int" if items == "null" else items}
    if kind == "map":
        return {"type": "map", "values": writer_for(r, names, t["values"])}
    if kind == "fixed":
        size = t["size"] + (1 if r.random() < 0.1 else 0)
        return {"type": "fixed", "name": renamed(r, t), "size": size}
    if kind == "enum":
        symbols = r.sample(["A", "B", "C", "D", "E"], r.randint(1, 5)) if r.random() < 0.5 else t["symbols"]
        return {"type": "enum", "name": renamed(r, t), "symbols": symbols}
    if kind == "record":
        return writer_of_record(r, names, t)
    if kind == "string" and r.random() < 0.05:
        return r.choice(TEXTS)
    return r.choice(PROMOTED[kind]) if kind in PROMOTED and r.random() < 0.3 else t


def writer_of_record(r, names, t):
    fields = []
    for f in t["fields"]:
        if r.random() < (0.4 if "default" in f else 0.01):
            continue
        name = r.choice([f["name"], *f.get("aliases", [])])
        fields.append({"name": name, "type": writer_for(r, names, f["type"])})
    for i in range(r.choice([0, 0, 1, 2])):
        fields.append({"name": f"extra{i}", "type": any_type(r, names)})
    if not fields:
        fields.append({"name": "extra", "type": "int"})
    if r.random() < 0.5:
        r.shuffle(fields)
    return {"type": "record", "name": renamed(r, t), "fields": fields}


def own(r):
    """One of our schemas, with the aliases and defaults that a later version may have."""
    schema = json.loads(json.dumps(r.choice(OWN)))
    for f in schema["fields"]:
        if r.random() < 0.2:
            f["aliases"] = [f"old_{f['name']}"]
        default = default_of(r, f["type"])
        if r.random() < 0.2 and default is not ...:
            f["default"] = default
    return {**schema, "name": f"{schema.pop('namespace')}.{schema['name']}"}


class NotOurs(Exception):
    """It is read, but as something that is none of the reader's type."""


def plain(value):
    if isinstance(value, datetime.datetime):
        zone = value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
        return (zone - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(milliseconds=1)
    if isinstance(value, (datetime.date, datetime.time, decimal.Decimal)):
        raise NotOurs
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value if isinstance(value, (str, int, float, type(None))) else str(value)


def pair(r):
    names = Names()
    reader = own(r) if r.random() < 0.5 else record_of(r, names)
    writer = writer_for(r, names, reader)
    out = io.BytesIO()
    write(out, writer, value_of(r, writer))
    found = {"writer": writer, "reader": reader, "bytes": out.getvalue().hex()}
    try:
        read = fastavro.schemaless_reader(io.BytesIO(out.getvalue()), writer, reader)
        return {**found, "answer": plain(read)}
    except Exception:  # Whatever it says, it does not resolve.
        return found


def main():
    r = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    for _ in range(int(sys.argv[1])):
        print(json.dumps(pair(r), ensure_ascii=False, separators=(",", ":")))


main()
