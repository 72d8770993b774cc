"""The console: an app's dashboard, calls, agents and services."""
