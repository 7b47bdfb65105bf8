"""`python -m provisioning_service.seed`: the demo's catalogue of service types."""

import asyncio
from typing import Any

import orjson

from patchbay_chassis.database import Database
from provisioning_service.settings import settings

DESTINATION = {"type": "string", "maxLength": 200}
TYPES: list[tuple[str, str, str, int, int, dict[str, Any]]] = [
    (
        "voice-line",
        "Voice line",
        "A telephone line with voicemail.",
        1,
        100,
        {
            "caller_name": {"type": "string", "maxLength": 40},
            "voicemail": {"type": "boolean"},
            "destination": DESTINATION,
        },
    ),
    (
        "sip-trunk",
        "SIP trunk",
        "Channels between your exchange and ours.",
        0,
        1000,
        {
            "channels": {"type": "integer", "minimum": 1, "maximum": 500},
            "codec": {"enum": ["g711a", "g722", "opus"]},
        },
    ),
    (
        "hunt-group",
        "Hunt group",
        "Several numbers that ring one group of telephones.",
        1,
        100,
        {"strategy": {"enum": ["all", "in-turn", "least-recent"]}, "destination": DESTINATION},
    ),
    (
        "fax-to-email",
        "Fax to e-mail",
        "Faxes as attachments.",
        1,
        1,
        {"email": {"type": "string", "pattern": "^[^@ ]+@[^@ ]+$"}},
    ),
    (
        "hosted-pbx",
        "Hosted exchange",
        "A whole exchange in our house.",
        0,
        200,
        {"seats": {"type": "integer", "minimum": 1, "maximum": 10000}},
    ),
]
REQUIRED = {"sip-trunk": ["channels"], "fax-to-email": ["email"]}

_INSERT = """
    INSERT INTO service_type (id, name, description, least_numbers, most_numbers, settings_schema)
    VALUES ($1, $2, $3, $4, $5, $6::json) ON CONFLICT (id) DO NOTHING"""


async def main() -> None:
    """Add what is missing; nothing that is there is changed."""
    database = Database(settings().database, "provisioning-seed")
    async with database.transaction() as db:
        for id_, name, description, least, most, properties in TYPES:
            schema = {
                "type": "object",
                "properties": properties,
                "required": REQUIRED.get(id_, []),
                "additionalProperties": False,
            }
            await db.execute(_INSERT, id_, name, description, least, most, orjson.dumps(schema).decode())
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())
