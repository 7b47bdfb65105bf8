"""The attachment `terms.txt`: terms that were agreed to, word for word."""

from patchbay_contracts.mails import MailFacts


def written(facts: MailFacts) -> bytes:
    """Each with its title and version above it. With lines that end as Windows' own programs want them; others do not
    mind, and with the mark by which those know UTF-8."""
    parts = [f"{one.title}\nVersion {one.version}\n\n{one.text.strip()}\n" for one in facts.terms]
    return "\n\n".join(parts).replace("\n", "\r\n").encode("utf-8-sig")
