"""How often somebody may try to sign in: from one address, and at one account."""

from limits import parse
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.storage import storage_from_string

from gateway_service.settings import Settings


class Attempts:
    """Counts what failed or has yet to succeed. In memory each process counts for itself, and forgets when it ends."""

    def __init__(self, settings: Settings) -> None:
        storage = storage_from_string(settings.attempts_storage)
        assert isinstance(storage, Storage | MemoryStorage), "PATCHBAY_ATTEMPTS_STORAGE begins with async+"
        self._limiter = MovingWindowRateLimiter(storage)
        self._by_address = parse(settings.attempts_by_address)
        self._by_account = parse(settings.attempts_by_account)

    async def may_try(self, address: str, account: str) -> bool:
        """Count one more; whether it may be made. It is counted whoever the account is, also if it is nobody's."""
        return await self._limiter.hit(self._by_address, "address", address) and await self._limiter.hit(
            self._by_account, "account", account
        )

    async def succeeded(self, account: str) -> None:
        """What failed before is forgotten. The address is not: it may be at other accounts as well."""
        await self._limiter.clear(self._by_account, "account", account)
