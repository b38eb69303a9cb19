"""What a policy will do: the engine in a loop, without a server, and what is shown of it."""
