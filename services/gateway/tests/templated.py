"""The notifier as administrators meet it: templates of the house and of acme, which can be written and previewed."""

from datetime import UTC, datetime

from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue import Catalogue, CatalogueQuery
from patchbay_contracts.customers import ResellersFound, ResellersQuery
from patchbay_contracts.mail_templates import (
    Preview,
    PreviewQuery,
    PutTemplate,
    Template,
    TemplateKey,
    TemplateQuery,
    Templates,
    TemplateText,
    TemplateVersions,
)

from .administered import owner
from .behind import Behind

HOUSE = TemplateKey(purpose="service_created")
OF_ACME = TemplateKey(purpose="service_created", reseller="acme", kind="customer")
OF_BOREALIS = TemplateKey(purpose="order_failed", reseller="borealis")
RELEASED = TemplateText(subject="Your services", text="Dear {{ customer.name }},\n\nhello.")


class MailTemplates:
    """It keeps versions, and refuses a placeholder that is `unknown`."""

    def __init__(self, behind: Behind) -> None:
        self.versions_ = {OF_ACME: [_version(OF_ACME, 1)], OF_BOREALIS: [_version(OF_BOREALIS, 1)]}
        self.previewed = list[PreviewQuery]()
        behind.notifier.answers = owner(
            {
                "/templates/list": (TemplateQuery, self.all),
                "/templates/get": (TemplateKey, self.get),
                "/templates/put": (PutTemplate, self.put),
                "/templates/preview": (PreviewQuery, self.preview),
            }
        )
        behind.provisioning.answers = owner({"/catalogue/list": (CatalogueQuery, _sold)})
        behind.customer.answers = owner({"/resellers/list": (ResellersQuery, _resellers)})

    def newest(self, key: TemplateKey) -> Template:
        return self.versions_[key][0]

    def someone_else_writes(self, key: TemplateKey) -> None:
        self.versions_[key].insert(0, _version(key, self.newest(key).version + 1))

    def all(self, asked: TemplateQuery) -> Templates:
        mine = [all_[0] for key, all_ in self.versions_.items() if key.reseller in (None, asked.reseller)]
        released = Template(key=HOUSE, version=0, template=RELEASED)
        found = [one for one in (released, *mine) if asked.purpose in (None, one.key.purpose)]
        return Templates(templates=tuple(found), placeholders=("customer.name", "services", "services[].name"))

    def get(self, key: TemplateKey) -> TemplateVersions:
        return TemplateVersions(versions=tuple(self.versions_.get(key, ())))

    def put(self, asked: PutTemplate) -> Template:
        all_ = self.versions_.setdefault(asked.key, [])
        if (all_[0].version if all_ else 0) != asked.version:
            raise Problem(409, "Somebody else wrote this template meanwhile", "Look at it.")
        made = Template(
            key=asked.key, version=asked.version + 1, template=asked.template, by=asked.by, why=asked.why,
            at=datetime.now(UTC),
        )  # fmt: skip
        all_.insert(0, made)
        return made

    def preview(self, asked: PreviewQuery) -> Preview:
        self.previewed.append(asked)
        assert asked.template is not None
        for field in ("subject", "text"):
            if "unknown" in getattr(asked.template, field):
                fault = {"pointer": f"/template/{field}", "message": "line 1: there is no placeholder unknown"}
                raise Problem(422, "The template is not valid", errors=[fault | {"remedy": "use customer.name"}])
        text = asked.template.text.replace("{{ customer.name }}", asked.facts.customer.name)
        html = "<!doctype html><html lang='en'><title>x</title><style>p{color:red}</style><p>Ada</p></html>"
        return Preview(subject=asked.template.subject, text=text, html=html)


def _version(key: TemplateKey, number: int) -> Template:
    text = TemplateText(subject=f"Subject {number}", text=f"Text {number} of {key.reseller}")
    return Template(key=key, version=number, template=text, by="operator:eve", why="so", at=datetime.now(UTC))


def _sold(asked: CatalogueQuery) -> Catalogue:
    of = {"version": 1, "description": "A line", "least_numbers": 1, "most_numbers": 10, "resellers": asked.resellers}
    return Catalogue.model_validate({"service_types": [{"service_type": "voice-line", "name": "Voice line"} | of]})


def _resellers(asked: ResellersQuery) -> ResellersFound:
    known = ("acme", "borealis")
    ids = [id_ for id_ in known if asked.resellers is None or id_ in asked.resellers]
    of = [{"id": id_, "name": id_.title(), "email": f"desk@{id_}.example", "state": "active"} for id_ in ids]
    return ResellersFound.model_validate({"resellers": of})
