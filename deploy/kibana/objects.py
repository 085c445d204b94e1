"""All saved objects of one namespace."""

from deploy.kibana import health, suspects
from deploy.kibana.data_view import Views
from deploy.kibana.saved_object import SavedObject


def saved_objects(namespace: str) -> list[SavedObject]:
    """Return the saved objects, each after those it refers to. Equal namespaces give equal objects."""
    views = Views.of(namespace)
    board, linked = suspects.board(namespace)
    data_views = [view.saved_object() for view in (views.verdicts, views.suspects, views.feedback)]
    return [*data_views, *linked, board.saved_object(), health.board(namespace).saved_object()]
