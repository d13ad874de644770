"""What `obskit page-test` calls: its own table of rights, on the names of this environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.deploy.iam.everything import resources
from obskit.deploy.iam.rights import Right
from obskit.deploy.page_test.rights import KEYS, RIGHTS, SECRET, UNCALLED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.deploy.iam.place import Place
    from obskit.deploy.page_test import rights as page_test


def find(place: Place) -> Iterator[Right]:
    """Yield the rights; with `dry_run` those that look, with `token_secret` the one to read it, too."""
    for region in place.regions:
        for one in (*RIGHTS, *UNCALLED):
            if (
                one.part == "look"
                or (one.part == "send" and not place.dry_run)
                or (one.part == "token" and _token(place))
            ):
                yield from _of(place, region, one)


def _token(place: Place) -> str:
    return "" if place.dry_run else place.token_secret


def _of(place: Place, region: str, one: page_test.Right) -> Iterator[Right]:
    rendered = place.rendered
    project, environment = rendered.project, rendered.environment
    if one.resource == KEYS:
        yield from place.key(region, one.action)
    elif one.resource == SECRET:
        if secret := _token(place) if one.part == "token" else environment.paging_secret:
            yield Right(one.action, (place.secret(region, secret),))
    else:
        arn = one.resource.format(
            region=region, account=environment.account, project=project.name, env=environment.name
        )
        yield Right(one.action, resources(one.action, arn))
