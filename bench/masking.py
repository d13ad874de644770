"""
Masking beside its peers, in one run on the same records: what is found, what is masked in vain, what it costs.

    make bench                               # the peers are in .venv-bench
    make bench ARGS="--records 500 --rounds 3"
    make bench ARGS="--markdown"             # the table per kind, for docs/masking.md
    make bench ARGS="--engine mine:mask"     # another engine: a function of one value; it takes obskit's place

A planted text survives when it, or its digits alone, or its escaped, URL-encoded or base64 form still occurs in
json.dumps of what was masked. A harmless text is masked in vain when the leaf that held it holds it no more.

Costs are CPU time relative to json.dumps of the same documents, medians over rounds in which all take turns, without
the garbage collector. *fresh*: every value is a new object, with a new text where it varies, so that no memo can know
it; the corpus has new keys too, as json.loads makes them. *warm*: the same objects again and again. Quote the ratios:
absolute times differ from machine to machine.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import statistics
import sys
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from random import Random
from time import process_time_ns
from typing import Any

from obskit.testing import Record, records
from obskit.testing.survival import survives

Masker = Callable[[Any], object]

MEGABYTE = 1_000_000
HOPELESS_MS = 500
"""Milliseconds for a hundredth or a tenth of a megabyte from which on nobody waits for the whole."""
BASE = "json.dumps"
OBSKIT = "obskit"


# --- who takes part --------------------------------------------------------------------------------------------------


def engine(name: str) -> Masker:
    module, _, function = name.partition(":")
    masker: Masker = getattr(import_module(module), function)
    return masker


def naive_union() -> Masker:
    """What a team writes on an afternoon: one pattern over every string, and a list of key names."""
    secret_keys = re.compile(r"password|passwd|secret|token|authorization|api_?key|cookie|ssn|card|cvv", re.IGNORECASE)
    pattern = re.compile(
        r"[\w.+-]+@[\w-]+\.[\w.-]+"  # e-mail
        r"|\b(?:\d[ -]?){12,18}\d\b"  # card
        r"|\+?\d{1,3}?[ .-]?\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}\b"  # phone
        r"|\b\d{3}-\d{2}-\d{4}\b"  # SSN
        r"|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b"  # IBAN
        r"|\b(?:\d{1,3}\.){3}\d{1,3}\b"  # IPv4
        r"|\b(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}\b"  # MAC
        r"|\beyJ[\w-]+\.[\w-]+\.[\w-]*"  # JWT
        r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
        r"|\b(?:sk|rk)_(?:live|test)_\w+|\bgh[pousr]_\w{36}\b|\bxox[bp]-[\w-]+"
        r"|-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----"
        r"|(?i:bearer|basic) [\w.+/=-]+"
        r"|(?i:password|secret|token|api_?key)[\"']?\s*[=:]\s*[\"']?[^\s\"',;&]+"
    )

    def walk(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub("***", value)
        if isinstance(value, dict):
            return {key: "***" if secret_keys.search(key) else walk(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [walk(inner) for inner in value]
        return value

    return walk


def logfire_scrubber() -> Masker:
    scrubber = import_module("logfire._internal.scrubbing").Scrubber(None)
    return lambda value: scrubber.scrub_value(("attributes",), value)[0]


ERASED = (
    "password secret token authorization email phone firstName lastName name line1 sourceIp card_number cvv".split()
)
"""Fields that a team names to DataMasking: it knows paths, not forms."""


def powertools_erase() -> Masker:
    masker = import_module("aws_lambda_powertools.utilities.data_masking").DataMasking(raise_on_missing_field=False)
    fields = [f"$..{name}" for name in ERASED]

    def erase(value: Any) -> object:
        # It takes objects only, and warns of each field that is not there.
        return masker.erase(value if isinstance(value, dict) else {"value": value}, fields=fields)

    return erase


PEERS: dict[str, tuple[str, Callable[[], Masker]]] = {
    "re union": ("re", naive_union),
    "logfire scrubber": ("logfire", logfire_scrubber),
    "Powertools DataMasking": ("jsonpath_ng", powertools_erase),
}
"""Peers with the module that each needs."""


# --- what is found ---------------------------------------------------------------------------------------------------


@dataclass
class Score:
    """Texts of one kind: how many there were, how many came out as they should, and one that did not."""

    total: int = 0
    right: int = 0
    example: str = ""

    def count(self, *, right: bool, example: str) -> None:
        self.total += 1
        self.right += right
        if not right and not self.example:
            self.example = example


Scores = dict[tuple[str, str], Score]


def scored(masker: Masker, corpus: Sequence[Record]) -> tuple[Scores, Scores]:
    """Return the scores of planted texts by class and kind, and of harmless ones by kind."""
    found: Scores = defaultdict(Score)
    kept: Scores = defaultdict(Score)
    for record in corpus:
        masked = masker(record.value)
        written = json.dumps(masked)
        plain = json.dumps(masked, ensure_ascii=False)
        for text in record.planted:
            left = survives(text.text, written) or survives(text.text, plain)
            found[text.class_name, text.kind].count(right=not left, example=f"{text.text!r} at {text.path}")
        for harmless in record.harmless:
            right = keeps(masked, harmless.path, harmless.text, plain)
            kept["", harmless.kind].count(right=right, example=f"{harmless.text!r} at {harmless.path}")
    return found, kept


def keeps(masked: object, path: tuple[str | int, ...], text: str, written: str) -> bool:
    """Say whether *text* is still at *path*; where the path is gone, whether it is anywhere in *written*."""
    value: Any = masked
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return survives(text, written)
    leaf = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return survives(text, leaf)


def share(scores: Scores) -> float:
    total = sum(score.total for score in scores.values())
    return sum(score.right for score in scores.values()) / total if total else 1.0


# --- what it costs ---------------------------------------------------------------------------------------------------


def plain_record(number: int) -> dict[str, object]:
    """Ten fields with nothing personal in them."""
    return {
        "timestamp": f"2025-11-24T09:15:{number % 60:02}.{number % 1000:03}Z",
        "level": "INFO",
        "message": f"order number {number % 90} was placed",
        "service": f"checkout{number % 7}",
        "cart_id": f"{Random(number).getrandbits(64):016x}a",
        "duration_ms": number % 900 + 0.25,
        "attempt": number % 4,
        "region": f"us-east-{number % 3}",
        "cold_start": False,
        "status": "accepted",
    }


def record_with_hits(number: int) -> dict[str, object]:
    """The same with an e-mail address and a card in the message."""
    ending = number % 10_000
    body = f"42424242424{ending:04}"
    doubled = [int(digit) * (1 if place % 2 else 2) for place, digit in enumerate(reversed(body))]
    card = body + str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)
    return plain_record(number) | {"message": f"ann{number}@example.com paid with {card}"}


_MESSAGES = (
    "order {six} was placed in {ms} ms",
    "search for {word} returned {few} listings",
    "cart {uuid} has {few} items worth {few}.{two} EUR",
    "payment pi_{hex} authorised by the provider after {ms} ms",
    "indexer caught up with {few} events, lag {ms} ms",
    "mail queued for delivery with template order-confirmation",
    "resolver Query.listings took {ms} ms, {few} rows",
    "retrying GET https://search.internal:8108/collections/listings/documents/search after {ms} ms",
)
_BROWSER = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)


def line_of_shop(number: int) -> dict[str, object]:
    """A line as a shop's function logs it: about 900 bytes of JSON, in six of ten one or two personal values."""
    random = Random(number)

    def digits(count: int) -> str:
        return f"{random.randrange(10**count):0{count}}"

    def hexadecimal(count: int) -> str:
        return f"{random.getrandbits(4 * count):0{count}x}"

    def uuid() -> str:
        return "-".join(map(hexadecimal, (8, 4, 4, 4, 12)))

    said = random.choice(_MESSAGES).format(
        six=digits(6), ms=random.randrange(5000), few=random.randrange(500), two=digits(2), uuid=uuid(),
        hex=hexadecimal(24), word=random.choice(("kettle", "red shoes", "lamp")),
    )  # fmt: skip
    line: dict[str, object] = {
        "timestamp": f"2026-11-24T09:{random.randrange(60):02}:{random.randrange(60):02}.{digits(3)}Z",
        "level": "INFO",
        "message": said,
        "location": f"handler:{random.randrange(200)}",
        "service": "checkout",
        "env": "prod",
        "function_name": "checkout-prod",
        "function_version": "17",
        "function_request_id": uuid(),
        "cold_start": False,
        "xray_trace_id": f"1-{hexadecimal(8)}-{hexadecimal(24)}",
        "span_id": hexadecimal(16),
        "correlation_id": hexadecimal(32),
        "cart_id": uuid(),
        "operation": "checkout",
        "duration_ms": random.randrange(9000) / 8,
        "items": [
            {"sku": f"SKU-{digits(5)}", "quantity": random.randrange(9), "price": random.randrange(9999) / 100}
            for _ in range(random.randrange(4))
        ],
        "user_agent": _BROWSER,
        "path": "/v1/checkout/confirm",
        "status": 200,
        "region": "us-east-1",
    }
    personal = {
        "email": lambda: f"ann{digits(5)}@example.com",
        "message": lambda: f"{said} for ann.lee{digits(4)}@example.org",
        "client_ip": lambda: f"203.0.113.{random.randrange(255)}",
        "customer": lambda: {"first_name": "Ann", "last_name": "Lee", "phone": f"+44 20 7946 0{digits(3)}"},
        "error": lambda: f"ValueError: invalid phone +1 (415) 555-{digits(4)} in profile",
    }
    if random.random() < 0.6:
        line |= {name: personal[name]() for name in random.sample(list(personal), random.choice((1, 1, 2)))}
    return line


def fresh(make: Callable[[int], dict[str, object]], count: int, start: int) -> list[object]:
    """Return *count* documents whose values no memo has seen; keys are constants, as those of log calls are."""
    copies = [json.loads(json.dumps(make(start + number))) for number in range(count)]
    return [{sys.intern(key): value for key, value in document.items()} for document in copies]


def timed(masker: Masker, documents: Sequence[object]) -> int:
    """Return nanoseconds of CPU for all *documents*."""
    gc.collect()
    gc.disable()
    try:
        start = process_time_ns()
        for document in documents:
            masker(document)
        return process_time_ns() - start
    finally:
        gc.enable()


@dataclass(frozen=True)
class Workload:
    """
    Documents to be masked in each round, and the budget of obskit as a ratio to json.dumps.

    *make* is called with the number of the round and makes the documents of that round for one masker.
    """

    name: str
    make: Callable[[int], list[object]]
    budget: float


def workloads(corpus: Sequence[Record], count: int) -> list[Workload]:
    written = [json.dumps(record.value) for record in corpus]
    values: list[object] = [record.value for record in corpus]
    numbers = iter(range(0, sys.maxsize, count))
    warm_plain, warm_hits = [plain_record(7)] * count, [record_with_hits(7)] * count
    return [
        Workload("corpus, fresh objects", lambda _: [json.loads(line) for line in written], 3.0),
        Workload("corpus, warm", lambda _: values, 3.0),
        Workload("a shop's lines, fresh", lambda _: fresh(line_of_shop, count, next(numbers)), 3.0),
        Workload("plain record, fresh", lambda _: fresh(plain_record, count, next(numbers)), 1.2),
        Workload("plain record, warm", lambda _: list(warm_plain), 1.2),
        Workload("e-mail and card, fresh", lambda _: fresh(record_with_hits, count, next(numbers)), 2.5),
        Workload("e-mail and card, warm", lambda _: list(warm_hits), 2.5),
    ]


def measured(maskers: dict[str, Masker], loads: Sequence[Workload], rounds: int) -> dict[str, dict[str, float]]:
    """
    Return the median microseconds per document, by workload and masker.

    A masker that needs longer than a second for all documents gets every so-manieth of them.
    """
    times: dict[str, dict[str, list[float]]] = {load.name: {name: [] for name in maskers} for load in loads}
    steps: dict[tuple[str, str], int] = {}
    for number in range(rounds + 1):
        for load in loads:
            for name, masker in maskers.items():
                documents = load.make(number)
                step = steps.get((load.name, name)) or step_for(masker, documents)
                steps[load.name, name] = step
                chosen = documents[::step]
                spent = timed(masker, chosen) / len(chosen) / 1e3
                if number:  # the first round warms up
                    times[load.name][name].append(spent)
        print(f"round {number} of {rounds}", file=sys.stderr)
    return {load: {name: statistics.median(values) for name, values in row.items()} for load, row in times.items()}


def step_for(masker: Masker, documents: Sequence[object]) -> int:
    """Return how many documents to go on after one, for about a second in all, but at least fifty documents."""
    sample = documents[:10]
    expected_s = timed(masker, sample) / len(sample) * len(documents) / 1e9
    return max(1, min(int(expected_s), len(documents) // 50))


def prose() -> str:
    """One megabyte of ordinary text: messages of customers without personal data, none the same twice."""
    random = Random(1)
    words = (
        "the order parcel kettle arrived late was and delivery refund version search price Lieferung commande".split()
    )
    sentences = []
    size = 0
    while size < MEGABYTE:
        chosen = random.choices(words, k=random.randrange(6, 14))
        sentence = " ".join(chosen).capitalize() + f" {random.randrange(100)}.{random.randrange(100):02}. "
        sentences.append(sentence)
        size += len(sentence)
    return "".join(sentences)[:MEGABYTE]


REPEATED = [
    *(
        ".",
        "4",
        "4 ",
        "3 6 ",
        "4-",
        "1.",
        "1-",
        "- ",
        "-",
        ":",
        "a:",
        "1:",
        "::",
        "f",
        "0",
        "00 ",
        "+",
        "+1",
        "+1 ",
        "(2",
    ),
    *(
        "@",
        "a@",
        "@a",
        "a.",
        "a@a",
        "a@a.",
        "a@b.c ",
        "%40",
        "a%40",
        "%",
        "%2B1",
        "=",
        "a=",
        "password=a%28",
        "password=%28",
        "a=b&",
        "&",
        "?a=",
        ";",
        ",",
    ),
    *(
        "{",
        "[",
        "}",
        "]",
        '{"',
        '{"a":',
        '["',
        '"',
        '\\"',
        "\\",
        "'",
        "eyJ",
        "eyJ.",
        "eyJhbGciOiJIUzI1NiJ9.",
        "e",
        "A",
        "AA",
    ),
    *("-----BEGIN ", "-----BEGIN RSA PRIVATE KEY-----", "-----", "://", "a://", "a://b:", "a://b:c", "http://a@", "//"),
    *("sk_live_", "sk-", "ghp_", "AKIA", "xoxb-", "SG.", "hooks.slack.com/services/", "bearer ", "Bearer", "Basic a"),
    *(
        "password",
        "password=",
        "password = ",
        "password: ",
        "password ",
        "token",
        "token ",
        "ssn ",
        "dob ",
        "tel ",
        "iban ",
    ),
    *(
        "DE89",
        "DE89 ",
        "GB",
        "2001:",
        "fe80::",
        "1.1.1.1",
        "1.1.1.",
        "0:0:",
        "aa:",
        "aa-",
        "aaaa.",
        "é",
        "é@",
        "\u00a0",
        "\u202f1",
    ),
    *(
        "1a",
        "a1",
        "a1-",
        "1 a ",
        "\n",
        " ",
        "\t",
        "<",
        "$",
        "${",
        "x" * 63 + ".",
        "a" * 64 + "@",
        "9" * 19 + " ",
        "TRUE ",
        "_",
        "a_",
    ),
]
"""What is repeated to a megabyte: beginnings of every form, and what makes a careless pattern try again and again."""


def worst_inputs() -> Iterator[tuple[str, str]]:
    """Yield name and text: a megabyte each."""
    for piece in REPEATED:
        yield repr(piece), (piece * (MEGABYTE // len(piece) + 1))[:MEGABYTE]
    yield "'password' and spaces", "password" + " " * (MEGABYTE - 9) + "x"
    yield "'password=' and quotes", "password=" + "'" * (MEGABYTE - 9)
    yield "an open list", "[" * (MEGABYTE // 2) + "]" * (MEGABYTE // 2)
    yield "a list of lists", "[" + "[1],".join([""] * (MEGABYTE // 4))[:-1] + "]"
    yield "an object of small objects", '{"a":[' + ",".join(['{"b":1}'] * (MEGABYTE // 8)) + "]}"
    yield "a local part without end", "a" * (MEGABYTE - 12) + "@example.com"
    yield "a domain without end", "a@" + "b." * (MEGABYTE // 2)
    yield "nested escaped JSON", nested_json()
    yield "base64 of text", "YWFh" * (MEGABYTE // 4)
    yield "base64 of JSON, often", "eyJhIjoxfQ== " * (MEGABYTE // 13)
    yield "e-mails", "ann@example.com " * (MEGABYTE // 16)
    yield "cards", "4242424242424242 " * (MEGABYTE // 17)
    yield "telephone numbers", "+44 20 7946 0958 " * (MEGABYTE // 17)
    yield "secrets by name", "password=hunter2 " * (MEGABYTE // 17)
    random = Random(2)
    yield "random printable text", "".join(random.choices([chr(code) for code in range(32, 127)], k=MEGABYTE))
    yield "random digits and separators", "".join(random.choices("0123456789 .-+()/:", k=MEGABYTE))


def nested_json() -> str:
    text = json.dumps({"email": "ann@example.com", "note": "x" * 200})
    while len(text) < MEGABYTE // 2:
        text = json.dumps({"Message": text, "n": 1})
    return text


def milliseconds(masker: Masker, text: str, rounds: int) -> float:
    """
    Return the median of *rounds*; each text is a new object, so that nothing is remembered by identity.

    Text that takes quadratic time would take minutes: a hundredth and a tenth are tried first, and where that is
    hopeless the answer is reckoned from it, which is too little.
    """
    for part in (100, 10):
        spent = timed(masker, [text[: len(text) // part]]) / 1e6
        if spent > HOPELESS_MS:
            return spent * part
    times = [timed(masker, ["".join([text[:5], text[5:]])]) / 1e6 for _ in range(rounds)]
    return statistics.median(times)


# --- what is printed -------------------------------------------------------------------------------------------------


def print_found(name: str, found: Scores, kept: Scores, *, only_wrong: bool) -> None:
    print(f"\n{name}: by class and kind")
    for (class_name, kind), score in sorted(found.items()):
        if score.right < score.total or not only_wrong:
            print(f"  {class_name:<12} {kind:<34} {score.right:>5} of {score.total:<6} {score.example[:150]}")
    print(f"\n{name}: harmless, masked in vain")
    for (_, kind), score in sorted(kept.items()):
        if score.right < score.total or not only_wrong:
            print(f"  {kind:<47} {score.total - score.right:>5} of {score.total:<6} {score.example[:150]}")


def print_markdown(found: Scores, kept: Scores) -> None:
    print("| class | kind | planted | found |\n|---|---|---|---|")
    for (class_name, kind), score in sorted(found.items()):
        print(f"| {class_name} | {kind} | {score.total} | {score.right / score.total:.1%} |")
    print("\n| harmless | texts | masked in vain |\n|---|---|---|")
    for (_, kind), score in sorted(kept.items()):
        print(f"| {kind} | {score.total} | {score.total - score.right} |")


def print_costs(maskers: dict[str, Masker], loads: Sequence[Workload], times: dict[str, dict[str, float]]) -> None:
    print(
        f"\n{'CPU over json.dumps':<26} {'json.dumps':>11} "
        + "".join(f"{name:>24}" for name in maskers if name != BASE)
    )
    for load in loads:
        row = times[load.name]
        ratios = [f"{row[name] / row[BASE]:>22.2f} x" for name in maskers if name != BASE]
        print(f"{load.name:<26} {row[BASE]:>8.1f} µs {''.join(ratios)}   budget {load.budget} x")


def print_large(maskers: dict[str, Masker], rounds: int, slowest: int) -> None:
    text = prose()
    print("\n1 MB of prose, budget 50 ms")
    for name, masker in maskers.items():
        print(f"  {milliseconds(masker, text, rounds):>9.1f} ms  {name}", flush=True)
    texts = dict(worst_inputs())
    print(f"1 MB of the worst of {len(texts)} inputs, budget 250 ms")
    for name, masker in maskers.items():
        once = sorted(((milliseconds(masker, text, 1), piece) for piece, text in texts.items()), reverse=True)
        again = sorted(
            ((milliseconds(masker, texts[piece], rounds), piece) for _, piece in once[:slowest]), reverse=True
        )
        for spent, piece in again if name == OBSKIT else again[:1]:
            print(f"  {spent:>9.1f} ms  {name:<24} {piece[:70]}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--engine", default="obskit:mask", metavar="MODULE:FUNCTION")
    parser.add_argument("--without", nargs="*", default=[], metavar="PEER", help="leave out, for instance: re logfire")
    parser.add_argument("--skip", nargs="*", default=[], choices=["found", "cost", "large"])
    parser.add_argument("--all", action="store_true", help="every kind, not only those with a wrong result")
    parser.add_argument("--markdown", action="store_true", help="only the tables of obskit by kind, as Markdown")
    given = parser.parse_args()
    warnings.simplefilter("ignore")  # DataMasking's, one for each field that is not there
    corpus = list(records(given.records, given.seed))
    ours = engine(given.engine)
    if given.markdown:
        print_markdown(*scored(ours, corpus))
        return
    maskers: dict[str, Masker] = {BASE: json.dumps, OBSKIT: ours}
    for name, (module, make) in PEERS.items():
        if find_spec(module) is None:
            print(f"{name} is left out: {module} is not installed", file=sys.stderr)
        elif not any(word in name for word in given.without):
            maskers[name] = make()
    size = statistics.mean(len(json.dumps(record.value)) for record in corpus)
    personal = sum(bool(record.planted) for record in corpus)
    print(f"Python {sys.version.split()[0]}, {len(corpus)} records, {personal} of them personal, mean {size:.0f} B")
    if "found" not in given.skip:
        report_found(maskers, corpus, only_wrong=not given.all)
    if "cost" not in given.skip:
        loads = workloads(corpus, count=2000)
        print_costs(maskers, loads, measured(maskers, loads, given.rounds))
    if "large" not in given.skip:
        print_large(
            {name: masker for name, masker in maskers.items() if name != BASE}, min(given.rounds, 3), slowest=10
        )


def report_found(maskers: dict[str, Masker], corpus: Sequence[Record], *, only_wrong: bool) -> None:
    results = {name: scored(masker, corpus) for name, masker in maskers.items() if name != BASE}
    print_found(OBSKIT, *results[OBSKIT], only_wrong=only_wrong)
    print(f"\n{'budget: found ≥ 99.5 %, masked in vain ≤ 0.05 %':<50} {'found':>9} {'in vain':>9}")
    for name, (found, kept) in results.items():
        print(f"{name:<50} {share(found):>9.2%} {1 - share(kept):>9.3%}")
    print(f"\n{'found by class':<16}" + "".join(f"{name:>24}" for name in results))
    for class_name in sorted({class_name for class_name, _ in results[OBSKIT][0]}):
        shares = [
            share({key: score for key, score in found.items() if key[0] == class_name}) for found, _ in results.values()
        ]
        print(f"{class_name:<16}" + "".join(f"{value:>24.1%}" for value in shares))


if __name__ == "__main__":
    main()
