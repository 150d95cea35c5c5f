# Purser in a container: the program alone. Records, keys and backups are volumes (compose.yaml). See docs/operations.md.
FROM python:3.11-slim-trixie

# For backups of PostgreSQL: pg_dump must not be older than the server. It comes with the release, in version 17.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends postgresql-client \
 && rm -rf /var/lib/apt/lists/*

# A user of its own, with a number that does not change, because volumes know owners by number.
RUN useradd --uid 10001 --no-create-home --home-dir /var/lib/purser --shell /usr/sbin/nologin purser \
 && install -d -o purser -g purser -m 700 /var/lib/purser /var/lib/purser-keys /var/lib/purser-backups

WORKDIR /opt/purser
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --requirement requirements.txt
COPY . ./
RUN python -m compileall -q app config.py run.py

ENV PURSER_ENV=production \
    PURSER_HOST=0.0.0.0 \
    PORT=8080 \
    PURSER_VAR=/var/lib/purser \
    PURSER_KEY_FILE=/var/lib/purser-keys/keys.json \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1

USER purser
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "run.py", "healthy"]
CMD ["python", "run.py", "web"]
