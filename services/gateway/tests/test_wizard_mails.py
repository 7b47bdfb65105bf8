"""The mails of the Notifications tab: what is not shown of them stays as it is, and only what there is is attached."""

import pytest

from .clerk import Clerk
from .conftest import Gateway
from .owners import CUSTOMER
from .wizard_orders import end


async def test_a_mail_whose_template_has_no_html_is_kept_and_shown_without(clerk: Clerk, gateway: Gateway) -> None:
    clerk.owners.html = False
    await clerk.fill()
    await clerk.press("create")
    await end(gateway, await clerk.draft())
    await clerk.go("notifications")
    assert "A summary of the services" in clerk.form.seen
    await clerk.press("preview:0", **{"mails-0-attachments": "terms"})
    mails = (await clerk.draft()).document.mails
    assert [mail.html for mail in mails] == [False] * 3
    assert mails[0].attachments == ("terms",)
    assert "Preview: to ada@example.com" in clerk.form.seen
    assert "See the HTML" not in clerk.form.seen
    await clerk.press("finish", after="wizard")
    page = (await clerk.go("notifications")).text
    assert f'href="/orders/{(await clerk.draft()).order_id}"' in page
    assert (page.count('<fieldset class="border rounded p-3 mb-3" disabled>'), "Then go to" in page) == (3, False)
    assert (await clerk.press("update", log="services")).status_code == 200


@pytest.mark.parametrize(("service", "state"), [(True, "failed"), (False, "completed")])
async def test_nothing_is_attached_about_services_that_were_not_made(
    clerk: Clerk, gateway: Gateway, service: bool, state: str
) -> None:
    await clerk.fill(service=service)
    await clerk.press("create")
    await end(gateway, await clerk.draft(), state)
    await clerk.go("notifications")
    assert "Send an e-mail to Ada" in clerk.form.seen
    assert "Attach" not in clerk.form.seen


async def test_a_customer_who_was_there_can_be_gone_to_after_an_order_that_failed(
    clerk: Clerk, gateway: Gateway
) -> None:
    await clerk.fill()
    await clerk.go("customer")
    await clerk.press(go="creation", kind="existing", id=CUSTOMER["id"])
    await clerk.press("create")
    await end(gateway, await clerk.draft(), "failed")
    await clerk.go("notifications")
    answer = await clerk.send("finish", after="customer")
    assert answer.headers["location"] == f"/customers/{CUSTOMER['id']}"
