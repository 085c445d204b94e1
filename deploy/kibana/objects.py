"""Everything that is imported into Kibana, for one namespace."""

from deploy.kibana import health, suspects
from deploy.kibana.data_view import Views
from deploy.kibana.saved_object import SavedObject


def saved_objects(namespace: str) -> list[SavedObject]:
    """What is referred to stands before what refers to it. The same for the same namespace."""
    views = Views.of(namespace)
    board, linked = suspects.board(namespace)
    views_saved = [view.saved() for view in (views.verdicts, views.suspects, views.feedback)]
    return [*views_saved, *linked, board.saved(), health.board(namespace).saved()]
