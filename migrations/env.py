"""Alembic runs this for every command; app/migrate.py hands it the connection and the settings."""

from alembic import context

from app.migrate import options

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("Use `flask --app app setup` to migrate, or `make migration m=…` to write a migration.")

context.configure(connection=connection, **options())
with context.begin_transaction():
    context.run_migrations()
