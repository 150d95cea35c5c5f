"""Loads what every test may ask for: databases, a browser, a folder of the run's own."""

pytest_plugins = ["tests.support.browser", "tests.support.plugin"]
