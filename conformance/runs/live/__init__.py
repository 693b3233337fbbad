"""Ask a live target case by case, keep what it answers, and go on after an interruption."""
