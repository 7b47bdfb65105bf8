"""Every kind of problem that is answered, once: its code, which ends its `type` URI, what it means and what to do.

Programs tell problems apart by `type`, people by `title`. A code is never given another meaning, and never removed.
"""

from typing import NamedTuple

BASE = "/problems/"
"""A problem's `type` is this and its code, relative to the gateway that answers; there it is explained."""


class Kind(NamedTuple):
    """A kind of problem. `remedy` is what helps in general; an answer's `detail` and `errors` say more."""

    code: str
    status: int
    title: str
    meaning: str
    remedy: str

    @property
    def type(self) -> str:
        """As answers name it."""
        return BASE + self.code


_AGAIN = "Send it again after Retry-After; with an Idempotency-Key that is safe."
_NAME = "Look at the id. Ids are in the answer that made the thing, and in lists."
_ERRORS = "Correct what `errors` names, each at its pointer, and send it again."

KINDS = (
    # What any request may meet. Without a code of its own a problem has the one of its status.
    Kind("bad_request", 400, "The request cannot be read", "It broke off, or is no HTTP as it should be.", _AGAIN),
    Kind("unauthenticated", 401, "Who are you?", "No API key came, or one that is not in force.",
         "Send a key that is in force in X-API-Key, or as bearer token."),
    Kind("forbidden", 403, "Not for you", "Whoever asks may not do this.", "Ask an administrator."),
    Kind("scope_missing", 403, "Not with this key", "The API key lacks a scope.", "Use a key that has the scope."),
    Kind("not_found", 404, "There is no such thing", "It is not there, or belongs to somebody else.", _NAME),
    Kind("method_not_allowed", 405, "Method Not Allowed", "What is there does not take this method.",
         "See /openapi.json for those that it takes."),
    Kind("not_acceptable", 406, "Not in this form", "The answer cannot be had in any form that Accept names.",
         "Accept one of the forms that /openapi.json names."),
    Kind("too_slow", 408, "The request came too slowly", "It was not whole within the time limit.",
         "Send it again, or in parts."),
    Kind("conflict", 409, "Not as things stand", "What is asked does not go with what is there.",
         "Read what is there now, and decide anew."),
    Kind("gone", 410, "It is gone", "It was there, and is not kept any more.", "Make it anew, if it is still needed."),
    Kind("length_required", 411, "How long is it?", "The request came without its length.", "Send Content-Length."),
    Kind("version_changed", 412, "It is another one now", "Somebody changed it since it was read.",
         "Read it again, and send the change with the new ETag in If-Match."),
    Kind("too_large", 413, "The request is too large", "The body has more bytes than are taken.", "Split it."),
    Kind("wrong_kind", 415, "Not this kind of content", "The body is of another kind than is taken.",
         "Send the kind that the answer names, and say so in Content-Type."),
    Kind("invalid", 422, "The request is not valid", "It was understood, and cannot be meant so.", _ERRORS),
    Kind("version_required", 428, "Which version?", "A change has to say which version it was made from.",
         "Send If-Match with the ETag that you read."),
    Kind("too_many_requests", 429, "Too many requests", "More was asked than the limits allow.",
         "Wait as long as Retry-After says."),
    Kind("broken", 500, "Something broke", "A fault of ours; it was noted.", _AGAIN),
    Kind("broken_behind", 502, "Something broke behind the gateway", "A fault of ours; it was noted.", _AGAIN),
    Kind("try_again", 503, "Try again soon", "Something that is needed cannot be reached just now.", _AGAIN),
    Kind("takes_too_long", 504, "The search takes too long", "No answer came within the time limit.", "Ask for less."),
    Kind("other_release", 502, "Not understood behind the gateway", "A service is of another release.",
         "Send it again in a few minutes: an upgrade is under way."),
    # Things that are not there.
    Kind("no_such_order", 404, "No such order", "You have no order with this id.", _NAME),
    Kind("no_such_service", 404, "No such service", "You have no service with this id.", _NAME),
    Kind("no_such_customer", 404, "No such customer", "You have no customer with this id.", _NAME),
    Kind("no_such_draft", 404, "No such draft", "You have no draft with this id; untouched ones are forgotten.", _NAME),
    Kind("no_such_number", 404, "No such number", "It is not among the numbers that are meant.",
         "Add it first, or name another one."),
    Kind("no_such_service_type", 404, "No such service type", "It is not sold to you today.",
         "Choose one of the catalogue."),
    Kind("no_such_quote", 404, "There is no such quote", "You have no quote with this id.", _NAME),
    Kind("no_such_price_list", 404, "There is no such price list", "You cannot buy by a list of this name.",
         "Choose one of your price lists."),
    Kind("no_such_version", 404, "No such version", "There is no version of this number.", "See those that there are."),
    Kind("no_such_mail", 404, "No such mail", "You have no mail like that.", "Search for it."),
    Kind("no_such_attachment", 404, "No such attachment", "The mail has none of this name.",
         "See the mail for those that it has."),
    Kind("no_such_account", 404, "There is no such account", "The customer has no billing account.",
         "An account is opened by the customer's first order."),
    Kind("no_such_block", 404, "No such block", "No block begins with this number.", "See the blocks that there are."),
    Kind("no_such_load", 404, "No such load", "There is no load with this id.", _NAME),
    Kind("unknown_customer", 422, "There is no such customer", "You have no customer with this id.", _NAME),
    Kind("unknown_price", 422, "There is no such price", "The price list does not price this.",
         "Choose another price list, or another service type."),
    Kind("unknown_warning", 422, "There is no such warning", "The validity report has no warning like that.",
         "Read the report again: only what it has can be waived."),
    # Orders and changes.
    Kind("invalid_order", 422, "The order is not valid", "Nothing was accepted.", _ERRORS),
    Kind("invalid_change", 422, "The change is not valid", "Nothing was accepted.", _ERRORS),
    Kind("idempotency_key_reused", 422, "The key was used for something else",
         "This Idempotency-Key came with another request before.", "Use a new key for a new request."),
    Kind("idempotency_key_missing", 400, "An Idempotency-Key is needed",
         "Sent twice, this request would make two things, and nothing would tell them apart.",
         "Choose a text of your own for each new request, and send the same one when you send it again."),
    Kind("idempotency_key_under_way", 409, "Still under way",
         "The first call with this Idempotency-Key has no answer yet.", "Send the same again after Retry-After."),
    Kind("idempotency_answer_lost", 409, "The answer cannot be read any more",
         "It was done, and its answer was sealed under a secret that is not known any more.",
         "Look at what is there now."),
    Kind("too_many_open_orders", 429, "Too many open orders", "So many orders are under way that new ones wait.",
         "Wait as long as Retry-After says."),
    Kind("too_many_bulks", 429, "Too many bulks at once", "A reseller may send so many bulks at a time.",
         "Wait as long as Retry-After says, or until another one has ended."),
    Kind("bulk_too_long", 413, "The bulk is too long", "A bulk may have so many lines.", "Send the rest as another."),
    Kind("lines_missing", 409, "Lines before this one are missing", "A batch is decided line after line.",
         "Ask the batch how far it is, and send it from the next line on."),
    Kind("position_used", 422, "The position was used for something else",
         "Another order came at this position of the batch before.", "Use another batch."),
    Kind("no_such_preview", 422, "There is no such preview", "Previews are kept for a day.",
         "Run the order dry again, or leave preview out."),
    Kind("preview_changed", 409, "It is not as it was previewed", "Nothing was accepted.",
         "Run the order dry again, and name that preview."),
    Kind("not_orders_csv", 422, "No CSV of orders", "The file, or a row of it, cannot be read as orders.", _ERRORS),
    Kind("uncertain", 503, "Not accepted for certain", "It broke off while it was stored.",
         "Send it again with the same Idempotency-Key."),
    Kind("order_did_not_fail", 409, "The order did not fail", "Only what failed can be corrected.",
         "Begin another draft."),
    Kind("reference_in_use", 409, "The reference is in use", "Another order of yours has it, and did not fail.",
         "Look at that order, or take another reference."),
    Kind("order_completed", 409, "The order is completed", "It is past the point at which it could be taken back.",
         "End its services, or change them back: POST /v1/services/{id}/changes."),
    Kind("order_failed", 409, "The order has failed", "Nothing of it is left that could be taken back.",
         "See its outcome."),
    Kind("order_under_way", 409, "The order is under way", "It has not ended.", "Wait for its end."),
    Kind("order_not_back_ordered", 409, "The order does not wait for numbers", "Only such an order can be amended.",
         "Do what `detail` says for its state."),
    Kind("order_being_amended", 409, "The order is being amended", "Another amendment of it is not made yet.",
         "Read the order after Retry-After, then try with its ETag."),
    Kind("order_not_stuck", 409, "The order is not stuck", "There is nothing to be done about it by hand.",
         "See the list of stuck orders for those that wait for somebody."),
    Kind("no_such_dead_letter", 404, "No such dead letter", "There is none with this id; old ones are forgotten.",
         "See the list of dead letters for those that there are."),
    Kind("dead_letter_replayed", 409, "It was replayed already", "Nothing was done.",
         "See what came of it; with `force` it is replayed once more."),
    Kind("dead_letter_not_whole", 409, "It cannot be replayed",
         "It was too large to be kept whole, or does not say where it came from.",
         "Have whoever sent the message send it anew."),
    # Drafts.
    Kind("order_changed", 412, "It is another one now", "The order changed since it was read.",
         "Read it again, and send the change with its new ETag."),
    Kind("draft_changed", 412, "The draft is another one now", "Somebody changed it since it was read.",
         "Read it again, and send the change with the new ETag in If-Match."),
    Kind("draft_closed", 409, "The draft is past that", "It was created, finished or abandoned.", "Begin another one."),
    Kind("draft_not_ready", 409, "Not yet", "The validity report has something that stops creation.",
         "Correct or waive what `errors` names."),
    Kind("draft_invalid", 422, "The draft is no order yet", "Nothing was created.", _ERRORS),
    Kind("nothing_created", 409, "Nothing was created yet", "The draft has no order.", "Create the services first."),
    Kind("terms_changed", 409, "The terms changed", "They changed while they were read.", "Read them anew, and agree."),
    Kind("customer_gone", 409, "The customer is gone", "Nobody is there who could be told.", "Tell somebody else."),
    Kind("settings_refused", 422, "The settings cannot be kept", "They are no settings as this house keeps them.",
         _ERRORS),
    Kind("not_settings_csv", 422, "No CSV of settings", "The file cannot be read as settings.",
         "Export the settings, and change that file."),
    Kind("mails_refused", 422, "The mails cannot be sent so", "Nothing was sent.", _ERRORS),
    Kind(
        "attachments_gone", 409, "The mail's attachments are not kept any more",
        "It was asked for too long ago to be sent again as it was.", "Write a new mail.",
    ),
    Kind("mail_under_way", 409, "The mail is on its way", "It is tried until it is through.", "Wait for its end."),
    # Customers.
    Kind("customer_changed", 409, "Somebody else changed it", "The change was made from another version.",
         "Read the customer again, and change that."),
    Kind("reference_taken", 422, "The reference is taken", "Another customer of yours has it.", "Take another one."),
    Kind("pin_refused", 422, "This PIN will not do", "It is no PIN, or too easily guessed.", "Take another one."),
    # Numbers and prices.
    Kind("numbers_refused", 422, "Not these numbers", "They cannot be taken as they were named.", _ERRORS),
    Kind("bad_search", 422, "The search makes no sense", "Nothing can be looked for like that.", _ERRORS),
    Kind("no_number_can_match", 422, "No number can match", "The filter excludes every number.", _ERRORS),
    Kind("no_search", 503, "No search just now", "No search replica can be asked.", "Ask again after Retry-After."),
    Kind("not_ready", 503, "Not ready", "What was asked is still starting.", "Ask again after Retry-After."),
    Kind("too_many_held", 422, "Too many numbers are held", "So many may be held at a time.",
         "Give numbers back, or order them."),
    Kind("too_many_at_once", 422, "Too many numbers at once", "One call may touch so many.", "Split it."),
    Kind("bad_list", 422, "The list has no valid header", "The CSV's first line is not as it should be.", _ERRORS),
    Kind("grade_rules_replaced", 409, "The rules that you replace are not in force any more",
         "Somebody declared others meanwhile.", "Read those in force, and declare anew."),
    Kind("no_price", 422, "Some lines have no price", "Nothing was locked.",
         "Take another price list for what `errors` names."),
    # Access.
    Kind("no_such_key", 404, "No such key", "Your reseller has no API key with this id.", _NAME),
    Kind("scope_not_yours", 403, "Not more than you have", "A key gives no scope that it lacks itself.",
         "Leave the scope out, or use a key that has it."),
    Kind("key_is_rotating", 409, "It is being rotated", "The former secret of the key still works.",
         "Wait until it ends, or end it first."),
    Kind("key_revoked", 409, "It is revoked", "A key that was revoked stays so.", "Make another one."),
    Kind("reseller_not_yours", 403, "Not for this reseller", "It is not directly below yours, or it is blocked.",
         "Leave the header Patchbay-Reseller out, or name a reseller below yours."),
    # Events.
    Kind("events_gone", 410, "These events are gone", "The cursor is older than the oldest event that is kept.",
         "Leave the cursor out to begin with the oldest event, and read orders to see what you missed."),
    # Webhooks.
    Kind("no_such_webhook", 404, "No such webhook", "You have no webhook with this id.", _NAME),
    Kind("no_such_delivery", 404, "No such delivery", "The event was never delivered there.",
         "See the deliveries for those that were."),
    Kind("webhook_exists", 409, "There is one already", "You have a webhook to this URL.", "Change that one."),
    Kind("webhook_disabled", 409, "The webhook is disabled", "Nothing is sent there.", "Enable it first."),
    Kind("too_many_webhooks", 409, "There are too many webhooks", "So many may be had.",
         "Delete some, or let one have more types."),
    Kind("too_many_secrets", 409, "There are too many secrets", "So many sign beside each other.",
         "Wait until one of them ends, or rotate without overlap."),
)  # fmt: skip

BY_CODE = {kind.code: kind for kind in KINDS}
