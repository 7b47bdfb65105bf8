"""The search index: bitmaps of free numbers in memory, searched by a compiled kernel."""

from numbers_service.index.blocks import BlockChange, BlockState, PoolOf
from numbers_service.index.index import Index
from numbers_service.index.wanted import BadFilter, Found, Nearest, Row, Wanted, Why

__all__ = [
    "BadFilter",
    "BlockChange",
    "BlockState",
    "Found",
    "Index",
    "Nearest",
    "PoolOf",
    "Row",
    "Wanted",
    "Why",
]
