"""What changes from one policy to another, in the domain's words."""
