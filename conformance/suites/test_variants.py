"""Variants: fresh requests for each feature, where ``--variants N`` asks for them."""

from conformance.suites.subtests import Judge


def test_variants(conformance_feature: str, conformance_judge: Judge) -> None:
    """What is answered to requests that nobody thought of is as expected."""
    conformance_judge.variants(conformance_feature)
