"""Images, audio and documents, by URI and inline, and answers that are not only text."""

from conformance.suites.case_suite import case_suite

test_multimodal = case_suite("multimodal")
