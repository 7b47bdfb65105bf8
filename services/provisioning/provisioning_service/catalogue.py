"""The service types as this process knows them: read again when older than a few seconds."""

import time
from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from provisioning_service import queries
from provisioning_service.model import ServiceType, service_type

FRESH_FOR = 5.0
"""Seconds. A change of the catalogue takes effect within this time; compiling schemas per batch would cost more."""


class Catalogue:
    """A cache of the catalogue with its compiled schemas."""

    def __init__(self) -> None:
        self._types: Mapping[str, ServiceType] = {}
        self._read_at = -FRESH_FOR

    def forget(self) -> None:
        """Read it anew at the next use."""
        self._read_at = -FRESH_FOR

    async def types(self, db: AsyncConnection) -> Mapping[str, ServiceType]:
        """All service types by id."""
        if time.monotonic() - self._read_at >= FRESH_FOR:
            self._types = {
                row.id: service_type(row.id, row.least_numbers, row.most_numbers, row.settings_schema)
                for row in await queries.service_types(db)
            }
            self._read_at = time.monotonic()
        return self._types
