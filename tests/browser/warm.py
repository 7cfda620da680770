"""What every demo would do anew, done once in the process that they are copied from.

Making an application imports most of it, and what it says of its tables is put together at the first look into one.
"""

import gc
import tempfile
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import configure_mappers

from lti_tool import create_app
from lti_tool.cli import migrate
from lti_tool.config import Settings

# A template that one demo compiled is compiled for all that come after it.
COMPILED = tempfile.TemporaryDirectory()
Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(COMPILED.name)}


def _warm() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/warm.db"
        create_app(Settings(database_url=url, keys_dir=Path(folder), allow_private_hosts=True))
        migrate(url)
    configure_mappers()
    gc.collect()
    gc.freeze()


_warm()
