"""NDJSON for schemathesis: how a body is written, how an answer is read, and what must hold of it."""

import json

import schemathesis

NDJSON = "application/x-ndjson"


def lines_of(value):
    """Any text as lines: every second one is made a submission, the others stay what they are."""
    text = value if isinstance(value, str) else json.dumps(value)
    pieces = [text[i : i + 3] for i in range(0, len(text), 3)] or [""]
    return "\n".join(
        json.dumps({"word": piece}) if i % 2 == 0 else piece
        for i, piece in enumerate(pieces)
    )


@schemathesis.serializer(NDJSON)
def write_ndjson(ctx, value):
    if isinstance(value, bytes):
        return value
    return lines_of(value).encode("utf-8", "surrogatepass")


@schemathesis.deserializer(NDJSON)
def read_ndjson(ctx, response):
    return response.text


@schemathesis.hook
def filter_case(ctx, case):
    # Any text is a stream: it is refused line by line, in an answer of 200, which `status_lines` looks at.
    meta = case.meta
    return not (case.media_type == NDJSON and meta is not None and meta.generation.mode.is_negative)


@schemathesis.check
def status_lines(ctx, response, case):
    """One status line per line that is not blank, in order, each a 202 with its id or a problem."""
    if response.status_code != 200 or not response.headers["content-type"][0].startswith(NDJSON):
        return
    last = 0
    for text in response.text.splitlines():
        line = json.loads(text)
        assert line["line"] > last, f"line {line['line']} after {last}"
        last = line["line"]
        if line["status"] == 202:
            assert len(line["id"]) == 36, text
        else:
            assert 400 <= line["status"] <= 599 and line["code"] and line["detail"], text
            assert line["status"] != 500, text
    body = response.request.body or b""
    sent = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    blank = sum(1 for piece in sent.split(b"\n") if piece.strip(b" \t\r") == b"")
    asked = len(sent.split(b"\n")) - blank
    answered = len(response.text.splitlines())
    assert answered == asked, f"{asked} lines, {answered} status lines"
