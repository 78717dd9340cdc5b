"""The steps combined: build, rebuild, refresh."""
