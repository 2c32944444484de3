"""The drawing of experts and their opinions."""
