"""Commands: parse, call, print. What they do is in the modules they call."""
