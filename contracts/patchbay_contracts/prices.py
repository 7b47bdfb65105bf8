"""What service types and numbers cost: what the gateway asks billing over HTTP, and what it is answered."""

from datetime import date

from pydantic import ConfigDict

from patchbay_contracts.message import Frozen
from patchbay_contracts.words import Currency, Grade, Money, Reseller, Slug


class PriceQuery(Frozen):
    """The prices of a price list that is in force for that reseller: of one service type, or of all."""

    model_config = ConfigDict(extra="forbid")

    reseller: Reseller
    price_list: Slug
    service_type: Slug | None = None


class Price(Frozen):
    """Set-up and monthly."""

    setup: Money
    monthly: Money


class ServicePrices(Frozen):
    """What a service costs, and besides each of its numbers by grade. A grade that is missing has no price."""

    service_type: Slug
    service: Price
    grades: dict[Grade, Price]


class Prices(Frozen):
    """What can be bought by a price list, in alphabetical order of the service types."""

    price_list: Slug
    currency: Currency
    valid_from: date
    valid_to: date | None = None
    services: tuple[ServicePrices, ...]
