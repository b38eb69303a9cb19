"""The processes that host workflows and activities: the only room that reads the environment."""
