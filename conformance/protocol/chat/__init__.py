"""What Chat Completions makes of an exchange: facts, choices, tool calls, twins and
conversations."""
