"""Looking again into a file that failed as a whole at its submit, when its page is tried again.

Reading that page alone would leave the others of the file out for ever.
"""

from __future__ import annotations

import errno
import logging
import os

from ocrq.config import Settings
from store.claims import allow
from store.database import Database
from store.leases import Claim
from store.renewing import renew_claimed
from worker.deadline import killed_after
from worker.prober import Prober
from worker.scan_file import PathMap
from worker.walk import FoundFile, found_file

logger = logging.getLogger(__name__)


def look_again(db: Database, claim: Claim, settings: Settings, path_map: PathMap) -> None:
    """Find out what the file of a claimed page holds, and write it down.

    Args:
        db: the database.
        claim: of the page that stands for the file.
        settings: limits on files and on looking into them.
        path_map: where this host has the files.

    Raises:
        OSError: the storage is in trouble.
        StoreError: the database refused.
    """
    with Prober(settings) as prober:
        file = _found(path_map.apply(claim.path))
        # Its size is known only now, and hashing takes as long as the file is large.
        longest_s = prober.longest_s(file)
        if not allow(db, claim, longest_s):
            return
        with killed_after(longest_s):
            found = prober.probe(file, None)
    if found.error_code == "storage_error":
        raise OSError(errno.EIO, os.strerror(errno.EIO), os.fsdecode(file.path))
    if not renew_claimed(db, claim, found):
        logger.warning("the page was given to another worker, or cancelled; nothing written")
    elif found.error_code is None:
        logger.info("the file was looked into: %d pages are queued", len(found.pages))


def _found(path: bytes) -> FoundFile:
    """The file on this host.

    Which folder was submitted is not known any more: a link must stay within its own.
    """
    folder = os.path.dirname(path)  # noqa: PTH120
    if not os.path.isdir(folder):  # noqa: PTH112
        # It looks like storage that is not mounted just now.
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.fsdecode(path))
    if os.path.isdir(path):  # noqa: PTH112
        return FoundFile(
            path=path,
            root=folder,
            error_code="unreadable_folder",
            error="a folder is gone through by a submit; submit it again",
        )
    return found_file(path, root=folder)
