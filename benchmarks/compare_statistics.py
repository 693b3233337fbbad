"""Simulate comparisons: how often an endpoint alarms against itself, and what is found.

Runs the code that compares: the tests, the questions asked again, and the verdicts. Exits with 1 if
more than 3 % of the comparisons of an endpoint with itself alarm in one of the worlds that must
hold. ``--quick`` runs 40 comparisons of each kind instead of 200; ``--from N`` begins at another
seed, to see whether a result depends on the seeds. Prints Markdown tables, those of
docs/comparison.md. Names of tables print only those: alarms, harder, power, coverage.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from compare_worlds import METRICS, SHARES, Endpoints, World, metric

from conformance.comparison import intervals
from conformance.comparison.metric import Metric
from conformance.comparison.result import MetricResult
from conformance.comparison.statistics import compare, confirm, suspects

MOST_ALARMS = 0.03
QUESTIONS, SAMPLES = 100, 3
AGAIN = 12
"""How often a suspected question is asked again, at most."""

BINDING = {
    "independent answers": World(),
    "a state a question, correlation .1": World(correlation=0.1),
    "a state a question, correlation .3": World(correlation=0.3),
    "a bad window of 5 % of the run on one side": World(windows=(0.05,)),
    "a server that stores its first answer": World(caches=True),
}
"""The worlds in which at most ``MOST_ALARMS`` of the comparisons may alarm."""

HARDER = {
    "a window of 4 % in which half is bad": World(windows=(0.04,), bad=0.5),
    "a window of 8 % of the run": World(windows=(0.08,)),
    "a window of 10 %": World(windows=(0.1,)),
    "a window of 15 %": World(windows=(0.15,)),
    "a window of 20 %": World(windows=(0.2,)),
    "two windows of 4 % on one side": World(windows=(0.04, 0.04)),
    "four windows of 4 %, each on a side by a coin": World(windows=(0.04,) * 4, one_side=False),
    "correlation .3 and a window of 5 %": World(correlation=0.3, windows=(0.05,)),
}
"""Worlds that break the assumption of the test; shown, but they need not hold."""

CHANGES = ((0.0, 0.05), (0.0, 0.1), (0.05, 0.1), (0.05, 0.15), (0.05, 0.25), (0.2, 0.4))
SIZES = ((30, 3), (60, 3), (100, 3), (100, 5), (200, 3))
POWER_CORRELATION = 0.1


def verdicts(
    world: World,
    new: Mapping[str, float],
    size: tuple[int, int],
    old: Mapping[str, float],
    metrics: Mapping[str, Metric],
    seed: int,
) -> tuple[tuple[MetricResult, ...], tuple[MetricResult, ...]]:
    """Return the results of one comparison, before and after the suspects are asked again."""
    questions, samples = size
    endpoints = Endpoints(world, old, new, f"{seed} {size} {sorted(new.items())}")
    first = compare(endpoints.ask(list(range(questions)), samples), metrics)
    again = sorted({question for those in suspects(first).values() for question in those})
    if not again:
        return first, first
    often = min(AGAIN, max(questions * samples // len(again), samples))
    numbers = [int(question.removeprefix("q")) for question in again]
    return first, confirm(first, endpoints.ask(numbers, often, after=samples), metrics)


def alarms(world: World, seed: int) -> tuple[bool, bool, int, int]:
    """Compare an endpoint with itself: alarms at first, and after asking again; verdicts."""
    first, second = verdicts(world, SHARES, (QUESTIONS, SAMPLES), SHARES, METRICS, seed)
    words = Counter(result.judgement for result in second)
    return (
        any(result.fails for result in first),
        any(result.fails for result in second),
        words["no worse"],
        words["cannot tell"],
    )


def print_alarms(pool: ProcessPoolExecutor, worlds: Mapping[str, World], seeds: range) -> bool:
    """Print how often each world alarms; return whether all stay within the limit."""
    print(
        "| world | alarms | before asking again | no worse | cannot tell |\n|---|---|---|---|---|"
    )
    within = True
    for name, world in worlds.items():
        found = list(pool.map(partial(alarms, world), seeds, chunksize=10))
        before, after, no_worse, cannot_tell = (
            sum(column) / len(seeds) for column in zip(*found, strict=True)
        )
        within = within and after <= MOST_ALARMS
        print(
            f"| {name} | {percent(after)} | {percent(before)} |"
            f" {no_worse:.1f} of {len(METRICS)} | {cannot_tell:.1f} |",
            flush=True,
        )
    return within


def found(change: tuple[float, float], size: tuple[int, int], seed: int) -> tuple[bool, bool]:
    """Compare endpoints of which one metric got worse; return whether that is found, and how.

    The other metrics are as in a comparison of an endpoint with itself.
    """
    harmed = {"harmed": metric("harmed")}
    old, new = SHARES | {"harmed": change[0]}, SHARES | {"harmed": change[1]}
    world = World(correlation=POWER_CORRELATION)
    both = verdicts(world, new, size, old, METRICS | harmed, seed)
    at_first, at_last = (
        any(each.metric.name == "harmed" and each.judgement == "worse" for each in results)
        for results in both
    )
    return at_first, at_last


def print_power(pool: ProcessPoolExecutor, seeds: range) -> None:
    """Print in how many comparisons a true change is called worse."""
    print("| true change | " + " | ".join(f"{n} x {k}" for n, k in SIZES) + " |")
    print("|---" * (len(SIZES) + 1) + "|")
    for change in CHANGES:
        cells = []
        for size in SIZES:
            hits = list(pool.map(partial(found, change, size), seeds, chunksize=10))
            first, last = (sum(column) / len(seeds) for column in zip(*hits, strict=True))
            cells.append(f"{percent(first)} / {percent(last)}")
        print(f"| {100 * change[0]:g} to {100 * change[1]:g} % | {' | '.join(cells)} |", flush=True)


def coverage(change: tuple[float, float], correlation: float, questions: int, times: int) -> None:
    """Print how often the bound and the interval miss the true difference, as a row."""
    truth, misses, outside = change[1] - change[0], 0, 0
    chance = random.Random(f"{change} {correlation} {questions}")
    for _ in range(times):
        endpoints = Endpoints(
            World(correlation=correlation),
            {"m": change[0]},
            {"m": change[1]},
            str(chance.random()),
        )
        harm = differences(endpoints, questions)
        misses += intervals.share_bound(harm, 0.05) < truth
        low, high = intervals.share_interval(harm, 0.01)
        outside += not low <= truth <= high
    print(
        f"| {100 * change[0]:g} to {100 * change[1]:g} % | {correlation:g} | {questions} |"
        f" {percent(misses / times)} | {percent(outside / times)} |",
        flush=True,
    )


def differences(endpoints: Endpoints, questions: int) -> list[float]:
    """Return the difference of the mean values of both sides, for each question."""
    totals: dict[str, float] = {}
    for each in endpoints.ask(list(range(questions)), SAMPLES):
        sign = 1 if each.sample.side == "new" else -1
        name = each.sample.question
        totals[name] = totals.get(name, 0.0) + sign * each.values["m"] / SAMPLES
    return list(totals.values())


def print_coverage(times: int) -> None:
    """Print how often bounds are wrong, where that is hardest: rare changes, and few questions."""
    print("| true shares | correlation | questions | 95 % bound wrong | 99 % interval wrong |")
    print("|---|---|---|---|---|")
    for change, correlation in (
        ((0.0, 0.05), 0.9),
        ((0.02, 0.07), 0.9),
        ((0.05, 0.1), 0.1),
        ((0.3, 0.35), 0.3),
        ((0.05, 0.05), 0.0),
    ):
        for questions in (30, 100, 300):
            coverage(change, correlation, questions, times)


def percent(share: float) -> str:
    """Return a share in percent, with a decimal below 10 if it has one."""
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def main(arguments: Sequence[str]) -> int:
    """Print all tables, or those named; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*", default=["alarms", "harder", "power", "coverage"])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--from", type=int, default=0, dest="first")
    options = parser.parse_args(arguments)
    times = 40 if options.quick else 200
    seeds = range(options.first, options.first + times)
    within = True
    with ProcessPoolExecutor(max_workers=2) as pool:
        if "alarms" in options.tables:
            within = print_alarms(pool, BINDING, seeds)
        if "harder" in options.tables:
            print()
            print_alarms(pool, HARDER, seeds)
        if "power" in options.tables:
            print()
            print_power(pool, seeds[: times // 2])
    if "coverage" in options.tables:
        print()
        print_coverage(5 * times)
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
