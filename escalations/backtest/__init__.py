"""The backtest: a log of real cases, played through a policy. `running` is the way in."""
