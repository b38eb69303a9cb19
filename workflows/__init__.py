"""The durable shells: one process per file. They wait, carry out, record; they decide nothing."""
