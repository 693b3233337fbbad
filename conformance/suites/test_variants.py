"""Variants: newly generated requests for each feature, with the option ``--variants N``."""

from conformance.suites.subtests import Judge


def test_variants(conformance_feature: str, conformance_judge: Judge) -> None:
    """The answers to newly generated requests meet the requirements."""
    conformance_judge.variants(conformance_feature)
