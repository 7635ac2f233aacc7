"""What differs between the eras of the API (API.md, first table), in one place."""

from __future__ import annotations

from reconciler.nouns import noun
from reconciler.sandbox.bodies import (
    AgentCreate,
    AgentUpdate,
    DeployedCreate,
    DeployedReplace,
    DeployedUpdate,
)
from reconciler.sandbox.options import EraName

_DOCUMENTED_REGIONS = frozenset({"us-east", "eu-central", "ap-south"})
# The union of what sources saw accepted (API.md 4.9).
_DEPLOYED_REGIONS = _DOCUMENTED_REGIONS | frozenset(
    "any us-west br eu-west eu-north gb za il jp sg id in au".split()  # noqa: SIM905  # reads better
)


@noun(kw_only=True)
class Era:
    name: EraName
    create: type[AgentCreate] = AgentCreate
    replace: type[AgentCreate] = AgentCreate
    update: type[AgentUpdate] = AgentUpdate
    regions: frozenset[str] = _DOCUMENTED_REGIONS

    @property
    def deployed(self) -> bool:
        return self.name == "deployed"


ERAS: dict[EraName, Era] = {
    "reference": Era(name="reference"),
    "openapi": Era(name="openapi"),
    "deployed": Era(
        name="deployed",
        create=DeployedCreate,
        replace=DeployedReplace,
        update=DeployedUpdate,
        regions=_DEPLOYED_REGIONS,
    ),
}
