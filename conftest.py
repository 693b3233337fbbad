"""What all tests share: pytester for the tests of the plugin, and property tests that find the same
thing everywhere."""

import importlib.util

pytest_plugins = ("pytester",)

if importlib.util.find_spec("hypothesis"):
    from hypothesis import settings

    # Every field that its own profile for CI would change is set, so that a run here and a run
    # there try the same examples.
    settings.register_profile(
        "tests", derandomize=True, database=None, deadline=None, max_examples=100, print_blob=False
    )
    settings.load_profile("tests")
