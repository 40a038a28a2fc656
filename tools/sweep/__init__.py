"""`iss sweep`: programs over configuration values and parameters, one row of a table for each point.

`plan` makes points of values, `point` runs one, `workers` runs them on processes or on a Dask cluster, `results` keeps and
writes them, `plot` draws them, `command` is the command."""
