"""The search for card numbers and locations in the outputs of the fault tests."""

from tests.nightly.fault.leaks import LeakSearch
from tests.nightly.fault.traffic import card_number, home_of


def test_the_search_finds_planted_values_in_any_spelling_and_no_others() -> None:
    number = card_number(7)
    grouped = "-".join(number[at : at + 4] for at in range(0, 16, 4))
    search = LeakSearch()
    search.scan("clean", b'{"card_last4": "1234", "latitude": 40.1}')
    for where, text in (("plain", number), ("grouped", grouped), ("hex", number.encode().hex())):
        search.scan(where, f"so {text} it is".encode())
    latitude, longitude = home_of("phone-00042")
    search.scan("place", f"{latitude}".encode())
    search.scan("other place", f"{longitude}".encode())
    search.scan("allowed place", f"{latitude}".encode(), places=False)
    search.scan("verification value", b'{"cvv": "913"}')
    assert search.found == {
        "cards": ["plain", "grouped", "hex"],
        "places": ["place", "other place"],
        "sensitive": ["verification value"],
    }


def test_the_search_names_the_record_of_a_finding() -> None:
    search = LeakSearch()
    search.scan_all({f"record {number}": b'{"amount": "481.84"}' for number in range(10)})
    search.scan_all({"clean": b"{}", "bad": f'{{"merchant": "{card_number(3)}"}}'.encode(), "also clean": b"{}"})
    assert (search.texts, search.found["cards"]) == (13, ["bad"])
