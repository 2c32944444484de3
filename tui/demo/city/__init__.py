"""The demo of the city: about fifty whole cases of 2021 and what the city ran around them."""
