#!/usr/bin/env python3
"""Checks order and completeness of verdikt from the outside: Python alone, none of verdikt's code.

Input: what Kafka's own console consumer prints at read_committed, one file per topic, with

    --formatter-property print.timestamp=true   --formatter-property print.partition=true
    --formatter-property print.offset=true      --formatter-property print.headers=true
    --formatter-property print.key=true         --formatter-property key.separator=$'\\x02'
    --formatter-property headers.separator=$'\\x01'

    check_order.py --words words.txt --results results.txt --dead-letters dlq.txt [--together-ms 50] [--undrained]

Says, one line each, what is wrong: an id that did not end exactly once, an end that nobody sent, that lies in another
partition or has another key, and for each key any end before that of an older word. Exit code 0: nothing, 1: something,
2: it could not look. `--undrained`: words without an end are no violation, unless a younger one of their key has ended.
`check_order.py --self-test` checks the checker.
"""
import argparse
import json
import sys
from collections import defaultdict, namedtuple

FIELD, HEADER = "\x02", "\x01"
TIMES = ("CreateTime:", "LogAppendTime:", "NoTimestampType:")
Record = namedtuple("Record", "timestamp partition offset headers key value")


class Unreadable(Exception):
    pass


def after_colon(text):
    return text.split(":", 1)[1]


def parse(lines, name):
    """Records in the order printed. Values may hold line ends: only lines that begin a record are looked at."""
    records = []
    for line in lines:
        line = line.rstrip("\n")
        if not line.startswith(TIMES) or FIELD not in line:
            continue
        parts = line.split(FIELD)
        if len(parts) < 6:
            raise Unreadable("%s: a line has %d fields, not 6: %r" % (name, len(parts), line[:200]))
        time, partition, offset, headers, key = parts[:5]
        if not partition.startswith("Partition:") or not offset.startswith("Offset:"):
            raise Unreadable("%s: no partition and offset in %r" % (name, line[:200]))
        pairs = {}
        if headers != "NO_HEADERS":
            for header in headers.split(HEADER):
                header_name, _, value = header.partition(":")
                # The first of a name counts.
                pairs.setdefault(header_name, value)
        records.append(
            Record(
                int(after_colon(time)),
                int(after_colon(partition)),
                int(after_colon(offset)),
                pairs,
                None if key == "null" else key,
                FIELD.join(parts[5:]),
            )
        )
    return records


def at(topic, r):
    return "%s-%d@%d" % (topic, r.partition, r.offset)


def check(words, results, dead_letters, together_ms=50, drained=True):
    """All that is wrong, as texts."""
    found = []
    # A word sent again under its id counts once, where it was first. Without an id it is known by its place.
    sent = {}
    for w in sorted(words, key=lambda r: (r.partition, r.offset)):
        ident = w.headers.get("id") or "%s-%d-%d" % (WORDS_TOPIC, w.partition, w.offset)
        sent.setdefault((ident, w.key), w)

    ends = defaultdict(list)
    last_offset = {}
    for topic, records in (("results", results), ("dead-letters", dead_letters)):
        for r in records:
            place = (topic, r.partition)
            if r.offset <= last_offset.get(place, -1):
                found.append("%s: printed after offset %d" % (at(topic, r), last_offset[place]))
            last_offset[place] = max(r.offset, last_offset.get(place, -1))
            if topic == "dead-letters" and r.headers.get("verdikt-disposition") == "parked":
                continue
            if r.headers.get("verdikt-redrive", "0") != "0":
                continue  # Ends once more, under its redrive count; its place among the others is not promised.
            ident = r.headers.get("id")
            if topic == "results" and r.value.startswith("{"):
                try:
                    value = json.loads(r.value)
                except ValueError:
                    found.append("%s: its value is no JSON" % at(topic, r))
                    value = {}
                if value.get("id") != ident:
                    found.append("%s: header id %s, value id %s" % (at(topic, r), ident, value.get("id")))
            w = sent.get((ident, r.key))
            if w is None:
                found.append("%s: nobody sent id %s with key %r" % (at(topic, r), ident, r.key))
                continue
            if w.partition != r.partition:
                found.append("%s: its word lies in partition %d" % (at(topic, r), w.partition))
            ends[(ident, r.key)].append((topic, r))

    for (ident, key), several in ends.items():
        if len(several) > 1:
            found.append("id %s ended %d times: %s" % (ident, len(several), ", ".join(at(t, r) for t, r in several)))

    by_key = defaultdict(list)
    for (ident, key), w in sent.items():
        if key is not None:
            by_key[(w.partition, key)].append((w.offset, ident))
        elif drained and (ident, key) not in ends:
            found.append("id %s at %s has not ended" % (ident, at("words", w)))
    for (partition, key), listed in by_key.items():
        listed.sort()
        furthest = {}  # topic -> (offset, timestamp, id) of the furthest end so far
        missing = None
        for offset, ident in listed:
            ended = ends.get((ident, key))
            if not ended:
                if drained:
                    found.append("id %s at words-%d@%d has not ended" % (ident, partition, offset))
                missing = missing or (offset, ident)
                continue
            topic, r = ended[0]
            if missing is not None:
                found.append(
                    "key %r: %s has ended, the older word %s at words-%d@%d has not"
                    % (key, at(topic, r), missing[1], partition, missing[0])
                )
            before = furthest.get(topic)
            if before is not None and before[0] > r.offset:
                found.append("key %r: %s stands before offset %d of the older word %s" % (key, at(topic, r), before[0], before[2]))
            other = furthest.get("results" if topic == "dead-letters" else "dead-letters")
            if other is not None and other[1] > r.timestamp + together_ms:
                found.append(
                    "key %r: %s was written %d ms before the end of the older word %s"
                    % (key, at(topic, r), other[1] - r.timestamp, other[2])
                )
            if before is None or r.offset > before[0]:
                furthest[topic] = (r.offset, max(r.timestamp, before[1] if before else 0), ident)
    return found


WORDS_TOPIC = "words"


def self_test():
    """Every rule must be able to fail, and a good history must pass."""

    def word(offset, ident, key="k", partition=0):
        return Record(offset, partition, offset, {"id": ident}, key, "")

    def end(offset, ident, key="k", partition=0, time=None, value=None, **headers):
        text = json.dumps({"id": ident}) if value is None else value
        return Record(offset * 1000 if time is None else time, partition, offset, dict({"id": ident}, **headers), key, text)

    words = [word(0, "a"), word(1, "b"), word(2, "c"), word(3, "x", "other"), word(4, "n", None)]
    good = [end(0, "a"), end(1, "b"), end(2, "x", "other"), end(4, "n", None)]
    dead = [end(0, "c", time=5000, value="bytes")]
    cases = [
        ("good", words, good, dead, True, 0),
        ("sent again", words + [word(9, "a")], good, dead, True, 0),
        ("parked copy", words, good, dead + [end(1, "b", **{"verdikt-disposition": "parked"})], True, 0),
        ("redriven", words, good + [end(7, "c", **{"verdikt-redrive": "1"})], dead, True, 0),
        ("lost", words, good[1:], dead, True, 3),
        ("lost without key", words, good[:3], dead, True, 1),
        ("overtaken", words, good[1:], dead, False, 2),
        ("not yet", words, good, [], False, 0),
        ("twice", words, good + [end(8, "b")], dead, True, 1),
        ("verdict and dead letter", words, good, dead + [end(1, "x", "other", value="")], True, 1),
        ("phantom", words, good + [end(8, "z")], dead, True, 1),
        ("other key", words, good[:2] + [end(2, "x")] + good[3:], dead, True, 2),
        ("other partition", words, good[:2] + [end(2, "x", "other", 1)] + good[3:], dead, True, 1),
        ("exchanged", words, [end(0, "b"), end(1, "a")] + good[2:], dead, True, 1),
        ("dead letter late", words, good, [end(0, "c", time=900, value="")], True, 1),
        ("value of another", words, [end(0, "a", value='{"id":"b"}')] + good[1:], dead, True, 1),
        ("no JSON", words, [end(0, "a", value="{")] + good[1:], dead, True, 2),
        ("printed twice", words, good + [good[0]], dead, True, 2),
    ]
    failed = 0
    for name, w, r, d, drained, count in cases:
        found = check(w, r, d, 50, drained)
        if len(found) != count:
            failed += 1
            print("self-test %s: expected %d, found %d: %s" % (name, count, len(found), found))
    line = FIELD.join(["LogAppendTime:12", "Partition:3", "Offset:4", "id:a" + HEADER + "x:y:z", "key", "v" + FIELD + "w"])
    parsed = parse([line + "\n", "more of a value\n"], "test")
    if parsed != [Record(12, 3, 4, {"id": "a", "x": "y:z"}, "key", "v" + FIELD + "w")]:
        failed += 1
        print("self-test parse: %s" % parsed)
    bare = FIELD.join(["CreateTime:1", "Partition:0", "Offset:0", "NO_HEADERS", "null", ""])
    if parse([bare], "test") != [Record(1, 0, 0, {}, None, "")]:
        failed += 1
        print("self-test parse of a record without headers and key")
    print("self-test: %d cases, %d failed" % (len(cases) + 2, failed))
    return 1 if failed else 0


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--words")
    p.add_argument("--results")
    p.add_argument("--dead-letters")
    p.add_argument("--words-topic", default="words", help="name of the topic, for words without an id")
    p.add_argument("--together-ms", type=int, default=50, help="verdicts and dead letters closer than this are not compared")
    p.add_argument("--undrained", action="store_true")
    p.add_argument("--self-test", action="store_true")
    args = p.parse_args()
    if args.self_test:
        return self_test()
    if not (args.words and args.results and args.dead_letters):
        p.error("--words, --results and --dead-letters are needed")
    global WORDS_TOPIC
    WORDS_TOPIC = args.words_topic
    try:
        read = []
        for path in (args.words, args.results, args.dead_letters):
            # newline="\n": a carriage return is part of a value.
            with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as f:
                read.append(parse(f, path))
    except (OSError, ValueError, Unreadable) as e:
        print("cannot look: %s" % e, file=sys.stderr)
        return 2
    found = check(*read, together_ms=args.together_ms, drained=not args.undrained)
    for violation in found:
        print(violation.encode("utf-8", "backslashreplace").decode("utf-8"))
    print(
        "%d words, %d verdicts, %d dead letters: %d violations" % (*(len(r) for r in read), len(found)), file=sys.stderr
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
