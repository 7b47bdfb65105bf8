"""The validity report of a change of a service: what its owners would refuse it for, asked before it is placed.

Provisioning says what the saga would ask of numbers and billing; these are asked the same, in its order: what numbers
that are to come would cost depends on which they are.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar
from uuid import UUID

from gateway_service.own_findings import unchecked
from gateway_service.upstream import Owner, Upstream
from patchbay_chassis.log import log
from patchbay_chassis.problems import Problem
from patchbay_contracts.change_checks import ChangeFindings, HoldFindings
from patchbay_contracts.message import Frozen
from patchbay_contracts.services import ChangeQuery, ServiceChange, Waived
from patchbay_contracts.validity import Finding, Findings, Severity

_WEIGHT: Mapping[Severity, int] = {"error": 0, "warning": 1, "info": 2}
F = TypeVar("F", bound=Findings)


class Found(NamedTuple):
    """A finding, by its place in the change's document. `waived`: why, if it is a warning that was put aside."""

    finding: Finding
    waived: str | None = None


class Report(NamedTuple):
    """What was found, errors first."""

    findings: tuple[Found, ...] = ()

    @property
    def stopping(self) -> tuple[Found, ...]:
        """Why it should not be placed: errors, which nobody can waive, and warnings that nobody has waived."""
        return tuple(
            one
            for one in self.findings
            if one.finding.severity == "error" or (one.finding.severity == "warning" and one.waived is None)
        )


async def report(upstream: Upstream, reseller: str, service_id: UUID, change: ServiceChange) -> Report:
    """Ask all whom the change concerns. One that cannot be asked is an error of its own; without provisioning there is
    no report. Raises Problem."""
    query = ChangeQuery(reseller=reseller, service_id=service_id, change=change)
    own = ChangeFindings.model_validate_json(await upstream.ask("provisioning", "/services/validity", query))
    held = await _asked(upstream, "numbers", own.holds, HoldFindings)
    amends = own.amends
    if amends is not None and held is not None:
        amends = amends.model_copy(update={"adds": held.numbers})
    amended = await _asked(upstream, "billing", amends, Findings)
    found = [*own.findings, *_of(held), *_of(amended)]
    ordered = sorted(found, key=lambda one: _WEIGHT[one.severity])
    return Report(tuple(_placed(one, change.waived) for one in ordered))


async def _asked(upstream: Upstream, owner: Owner, query: Frozen | None, kind: type[F]) -> F | None:
    if query is None:
        return None
    try:
        return kind.model_validate_json(await upstream.ask(owner, "/changes/validity", query))
    except (Problem, ValueError) as error:
        log.warning("validity.unchecked", owner=owner, error=str(error))
        return kind(findings=(unchecked(owner),))


def _of(found: Findings | None) -> Sequence[Finding]:
    return found.findings if found is not None else ()


def _placed(finding: Finding, waived: Sequence[Waived]) -> Found:
    here = finding.model_copy(update={"pointer": finding.pointer.removeprefix("/change")})
    reasons = {(one.code, one.pointer): one.reason for one in waived}
    return Found(here, reasons.get((here.code, here.pointer)) if here.severity == "warning" else None)
