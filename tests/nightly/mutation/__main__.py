"""`python -m tests.nightly.mutation MODULE...` runs all mutants, `--guards` the guards. Exit code 1: a gap exists."""

import argparse
import sys

from tests.nightly.mutation.guards import GUARDS
from tests.nightly.mutation.mutant import mutants
from tests.nightly.mutation.run_mutant import TestResult, run_tests, warm_up
from tests.nightly.mutation.selection import selections
from tests.nightly.mutation.survivors import TABLE, explained, survivors


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make mutants", description="Check that a test fails for each change.")
    parser.add_argument("modules", nargs="*", help="modules to change, e.g. agents.rules.evidence.downsampling")
    parser.add_argument("--guards", action="store_true", help="remove each guard of input and privacy")
    parser.add_argument("--list", action="store_true", help="list the mutants and run nothing")
    options = parser.parse_args(arguments)
    if not options.guards and not options.modules:
        parser.error("name modules, or --guards")
    if options.list:
        for module in options.modules:
            _write("\n".join(mutant.name for mutant in mutants(module)))
        return 0
    warm_up()
    gaps = _remove_guards() if options.guards else 0
    return min(1, gaps + sum(map(_mutate, options.modules)))


def _mutate(module: str) -> int:
    """Run all mutants of a module. Return the number of survivors without an explanation."""
    limits = {tuple(tests): _limit_s(module, tests) for tests in selections(module)}
    rows, counts, gaps = survivors(TABLE.read_text(encoding="utf-8")), {"killed": 0, "explained": 0}, 0
    for mutant in mutants(module):
        if not all(run_tests(module, mutant.code(), tests, limit_s).passed for tests, limit_s in limits.items()):
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
    """Return the time limit of a mutant for these tests, which pass without it. A mutant may loop forever."""
    whole = run_tests(module, None, tests)
    _must_pass(whole, "the tests")
    return 10 + 5 * whole.took_s


def _remove_guards() -> int:
    """Remove each guard. Return the number of guards whose removal their test does not detect."""
    _write(f"{'guard':<58} {'where':<52} {'fails':<7} seconds")
    missed = 0
    for guard in GUARDS:
        whole = run_tests(guard.module, None, [guard.test])
        _must_pass(whole, guard.test)
        removed = run_tests(guard.module, guard.removed(), [guard.test])
        missed += removed.passed
        took_s = whole.took_s + removed.took_s
        _write(f"{guard.name:<58} {guard.where:<52} {'NO' if removed.passed else 'yes':<7} {took_s:7.1f}")
        _write(f"    - {guard.expression}\n    + {guard.instead}\n    {removed.test or guard.test}")
    _write(f"{len(GUARDS)} guards: {len(GUARDS) - missed} make their test fail when they are removed, {missed} do not")
    return missed


def _must_pass(result: TestResult, tests: str) -> None:
    if not result.passed:
        raise SystemExit(f"{tests} fail without any change: {result.test}")


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
