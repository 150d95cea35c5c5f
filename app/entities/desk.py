"""A person's desk: file cabinets with folders, what lies in them, and the views of lists that the person has saved.
Nobody else sees or touches it."""

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Entity, Name
from .document import Document


class FileCabinet(Entity):
    """A person's file cabinet. The main one, "My documents", is written when it is first needed: until then everybody
    has it all the same, and what a person owns and has put nowhere lies in it. Source: DOC-02."""

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    name: Mapped[Name]
    position: Mapped[int] = mapped_column(default=0)
    main: Mapped[bool] = mapped_column(default=False)
    user: Mapped[User] = relationship()

    __table_args__ = (
        UniqueConstraint("user_id", "name"),
        UniqueConstraint("id", "user_id"),
        Index("uq_file_cabinet_main", "user_id", unique=True, sqlite_where=text("main"), postgresql_where=text("main")),
        CheckConstraint("name <> ''", name="a_cabinet_has_a_name"),
    )

    def __str__(self) -> str:
        return self.name


class Folder(Entity):
    """A folder in a cabinet of the same person. Folders hold documents and no folders. Source: DOC-02."""

    cabinet_id: Mapped[int] = mapped_column()
    user_id: Mapped[int]
    name: Mapped[Name]
    position: Mapped[int] = mapped_column(default=0)
    cabinet: Mapped[FileCabinet] = relationship(
        primaryjoin=lambda: Folder.cabinet_id == FileCabinet.id, foreign_keys=cabinet_id
    )

    __table_args__ = (
        ForeignKeyConstraint(["cabinet_id", "user_id"], ["file_cabinet.id", "file_cabinet.user_id"]),
        UniqueConstraint("cabinet_id", "name"),
        UniqueConstraint("id", "cabinet_id"),
        Index(None, "user_id", "cabinet_id"),
        CheckConstraint("name <> ''", name="a_folder_has_a_name"),
    )

    def __str__(self) -> str:
        return self.name


class Filing(Entity):
    """Where a person has put a document, theirs or a colleague's: in a cabinet, or in a folder of it. One place for
    each person and document; the document itself knows nothing of it. Source: DOC-02."""

    user_id: Mapped[int]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    cabinet_id: Mapped[int]
    folder_id: Mapped[int | None]
    document: Mapped[Document] = relationship()

    __table_args__ = (
        ForeignKeyConstraint(["cabinet_id", "user_id"], ["file_cabinet.id", "file_cabinet.user_id"]),
        ForeignKeyConstraint(["folder_id", "cabinet_id"], ["folder.id", "folder.cabinet_id"]),
        UniqueConstraint("user_id", "document_id"),
        Index(None, "cabinet_id", "folder_id", "document_id"),
        Index(None, "folder_id"),
    )


class ActiveContainer(Entity):
    """The cabinet or folder into which a person's new documents go. Who has chosen none works in "My documents".
    Source: DOC-02, F22.03."""

    user_id: Mapped[int] = mapped_column(unique=True)
    cabinet_id: Mapped[int]
    folder_id: Mapped[int | None]

    __table_args__ = (
        ForeignKeyConstraint(["cabinet_id", "user_id"], ["file_cabinet.id", "file_cabinet.user_id"]),
        ForeignKeyConstraint(["folder_id", "cabinet_id"], ["folder.id", "folder.cabinet_id"]),
    )


class SavedView(Entity):
    """Filters, search and order of a list that a person has saved under a name. `query` is kept as an address has it, and
    is read anew, against what the list offers today, whenever the view is opened. `standard` says that the list opens
    with it. Source: ux, list page."""

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    list_name: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(2000))
    standard: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        UniqueConstraint("user_id", "list_name", "name"),
        Index(
            "uq_saved_view_standard",
            "user_id",
            "list_name",
            unique=True,
            sqlite_where=text("standard"),
            postgresql_where=text("standard"),
        ),
        CheckConstraint("name <> ''", name="a_view_has_a_name"),
        CheckConstraint("list_name <> ''", name="a_view_is_of_a_list"),
    )

    def __str__(self) -> str:
        return self.name
