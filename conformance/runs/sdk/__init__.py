"""Read answers with the official SDK: a separate result, which affects no verdict.

Needs the extra ``sdk``."""
