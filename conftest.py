"""Shared setup of all tests: pytester for the plugin tests, and a Hypothesis profile that is
deterministic on every machine."""

import importlib.util

pytest_plugins = ("pytester",)

if importlib.util.find_spec("hypothesis"):
    from hypothesis import settings

    # Hypothesis changes these fields on CI by itself; setting them all makes local runs and CI
    # runs try the same examples.
    settings.register_profile(
        "tests", derandomize=True, database=None, deadline=None, max_examples=100, print_blob=False
    )
    settings.load_profile("tests")
