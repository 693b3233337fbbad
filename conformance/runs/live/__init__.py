"""Send cases to a live target, keep its answers, and resume after an interruption."""
