"""The edits that faults are made of, and the conditions under which faults apply."""
