"""What the numbers service says of lists that are loaded and of changes of its inventory, as far as pages show it.

`_` marks a text for whoever translates the pages (`make words`). The more particular sentence stands first.
"""

from collections.abc import Mapping, Sequence

from patchbay_contracts.finding_catalogue_services import marked as _

INVENTORY: Mapping[str, Sequence[str]] = {
    "inventory": [
        _("blocks loaded"),
        _("list loaded"),
        _("grade rules declared"),
        _("quarantine set"),
        _("graded by the rules again"),
        _("graded %(grade)s"),
        _("lent to the %(pool)s pool %(owner)s"),
        _("lent to the %(pool)s pool"),
        _("taken back"),
        _("returned to the lender"),
    ],
    "inventory_field": [
        _("loaded"),
        _("rows loaded"),
        _("blocks"),
        _("load"),
        _("kind"),
        _("version"),
        _("rules"),
        _("pool"),
        _("owner"),
        _("days"),
        _("numbers"),
    ],
    "load": [
        _("a list has %(most)s lines at the most: load the rest, from line %(line)s on, as another one"),
        _("the list did not come whole: load it again"),
        _("the database cannot be reached: load the same list again"),
        _("this is a fault of ours, and was noted"),
        _("its process ended before it: load the same list again, which loads what is missing"),
    ],
    "row": [
        _("torn: the list ends within this row: send the list again from here on"),
        _("the list ends without a line break, so %(column)s may be cut off: end it with one"),
        _("the row has more than %(most)s bytes, of which the first %(kept)s are kept: correct it"),
        _("the row is not UTF-8: correct it"),
        _("the row has a quotation mark without its other: correct it"),
        _("%(given)s fields instead of %(wanted)s: give %(columns)s"),
        _("not an E.164 number: write + and 7 to 15 digits, such as +441214960000"),
        _("not written as it should be: write a calling code such as 44"),
        _("not written as it should be: write the digits before a national number, such as 0, or none"),
        _("%(column)s does not begin with the country %(country)s: correct one of them"),
        _("a block of %(size)s begins with a number that %(size)s divides: correct first"),
        _("the pool public is nobody's: leave owner empty"),
        _("the pool reseller is a reseller's: give its name, such as acme, as owner"),
        _("the pool customer is a customer's: give <reseller>/<customer id> as owner"),
        _("duplicate: the block +%(first)s is in row %(row)s already: take one out"),
        _("duplicate: +%(number)s is in row %(row)s already: take one out"),
        _(
            "+%(first)s to +%(last)s are there already, in the %(pool)s pool of %(owner)s, country %(country)s, trunk"
            " %(trunk)s, area %(area)s: write the block as it is there, or leave it out; lending moves numbers to"
            " another pool"
        ),
        _(
            "+%(first)s to +%(last)s are there already, in the %(pool)s pool, country %(country)s, trunk %(trunk)s,"
            " area %(area)s: write the block as it is there, or leave it out; lending moves numbers to another pool"
        ),
        _(
            "rows %(row)s and %(other)s are of one hundred and differ in country, trunk, area or pool: give each"
            " hundred to one"
        ),
        _("e164 has %(digits)s digits, others of %(area)s have %(usual)s: correct it"),
        _(
            "gap: +%(number)s is lacking, so +%(first)s to +%(last)s are no whole hundred: add the %(n)s numbers that"
            " are lacking, in order"
        ),
    ],
    "trunk": [_("none")],
}
"""By the kind of word: what was done, what is noted of it, how a load ended, and why a row was not loaded."""
