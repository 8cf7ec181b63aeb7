"""Every setting, in one file. Values that differ between machines come from the environment alone."""

from pathlib import Path
from urllib.parse import urlsplit

from leap.env import (
    env_bool,
    env_choice,
    env_database,
    env_days_by_name,
    env_hours,
    env_int,
    env_key,
    env_keys_by_epoch,
    env_list,
    env_networks,
    env_port,
    env_redis,
    env_secret,
    env_str,
    env_url,
)

BASE_DIR = Path(__file__).resolve().parent.parent
LEAP_HOME = Path(env_str("LEAP_HOME", str(BASE_DIR / "var"))).resolve()

# Where we are reached. https in the public address turns on every cookie and transport guard.
PORT = env_port("PORT", 8000)
PUBLIC_URL = env_url("LEAP_PUBLIC_URL", f"http://127.0.0.1:{PORT}", schemes=("https", "http"))
HTTPS = PUBLIC_URL.startswith("https://")
DEBUG = env_bool("LEAP_DEBUG", False)
ALLOWED_HOSTS = [urlsplit(PUBLIC_URL).hostname or "", *env_list("LEAP_ALLOWED_HOSTS", "127.0.0.1,localhost")]
# Addresses or networks whose X-Real-IP we believe: the reverse proxy, and nobody else.
TRUSTED_PROXIES = env_networks("LEAP_TRUSTED_PROXIES")

# Secrets
SECRET_KEY = env_secret("LEAP_SECRET_KEY")
KEY_ENCRYPTION_KEYS = env_keys_by_epoch("LEAP_KEY_ENCRYPTION_KEYS")
MINORS_KEY_ENCRYPTION_KEYS = env_keys_by_epoch("LEAP_MINORS_KEY_ENCRYPTION_KEYS")
INDEX_KEYS = env_keys_by_epoch("LEAP_INDEX_KEY", bare=True)
CODE_KEY = env_key("LEAP_CODE_KEY")
SIGNING_KEY = env_key("LEAP_SIGNING_KEY")
LEDGER_KEY = env_key("LEAP_LEDGER_KEY")
BACKUP_KEY = env_key("LEAP_BACKUP_KEY")
KEYS_BACKUP_KEY = env_key("LEAP_KEYS_BACKUP_KEY")
# Who was erased, outside every database: what is restored from a backup is measured by it.
ERASURE_LEDGER = env_str("LEAP_ERASURE_LEDGER", str(LEAP_HOME / "keys" / "erasure-ledger"))

# Applications, lowest layer last
INSTALLED_APPS = [
    "leap.apps.LeapConfig",
    "leap.apps.StaffAdminConfig",
    "website",
    "enrollment",
    "courses",
    "accounts",
    "messaging",
    "privacy.erasure",
    "privacy.rights",
    "privacy.retention",
    "privacy.minors",
    "privacy.consent",
    "privacy.audit",
    "privacy.inventory",
    "privacy.keystore",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
]
MIDDLEWARE = [
    "leap.middleware.RequestLog",
    "kit.security_headers.SecurityHeaders",
    "kit.cookies.RegisteredCookies",
    "kit.body_limit.BodyLimit",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "kit.csrf_cookie.CsrfCookie",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "privacy.keystore.middleware.KeyScope",
    "leap.middleware.StoreTrouble",
]
ROOT_URLCONF = "leap.urls"
WSGI_APPLICATION = "leap.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "website.context.site",
            ],
            "builtins": [
                "website.templatetags.puppets",
                "website.templatetags.operator",
                "kit.templatetags.fields",
            ],
        },
    }
]
FORM_RENDERER = "kit.form_fields.FieldRenderer"

# Three databases. The owner migrates; the app role, with the least grants, serves.
DATABASE_ROLE = env_choice("LEAP_DATABASE_ROLE", "app", ("app", "owner"))
_SUFFIX = "OWNER_URL" if DATABASE_ROLE == "owner" else "URL"
DATABASES = {
    "default": env_database(f"DATABASE_{_SUFFIX}"),
    "minors": env_database(f"MINORS_DATABASE_{_SUFFIX}"),
    "keys": env_database(f"KEYS_DATABASE_{_SUFFIX}"),
}
DATABASE_ROUTERS = ["leap.databases.OneAppOneDatabase"]
APP_DATABASES = {"keystore": "keys", "minors": "minors"}  # every other app lives in `default`
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis: limits and liveness marks in database 0's keys, the task queue under its own names
REDIS_URL = env_redis("REDIS_URL")
START_ID = env_str("LEAP_START_ID", "standing")  # names this start, so that readiness means *its* worker

# Language and time
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# People, sessions, cookies
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", "accounts.browser.ByCode"]
LOGIN_URL = "/account/login/"
LOGIN_REDIRECT_URL = "/staff/"  # of the staff's door alone; parents' pages say where they lead themselves
SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_AGE = 30 * 24 * 3600  # seconds; without an age WeChat forgets the cookie when it closes
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"  # Strict loses the session on links opened from a chat
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrftoken"
CSRF_COOKIE_HTTPONLY = False  # the API's callers read it and send it back in a header
CSRF_FAILURE_VIEW = "leap.errors.csrf_failed"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Transport and bodies
SECURE_SSL_REDIRECT = False  # the reverse proxy does it
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
# leap.wsgi takes the header away when it comes from anybody but a trusted proxy.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
# W001, W002: kit.security_headers sets those headers, on files and errors too.
SILENCED_SYSTEM_CHECKS = ["security.W001", "security.W002"]
BODY_LIMIT = 64 * 1024  # bytes; no form or API body of ours comes near it
DATA_UPLOAD_MAX_MEMORY_SIZE = BODY_LIMIT
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100

# Whatever lies under these is about one person: no cache keeps it
PRIVATE_PATHS = ("/api/", "/trial/", "/t/", "/account/", "/privacy/ask/", "/staff/", "/dev/")

# Static files: hashed names, compressed beside the original
STATIC_URL = "/static/"
STATIC_ROOT = LEAP_HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = LEAP_HOME / "media"

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["kit.api.SessionWithCsrf"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_PARSER_CLASSES": ["kit.api.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "kit.api.JSONRegardless",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "kit.api_schema.DescribedSchema",
    "EXCEPTION_HANDLER": "kit.problem_json.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Leap",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SORT_OPERATIONS": False,  # as leap/urls.py lists them
    "ENUM_NAME_OVERRIDES": {
        "RequestKind": "privacy.rights.enums.RequestKind",
        "RequestState": "privacy.rights.enums.RequestState",
        "PackageState": "privacy.rights.enums.PackageState",
    },
}

# Background work
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)  # Celery's name for a socket
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 1,  # seconds; a request that nudges the worker never waits longer
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    "max_retries": 0,  # for publishing; the sweep finds what a lost nudge left
    "visibility_timeout": 300,  # seconds until a task taken by a worker that died is offered again
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for Redis as long as it takes
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_POOL = "threads"  # no children to outlive a killed worker; the work is waiting for others
CELERY_WORKER_CONCURRENCY = env_int("LEAP_WORKER_THREADS", 2, least=1)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False  # the console gateway's "sent <id>" is a plain line of log/worker.log
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # nobody sends any, and it keeps a second connection waiting
CELERY_BEAT_SCHEDULE_FILENAME = str(LEAP_HOME / "run" / "beat-schedule")
CELERY_BEAT_MAX_LOOP_INTERVAL = 5  # seconds
CELERY_TIMEZONE = TIME_ZONE

# Messages and their limits
SMS_GATEWAY = env_choice("LEAP_SMS_GATEWAY", "console", ("console", "memory"))
DEMO_GATEWAYS = ("console", "memory")  # these alone open the demo inbox and relaxed limits
DEMO_LIMITS = env_choice("LEAP_DEMO_LIMITS", "strict", ("strict", "relaxed"))
LIMIT_FACTOR = 1000 if DEMO_LIMITS == "relaxed" and SMS_GATEWAY in DEMO_GATEWAYS else 1

# Bookings
CANCEL_HOURS = env_int("LEAP_CANCEL_HOURS", 2)  # before a class; from then on parents call the campus
WAKING_HOURS = env_hours("LEAP_WAKING_HOURS", "8-21")  # in Asia/Shanghai; else messages that can, wait
TRIALS_A_YEAR = env_int("LEAP_TRIALS_A_YEAR", 24)  # of one guardian, within twelve months; 0 is no limit

# How long things are kept, where it differs from what the declarations say: days by the name of a time limit
KEEP_DAYS = env_days_by_name("LEAP_KEEP_DAYS")

# Logs
LOGGING_CONFIG = "leap.logging.configure"
LOGGING = {"level": env_choice("LEAP_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))}
