"""The bench's settings with every page rendered anew."""

from bench.settings import *  # noqa: F403  a settings module is nothing but names
from bench.settings import MIDDLEWARE

MIDDLEWARE = ["bench.forgetful.Forgetful", *MIDDLEWARE]
