"""A dashboard now and as it was in another revision, with what has changed outlined in both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from obskit.deploy import revisions
from obskit.deploy.diff import bodies, state
from obskit.preview import board
from obskit.preview.page import Shown

if TYPE_CHECKING:
    from obskit.deploy.render import Rendered
    from obskit.preview.series import Source

Json = dict[str, Any]


def before(rendered: Rendered, revision: str) -> dict[str, Json]:
    """
    Return the bodies that were committed in *revision*, by name.

    Raises:
        ConfigError: git does not know *revision*, or a file of it is no body.
    """
    folder = rendered.dashboards_folder
    texts = revisions.files(rendered.project.root, revision, folder)
    return dict(state.of_files(texts, folder, rendered.alarms_folder).bodies)


def pair(name: str, title: str, bodies_: tuple[Json | None, Json | None], source: Source) -> Shown:
    """Return a dashboard now and before, drawn; one of the two may be None."""
    now, was = bodies_
    if was is None or now is None:
        return Shown(
            title,
            board.draw(name, now, source) if now is not None else None,
            board.draw(name, was, source) if was is not None else None,
            ("the dashboard is new",) if was is None else ("the dashboard is gone",),
        )
    changes = bodies.compare(name, was, now)
    after = {one.after: one.what for one in changes if one.after is not None}
    earlier = {one.before: one.what for one in changes if one.before is not None}
    told = tuple(str(one).partition(": ")[2] for one in changes)
    return Shown(title, board.draw(name, now, source, after), board.draw(name, was, source, earlier), told)
