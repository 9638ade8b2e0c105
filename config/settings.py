"""Settings, all from the environment; `.env.example` is the full list."""

import os
from pathlib import Path

import environ

from config import embedded_postgres, keys
from config.logs import without_traceback

BASE_DIR = Path(__file__).resolve().parent.parent

# Names are read character by character: pypinyin's table of phrases would cost every process
# 44 MiB and half a second.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
BEHIND_TLS = env.bool("BEHIND_TLS", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
HOSPITAL_NAME = env.str("HOSPITAL_NAME", default="曲靖口腔医院")

DATABASE_URL = env.str("DATABASE_URL", default="") or embedded_postgres.database_url(
    embedded_postgres.default_directory()
)
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Seconds: a server that is gone without a word must not hold a request for minutes.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)

SECRET_KEY, FIELD_KEYS, INDEX_KEY = keys.load(
    env,
    base=BASE_DIR,
    made_in=None if env.str("DATABASE_URL", default="") else BASE_DIR / "var" / "keys",
)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "ninja",
    "pgtrigger",
    "pghistory",
    "staff",
    "scheme",
    "members",
    "points",
    "rewards",
    "desk",
    "api",
]

MIDDLEWARE = [
    "desk.middleware.UnreadMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "desk.middleware.PrivateMiddleware",
    "desk.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

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
                "desk.context.hospital",
                "desk.context.frame",
            ],
        },
    },
]

AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "staff.backends.RoleBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "staff.validators.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name")},
    },
]
CSRF_FAILURE_VIEW = "desk.views.errors.csrf_failed"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "staff.views.machine_of"
AXES_LOCKOUT_CALLABLE = "staff.views.locked_out"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["config.formats"]

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("bootstrap/css", BASE_DIR / "node_modules" / "bootstrap" / "dist" / "css"),
    ("htmx", BASE_DIR / "node_modules" / "htmx.org" / "dist"),
    ("signature_pad", BASE_DIR / "node_modules" / "signature_pad" / "dist"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Pictures and fonts are compressed already; a source map is large and only developers ask for it.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["gif", "jpg", "map", "png", "woff", "woff2"]

FILES_DIR = MEDIA_ROOT = BASE_DIR / env.str("FILES_DIR", default="var/files")
BACKUP_DIR = BASE_DIR / env.str("BACKUP_DIR", default="var/backups")
BACKUPS_KEPT = env.int("BACKUPS_KEPT", default=30)

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# A receipt or an enrolment is a few hundred bytes; anything larger is a mistake or an attack.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
# Phones and ID numbers lie here while a request reads them. The server of this port empties it
# when it starts: a folder of its own, whatever else lies beside it.
FILE_UPLOAD_TEMP_DIR = (
    BASE_DIR
    / env.str("UPLOADS_DIR", default="var/uploads")
    / f"member-uploads-{env.int('PORT', default=8000)}"
)
FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
FILE_UPLOAD_HANDLERS = ["desk.uploads.LimitedUpload"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"brief": {"()": "django.utils.log.CallbackFilter", "callback": without_traceback}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["brief"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "axes": {"level": "WARNING"},
        # Else every command begins by saying that it draws no bitmaps; we draw SVG.
        "pyBarcode": {"level": "WARNING"},
    },
}
