"""Build an answer: drafts, tool calls and usage, and the completion or stream made of them."""
