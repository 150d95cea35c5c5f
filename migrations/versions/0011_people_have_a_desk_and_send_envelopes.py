"""People have a desk and send envelopes."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "envelope",
        sa.Column("sender_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("routed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("subject <> ''", name=op.f("ck_envelope_an_envelope_has_a_subject")),
        sa.ForeignKeyConstraint(["sender_id"], ["ab_user.id"], name=op.f("fk_envelope_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envelope")),
    )
    with op.batch_alter_table("envelope", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_envelope_sender_id"), ["sender_id"], unique=False)

    op.create_table(
        "file_cabinet",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("main", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_file_cabinet_a_cabinet_has_a_name")),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_file_cabinet_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_cabinet")),
        sa.UniqueConstraint("id", "user_id", name=op.f("uq_file_cabinet_id_user_id")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_file_cabinet_user_id_name")),
    )
    with op.batch_alter_table("file_cabinet", schema=None) as batch_op:
        batch_op.create_index(
            "uq_file_cabinet_main",
            ["user_id"],
            unique=True,
            sqlite_where=sa.text("main"),
            postgresql_where=sa.text("main"),
        )

    op.create_table(
        "folder",
        sa.Column("cabinet_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_folder_a_folder_has_a_name")),
        sa.ForeignKeyConstraint(
            ["cabinet_id", "user_id"],
            ["file_cabinet.id", "file_cabinet.user_id"],
            name=op.f("fk_folder_cabinet_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folder")),
        sa.UniqueConstraint("cabinet_id", "name", name=op.f("uq_folder_cabinet_id_name")),
        sa.UniqueConstraint("id", "cabinet_id", name=op.f("uq_folder_id_cabinet_id")),
    )
    with op.batch_alter_table("folder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_folder_user_id_cabinet_id"), ["user_id", "cabinet_id"], unique=False)

    op.create_table(
        "active_container",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("cabinet_id", sa.Integer(), nullable=False),
        sa.Column("folder_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cabinet_id", "user_id"],
            ["file_cabinet.id", "file_cabinet.user_id"],
            name=op.f("fk_active_container_cabinet_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["folder_id", "cabinet_id"],
            ["folder.id", "folder.cabinet_id"],
            name=op.f("fk_active_container_folder_id_cabinet_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_active_container")),
        sa.UniqueConstraint("user_id", name=op.f("uq_active_container_user_id")),
    )
    op.create_table(
        "filing",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("cabinet_id", sa.Integer(), nullable=False),
        sa.Column("folder_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cabinet_id", "user_id"],
            ["file_cabinet.id", "file_cabinet.user_id"],
            name=op.f("fk_filing_cabinet_id_user_id"),
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_filing_document_id")),
        sa.ForeignKeyConstraint(
            ["folder_id", "cabinet_id"], ["folder.id", "folder.cabinet_id"], name=op.f("fk_filing_folder_id_cabinet_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing")),
        sa.UniqueConstraint("user_id", "document_id", name=op.f("uq_filing_user_id_document_id")),
    )
    with op.batch_alter_table("filing", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_filing_cabinet_id_folder_id_document_id"),
            ["cabinet_id", "folder_id", "document_id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_filing_folder_id"), ["folder_id"], unique=False)

    op.create_table(
        "envelope_document",
        sa.Column("envelope_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_envelope_document_document_id")),
        sa.ForeignKeyConstraint(["envelope_id"], ["envelope.id"], name=op.f("fk_envelope_document_envelope_id")),
        sa.ForeignKeyConstraint(["sheet_id"], ["approval_sheet.id"], name=op.f("fk_envelope_document_sheet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envelope_document")),
        sa.UniqueConstraint("envelope_id", "document_id", name=op.f("uq_envelope_document_envelope_id_document_id")),
        sa.UniqueConstraint("sheet_id", name=op.f("uq_envelope_document_sheet_id")),
    )
    with op.batch_alter_table("envelope_document", schema=None) as batch_op:
        batch_op.create_index(
            "uq_envelope_document_open",
            ["document_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("envelope_document", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_envelope_document_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.drop_table("envelope_document")
    with op.batch_alter_table("filing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_filing_folder_id"))
        batch_op.drop_index(batch_op.f("ix_filing_cabinet_id_folder_id_document_id"))

    op.drop_table("filing")
    op.drop_table("active_container")
    with op.batch_alter_table("folder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_folder_user_id_cabinet_id"))

    op.drop_table("folder")
    with op.batch_alter_table("file_cabinet", schema=None) as batch_op:
        batch_op.drop_index("uq_file_cabinet_main", sqlite_where=sa.text("main"), postgresql_where=sa.text("main"))

    op.drop_table("file_cabinet")
    with op.batch_alter_table("envelope", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_envelope_sender_id"))

    op.drop_table("envelope")
