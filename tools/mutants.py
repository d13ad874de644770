"""
Prove that the tests of masking see its rules broken.

Each row of `MUTANTS` breaks one rule in one line of a copy of the package, and the tests of the file it names must
fail. A row whose line is not in the code any more is a problem too: mend it, or take it out with the rule. Run by
`make mutants`, with the Python of `.venv`.

    tools/mutants.py [NAME...]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from obskit.errors import did_you_mean

ROOT = Path(__file__).parent.parent
TRIALS = ROOT / "build" / "mutants"
SIDE_BY_SIDE = 2
LONGEST = 300
"""Seconds that the tests of one file may take; a break that makes a loop endless is no proof."""


class Mutant(NamedTuple):
    """One deliberate break: in *module* of masking the text *sound* becomes *broken*; *tests* must fail."""

    name: str
    module: str
    sound: str
    broken: str
    tests: str


ENGINE, LAWS, DETECTION, LINEAR, GOVERNED, AUDIT, CANARY, GATES, TEMPLATES, NUMBERS = FILES = tuple(
    f"tests/masking/test_{name}.py"
    for name in (
        "engine",
        "laws",
        "detection",
        "linear",
        "governed",
        "audit",
        "canary",
        "gates",
        "templates",
        "numbers",
    )
)

MUTANTS = (
    *(Mutant(f"nothing, {tests[14:]}", "engine", "", "", tests) for tests in FILES),
    # The walk.
    Mutant("cycles", "engine", "        if identity in self.inside:", "        if False:", ENGINE),
    Mutant("the same twice", "engine", "            self.inside.discard(identity)", "            pass", ENGINE),
    Mutant("depth", "engine", "        if depth >= DEEPEST:", "        if False:", ENGINE),
    Mutant("copy", "engine", "        result = mapping.copy()", "        result = mapping", ENGINE),
    Mutant("nan", "engine", "    if number - number != 0:", "    if False:", ENGINE),
    Mutant("cards as numbers", "engine", "if is_card(str(digits)) else number", "if False else number", ENGINE),
    Mutant("huge numbers", "engine", "_ABOVE_NUMBERS = 10**400", "_ABOVE_NUMBERS = 10**9000", ENGINE),
    Mutant("iterators", "objects", '    if hasattr(value, "__next__"):', "    if False:", ENGINE),
    Mutant("enums", "objects", '    if hasattr(value, "_value_")', "    if False", ENGINE),
    Mutant(
        "bytes", "objects", "isinstance(value, (bytes, bytearray, memoryview))", "isinstance(value, bytearray)", ENGINE
    ),
    Mutant(
        "lying texts",
        "objects",
        "        return walk.text(str.__str__(value))",
        "        return walk.text(str(value))",
        ENGINE,
    ),
    Mutant("keys that are data", "engine", "                text = self.text(text)", "                pass", ENGINE),
    Mutant("keys that become one", "engine", "            if text in result:", "            if False:", ENGINE),
    Mutant("pairs", "engine", "        if are_pairs(result):", "        if False:", ENGINE),
    Mutant("labels", "engine", "        said = mapping.get(label)", "        said = None", ENGINE),
    Mutant("notes", "objects", 'notes = getattr(error, "__notes__", None)', "notes = None", ENGINE),
    Mutant("causes", "objects", "    if cause is not None:", "    if False:", ENGINE),
    Mutant("groups", "objects", "isinstance(error, BaseExceptionGroup) and members", "False", ENGINE),
    Mutant("readable", "engine", 'text.encode("utf-8", "replace").decode("utf-8")', "text", ENGINE),
    Mutant(
        "fails closed",
        "engine",
        "Exception:  # noqa: BLE001  fails closed, whatever happens\n        return _unreadable(surface)",
        "Exception:\n        return value",
        ENGINE,
    ),
    # Budgets.
    Mutant("values", "engine", "        self.left -= len(result)\n", "", LINEAR),
    Mutant("keys", "engine", "        self.left -= len(mapping)\n", "", LINEAR),
    Mutant("characters", "engine", "            self.characters -= size", "            pass", LINEAR),
    Mutant(
        "rest of e-mails",
        "emails",
        "            found.append((_local_start(text, at, done), len(text), EMAIL))\n",
        "",
        LINEAR,
    ),
    Mutant("rest of pairs", "pairs", "            found.append((separator, len(text), SECRET))\n", "", LINEAR),
    Mutant("rest of numbers", "numbers", "            found.append((start, len(text), PHONE))\n", "", LINEAR),
    Mutant("rest of IPv4", "network", "            found.append((dotted.start(), len(text), IP))\n", "", LINEAR),
    # Documents in text.
    Mutant("doubled keys", "encoded", "plain if len(plain) == len(pairs) else", "plain if True else", ENGINE),
    Mutant(
        "beside documents",
        "encoded",
        'return "".join((*parts, rest(text[done:])))',
        'return "".join((*parts, text[done:]))',
        ENGINE,
    ),
    Mutant("as it was written", "encoded", "    if masked == value:", "    if False:", ENGINE),
    Mutant("base64", "encoded", "    if masked == said:", "    if True:", ENGINE),
    Mutant("body", "engine", "            self.body(result, pending)", "            pass", ENGINE),
    Mutant("body behind data", "engine", "            self.body(kept, pending)", "            pass", ENGINE),
    # Under a policy, counts, the canary.
    Mutant("settled too late", "governed", "            self.settle()  # where", "            pass  # where", GOVERNED),
    Mutant("options by policy", "governed", "is_option(before, value)", "False", GOVERNED),
    Mutant("pairs by policy", "governed", "is_option(key, value)", "False", ENGINE),
    Mutant("markers only", "governed", "        if self.markers_only:", "        if False:", GOVERNED),
    Mutant("patterns", "governed", "            matches = self.matches(text)", "            matches = []", GOVERNED),
    Mutant("whole containers", "governed", "            del self.found[before:]", "            pass", AUDIT),
    Mutant("counts by key", "engine", "                    self.found.append(name)\n", "", AUDIT),
    Mutant(
        "counts in text", "engine", "            self.found.append(name)\n            done", "            done", AUDIT
    ),
    Mutant("body counted once", "engine", "                del self.pending[number]", "                pass", AUDIT),
    Mutant("canary of texts", "canary", "    if not (_holds(_TEXTS) and", "    if not (True and", CANARY),
    Mutant("canary of names", "canary", "        if not holds:", "        if False:", CANARY),
    # What is passed by because of its shape.
    Mutant("cards alone", "text", "range(20, 70)", "range(20, 30)", GATES),
    Mutant("identifiers alone", "text", "{9: slice(2, 8), 11: slice(6)}", "{}", GATES),
    Mutant("licences alone", "text", "_LICENCE = 16", "_LICENCE = 99", GATES),
    # What speaks for the lines that differ in their digits.
    Mutant(
        "templates, digits in words",
        "templates",
        """_WORDS = ("a0", "0a", "_0", "0_", "0//")""",
        "_WORDS = ()",
        TEMPLATES,
    ),
    Mutant("templates, a token of digits", "templates", """, "0//")""", ")", TEMPLATES),
    Mutant(
        "templates, signs that decide", "templates", "len(data.translate(None, _NEVER)) == len(data)", "True", TEMPLATES
    ),
    Mutant("templates, judged numbers", "templates", "and not numbers.looks_at_digits(text, shadow)", "", TEMPLATES),
    Mutant(
        "templates, telling words", "numbers", "in _OPENING or word_before(text, first):", "in _OPENING:", TEMPLATES
    ),
    Mutant("templates, long numbers", "numbers", "digits < _SHORTEST_CARD if unbroken", "True if unbroken", TEMPLATES),
    Mutant("templates, plain groups", "numbers", "else _form(shadow[first:end]).plain", "else True", TEMPLATES),
    Mutant("templates, check characters", "templates", "and not national.has_form_of_code(shadow)", "", TEMPLATES),
    Mutant("templates, base64 of paths", "templates", "(len(data) % 4 != 0 or", "(True or", TEMPLATES),
    Mutant("templates, numbers in lists", "templates", "and not _may_be_document(text)", "", TEMPLATES),
    Mutant("templates, quads", "templates", """(".0" in shadow and""", "(False and", TEMPLATES),
    Mutant("templates, colons", "templates", """text.count(":") > _MOST_SIGNS""", "False", TEMPLATES),
    Mutant("templates, hyphens", "templates", """text.count("-") > _MOST_SIGNS""", "False", TEMPLATES),
    Mutant("templates, keys that name", "templates", "pairs.names_nothing(data) and", "True and", TEMPLATES),
    Mutant("templates, keys with digits", "templates", "and not pairs.has_digit_in_name(data)", "", TEMPLATES),
    Mutant("templates, heads", "templates", "and not _has_head(text)", "", TEMPLATES),
    Mutant("templates, what obskit wrote", "templates", """("[" not in text or""", "(True or", TEMPLATES),
    Mutant(
        "forms of groups",
        "numbers",
        "_THREE_GROUPS = ([3, 3, 4], [3, 2, 4])",
        "_THREE_GROUPS = ([3, 3, 4],)",
        DETECTION,
    ),
    Mutant("whole numbers, telling words", "numbers", " or word_before(text, start) in _TOLD_FIRST:", ":", NUMBERS),
    Mutant("whole numbers, what follows", "numbers", "if _GOES_ON.match(text, end) is not None or", "if", NUMBERS),
    Mutant(
        "whole numbers, shorter cards",
        "numbers",
        "length for length in form.card if",
        "length for length in form.card[-1:] if",
        NUMBERS,
    ),
    Mutant(
        "whole numbers, gaps of phones",
        "numbers",
        """"+" not in gap and gap != " -" and len(gap) <= _GAP""",
        "True",
        NUMBERS,
    ),
    Mutant(
        "whole numbers, countries",
        "numbers",
        "isalnum() or not _is_country(text[start : start + 2]):",
        "isalnum():",
        NUMBERS,
    ),
    Mutant("unknown keys", "pairs", "        if name not in _harmless and not", "        if False and not", DETECTION),
    Mutant("whole telling words", "national", "if name and may_name_identifier(text) else", "if name else", GATES),
    Mutant("identifiers like UUIDs", "national", "len(part) > _LONGEST_GROUP and", "", GATES),
    Mutant("beginnings of heads", "detection", "not tokens.is_place(heads, at)", "True", LAWS),
    # Texts together.
    Mutant("borders", "text", 'BORDER = "\\0"', 'BORDER = "="', LAWS),
    Mutant("NUL in texts", "text", "    if joined.count(BORDER) >= len(texts):", "    if False:", LAWS),
    Mutant("merge", "text", "        if start >= last:", "        if True:", DETECTION),
    Mutant(
        "secrets are stronger", "text", "return SECRET if shorter == SECRET else longer", "return longer", DETECTION
    ),
    Mutant("clean only what is clean", "text", "        if number in spans:", "        if False:", LAWS),
    # What is found.
    Mutant("e-mails", "detection", "        emails.find_emails(", "        (lambda *_: None)(", DETECTION),
    Mutant("encoded words", "detection", "        emails.find_encoded_words(", "        (lambda *_: None)(", DETECTION),
    Mutant("links to chats", "detection", "        stated.find_chats(", "        (lambda *_: None)(", DETECTION),
    Mutant(
        "beneficiaries", "national", "        _find_beneficiaries(text,", "        (lambda *_: None)(text,", DETECTION
    ),
    Mutant(
        "beneficiaries without a word",
        "national",
        "bounded and has_word(before, *_BENEFICIARIES)",
        "bounded",
        DETECTION,
    ),
    Mutant("statements", "detection", "any([sign in text for sign in _QUOTED])", "False", DETECTION),
    Mutant("lines of netrc", "detection", "any([sign in text for sign in _LOGINS])", "False", DETECTION),
    Mutant("links in small letters", "detection", ', "reset", "magic", "email/"', "", DETECTION),
    Mutant("links of words", "tokens", "if not _has_digit(value) or not (random", "if not (True", DETECTION),
    Mutant("long keys in text", "pairs", "name = _KEYS.says(key", "name = _KEYS.get(key", DETECTION),
    Mutant("markers in a row", "pairs", """return after[0] == "[" and""", "return False and", DETECTION),
    Mutant("key=value", "detection", "        pairs.find_pairs(", "        (lambda *_: None)(", DETECTION),
    Mutant("elements", "detection", "        pairs.find_marked_up(", "        (lambda *_: None)(", DETECTION),
    Mutant("tokens", "detection", "    _find_tokens(text, data, found)", "    pass", LAWS),
    Mutant("numbers", "detection", "        numbers.find_numbers(", "        (lambda *_: None)(", DETECTION),
    Mutant("identifiers", "detection", "    national.find_identifiers(", "    (lambda *_: None)(", DETECTION),
    Mutant("codes", "detection", "        stated.find_codes(", "        (lambda *_: None)(", DETECTION),
    Mutant("BIC", "detection", "        national.find_bics(", "        (lambda *_: None)(", DETECTION),
    Mutant("births", "detection", "        stated.find_births(", "        (lambda *_: None)(", DETECTION),
    Mutant("IPv4", "detection", "        network.find_ipv4(", "        (lambda *_: None)(", DETECTION),
    Mutant("IPv6", "detection", "            network.find_ipv6(", "            (lambda *_: None)(", DETECTION),
    Mutant("MAC", "detection", "        network.find_macs(", "        (lambda *_: None)(", DETECTION),
    Mutant(
        "pictures",
        "emails",
        "return 0 if domain[1].lower() in _FILE_ENDINGS else domain.end()",
        "return domain.end()",
        DETECTION,
    ),
    Mutant("versions", "network", "        if not _is_version(before):", "        if True:", DETECTION),
    Mutant("products", "network", 'if before.endswith("/") and', "if not before and", DETECTION),
    Mutant(
        "Luhn", "identifiers", "def is_card(", "def is_card(*_):\n    return True\n\n\ndef is_card_no_more(", DETECTION
    ),
    Mutant(
        "IBAN", "identifiers", "def is_iban(", "def is_iban(*_):\n    return True\n\n\ndef is_iban_no_more(", DETECTION
    ),
    Mutant("SSN", "identifiers", "def is_ssn(", "def is_ssn(*_):\n    return True\n\n\ndef is_ssn_no_more(", DETECTION),
    Mutant(
        "NINO",
        "identifiers",
        "def is_identifier_with_letters(",
        "def is_identifier_with_letters(*_):\n    return True\n\n\ndef no_more(",
        DETECTION,
    ),
    Mutant("placeholders", "pairs", "    if placeholder is not None and", "    if False and", DETECTION),
    Mutant("prose", "pairs", "            return digits > 0 or", "            return True or", DETECTION),
    Mutant("percent", "fold", '    if "%" in text:', "    if False:", DETECTION),
    Mutant("escapes", "fold", '    if "\\\\" in text:', "    if False:", DETECTION),
    Mutant("entities", "fold", '    if "&" in text and ";" in text:', "    if False:", DETECTION),
    Mutant("colours", "fold", '    if "\\x1b" in text:', "    if False:", DETECTION),
    Mutant("digits of other scripts", "fold", "    if digit is not None or", "    if", DETECTION),
    # Names.
    Mutant("authorisation codes", "keys", "    if text.isalpha() or text.isdigit():", "    if True:", ENGINE),
    Mutant(
        "below persons", "keys", '    return BELOW_PERSON.get("_".join(words_of(key)), "")', '    return ""', ENGINE
    ),
    Mutant("below cards", "keys", '    return BELOW_CARD.get("_".join(words_of(key)), "")', '    return ""', ENGINE),
    Mutant("about names", "keys", "    return words[-1] in HARMLESS_ENDINGS or", "    return", ENGINE),
)


def prove(mutant: Mutant) -> str:
    """Return what is wrong: an empty string if the tests fail with *mutant* in place, as they must."""
    trial = TRIALS / mutant.name.replace(" ", "-").replace("/", "-")
    shutil.copytree(ROOT / "src", trial, ignore=shutil.ignore_patterns("__pycache__"))
    module = trial / "obskit" / "masking" / f"{mutant.module}.py"
    code = module.read_text()
    if code.count(mutant.sound) < 1:
        return f"{mutant.module}.py has no {mutant.sound!r} any more"
    module.write_text(code.replace(mutant.sound, mutant.broken) if mutant.sound else code)
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", mutant.tests]
    environment = {**os.environ, "PYTHONPATH": str(trial)}
    try:
        said = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=LONGEST
        )
    except subprocess.TimeoutExpired:
        return f"{mutant.tests} does not end"
    if not mutant.sound:
        return "" if said.returncode == 0 else f"{mutant.tests} fails without any break"
    if said.returncode == 0:
        return f"{mutant.tests} does not see it"
    return "" if " failed" in said.stdout else f"pytest could not run:\n{said.stdout[-2000:]}{said.stderr[-2000:]}"


def main() -> int:
    names = [mutant.name for mutant in MUTANTS]
    for name in sys.argv[1:]:
        if name not in names:
            sys.exit(f"there is no mutant '{name}'.{did_you_mean(name, names)}")
    chosen = [mutant for mutant in MUTANTS if not sys.argv[1:] or mutant.name in sys.argv[1:]]
    shutil.rmtree(TRIALS, ignore_errors=True)
    problems = 0
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for mutant, wrong in zip(chosen, pool.map(prove, chosen), strict=True):
            problems += bool(wrong)
            print(
                f"{mutant.name:28} {wrong or ('seen by ' if mutant.sound else 'all pass: ') + mutant.tests}", flush=True
            )
    shutil.rmtree(TRIALS)
    print(f"{len(chosen) - problems} of {len(chosen)} breaks are seen")
    return min(problems, 1)


if __name__ == "__main__":
    sys.exit(main())
