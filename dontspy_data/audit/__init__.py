"""The audit: what face software claims about official portraits, and how far that is from the official facts."""
