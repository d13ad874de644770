"""A CycloneDX bill of materials: what is in a layer, by name, version, licence and the hashes of its wheels."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from email.parser import HeaderParser
from typing import TYPE_CHECKING, Any

from obskit.layers.wheels import normalised

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SPEC = "1.6"
"""Of CycloneDX."""

_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # RFC 9562: names that are URLs
_METADATA = re.compile(r"\Apython/[^/]+\.dist-info/METADATA\Z")


@dataclass(frozen=True)
class Package:
    """What `METADATA` says of one package."""

    name: str
    version: str
    license: str = ""
    """An SPDX expression where the package has one, else the words it uses."""
    hashes: Sequence[str] = field(default=())
    """sha256 of the wheels it came from."""

    @property
    def purl(self) -> str:
        return purl(self.name, self.version)


def purl(name: str, version: str) -> str:
    """Return how bills of materials call a package of PyPI."""
    return f"pkg:pypi/{normalised(name)}@{version}"


def packages(files: Mapping[str, bytes], hashes: Mapping[str, Sequence[str]]) -> list[Package]:
    """Return the packages in a layer's *files*; *hashes* are those of their wheels, by purl."""
    found = []
    for name in sorted(files):
        if _METADATA.match(name):
            said = HeaderParser().parsestr(files[name].decode("utf-8", "replace"))
            package = Package(str(said["Name"]), str(said["Version"]), _license(said))
            known = hashes.get(package.purl, ())
            found.append(Package(package.name, package.version, package.license, tuple(known)))
    return found


def _license(said: Any) -> str:
    if said["License-Expression"]:
        return str(said["License-Expression"])
    if said["License"] and "\n" not in said["License"]:
        return str(said["License"])
    classified = [text for text in said.get_all("Classifier", []) if text.startswith("License ::")]
    return classified[0].rpartition(" :: ")[2] if classified else ""


def document(name: str, version: str, digest: str, contained: Sequence[Package]) -> str:
    """
    Return the bill of materials of the zip *name*, whose sha256 is *digest*.

    It has no clock in it: the same zip has the same bill.
    """
    root = f"pkg:generic/{name}@{version}?checksum=sha256:{digest}"
    body = {
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, root)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "library",
                "bom-ref": root,
                "name": name,
                "version": version,
                "purl": root,
                "hashes": [{"alg": "SHA-256", "content": digest}],
            }
        },
        "components": [_component(package) for package in contained],
        "dependencies": [
            {"ref": root, "dependsOn": [package.purl for package in contained]},
            *({"ref": package.purl} for package in contained),
        ],
    }
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def _component(package: Package) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
    }
    if package.license:
        # An expression has a syntax that free words have not: "Apache 2.0" is a name.
        spdx = re.fullmatch(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*", package.license)
        made["licenses"] = [{"expression": package.license}] if spdx else [{"license": {"name": package.license}}]
    if package.hashes:
        # Several wheels, one for each Python: which of them is no matter of the component, so they are its references.
        made["externalReferences"] = [
            {"type": "distribution", "url": package.purl, "hashes": [{"alg": "SHA-256", "content": one}]}
            for one in package.hashes
        ]
    return made
