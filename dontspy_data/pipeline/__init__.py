"""The steps put together: build, rebuild, refresh."""
