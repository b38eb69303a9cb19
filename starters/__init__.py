"""The entrances: where a case, a fact or a command comes in from the world."""
