"""The incidents as one self-contained HTML page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from obskit.demo.incidents import Incident

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --paper: #f6f7f9; --card: #fff; --line: #dfe3e8;
  --red: #b3261e; --green: #1b6e3c; --link: #0b57d0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #9aa5b4; --paper: #14181f; --card: #1c222b;
  --line: #2f3844; --red: #ff8a80; --green: #7fd6a0; --link: #8ab4f8; } }
* { box-sizing: border-box }
body { margin: 0; padding: 2rem 1rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; }
h1 { font-size: 1.3rem; margin: 0 0 .25rem; } h2 { font-size: 1.05rem; margin: 0; overflow-wrap: anywhere; }
p { margin: .35rem 0; } .soft, dt { color: var(--soft); } a { color: var(--link); }
article { background: var(--card); border: 1px solid var(--line); border-left: .3rem solid var(--green);
  border-radius: .5rem; padding: 1rem 1.25rem; margin-top: 1rem; }
article.triggered { border-left-color: var(--red); }
.status { font-weight: 600; color: var(--green); } .triggered .status { color: var(--red); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .75rem 0; }
dd { margin: 0; overflow-wrap: anywhere; }
time { font-variant-numeric: tabular-nums; } ul { list-style: none; margin: .5rem 0 0; padding: 0; font-size: .9rem; }
"""


def page(incidents: Sequence[Incident]) -> str:
    """Return the page, the newest incident first. All text in it is escaped."""
    open_ones = sum(incident.status == "triggered" for incident in incidents)
    shown = "".join(_article(incident) for incident in reversed(incidents)) or '<p class="soft">Nobody was paged.</p>'
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Incidents</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<style>{_STYLE}</style></head><body><main><h1>Incidents</h1>"
        f'<p class="soft">{open_ones} open, {len(incidents) - open_ones} resolved. '
        "A local stand-in for PagerDuty: nobody is woken.</p>"
        f"{shown}</main></body></html>"
    )


def _article(incident: Incident) -> str:
    facts = {
        "Severity": incident.severity,
        "Owner": incident.owner,
        "Impact": incident.impact,
        "Reason": incident.reason,
    }
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts.items() if value)
    links = " · ".join(
        _link(label, url) for label, url in (("Runbook", incident.runbook), ("Dashboard", incident.dashboard)) if url
    )
    log = "".join(f"<li>{_time(entry.at)} {escape(entry.state)}</li>" for entry in incident.log)
    return (
        f'<article class="{incident.status}"><p><span class="status">{incident.status.capitalize()}</span> '
        f'<span class="soft">#{incident.number}, {_time(incident.triggered_at)}</span></p>'
        f"<h2>{escape(incident.alarm)}</h2><p>{escape(incident.summary)}</p><dl>{rows}</dl>"
        f'<p>{links}</p><ul class="soft">{log}</ul></article>'
    )


def _time(at: str) -> str:
    return f'<time datetime="{escape(at)}">{escape(at.replace("T", " ").replace("+00:00", " UTC"))}</time>'


def _link(label: str, url: str) -> str:
    if urlsplit(url).scheme not in {"http", "https"}:  # javascript: and the like stay text
        return f"{label}: {escape(url)}"
    return f'<a href="{escape(url)}" rel="noreferrer">{label}</a>'
