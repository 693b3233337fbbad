"""A run: cases answered by cassettes or by a live endpoint, judged, and put together to one
report."""
