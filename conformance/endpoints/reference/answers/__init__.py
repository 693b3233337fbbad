"""The parts of an answer: drafts, tool calls, usage, and the completion or stream made of them."""
