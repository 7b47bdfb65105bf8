"""SQL of templates. Each version is a row, with who wrote it, when and why; nothing is ever overwritten."""

from collections.abc import Sequence

from patchbay_chassis.database import Connection, Row, affected
from patchbay_contracts.mail_templates import PutTemplate, Template, TemplateKey

_IN_FORCE = """
    SELECT * FROM (
        SELECT DISTINCT ON (reseller, purpose, kind, service_type, language) * FROM template
        WHERE reseller = ANY($1::text[]) AND ($2::text[] IS NULL OR purpose = ANY($2))
        ORDER BY reseller, purpose, kind, service_type, language, version DESC) newest
    WHERE subject IS NOT NULL"""
_VERSIONS = """
    SELECT * FROM template
    WHERE reseller = $1 AND purpose = $2 AND kind = $3 AND service_type = $4 AND language = $5
    ORDER BY version DESC LIMIT $6"""
_PUT = """
    INSERT INTO template (reseller, purpose, kind, service_type, language, version, subject, body, html, said_by, why)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING"""


async def in_force(db: Connection, reseller: str | None, purposes: Sequence[str] | None) -> list[Template]:
    """What this reseller and the house wrote, for these purposes or for all, as far as it holds."""
    rows = await db.fetch(_IN_FORCE, list({reseller or "", ""}), purposes)
    return [_template(row) for row in rows]


async def versions(db: Connection, key: TemplateKey, most: int = 100) -> list[Template]:
    """A template as it was written, the newest first."""
    return [_template(row) for row in await db.fetch(_VERSIONS, *_columns(key), most)]


async def put(db: Connection, asked: PutTemplate) -> bool:
    """Write the next version; False if somebody else was faster."""
    text = asked.template
    content = (text.subject, text.text, text.html) if text else (None, None, False)
    return affected(await db.execute(_PUT, *_columns(asked.key), asked.version + 1, *content, asked.by, asked.why)) == 1


def _columns(key: TemplateKey) -> tuple[str, str, str, str, str]:
    return (key.reseller or "", key.purpose, key.kind or "", key.service_type or "", key.language)


def _template(row: Row) -> Template:
    key = {"purpose": row.purpose, "language": row.language, "reseller": row.reseller or None}
    key |= {"kind": row.kind or None, "service_type": row.service_type or None}
    text = {"subject": row.subject, "text": row.body, "html": row.html}
    return Template.model_validate(
        {"key": key, "version": row.version, "template": text if row.subject is not None else None}
        | {"by": row.said_by, "why": row.why, "at": row.at}
    )
