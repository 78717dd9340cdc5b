"""From statements to rows."""
