"""Python's collector of garbage, told what a worker is like."""

import gc


def freeze_garbage_collector() -> None:
    """What is there at the start stays, so the collector need not look through it again and again.

    Batches make many small objects that go at once, hence a rare collection of the young. Seen: a fifth more events.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
