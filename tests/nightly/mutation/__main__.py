"""`python -m tests.nightly.mutation MODULE...` runs all mutants, `--guards` the guards. Exit code 1: a gap."""

import argparse
import sys

from tests.nightly.mutation.guards import GUARDS
from tests.nightly.mutation.mutant import mutants
from tests.nightly.mutation.run_mutant import Verdict, trial, warm_up
from tests.nightly.mutation.selection import selections
from tests.nightly.mutation.survivors import TABLE, explained, survivors


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make mutants", description="Is there a test for it?")
    parser.add_argument("modules", nargs="*", help="modules to change, e.g. agents.rules.evidence.downsampling")
    parser.add_argument("--guards", action="store_true", help="drop each guard of input and privacy")
    parser.add_argument("--list", action="store_true", help="only name the mutants, run nothing")
    asked = parser.parse_args(arguments)
    if not asked.guards and not asked.modules:
        parser.error("name modules, or --guards")
    if asked.list:
        for module in asked.modules:
            _write("\n".join(mutant.name for mutant in mutants(module)))
        return 0
    warm_up()
    gaps = _drop_guards() if asked.guards else 0
    return min(1, gaps + sum(map(_change, asked.modules)))


def _change(module: str) -> int:
    """Tries all mutants of a module; how many survive that nothing explains."""
    limits = {tuple(tests): _limit_s(module, tests) for tests in selections(module)}
    rows, counts, gaps = survivors(TABLE.read_text(encoding="utf-8")), {"killed": 0, "explained": 0}, 0
    for mutant in mutants(module):
        if not all(trial(module, mutant.code(), tests, limit_s).passed for tests, limit_s in limits.items()):
            counts["killed"] += 1
        elif explained(mutant, rows):
            counts["explained"] += 1
            _write(f"explained  {mutant.name}")
        else:
            gaps += 1
            _write(f"SURVIVES   {mutant.name}")
    _write(f"{module:<32} {counts['killed']} killed, {counts['explained']} survive explained, {gaps} survive")
    return gaps


def _limit_s(module: str, tests: list[str]) -> float:
    """How long a mutant may take for these tests, which pass without it: one that takes longer runs for ever."""
    whole = trial(module, None, tests)
    _must_pass(whole, "the tests")
    return 10 + 5 * whole.took_s


def _drop_guards() -> int:
    """Drops each guard; how many are missed by the test that is named for them."""
    _write(f"{'guard':<58} {'where':<52} {'fails':<7} seconds")
    missed = 0
    for guard in GUARDS:
        whole = trial(guard.module, None, [guard.test])
        _must_pass(whole, guard.test)
        dropped = trial(guard.module, guard.dropped(), [guard.test])
        missed += dropped.passed
        took_s = whole.took_s + dropped.took_s
        _write(f"{guard.name:<58} {guard.where:<52} {'NO' if dropped.passed else 'yes':<7} {took_s:7.1f}")
        _write(f"    - {guard.expression}\n    + {guard.instead}\n    {dropped.test or guard.test}")
    _write(f"{len(GUARDS)} guards: {len(GUARDS) - missed} make their test fail when they are dropped, {missed} do not")
    return missed


def _must_pass(verdict: Verdict, what: str) -> None:
    if not verdict.passed:
        raise SystemExit(f"{what} fail without any change: {verdict.test}")


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
