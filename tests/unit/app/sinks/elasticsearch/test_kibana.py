"""The dashboards that are imported, as a file."""

import pytest

from app.sinks.elasticsearch.kibana import dashboards
from deploy.kibana.objects import saved_objects
from deploy.kibana.saved_object import ndjson


@pytest.mark.parametrize("namespace", ["geovelocity", "eu", "test-7"])
def test_the_imported_file_holds_the_generated_objects_of_the_namespace(namespace: str) -> None:
    assert dashboards(namespace) == ndjson(saved_objects(namespace))
