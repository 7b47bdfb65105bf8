"""A saga's state as it is stored: what comes back is what was, and only what is new is written. No IO."""

from patchbay_chassis.saga import State, advance
from patchbay_chassis.saga_stored import from_store, to_store
from patchbay_contracts.v1.billing import BillingOpened
from patchbay_contracts.v1.numbers import NumbersUnavailable
from patchbay_contracts.v1.provisioning import PlaceOrder
from provisioning_service.order_saga import ORDER

from .orders import FIRST, NOW, line, order
from .story import Story


def stored_and_loaded(state: State) -> State:
    return from_store(to_store(state), state.facts.added(), state.log.added)


def test_state_survives_storing(story: Story) -> None:
    story.given(story.answers.customer_ready, story.answers.numbers_unavailable)
    loaded = stored_and_loaded(story.state)
    assert loaded._replace(facts=story.state.facts, log=story.state.log) == story.state
    assert loaded.facts.the(PlaceOrder) == story.placed
    assert loaded.facts.maybe(NumbersUnavailable) == story.answers.numbers_unavailable
    assert loaded.facts.maybe(BillingOpened) is None
    assert loaded.log.moments() == story.state.log.moments()


def test_only_what_is_new_is_stored_again(story: Story) -> None:
    after, _ = advance(ORDER, stored_and_loaded(story.state), story.answers.customer_ready, NOW)
    (fact,) = after.facts.added().splitlines()
    (moment,) = after.log.added.splitlines()
    assert fact.startswith(f"{story.answers.customer_ready.type} ")
    assert story.answers.customer_ready.type in moment
    assert after.log.moments() == (*story.state.log.moments(), moment)


def test_a_line_break_of_another_alphabet_in_a_fact_is_no_end_of_it() -> None:
    placed = order(line(FIRST), reference="one\u2028two")
    assert stored_and_loaded(Story(placed).state).facts.the(PlaceOrder) == placed
