"""The search index of the items: what `app/search.py` reads and `app/search_index.py` keeps.

It holds nothing that the records do not say; `flask --app app setup` fills it from them.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

SQLITE = (
    """CREATE VIRTUAL TABLE item_search USING fts5(
        name, own, supplier, codes, source, tokenize = 'porter unicode61 remove_diacritics 2', prefix = '2 3')""",
    "CREATE TABLE item_search_word (word VARCHAR(60) NOT NULL PRIMARY KEY) WITHOUT ROWID",
)

# A dictionary of our own: PostgreSQL's English one leaves out words that name goods, such as "can".
POSTGRES = (
    "CREATE TEXT SEARCH DICTIONARY item_search_stem (TEMPLATE = snowball, LANGUAGE = english)",
    "CREATE TEXT SEARCH CONFIGURATION item_search (COPY = pg_catalog.simple)",
    """ALTER TEXT SEARCH CONFIGURATION item_search
        ALTER MAPPING FOR asciiword, word WITH item_search_stem""",
    # The name's words by themselves, because an index does not know a word's weight.
    "CREATE TABLE item_search (id INTEGER NOT NULL PRIMARY KEY, name TSVECTOR NOT NULL, words TSVECTOR NOT NULL)",
    "CREATE INDEX item_search_name ON item_search USING gin (name)",
    "CREATE INDEX item_search_words ON item_search USING gin (words)",
    'CREATE TABLE item_search_word (word VARCHAR(60) COLLATE "C" NOT NULL PRIMARY KEY)',
)


def upgrade() -> None:
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE item_search_word")
    op.execute("DROP TABLE item_search")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP TEXT SEARCH CONFIGURATION item_search")
        op.execute("DROP TEXT SEARCH DICTIONARY item_search_stem")
