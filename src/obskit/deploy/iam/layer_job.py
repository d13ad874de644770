"""What `obskit layer publish` calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from obskit.deploy.iam.rights import rights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obskit.deploy.iam.place import Place
    from obskit.deploy.iam.rights import Right

LAYER = "obskit*"
"""As the zips are called: obskit, obskit-full-arm64, obskit-full-x86_64."""
VERSION = """
    AddLayerVersionPermission DeleteLayerVersion GetLayerVersion GetLayerVersionPolicy RemoveLayerVersionPermission
    """


def find(place: Place) -> Iterator[Right]:
    environment = place.rendered.environment
    for region in environment.regions:
        yield from rights("lambda", "ListLayerVersions")
        yield from rights("lambda", "PublishLayerVersion", place.arn("lambda", region, f"layer:{LAYER}"))
        yield from rights("lambda", VERSION, place.arn("lambda", region, f"layer:{LAYER}:*"))
        parameters = place.arn("ssm", region, f"parameter/obskit/{environment.name}/layers/{LAYER}")
        yield from rights("ssm", "GetParameter PutParameter", parameters)
        if place.bucket:
            bucket = place.bucket.format(region=region)
            yield from rights("s3", "PutObject GetObject", f"arn:aws:s3:::{bucket}/obskit/layers/*")


def notes(place: Place) -> list[str]:
    if place.bucket:
        return []
    return ["give --bucket NAME where a full layer is published: its zip is too large for a call"]
