"""OpenAPI's links: which operations go on with what another one has just made, and where they take its id from."""

from typing import Any

_BY_ID = {"id": "$response.body#/id"}
_SEEN = _BY_ID | {"header.If-Match": '"{$response.body#/version}"'}
_AT = {"id": "$request.path.id", "header.If-Match": '"{$response.body#/version}"'}
_DRAFT = ("set_customer", "set_mails", "only_create_customer_account", "quote_draft", "abandon_draft")
NEXT: dict[str, dict[str, dict[str, str]]] = {
    "place_order": dict.fromkeys(("show_order", "follow_order", "cancel_order"), _BY_ID),
    "begin_draft": dict.fromkeys(_DRAFT, _SEEN)
    | dict.fromkeys(("show_draft", "show_validity_report", "show_prices", "show_draft_terms"), _BY_ID),
    "set_customer": dict.fromkeys(_DRAFT, _AT),
    "quote_lines": {"show_quote": _BY_ID},
    "create_webhook": dict.fromkeys(
        ("show_webhook", "change_webhook", "rotate_webhook_secret", "list_webhook_deliveries", "delete_webhook"), _BY_ID
    ),
    "make_api_key": dict.fromkeys(
        ("show_api_key", "change_api_key", "give_api_key_new_secret", "revoke_api_key"), _BY_ID
    ),
    "place_service_order_tmf641": dict.fromkeys(
        ("retrieve_service_order_tmf641", "change_service_order_tmf641", "delete_service_order_tmf641"), _BY_ID
    ),
    "take_service_into_inventory_tmf638": dict.fromkeys(
        ("retrieve_service_tmf638", "change_what_is_said_of_service_tmf638", "delete_service_tmf638"), _BY_ID
    ),
    "take_number_into_inventory_tmf639": dict.fromkeys(
        ("retrieve_number_tmf639", "change_what_is_said_of_number_tmf639", "delete_number_tmf639"), _BY_ID
    ),
}
"""By operationId: those that may come next, with their parameters."""


def describe(document: dict[str, Any]) -> None:
    """Add them to the good answers."""
    for operation in (one for operations in document["paths"].values() for one in operations.values()):
        links = {
            name: {"operationId": name, "parameters": parameters}
            for name, parameters in NEXT.get(operation["operationId"], {}).items()
        }
        for status, answer in operation["responses"].items():
            if links and status.startswith("2"):
                operation["responses"][status] = answer | {"links": links}
