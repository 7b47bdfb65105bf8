"""What the gateway is told by its environment."""

from datetime import timedelta
from functools import cache
from typing import Annotated

from limits import parse_many
from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from gateway_service.token_issuers import TokenIssuer
from patchbay_chassis.settings import SecretKey, ServiceSettings

Url = Annotated[str, StringConstraints(pattern=r"^https?://[^,/\s]+$")]
Urls = Annotated[str, StringConstraints(pattern=r"^https?://[^,/\s]+(,https?://[^,/\s]+)*$")]


def _limits(given: str) -> str:
    parse_many(given)
    return given


def _storage(given: str) -> str:
    if not given.startswith("async+"):
        raise ValueError(f"the gateway speaks to it without waiting: write async+{given}")
    return given


class Settings(ServiceSettings):
    """The chassis' settings and the gateway's own."""

    pin_transport_key: SecretKey
    """32 bytes in urlsafe base64, shared with the customer service alone: PINs travel encrypted under it."""
    access_key: SecretKey | None = None
    """32 bytes in urlsafe base64, the same for all replicas: kept answers and the secrets of webhooks are sealed,
    and tokens signed, under it. Without it one is derived from the PIN transport key."""
    access_key_before: SecretKey | None = None
    """The one before, after a change: what was sealed or signed under it holds on."""
    most_open: int = Field(default=8_000, ge=1)
    """With more orders under way, new ones wait outside: inside they would only use up their steps' time limits."""
    longest_back_order: timedelta = Field(default=timedelta(days=90), ge=timedelta(days=1))
    """So long an order may wait for numbers."""
    most_body_bytes: int = 512 * 1024
    """Of one order, posted alone or as a line of a bulk; of a search, and of the numbers to hold."""
    bulk_lines: int = Field(default=1_000, ge=1)
    """So many lines are accepted in one transaction at the most."""
    most_bulk_lines: int = Field(default=1_000_000, ge=1)
    """So many lines a bulk may have."""
    most_bulks: int = Field(default=32, ge=1)
    """So many bulks a reseller may send at once to one gateway; another one is asked to come later."""
    bulk_gather_ms: float = 100.0
    """So long a bulk waits for more lines before it accepts what has come."""
    keep_keys: timedelta = Field(default=timedelta(days=7), ge=timedelta(days=7))
    """So long an Idempotency-Key is remembered, with its answer; used again after that, it is a new request."""
    token_lasts: timedelta = Field(default=timedelta(minutes=10), ge=timedelta(seconds=30), le=timedelta(hours=1))
    """So long a token of `POST /oauth/token` is good for."""
    token_issuers: tuple[TokenIssuer, ...] = ()
    """Identity providers whose tokens are believed, as a JSON list of objects: `issuer`, `audience`, `jwks_url`, and
    where theirs differ `algorithms`, `reseller_claim`, `resellers`, `scope_claim`, `scopes`, `grants`."""
    request_limits: Annotated[str, AfterValidator(_limits)] = "200000 per minute; 50000000 per day"
    """So often a key may call, unless it has limits of its own; several with `;`, as the library `limits` writes them.
    A bulk is one call."""
    limits_storage: Annotated[str, AfterValidator(_storage)] = "async+memory://"
    """Where calls are counted, as the library `limits` names it. Redis (`async+redis://…`, with the extra `redis`
    installed) counts for all replicas together; in memory each replica counts for itself, and anew after a start."""
    collect_every: timedelta = Field(default=timedelta(seconds=2), gt=timedelta(0))
    """Here people wait for pages: oftener than elsewhere."""
    keep_audit: timedelta = Field(default=timedelta(days=400), ge=timedelta(days=1))
    """So long the audit trail is kept."""
    keep_dead_letters: timedelta = Field(default=timedelta(days=30), ge=timedelta(days=1))
    """So long dead letters are shown, and can be replayed; as long as their topics keep them."""
    dead_letters_kept: int = Field(default=20_000, ge=1)
    """So many of them at the most; then the oldest are forgotten."""
    body_limit: timedelta = Field(default=timedelta(seconds=30), gt=timedelta(0))
    """A request that is not whole after this time is refused; streams may take longer (`silence_limit`)."""
    keep_drafts: timedelta = Field(default=timedelta(days=30), ge=timedelta(days=1))
    """A draft that nobody touches for so long is forgotten, unless an order was made from it."""
    keep_ordered_drafts: timedelta = Field(default=timedelta(days=730), ge=timedelta(days=1))
    """So long a draft from which an order was made is kept after its last change: who agreed, and who waived what."""
    keep_pins: timedelta = Field(default=timedelta(days=1), ge=timedelta(0))
    """Finishing a draft forgets its PIN. Where nobody finishes, it is kept, encrypted, for so long after creation."""
    keep_moves: timedelta = Field(default=timedelta(days=90), ge=timedelta(days=1))
    """So long the moves of an order that was watched are kept, for whoever follows it anew."""
    keep_events: timedelta = Field(default=timedelta(days=30), ge=timedelta(days=1))
    """So far back public events can be read again."""
    most_streams: int = Field(default=20, ge=1)
    """So many streams of events and waiting reads one client may have open on a replica."""
    webhook_http: bool = False
    """Whether events may be sent to `http://` targets too: for tests, and inside a house."""
    webhook_networks: str = ""
    """Networks with commas, such as `10.1.0.0/16`, that targets may lie in though they are not public."""
    most_webhooks: int = Field(default=200, ge=1)
    """So many webhooks a reseller may have."""
    webhook_limit: timedelta = timedelta(seconds=10)
    """A target that has not answered whole after this time has failed."""
    webhook_at_once: int = Field(default=8, ge=1)
    """So many deliveries to one webhook are under way at a time; one, until it has answered."""
    webhook_connections: int = Field(default=500, ge=1)
    """So many deliveries a replica has under way at a time."""
    webhook_pause: timedelta = timedelta(seconds=5)
    """After the first failure; each further pause is twice as long, up to an hour."""
    webhook_gives_up: timedelta = timedelta(days=1)
    """So long a delivery is tried; a webhook to which nothing got through for so long is disabled."""
    webhook_lease: timedelta = timedelta(seconds=15)
    """A replica that is silent for so long loses its webhooks to others."""
    numbers_url: Url = "http://127.0.0.1:8000"
    """The numbers service: it holds numbers, and keeps the inventory."""
    search_urls: Urls = "http://127.0.0.1:8000"
    """The search replicas, several with commas. They are asked in turn; one that is gone is passed over."""
    billing_url: Url = "http://127.0.0.1:8000"
    """Billing: it says what numbers cost by a price list."""
    customer_url: Url = "http://127.0.0.1:8000"
    """The customer service: it keeps resellers and customers."""
    provisioning_url: Url = "http://127.0.0.1:8000"
    """Provisioning: it keeps the service catalogue and the services."""
    notifier_url: Url = "http://127.0.0.1:8000"
    """The notifier: it keeps mails and what became of them."""
    search_limit: timedelta = timedelta(seconds=2)
    """A search replica that has not answered after this time is passed over."""
    answer_limit: timedelta = timedelta(seconds=15)
    """So long a service that keeps something is waited for."""
    silence_limit: timedelta = timedelta(minutes=2)
    """A stream (a bulk, a call of the inventory manager) in which nothing moves for so long is broken off."""
    secure_cookies: bool = True
    """Operators' cookies travel over HTTPS alone. False only where there is none, on one's own machine."""
    session_idle: timedelta = timedelta(hours=2)
    """An operator who does nothing for so long has to sign in again."""
    session_lasts: timedelta = timedelta(hours=12)
    """So long after signing in an operator has to sign in again, whatever he does."""
    attempts_by_address: str = "30 per 15 minutes"
    """So often somebody may try to sign in from one address."""
    attempts_by_account: str = "10 per 15 minutes"
    """So often somebody may try to sign in at one account before one try succeeds."""
    attempts_storage: str = "async+memory://"
    """Where tries are counted, as the library `limits` names it. In memory each replica counts for itself."""
    open_id_issuer: str = ""
    """An OpenID Connect provider whom operators may sign in with, as it calls itself. Empty: passwords alone."""
    open_id_client: str = ""
    """The client's id at the provider."""
    open_id_secret: SecretStr = SecretStr("")
    """The client's secret at the provider, if it has one."""
    public_url: str = "http://127.0.0.1:8000"
    """Where everybody reaches the gateway: tokens name it as their issuer, what hubs of the TM Forum are told refers to
    it, and the provider sends browsers back to `/sign-in/open-id/back` there."""
    most_form_bytes: int = Field(default=2 * 1024 * 1024, ge=1024)
    """Of what is typed into a form of the site, and of each file."""
    language: str = "en_GB"
    """Of the pages, for browsers that ask for none that there is."""
    time_zone: str = "Europe/London"
    """In which the pages tell the time."""


@cache
def settings() -> Settings:
    """Read once."""
    return Settings()
