"""A policy for people: as a sheet, as a flow chart, and as the difference from another one."""
