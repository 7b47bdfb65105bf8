"""Every kind of problem that is answered, once: its code, which ends its `type` URI, what it means and what to do.

Programs tell problems apart by `type`, people by `title`. A code is never given another meaning, and never removed.
`_` marks a text for whoever translates the pages (`make words`).
"""

from typing import NamedTuple

from patchbay_contracts.finding_catalogue_services import marked as _

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


_AGAIN = _("Send it again after Retry-After; with an Idempotency-Key that is safe.")
_NAME = _("Look at the id. Ids are in the answer that made the thing, and in lists.")
_ERRORS = _("Correct what `errors` names, each at its pointer, and send it again.")

KINDS = (
    # What any request may meet. Without a code of its own a problem has the one of its status.
    Kind("bad_request", 400, _("The request cannot be read"), _("It broke off, or is no HTTP as it should be."),
         _AGAIN),
    Kind("unauthenticated", 401, _("Who are you?"), _("No API key came, or one that is not in force."),
         _("Send a key that is in force in X-API-Key, or as bearer token.")),
    Kind("forbidden", 403, _("Not for you"), _("Whoever asks may not do this."), _("Ask an administrator.")),
    Kind("scope_missing", 403, _("Not with this key"), _("The API key lacks a scope."),
         _("Use a key that has the scope.")),
    Kind("not_found", 404, _("There is no such thing"), _("It is not there, or belongs to somebody else."), _NAME),
    Kind("method_not_allowed", 405, _("Method Not Allowed"), _("What is there does not take this method."),
         _("See /openapi.json for those that it takes.")),
    Kind("not_acceptable", 406, _("Not in this form"), _("The answer cannot be had in any form that Accept names."),
         _("Accept one of the forms that /openapi.json names.")),
    Kind("too_slow", 408, _("The request came too slowly"), _("It was not whole within the time limit."),
         _("Send it again, or in parts.")),
    Kind("conflict", 409, _("Not as things stand"), _("What is asked does not go with what is there."),
         _("Read what is there now, and decide anew.")),
    Kind("gone", 410, _("It is gone"), _("It was there, and is not kept any more."),
         _("Make it anew, if it is still needed.")),
    Kind("length_required", 411, _("How long is it?"), _("The request came without its length."),
         _("Send Content-Length.")),
    Kind("version_changed", 412, _("It is another one now"), _("Somebody changed it since it was read."),
         _("Read it again, and send the change with the new ETag in If-Match.")),
    Kind("headers_too_large", 431, _("The headers are too large"),
         _("The request line and the headers have more bytes than are taken."), _("Send fewer or shorter headers.")),
    Kind("too_large", 413, _("The request is too large"), _("The body has more bytes than are taken."), _("Split it.")),
    Kind("wrong_kind", 415, _("Not this kind of content"), _("The body is of another kind than is taken."),
         _("Send the kind that the answer names, and say so in Content-Type.")),
    Kind("invalid", 422, _("The request is not valid"), _("It was understood, and cannot be meant so."), _ERRORS),
    Kind("version_required", 428, _("Which version?"), _("A change has to say which version it was made from."),
         _("Send If-Match with the ETag that you read.")),
    Kind("too_many_requests", 429, _("Too many requests"), _("More was asked than the limits allow."),
         _("Wait as long as Retry-After says.")),
    Kind("broken", 500, _("Something broke"), _("A fault of ours; it was noted."), _AGAIN),
    Kind("broken_behind", 502, _("Something broke behind the gateway"), _("A fault of ours; it was noted."), _AGAIN),
    Kind("try_again", 503, _("Try again soon"), _("Something that is needed cannot be reached just now."), _AGAIN),
    Kind("takes_too_long", 504, _("The search takes too long"), _("No answer came within the time limit."),
         _("Ask for less.")),
    Kind("other_release", 502, _("Not understood behind the gateway"), _("A service is of another release."),
         _("Send it again in a few minutes: an upgrade is under way.")),
    # Things that are not there.
    Kind("no_such_order", 404, _("No such order"), _("You have no order with this id."), _NAME),
    Kind("no_such_service", 404, _("No such service"), _("You have no service with this id."), _NAME),
    Kind("no_such_customer", 404, _("No such customer"), _("You have no customer with this id."), _NAME),
    Kind("no_such_draft", 404, _("No such draft"),
         _("You have no draft with this id; untouched ones are forgotten."), _NAME),
    Kind("no_such_number", 404, _("No such number"), _("It is not among the numbers that are meant."),
         _("Add it first, or name another one.")),
    Kind("no_such_service_type", 404, _("No such service type"), _("It is not sold to you today."),
         _("Choose one of the catalogue.")),
    Kind("no_such_quote", 404, _("There is no such quote"), _("You have no quote with this id."), _NAME),
    Kind("no_such_price_list", 404, _("There is no such price list"), _("You cannot buy by a list of this name."),
         _("Choose one of your price lists.")),
    Kind("no_such_version", 404, _("No such version"), _("There is no version of this number."),
         _("See those that there are.")),
    Kind("no_such_mail", 404, _("No such mail"), _("You have no mail like that."), _("Search for it.")),
    Kind("no_such_attachment", 404, _("No such attachment"), _("The mail has none of this name."),
         _("See the mail for those that it has.")),
    Kind("no_such_account", 404, _("There is no such account"), _("The customer has no billing account."),
         _("An account is opened by the customer's first order, or when it is blocked or limited.")),
    Kind("no_such_block", 404, _("No such block"), _("No block begins with this number."),
         _("See the blocks that there are.")),
    Kind("no_such_load", 404, _("No such load"), _("There is no load with this id."), _NAME),
    Kind("unknown_customer", 422, _("There is no such customer"), _("You have no customer with this id."), _NAME),
    Kind("unknown_price", 422, _("There is no such price"), _("The price list does not price this."),
         _("Choose another price list, or another service type.")),
    Kind("unknown_warning", 422, _("There is no such warning"), _("The validity report has no warning like that."),
         _("Read the report again: only what it has can be waived.")),
    # Orders and changes.
    Kind("invalid_order", 422, _("The order is not valid"), _("Nothing was accepted."), _ERRORS),
    Kind("invalid_change", 422, _("The change is not valid"), _("Nothing was accepted."), _ERRORS),
    Kind("idempotency_key_reused", 422, _("The key was used for something else"),
         _("This Idempotency-Key came with another request before."), _("Use a new key for a new request.")),
    Kind("idempotency_key_missing", 400, _("An Idempotency-Key is needed"),
         _("Sent twice, this request would make two things, and nothing would tell them apart."),
         _("Choose a text of your own for each new request, and send the same one when you send it again.")),
    Kind("idempotency_key_under_way", 409, _("Still under way"),
         _("The first call with this Idempotency-Key has no answer yet."), _("Send the same again after Retry-After.")),
    Kind("idempotency_answer_lost", 409, _("The answer cannot be read any more"),
         _("It was done, and its answer was sealed under a secret that is not known any more."),
         _("Look at what is there now.")),
    Kind("too_many_open_orders", 429, _("Too many open orders"), _("So many orders are under way that new ones wait."),
         _("Wait as long as Retry-After says.")),
    Kind("too_many_bulks", 429, _("Too many bulks at once"), _("A reseller may send so many bulks at a time."),
         _("Wait as long as Retry-After says, or until another one has ended.")),
    Kind("bulk_too_long", 413, _("The bulk is too long"), _("A bulk may have so many lines."),
         _("Send the rest as another.")),
    Kind("lines_missing", 409, _("Lines before this one are missing"), _("A batch is decided line after line."),
         _("Ask the batch how far it is, and send it from the next line on.")),
    Kind("position_used", 422, _("The position was used for something else"),
         _("Another order came at this position of the batch before."), _("Use another batch.")),
    Kind("no_such_preview", 422, _("There is no such preview"), _("Previews are kept for a day."),
         _("Run the order dry again, or leave preview out.")),
    Kind("preview_changed", 409, _("It is not as it was previewed"), _("Nothing was accepted."),
         _("Run the order dry again, and name that preview.")),
    Kind("not_orders_csv", 422, _("No CSV of orders"),
         _("The file, or a row of it, cannot be read as orders."), _ERRORS),
    Kind("uncertain", 503, _("Not accepted for certain"), _("It broke off while it was stored."),
         _("Send it again with the same Idempotency-Key.")),
    Kind("order_did_not_fail", 409, _("The order did not fail"), _("Only what failed can be corrected."),
         _("Begin another draft.")),
    Kind("reference_in_use", 409, _("The reference is in use"), _("Another order of yours has it, and did not fail."),
         _("Look at that order, or take another reference.")),
    Kind("order_completed", 409, _("The order is completed"),
         _("It is past the point at which it could be taken back."),
         _("End its services, or change them back: POST /v1/services/{id}/changes.")),
    Kind("order_failed", 409, _("The order has failed"), _("Nothing of it is left that could be taken back."),
         _("See its outcome.")),
    Kind("order_under_way", 409, _("The order is under way"), _("It has not ended."), _("Wait for its end.")),
    Kind("order_not_back_ordered", 409, _("The order does not wait for numbers"),
         _("Only such an order can be amended."),
         _("Do what `detail` says for its state.")),
    Kind("order_being_amended", 409, _("The order is being amended"), _("Another amendment of it is not made yet."),
         _("Read the order after Retry-After, then try with its ETag.")),
    Kind("order_not_stuck", 409, _("The order is not stuck"), _("There is nothing to be done about it by hand."),
         _("See the list of stuck orders for those that wait for somebody.")),
    Kind("no_such_dead_letter", 404, _("No such dead letter"), _("There is none with this id; old ones are forgotten."),
         _("See the list of dead letters for those that there are.")),
    Kind("dead_letter_replayed", 409, _("It was replayed already"), _("Nothing was done."),
         _("See what came of it; with `force` it is replayed once more.")),
    Kind("dead_letter_not_whole", 409, _("It cannot be replayed"),
         _("It was too large to be kept whole, or does not say where it came from."),
         _("Have whoever sent the message send it anew.")),
    # Drafts.
    Kind("order_changed", 412, _("It is another one now"), _("The order changed since it was read."),
         _("Read it again, and send the change with its new ETag.")),
    Kind("draft_changed", 412, _("The draft is another one now"), _("Somebody changed it since it was read."),
         _("Read it again, and send the change with the new ETag in If-Match.")),
    Kind("draft_closed", 409, _("The draft is past that"), _("It was created, finished or abandoned."),
         _("Begin another one.")),
    Kind("draft_not_ready", 409, _("Not yet"), _("The validity report has something that stops creation."),
         _("Correct or waive what `errors` names.")),
    Kind("draft_invalid", 422, _("The draft is no order yet"), _("Nothing was created."), _ERRORS),
    Kind("nothing_created", 409, _("Nothing was created yet"), _("The draft has no order."),
         _("Create the services first.")),
    Kind("terms_changed", 409, _("The terms changed"), _("They changed while they were read."),
         _("Read them anew, and agree.")),
    Kind("customer_gone", 409, _("The customer is gone"), _("Nobody is there who could be told."),
         _("Tell somebody else.")),
    Kind("settings_refused", 422, _("The settings cannot be kept"), _("They are no settings as this house keeps them."),
         _ERRORS),
    Kind("not_settings_csv", 422, _("No CSV of settings"), _("The file cannot be read as settings."),
         _("Export the settings, and change that file.")),
    Kind("mails_refused", 422, _("The mails cannot be sent so"), _("Nothing was sent."), _ERRORS),
    Kind(
        "attachments_gone", 409, _("The mail's attachments are not kept any more"),
        _("It was asked for too long ago to be sent again as it was."), _("Write a new mail."),
    ),
    Kind("mail_under_way", 409, _("The mail is on its way"), _("It is tried until it is through."),
         _("Wait for its end.")),
    # Customers.
    Kind("customer_changed", 409, _("Somebody else changed it"), _("The change was made from another version."),
         _("Read the customer again, and change that.")),
    Kind("reference_taken", 422, _("The reference is taken"), _("Another customer of yours has it."),
         _("Take another one.")),
    Kind("pin_refused", 422, _("This PIN will not do"), _("It is no PIN, or too easily guessed."),
         _("Take another one.")),
    # Numbers and prices.
    Kind("numbers_refused", 422, _("Not these numbers"), _("They cannot be taken as they were named."), _ERRORS),
    Kind("bad_search", 422, _("The search makes no sense"), _("Nothing can be looked for like that."), _ERRORS),
    Kind("no_number_can_match", 422, _("No number can match"), _("The filter excludes every number."), _ERRORS),
    Kind("no_search", 503, _("No search just now"), _("No search replica can be asked."),
         _("Ask again after Retry-After.")),
    Kind("not_ready", 503, _("Not ready"), _("What was asked is still starting."), _("Ask again after Retry-After.")),
    Kind("too_many_held", 422, _("Too many numbers are held"), _("So many may be held at a time."),
         _("Give numbers back, or order them.")),
    Kind("too_many_at_once", 422, _("Too many numbers at once"), _("One call may touch so many."), _("Split it.")),
    Kind("bad_list", 422, _("The list has no valid header"), _("The CSV's first line is not as it should be."),
         _ERRORS),
    Kind("grade_rules_replaced", 409, _("The rules that you replace are not in force any more"),
         _("Somebody declared others meanwhile."), _("Read those in force, and declare anew.")),
    Kind("no_price", 422, _("Some lines have no price"), _("Nothing was locked."),
         _("Take another price list for what `errors` names.")),
    # Access.
    Kind("no_such_key", 404, _("No such key"), _("Your reseller has no API key with this id."), _NAME),
    Kind("scope_not_yours", 403, _("Not more than you have"), _("A key gives no scope that it lacks itself."),
         _("Leave the scope out, or use a key that has it.")),
    Kind("key_is_rotating", 409, _("It is being rotated"), _("The former secret of the key still works."),
         _("Wait until it ends, or end it first.")),
    Kind("key_revoked", 409, _("It is revoked"), _("A key that was revoked stays so."), _("Make another one.")),
    Kind("reseller_not_yours", 403, _("Not for this reseller"), _("It is not directly below yours, or it is blocked."),
         _("Leave the header Patchbay-Reseller out, or name a reseller below yours.")),
    # Events.
    Kind("events_gone", 410, _("These events are gone"), _("The cursor is older than the oldest event that is kept."),
         _("Leave the cursor out to begin with the oldest event, and read orders to see what you missed.")),
    # Webhooks.
    Kind("no_such_webhook", 404, _("No such webhook"), _("You have no webhook with this id."), _NAME),
    Kind("no_such_delivery", 404, _("No such delivery"), _("The event was never delivered there."),
         _("See the deliveries for those that were.")),
    Kind("webhook_exists", 409, _("There is one already"), _("You have a webhook to this URL."), _("Change that one.")),
    Kind("webhook_disabled", 409, _("The webhook is disabled"), _("Nothing is sent there."), _("Enable it first.")),
    Kind("too_many_webhooks", 409, _("There are too many webhooks"), _("So many may be had."),
         _("Delete some, or let one have more types.")),
    Kind("too_many_secrets", 409, _("There are too many secrets"), _("So many sign beside each other."),
         _("Wait until one of them ends, or rotate without overlap.")),
)  # fmt: skip

BY_CODE = {kind.code: kind for kind in KINDS}
