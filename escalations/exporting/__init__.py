"""A history without the people in it: the same case, with other names and other words."""
