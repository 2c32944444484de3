"""Restoration and its bases."""
