"""The city's pool of experts in environmental damage (专家库)."""
