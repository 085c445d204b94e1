"""Search in Elasticsearch: every filter, paging, CSV export and related cases."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from app.api.cases import routes, search
from app.security.agent_context import agent_context
from app.settings import Settings
from app.sinks.base import Dataset
from app.sinks.elasticsearch.sink import ElasticSink
from schemas.verdict import Outcome, Status, Verdict
from tests.support.console import ConsoleClient, console_client, get_json, suspect
from tests.support.service import changed


@pytest.fixture
async def sink(settings: Settings) -> AsyncIterator[ElasticSink]:
    sink = ElasticSink(settings)
    await sink.prepare()
    yield sink
    await sink.close()


async def keep(sink: ElasticSink, *verdicts: Verdict) -> None:
    """Store verdicts, and wait until a search finds them."""
    receipt = await sink.store(Dataset.VERDICTS, verdicts)
    assert receipt.stored == len(verdicts)
    assert await sink.count(Dataset.VERDICTS) >= len(verdicts)


SIGNS = """.?+*|{}[]()"\\#@&<>~^$-/'=!,;: _"""
"""Characters with a meaning in regular expressions."""


def at(hour: int, day: int = 21, month: int = 11) -> str:
    return f"2026-{month:02}-{day:02}T{hour:02}:00:00.000Z"


async def test_each_filter_matches_its_cases(settings: Settings, sink: ElasticSink) -> None:
    def made(number: int, **changes: Any) -> Verdict:
        return suspect(settings, number, device=f"phone-{number}", timestamp=at(number), **changes)

    await keep(
        sink,
        made(1, amount="10.00", merchant="Café *Stern*", merchant_id="m1"),
        made(2, amount="10.01", merchant="CAFÉ AM ECK", merchant_id="m2", status=Status.FINAL),
        made(3, amount="9999.99", currency="EUR", merchant_category="Jewellery", risk=80),
        made(4, amount="0.00", codes=("CARD_VELOCITY", "UNREACHABLE_AFTER"), risk=79, currency=None, merchant=SIGNS),
        made(5, verdict=Outcome.CLEAR, codes=("REACHABLE",), risk=0),
        made(6, verdict=Outcome.NOT_EVALUABLE, codes=("NO_FIX",), risk=0, place=None, user_token=None),
        made(7, rule=msgspec.structs.replace(suspect(settings).rule, preset="paper", name="old-rule")),
    )
    token = {kind: suspect(settings, device="phone-3").__getattribute__(f"{kind}_token") for kind in ("card", "user")}
    device = agent_context(settings).masker.token("device", "phone-6")
    wanted: dict[str, list[int]] = {
        "": [7, 4, 3, 2, 1],
        "verdict=any": [7, 6, 5, 4, 3, 2, 1],
        "verdict=clear": [5],
        "verdict=not_evaluable": [6],
        "status=final": [2],
        "status=provisional": [7, 4, 3, 1],
        f"from={at(3)}": [7, 4, 3],
        f"to={at(3)}": [2, 1],
        f"from={at(2)}&to={at(4)}": [3, 2],
        "rule=paper": [7],
        "rule=old-rule": [7],
        "rule=default": [4, 3, 2, 1],
        "code=CARD_VELOCITY": [4],
        "verdict=any&code=NO_FIX": [6],
        f"merchant={quote('café')}": [2, 1],
        f"merchant={quote('*stern')}": [1],
        f"merchant={quote('c*stern')}": [],
        f"merchant={quote(SIGNS)}": [4],
        f"merchant={quote('é' * 128)}": [],
        "merchant=m2": [2],
        "category=jewellery": [3],
        "amount_min=10.01": [7, 3, 2],
        "amount_max=10.01": [4, 2, 1],
        "amount_min=10&amount_max=10": [1],
        "currency=eur": [3],
        f"token={token['card']}": [3],
        f"token={token['user']}": [3],
        f"token={device}": [],
        f"verdict=any&token={device}": [6],
        "min_risk=80": [3],
        "q=tx-4": [4],
        "q=tx-": [7, 4, 3, 2, 1],
        "q=x-4": [],
        "sort=gravest": [3, 4, 7, 2, 1],
        f"code=CARD_VELOCITY&min_risk=70&from={at(1)}&amount_max=1": [4],
    }
    async with console_client(settings) as client:
        found = {address: await get_json(client, f"/api/cases?{address}") for address in wanted}
    assert {address: [one["transaction_id"] for one in page["cases"]] for address, page in found.items()} == {
        address: [f"tx-{number}" for number in numbers] for address, numbers in wanted.items()
    }
    assert all(page["total"] == len(page["cases"]) and page["cursor"] is None for page in found.values())


async def test_a_case_is_the_verdict_as_it_was_published(settings: Settings, sink: ElasticSink) -> None:
    published = suspect(settings, amount="12345.60", timestamp="2026-11-21T12:00:00.000001Z", other_payment=None)
    await keep(sink, published)
    async with console_client(settings) as client:
        page = await get_json(client, "/api/cases")
        case = await get_json(client, f"/api/cases/{published.id}")
    assert page["cases"] == [case["case"]] == [msgspec.to_builtins(published) | {"codes": list(published.codes)}]
    assert (case["feedback"], case["others"]) == (None, [])


@pytest.mark.parametrize("sort", ["newest", "gravest"])
async def test_paging_returns_each_case_once_while_new_ones_arrive(
    settings: Settings, sink: ElasticSink, sort: str
) -> None:
    """The cases span several months, and many have the same time and risk."""
    numbers = range(57)
    moments = {number: at(12, 21 + number % 3, 10 + number % 2) for number in numbers}
    await keep(sink, *[suspect(settings, one, risk=10 * (one % 4), timestamp=moments[one]) for one in numbers])
    seen: list[dict[str, Any]] = []
    async with console_client(settings) as client:
        cursor, pages = "", 0
        while True:
            page = await get_json(client, f"/api/cases?sort={sort}&limit=10&cursor={cursor}")
            seen += page["cases"]
            pages += 1
            if page["cursor"] is None:
                break
            cursor = page["cursor"]
            await keep(sink, suspect(settings, 1000 + pages, risk=99, timestamp=at(1, 24)))
    assert pages == 6
    assert sorted(one["transaction_id"] for one in seen) == sorted(f"tx-{number}" for number in numbers)
    keys = [((-one["risk"] if sort == "gravest" else 0), one["timestamp"]) for one in seen]
    assert [key[0] for key in keys] == sorted(key[0] for key in keys)
    for risk in {key[0] for key in keys}:
        times = [key[1] for key in keys if key[0] == risk]
        assert times == sorted(times, reverse=True)


async def test_a_full_last_page_has_no_cursor(settings: Settings, sink: ElasticSink) -> None:
    await keep(sink, *[suspect(settings, number) for number in range(4)])
    async with console_client(settings) as client:
        first = await get_json(client, "/api/cases?limit=2")
        second = await get_json(client, f"/api/cases?limit=2&cursor={first['cursor']}")
    assert (first["total"], len(second["cases"]), second["cursor"]) == (4, 2, None)


async def table(client: ConsoleClient, address: str) -> list[dict[str, str]]:
    async with client.get(address) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="cases.csv"'
        return list(csv.DictReader(io.StringIO(await answer.text(), newline="")))


async def test_a_csv_export_has_all_pages_up_to_its_limit(
    settings: Settings, sink: ElasticSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PAGE_SIZE", 20)
    await keep(sink, *[suspect(settings, number, merchant="=1+1", timestamp=at(number % 24)) for number in range(50)])
    await keep(sink, suspect(settings, 50, verdict=Outcome.CLEAR))
    async with console_client(settings) as client:
        every = await table(client, "/api/cases.csv")
        some = await table(client, f"/api/cases.csv?from={at(20)}&limit=1")
        monkeypatch.setattr(routes, "ROWS_MAX", 30)
        bounded = await table(client, "/api/cases.csv")
        nothing = await table(client, "/api/cases.csv?min_risk=100")
        assert (await get_json(client, "/api/cases.csv?min_risk=x", 400))["field"] == "min_risk"
    assert {row["transaction_id"] for row in every} == {f"tx-{number}" for number in range(50)}
    assert ({row["merchant"] for row in every}, len(every)) == ({"'=1+1"}, 50)
    assert {row["timestamp"] for row in some} == {at(hour) for hour in range(20, 24)}
    assert (bounded, nothing) == (every[:30], [])


async def test_a_case_has_related_suspects_of_its_device_user_and_card(settings: Settings, sink: ElasticSink) -> None:
    this, stranger = suspect(settings, 0), suspect(settings, 1, device="stranger")
    await keep(
        sink,
        this,
        stranger,
        suspect(settings, 2, verdict=Outcome.CLEAR),
        *[
            msgspec.structs.replace(
                suspect(settings, 3 + place, device="stranger", timestamp=at(13 + place)),
                **{field: getattr(this, field)},
            )
            for place, field in enumerate(("device_token", "user_token", "card_token"))
        ],
    )
    async with console_client(settings) as client:
        related = await get_json(client, f"/api/cases/{this.id}")
        assert [one["transaction_id"] for one in related["others"]] == ["tx-5", "tx-4", "tx-3"]
        await keep(sink, *[suspect(settings, number, timestamp=at(number - 100, 22)) for number in range(100, 124)])
        related = await get_json(client, f"/api/cases/{this.id}")
        assert [one["transaction_id"] for one in related["others"]] == [
            f"tx-{number}" for number in range(123, 103, -1)
        ]


async def test_an_empty_store_has_no_cases(settings: Settings, sink: ElasticSink) -> None:
    await sink.prepare()
    async with console_client(settings) as client:
        assert await get_json(client, "/api/cases") == {"cases": [], "judged": {}, "total": 0, "cursor": None}
        assert await get_json(client, "/api/cases?sort=gravest") == {
            "cases": [],
            "judged": {},
            "total": 0,
            "cursor": None,
        }
        assert await table(client, "/api/cases.csv") == []
        for path in ("", "/history", "/track"):
            assert "no such case" in (await get_json(client, f"/api/cases/nobody{path}", 404))["error"]


async def test_an_unavailable_store_is_reported(settings: Settings) -> None:
    async with console_client(changed(settings, elastic_url="http://127.0.0.1:1")) as client:
        for path in ("/api/cases", "/api/cases.csv", "/api/cases/x", "/api/cases/x/track"):
            assert "Elasticsearch does not answer" in (await get_json(client, path, 503))["error"]
