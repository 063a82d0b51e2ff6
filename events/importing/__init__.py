"""Files into the raw log: readers of NDJSON, CSV and Parquet, mappings, and the way of their lines into the log.

`files` opens a file, `lines` and `tables` read it as blocks of JSON lines, `mapping` and `rows` say and do how a row
becomes events, `appending` puts blocks into the raw log, `dry_run` says what would become of them.
"""
