"""What a case costs: figures measured beside a floor, in the same run."""
