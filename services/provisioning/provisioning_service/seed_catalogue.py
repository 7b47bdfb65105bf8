"""What the demo sells: five service types for every reseller, and one that only acme may sell."""

from typing import Any

from patchbay_contracts.catalogue import CustomerRules, NumberRules, ServiceTypeEntry, Terms

Schema = dict[str, Any]


def _text(title: str, most: int, **more: Any) -> Schema:
    return {"type": "string", "title": title, "maxLength": most} | more


def _choice(title: str, choices: dict[str, str], **more: Any) -> Schema:
    options = [{"const": value, "title": name} for value, name in choices.items()]
    return {"title": title, "oneOf": options} | more


def _yes_no(title: str, **more: Any) -> Schema:
    return {"type": "boolean", "title": title} | more


def _number(title: str, least: int, most: int, **more: Any) -> Schema:
    return {"type": "integer", "title": title, "minimum": least, "maximum": most} | more


def _destination(title: str, *kinds: str, **more: Any) -> Schema:
    which = {"destinations": list(kinds)} if kinds else {}
    return {"type": "string", "format": "destination", "title": title} | which | more


def _plan(title: str, **more: Any) -> Schema:
    return {"type": "object", "format": "time-plan", "title": title} | more


def _email(title: str, **more: Any) -> Schema:
    return (
        _text(title, 254, pattern="^[^@ ]+@[^@ ]+$", description="an e-mail address, as in office@example.com") | more
    )


def _if(name: str, value: object, properties: Schema, *required: str) -> Schema:
    then: Schema = {"properties": properties} if properties else {}
    if required:
        then["required"] = list(required)
    return {"if": {"properties": {name: {"const": value}}, "required": [name]}, "then": then}


def _schema(properties: Schema, *conditions: Schema, required: tuple[str, ...] = ()) -> Schema:
    closed = "unevaluatedProperties" if conditions else "additionalProperties"
    found: Schema = {"type": "object", "properties": properties, "required": list(required), closed: False}
    return found | ({"allOf": list(conditions)} if conditions else {})


def _terms(service: str, own: str) -> Terms:
    """The same frame for all, with what is particular to one."""
    return Terms(
        version="2026-01",
        text=f"""These terms apply to {service} from the day on which it is activated.

{own}

The set-up charge is due on activation and the monthly charge in advance. Charges are those of the price list that was \
agreed on with the order. The minimum term is one month; after that the service may be ended at the end of any month.

Emergency calls (999 and 112) need mains power and an internet connection at your end. Keep the address at which the \
service is used up to date, so that the emergency services can find you.

Faults are worked on from Monday to Friday, 08:00 to 18:00, and at any time if no call is possible. We may interrupt \
the service for maintenance between 01:00 and 05:00, and tell you five working days before.

Numbers stay yours while the service lasts, and can be taken to another provider. They may not be used to mislead \
anybody about who calls.""",
    )


ENTRIES: dict[str, ServiceTypeEntry] = {
    "voice-line": ServiceTypeEntry(
        name="Voice line",
        description="A telephone line for one desk or one person, used with a telephone or an app.\n\n"
        "Calls that are not answered go to voicemail or wherever you choose.",
        included=(
            "One line for each number",
            "Voicemail with messages by e-mail",
            "Call forwarding, always, when busy or when there is no answer",
            "Opening hours by weekday and holiday",
        ),
        settings_schema=_schema(
            {
                "caller_name": _text("Name shown to those you call", 40),
                "voicemail": _yes_no("Voicemail", default=True, description="Takes messages when nobody answers."),
                "destination": _destination("Forwarding destination", description="Number, SIP address or voicemail."),
                "opening_hours": _plan("Opening hours", description="Outside of them calls go to voicemail."),
            },
            _if("voicemail", True, {"voicemail_email": _email("E-mail address for messages")}),
            {
                "dependentSchemas": {
                    "destination": {
                        "properties": {
                            "forward_when": _choice(
                                "Forwarding",
                                {"always": "Always", "busy": "When busy", "no-answer": "When not answered"},
                                default="always",
                            ),
                            "ring_seconds": _number("Seconds to ring before forwarding", 5, 60, default=20),
                        }
                    }
                }
            },
        ),
        numbers=NumberRules(least=1, most=100),
        terms=_terms(
            "Voice line", "A line carries two calls at a time. Fair use is 3,000 minutes a month to UK numbers."
        ),
    ),
    "sip-trunk": ServiceTypeEntry(
        name="SIP trunk",
        description="Channels between your exchange and ours, with or without numbers.",
        included=(
            "The channels that you order",
            "Encrypted signalling on request",
            "Overflow when you cannot be reached",
        ),
        settings_schema=_schema(
            {
                "channels": _number("Channels", 1, 500, description="So many calls at a time."),
                "codec": _choice("Codec", {"g711a": "G.711 A-law", "g722": "G.722 (wideband)", "opus": "Opus"}),
                "signalling": _choice(
                    "Signalling", {"udp": "UDP", "tcp": "TCP", "tls": "TLS (encrypted)"}, default="udp"
                ),
                "overflow": _destination("Overflow destination", "number", "sip"),
            },
            _if("signalling", "tls", {"encrypt_media": _yes_no("Encryption of the voice", default=True)}),
            required=("channels",),
        ),
        numbers=NumberRules(least=0, most=1000),
        terms=_terms("SIP trunk", "Your exchange registers with the credentials that we give you; keep them secret."),
    ),
    "hunt-group": ServiceTypeEntry(
        name="Hunt group",
        description="Several numbers that ring one group of telephones, in the order that you choose.",
        included=("Up to twenty members", "Overflow after a time of your choice", "Opening hours and holidays"),
        settings_schema=_schema(
            {
                "strategy": _choice(
                    "Ringing",
                    {"all": "All at once", "in-turn": "One after the other", "least-recent": "The longest idle first"},
                ),
                "destination": _destination("Destination when nobody answers"),
                "opening_hours": _plan("Opening hours"),
            },
            _if("strategy", "in-turn", {"ring_seconds": _number("Seconds at each telephone", 5, 60, default=15)}),
            {
                "dependentSchemas": {
                    "opening_hours": {"properties": {"closed_destination": _destination("Destination when closed")}}
                }
            },
        ),
        numbers=NumberRules(least=1, most=100),
        terms=_terms("Hunt group", "The members are lines of your own, or numbers whose holders agreed to be rung."),
    ),
    "fax-to-email": ServiceTypeEntry(
        name="Fax to e-mail",
        description="Faxes to a number arrive as attachments of an e-mail.",
        included=("One number", "Faxes as PDF or TIFF", "A copy kept for thirty days, if you like"),
        settings_schema=_schema(
            {
                "email": _email("E-mail address for faxes"),
                "format": _choice("Attachment", {"pdf": "PDF", "tiff": "TIFF"}, default="pdf"),
                "keep": _yes_no("Keeping a copy", default=False),
                "copy_to": _destination("Address for copies", "email"),
            },
            _if("keep", True, {"keep_days": _number("Days that a copy is kept", 1, 30, default=30)}),
            required=("email",),
        ),
        numbers=NumberRules(least=1, most=1),
        terms=_terms("Fax to e-mail", "E-mail is not encrypted on all of its way. Do not have secrets faxed to you."),
    ),
    "hosted-pbx": ServiceTypeEntry(
        name="Hosted exchange",
        description="A whole exchange in our house: seats, menus, music on hold and recording.",
        included=("The seats that you order", "A menu for callers", "Music on hold", "Reports by day and seat"),
        settings_schema=_schema(
            {
                "seats": _number("Seats", 1, 10000),
                "music_on_hold": _choice(
                    "Music on hold", {"none": "None", "calm": "Calm", "lively": "Lively"}, default="calm"
                ),
                "record": _yes_no("Recording of calls", default=False, description="Callers are told so."),
                "operator": _destination("Operator's destination"),
                "opening_hours": _plan("Opening hours"),
            },
            _if(
                "record",
                True,
                {
                    "record_days": _number("Days to keep recordings", 1, 365, default=90),
                    "record_notice": _text("Announcement of the recording", 200),
                },
                "record_days",
            ),
        ),
        numbers=NumberRules(least=0, most=200),
        terms=_terms("Hosted exchange", "You tell callers and staff about recording as the law requires."),
    ),
    "conference-bridge": ServiceTypeEntry(
        name="Conference bridge",
        description="A number to meet at, with rooms and PINs of their own.",
        included=("Rooms for up to 50 people", "A dial-in number", "Recording on request"),
        settings_schema=_schema(
            {
                "rooms": _number("Rooms", 1, 50, default=1),
                "people": _number("People in a room", 3, 50, default=10),
                "announce": _yes_no("Announcement of who joins", default=True),
            }
        ),
        numbers=NumberRules(least=1, most=3, countries=("44",)),
        customers=CustomerRules(needs=("hosted-pbx",), most_per_order=1, most_per_customer=2),
        terms=_terms("Conference bridge", "It comes with a hosted exchange only, and ends with it."),
        resellers=("acme",),
    ),
}
