"""A case told from its history alone: no worker, no workflow code, only the engine."""
