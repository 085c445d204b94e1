"""Server addresses."""

from app.settings.address import hosts_of, without_login


def test_an_address_is_shown_without_its_login() -> None:
    assert without_login("mongodb://u:p@a,b:1/?authSource=admin") == "mongodb://a,b:1/?authSource=admin"
    assert without_login("127.0.0.1:9092") == "127.0.0.1:9092"


def test_an_address_may_name_several_hosts() -> None:
    assert hosts_of("mongodb://u:p@[::1]:27017,db.bank/?authSource=admin") == {"::1", "db.bank"}
    assert hosts_of("https://localhost:9200@search.bank") == {"search.bank"}
    assert hosts_of("") == set()
