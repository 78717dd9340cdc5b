"""From statements to tables: what was said, by whom, and which of it is chosen."""
