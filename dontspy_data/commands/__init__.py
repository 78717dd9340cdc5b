"""Commands: parse, call, print. The work is done in the modules they call."""
