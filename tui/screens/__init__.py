"""One file a place; each is named in `tui/places.py`."""
