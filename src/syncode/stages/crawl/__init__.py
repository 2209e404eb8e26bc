"""One item of raw material in, one document or one discarded row out."""

from syncode.stages.crawl.document import Limits, crawl

__all__ = ["Limits", "crawl"]
