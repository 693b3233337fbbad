"""What the official SDK makes of an answer: a verdict of its own beside the requirements, never the
judge. Needs the extra ``sdk``."""
