"""The notifier's part of the validity report: whether the mails that are to be sent can be, and whether the
customer and its contacts can be written to."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from patchbay_contracts.validity import CheckedMail, Finding, Severity, ValidityQuery
from patchbay_contracts.words import Email, Text

_ADDRESS, _SUBJECT = TypeAdapter[str](Email), TypeAdapter[str](Text)
"""The very types that `SendMails` holds a mail's address and subject to."""
MOST_SUBJECT = 200


def findings(asked: ValidityQuery, bounced: Mapping[str, str]) -> tuple[Finding, ...]:
    """What is wrong with the customer's addresses, then with the mails, in their order. `bounced`: addresses that were
    not known, and the relay's reply."""
    of_mails = (finding for n in range(len(asked.mails)) for finding in _of_one(asked.mails, n, bounced))
    return (*_of_customer(asked, bounced), *of_mails)


def addresses(asked: ValidityQuery) -> list[tuple[str, str]]:
    """Of the customer and its contacts, each by its place. Whether these are any is the customer service's to say."""
    if asked.customer is None:
        return []
    of_contacts = ((f"/customer/contacts/{n}/email", one.email) for n, one in enumerate(asked.customer.contacts))
    return [(at, address.strip()) for at, address in (("/customer/email", asked.customer.email), *of_contacts)]


def _of_customer(asked: ValidityQuery, bounced: Mapping[str, str]) -> Iterator[Finding]:
    about = (asked.customer.id,) if asked.customer and asked.customer.id else ()
    for at, address in addresses(asked):
        if (reply := bounced.get(address.lower())) is not None:
            yield _bounced(at, address, reply).model_copy(update={"tab": "customer", "about": about})


def _of_one(mails: tuple[CheckedMail, ...], n: int, bounced: Mapping[str, str]) -> Iterator[Finding]:
    mail, at = mails[n], f"/mails/{n}"
    address = mail.recipient.strip()
    if not address:
        yield _found("no_recipient", "error", f"{at}/recipient", "The address is missing", "enter an e-mail address")
    elif not _is(_ADDRESS, address):
        remedy = "write it as name@example.com, one address alone"
        yield _found("bad_recipient", "error", f"{at}/recipient", "That is not an e-mail address", remedy)
    elif any(address.lower() == other.recipient.strip().lower() for other in mails[:n]):
        remedy = "write to it once, or leave this mail out"
        yield _found("twice", "warning", f"{at}/recipient", f"{address} is written to above already", remedy)
    elif (reply := bounced.get(address.lower())) is not None:
        yield _bounced(f"{at}/recipient", address, reply)
    yield from _subject(mail.subject, f"{at}/subject")


def _bounced(at: str, address: str, reply: str) -> Finding:
    message = f"{address} was not known when it was last written to: {reply[:200]}"
    return _found("bounced_before", "warning", at, message, "check the address")


def _subject(subject: str, at: str) -> Iterator[Finding]:
    if not subject.strip():
        yield _found("no_subject", "error", at, "The subject is missing", "enter a subject")
    elif len(subject.strip()) > MOST_SUBJECT:
        message = f"The subject has more than {MOST_SUBJECT} characters"
        yield _found("long_subject", "error", at, message, "shorten it")
    elif not _is(_SUBJECT, subject):
        message = "The subject has line breaks or other control characters"
        yield _found("bad_subject", "error", at, message, "write it in one line")


def _is(kind: TypeAdapter[str], value: Any) -> bool:
    try:
        kind.validate_python(value)
    except ValidationError:
        return False
    return True


def _found(code: str, severity: Severity, pointer: str, message: str, remedy: str) -> Finding:
    return Finding(
        code=f"mail.{code}", severity=severity, tab="notifications", pointer=pointer, message=message, remedy=remedy
    )
