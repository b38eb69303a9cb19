"""The proof: `domain` without a server, `workflows` in virtual time, `activities` for real."""
