"""Documents in the real Elasticsearch, and the saved objects that search them."""

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from app.settings import Settings
from app.sinks.base import Dataset
from app.sinks.elasticsearch.sink import ElasticSink
from deploy.kibana.objects import saved_objects
from deploy.kibana.saved_object import ndjson
from schemas.feedback import Disposition
from schemas.json.timestamps import format_us
from schemas.verdict import FixEvidence, MerchantLocation, Outcome, Rule, Status, Verdict
from tests.support.kibana import panels, read
from tests.support.make import NOON_MS, feedback, verdict

PAYMENTS: Final = 120

OLD_DOCUMENTS: Final = 9
"""Number of documents as an earlier release wrote them, without extra fields."""


@dataclass(frozen=True)
class KibanaStore:
    """The documents in Elasticsearch by alias and id, and the saved objects by type and id."""

    sink: ElasticSink
    datasets: Mapping[str, Mapping[str, Mapping[str, Any]]]
    objects: Mapping[tuple[str, str], dict[str, Any]]

    async def search(self, alias: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self.sink._client.search(index=alias, body=dict(body), rest_total_hits_as_int=False)
        return dict(answer)

    def attributes(self, kind: str) -> dict[str, Any]:
        """Return the attributes of the only saved object of this type."""
        (found,) = [one["attributes"] for (of, _), one in self.objects.items() if of == kind]
        return dict(found)


def judged(number: int, chance: random.Random) -> Verdict:
    """Return the verdict on one payment of an afternoon, or ten days later, so that there are two indexes."""
    at_us = (NOON_MS + number * 70_000 + (number % 7 == 0) * 10 * 86_400_000) * 1000
    outcome = (Outcome.SUSPECT, Outcome.CLEAR, Outcome.CLEAR, Outcome.NOT_EVALUABLE)[number % 4]
    known = outcome is not Outcome.NOT_EVALUABLE
    codes = {
        Outcome.SUSPECT: (("UNREACHABLE_BEFORE",), ("UNREACHABLE_BEFORE", "UNREACHABLE_AFTER"), ("CARD_VELOCITY",)),
        Outcome.CLEAR: (("REACHABLE",),),
        Outcome.NOT_EVALUABLE: (("NO_FIX",), ("STALE_FIX",), ("NO_PLACE",)),
    }[outcome]
    place, elapsed_s = (
        MerchantLocation(chance.uniform(-60, 60), chance.uniform(-179, 179)),
        round(chance.uniform(1, 900), 3),
    )
    seen = FixEvidence(
        at=format_us(at_us - round(elapsed_s * 1e6)),
        horizontal_accuracy_m=round(chance.uniform(3, 80), 1),
        speed_mps=None,
        latitude=round(chance.uniform(-60, 60), 2),
        longitude=round(chance.uniform(-179, 179), 2),
    )
    return verdict(
        number,
        timestamp=format_us(at_us),
        amount=f"{chance.uniform(1, 3000):.2f}",
        currency=chance.choice(("USD", "EUR", "JPY", "GBP")),
        merchant=f"Shop {chance.randrange(14)}",
        merchant_category=chance.choice(("grocery", "fuel", "travel")),
        device_token=f"device_k1_{chance.randrange(25)}",
        place=None if "NO_PLACE" in codes[number % len(codes)] else place,
        verdict=outcome,
        status=chance.choice((Status.PROVISIONAL, Status.FINAL)),
        revision=chance.choice((1, 1, 1, 2, 3)),
        codes=codes[number % len(codes)],
        rule=Rule(name="card-against-phone", version=str(1 + number % 2), preset="default", parameters={"sigmas": 3.0}),
        distance_m=round(10 ** chance.uniform(0, 7), 2) if known else None,
        implied_speed_mps=round(10 ** chance.uniform(0, 6.5), 3) if known else None,
        elapsed_s=elapsed_s if known else None,
        fix_before=seen if known else None,
        risk=chance.randrange(1, 101) if outcome is Outcome.SUSPECT else 0,
    )


@asynccontextmanager
async def filled_store(settings: Settings) -> AsyncIterator[KibanaStore]:
    """Fill Elasticsearch with the documents of an afternoon by the sink, and with some of an earlier release."""
    sink, chance = ElasticSink(settings), random.Random(6)
    await sink.prepare()
    verdicts = [judged(number, chance) for number in range(PAYMENTS)]
    cleared = [one for one in verdicts if one.verdict is Outcome.CLEAR and one.revision > 1]
    suspects = [one for one in verdicts if one.verdict is Outcome.SUSPECT] + cleared
    assert (await sink.store(Dataset.VERDICTS, verdicts)).stored == PAYMENTS
    assert (await sink.store(Dataset.SUSPECTS, suspects)).stored == len(suspects) > 30
    given = [feedback(number, verdict=opinion) for number, opinion in enumerate([*Disposition, Disposition.FRAUD])]
    assert (await sink.store(Dataset.FEEDBACK, given)).stored == 4
    for number in range(PAYMENTS, PAYMENTS + OLD_DOCUMENTS):
        old = msgspec.to_builtins(judged(number, chance))
        for dataset in (Dataset.VERDICTS, Dataset.SUSPECTS):
            index = f"{sink.alias(dataset)}-{old['timestamp'][:7].replace('-', '.')}"
            document = {name: value for name, value in old.items() if name != "id"}
            await sink._client.index(index=index, id=old["id"], document=document)
    datasets = {sink.alias(dataset): await sink.find(dataset) for dataset in Dataset}
    yield KibanaStore(sink, datasets, read(ndjson(saved_objects(settings.namespace))))
    await sink.close()


def flows(store: KibanaStore) -> dict[str, Any]:
    """Return the part of the Vega specification that searches for documents."""
    (panel,) = [panel for _, panel in panels(store.objects) if panel["type"] == "visualization"]
    (data,) = [one for one in panel["embeddableConfig"]["savedVis"]["params"]["spec"]["data"] if one["name"] == "ways"]
    return dict(data)
