"""How the web server runs: processes times threads, one address, our own log lines."""

from pathlib import Path

from leap.env import env_choice, env_int, env_port, env_str
from leap.logging import dict_config

raw_env = ["DJANGO_SETTINGS_MODULE=leap.settings"]
bind = f"{env_str('LEAP_BIND', '127.0.0.1')}:{env_port('PORT', 8000)}"
workers = env_int("LEAP_WEB_WORKERS", 2, least=1)
worker_class = "gthread"
threads = env_int("LEAP_WEB_THREADS", 8, least=1)
preload_app = True  # loaded once, shared by the workers; no connection is open at that time

timeout = 30  # seconds without a sign of life after which a worker is replaced
graceful_timeout = 3  # seconds for requests under way when we end; the supervisor waits five
keepalive = 5  # seconds
control_socket_disable = True  # signals are enough, and its file would be shared by every home
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  signs of life without disk

# Who the caller is, and whether it came by https, is settled in kit.client_address and Django's settings.
forwarded_allow_ips = ""
limit_request_line = 4094  # bytes
limit_request_fields = 64

accesslog = None  # leap.middleware.RequestLog writes routes; this one would write paths
logconfig_dict = dict_config(env_choice("LEAP_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")))
