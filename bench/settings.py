"""The product's settings, and one more address to measure against."""

from leap.settings import *  # noqa: F403  a settings module is nothing but names

ROOT_URLCONF = "bench.urls"
