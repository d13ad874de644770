"""The page: one file that loads nothing, read by a real browser."""

import os
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from obskit.preview import board, page, svg, synthetic
from tests.parts import require
from tests.preview.pixels import decode, rgb

SCALE = 0.5


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def of(self, name):
        return [attributes for tag, attributes in self.found if tag == name]


def test_it_loads_nothing_and_runs_no_script(html):
    tags = Tags(html)

    assert [] == tags.of("script") + tags.of("link") + tags.of("img") + tags.of("iframe")
    assert not [name for _, attributes in tags.found for name in attributes if name.startswith("on")]
    assert "default-src 'none'" in html
    assert [] == re.findall(r"url\(|@import", html)


def test_every_widget_has_a_name_and_every_chart_its_numbers(html, drawn):
    tags = Tags(html)
    named = [one for one in tags.of("svg") if one.get("role") == "img"]

    assert len(drawn.tiles) == len(tags.of("figure")) == len(tags.of("svg"))
    assert all(one["aria-label"].strip(": ") for one in named)
    assert len(drawn.tiles) - 1 == len(named), "text is read as text"
    targets = {one["popovertarget"] for one in tags.of("button")}
    assert targets == {one["id"] for one in tags.of("div") if "popover" in one}
    assert all(one.get("aria-label") or one.get("class") == "close" for one in tags.of("button"))


def test_ids_are_unique_and_links_lead_somewhere(html):
    tags = Tags(html)
    ids = [attributes["id"] for _, attributes in tags.found if "id" in attributes]

    assert len(ids) == len(set(ids))
    assert {one["href"][1:] for one in tags.of("a") if one["href"].startswith("#")} <= set(ids)


@pytest.mark.parametrize(("ground", "inks"), [("card", ("ink", "muted", "link", "good", "warn", "bad", "info"))])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_is_readable(ground, inks, dark):
    """WCAG 2.2, 1.4.3: a contrast of 4.5."""

    def light(name):
        linear = [
            one / 255 / 12.92 if one <= 10 else ((one / 255 + 0.055) / 1.055) ** 2.4
            for one in rgb(svg.THEME[name][dark])
        ]
        return sum(share * one for share, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    def contrast(a, b):
        low, high = sorted((light(a), light(b)))
        return (high + 0.05) / (low + 0.05)

    assert {} == {name: contrast(name, ground) for name in inks if contrast(name, ground) < 4.5}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    require("chromium")
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    home = tmp_path_factory.mktemp("chromium")
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
    ]
    flags += ["--hide-scrollbars", f"--user-data-dir={home}", "--enable-logging=stderr", "--no-first-run"]

    def run(*more):
        environment = {**os.environ, "HOME": str(home), "DBUS_SESSION_BUS_ADDRESS": "disabled:"}
        return subprocess.run([program, *flags, *more], capture_output=True, check=True, timeout=60, env=environment)

    return run


def test_a_browser_draws_every_widget_and_complains_of_nothing(browser, html, drawn, tmp_path):
    """Chromium's screenshot at half size: in each widget's place there is more than a card."""
    file, shot = tmp_path / "page.html", tmp_path / "shot.png"
    file.write_text(html)

    high = drawn.height + 400
    size = [f"--window-size=1480,{high}", f"--force-device-scale-factor={SCALE}", f"--screenshot={shot}"]
    done = browser(*size, file.as_uri())

    assert "CONSOLE" not in done.stderr.decode()
    _, _, rows = decode(shot.read_bytes())
    assert rgb(svg.THEME["page"][0]) == rows[-2][2]
    top = next(y for y, row in enumerate(rows) if y > 40 and row[600] == rgb(svg.THEME["card"][0]))
    scale = SCALE * (1480 - 40) / drawn.width
    empty = []
    for tile in drawn.tiles:
        x, y = int(20 * SCALE + tile.box.x * scale), int(top + (tile.box.y - 4) * scale)
        inside = [
            one
            for row in rows[y + 4 : y + int(tile.box.h * scale) - 4]
            for one in row[x + 4 : x + int(tile.box.w * scale) - 4]
        ]
        if len(set(inside)) < 8:
            empty.append(tile.drawn.title)
    assert [] == empty


def test_a_fault_of_a_page_would_be_seen(browser, tmp_path):
    """The test above sees what a browser complains of: here, a script that the page's own policy forbids."""
    file = tmp_path / "page.html"
    file.write_text(page.render("t", "d", []).replace("</main>", "<script>1</script></main>"))

    assert "CONSOLE" in browser("--dump-dom", file.as_uri()).stderr.decode()


def test_two_revisions_stand_side_by_side_with_what_changed_outlined():
    text = {"type": "text", "properties": {"markdown": "a"}}
    now = board.draw("b", {"widgets": [text]}, synthetic.Synthetic(), {0: "added"})
    was = board.draw("b", {"widgets": []}, synthetic.Synthetic())

    html = page.render("t", "d", [page.Shown("b", now, was, ("widget 'a' added",))], before="main")

    assert ">main</h3>" in html
    assert ">now</h3>" in html
    assert "<li>widget &#x27;a&#x27; added</li>" in html
    assert ">added</text>" in html
    assert 'class="tile changed"' in html
