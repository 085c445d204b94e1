"""So that `python -m app.cli COMMAND` is `geovelocity COMMAND`."""

from app.cli import main

main()
