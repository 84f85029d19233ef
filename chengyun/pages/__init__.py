"""The built web pages and the view that serves them. Sources are in `web/`."""
