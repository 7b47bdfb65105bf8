"""What a keeper of the index counts."""

from prometheus_client import Counter, Gauge, Histogram

_TIMES = (0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5)

numbers = Gauge("search_numbers", "Numbers in the indexed blocks")
free = Gauge("search_free_numbers", "Of these, the free ones")
applied = Counter("search_changes_applied", "Changes of blocks applied to the index")
checked = Counter("search_checked_blocks", "Blocks added up and compared with what the authority said")
repairs = Counter("search_repairs", "Blocks fetched whole from the authority, by what was wrong", ["why"])
refused = Counter("search_refused_blocks", "What was said about a block and did not fit the index")
lag_seconds = Gauge("search_lag_seconds", "Age of the last moment at which the index was level with the authority")
search_seconds = Histogram("search_seconds", "A search, from the request to its answer", buckets=_TIMES)
snapshot_seconds = Histogram("search_snapshot_seconds", "A snapshot, from the index to the store")
