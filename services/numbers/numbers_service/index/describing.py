"""Numbers as people of their country write them: grouped by the phonenumbers library, once for each chunk."""

from functools import lru_cache

import phonenumbers

from numbers_service.index.kernel import SPAN


@lru_cache(maxsize=16_384)
def _template(chunk: int, country: str, trunk: str) -> str:
    """A chunk's numbers with ### for the last three digits."""
    number = str(chunk * SPAN)
    national = number[len(country) :]
    parsed = phonenumbers.PhoneNumber(country_code=int(country), national_number=int(national),
                                      italian_leading_zero=national.startswith("0") or None)  # fmt: skip
    text = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    digits = "".join(filter(str.isdigit, text))
    if digits not in {national, trunk + national} or country == phonenumbers.UNKNOWN_REGION:
        text = trunk + national
    return _masked(text)


def _masked(text: str) -> str:
    """The last three digits of a text as #."""
    masked, left = "", 3
    for character in reversed(text):
        mask = character.isdigit() and left > 0
        masked = ("#" if mask else character) + masked
        left -= mask
    return masked


def national_format(number: int, country: str, trunk: str) -> str:
    """`0121 737 0000`; the digits in one group if the country's grouping is unknown."""
    template = _template(number // SPAN, country, trunk)
    for digit in f"{number % SPAN:03}":
        template = template.replace("#", digit, 1)
    return template
