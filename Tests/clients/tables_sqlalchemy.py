"""SQLAlchemy's ORM, 1.4 with psycopg2 or 2.x with psycopg 3: create_all, relationships, changes, RETURNING, reflection, drop_all."""
import datetime as dt
import decimal
import sys

import sqlalchemy as sa
from check import check, done, equal
from sqlalchemy import orm

driver = "psycopg2" if sa.__version__.startswith("1.4") else "psycopg"
schema = "orm14" if driver == "psycopg2" else "orm2"
engine = sa.create_engine(
    f"postgresql+{driver}://admin@127.0.0.1:{sys.argv[1]}/leibrix", connect_args={"options": f"-c search_path={schema}"}, future=True)
Base = orm.declarative_base()

tags = sa.Table(
    "item_tags", Base.metadata, sa.Column("item_id", sa.ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("tag_id", sa.ForeignKey("tags.id"), primary_key=True))


class Owner(Base):
    __tablename__ = "owners"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(50), nullable=False, unique=True)
    created = sa.Column(sa.DateTime(timezone=True), server_default=sa.func.now())
    items = orm.relationship("Item", back_populates="owner", cascade="all, delete-orphan")


class Item(Base):
    __tablename__ = "items"
    id = sa.Column(sa.BigInteger, sa.Identity(), primary_key=True)
    owner_id = sa.Column(sa.ForeignKey("owners.id", name="item_owner"), nullable=False, index=True)
    title = sa.Column(sa.Text, default="untitled")
    price = sa.Column(sa.Numeric(10, 2), sa.CheckConstraint("price >= 0", name="price_positive"))
    day = sa.Column(sa.Date)
    data = sa.Column(sa.JSON)
    flags = sa.Column(sa.ARRAY(sa.Integer))
    blob = sa.Column(sa.LargeBinary)
    kind = sa.Column(sa.Enum("small", "big", name="item_kind"), server_default="small")
    owner = orm.relationship(Owner, back_populates="items")
    tags = orm.relationship("Tag", secondary=tags, back_populates="items")
    __table_args__ = (sa.UniqueConstraint("owner_id", "title", name="one_title"), sa.Index("by_day", "day", "price"), {"comment": "things"})


class Tag(Base):
    __tablename__ = "tags"
    id = sa.Column(sa.Integer, primary_key=True)
    word = sa.Column(sa.String(20), nullable=False, comment="what it says")
    items = orm.relationship(Item, secondary=tags, back_populates="tags")


def create():
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        connection.execute(sa.text(f"CREATE SCHEMA {schema}"))
    Base.metadata.create_all(engine)
    Base.metadata.create_all(engine)
    equal(sorted(sa.inspect(engine).get_table_names(schema=schema)), ["item_tags", "items", "owners", "tags"])


def insert():
    with orm.Session(engine) as session:
        red, blue = Tag(word="red"), Tag(word="blue")
        ana = Owner(name="ana", items=[
            Item(title="a", price=decimal.Decimal("1.25"), day=dt.date(2024, 1, 2), data={"x": [1, 2]}, flags=[1, 2], blob=b"\0\1", tags=[red, blue]),
            Item(price=2, tags=[red]),
        ])
        session.add_all([ana, Owner(name="bob")])
        session.commit()
        equal(ana.id is not None and ana.created is not None, True)
        equal([i.title for i in ana.items], ["a", "untitled"])
        equal(ana.items[0].kind, "small")
        session.add_all([Item(owner=ana, title=f"t{i}", price=i) for i in range(50)])
        session.commit()
        equal(session.query(Item).count(), 52)


def query():
    with orm.Session(engine) as session:
        found = session.execute(
            sa.select(Owner).options(orm.selectinload(Owner.items).selectinload(Item.tags)).where(Owner.name == "ana")).scalars().one()
        equal(len(found.items), 52)
        first = min(found.items, key=lambda i: i.id)
        equal((first.title, first.price, first.day, first.data, first.flags, first.blob), ("a", decimal.Decimal("1.25"), dt.date(2024, 1, 2), {"x": [1, 2]}, [1, 2], b"\0\1"))
        equal(sorted(t.word for t in first.tags), ["blue", "red"])
        rows = session.execute(sa.select(Owner.name, sa.func.count(Item.id)).outerjoin(Item).group_by(Owner.name).order_by(Owner.name)).all()
        equal([tuple(r) for r in rows], [("ana", 52), ("bob", 0)])
        joined = session.execute(sa.select(Item).options(orm.joinedload(Item.owner)).order_by(Item.id).limit(2)).scalars().all()
        equal([i.owner.name for i in joined], ["ana", "ana"])
        equal(session.get(Item, first.id) is first, True)


def change():
    with orm.Session(engine) as session:
        item = session.query(Item).filter_by(title="a").one()
        item.price += 1
        item.data = {"y": 1}
        item.tags.pop()
        session.commit()
        session.refresh(item)
        equal((item.price, item.data, len(item.tags)), (decimal.Decimal("2.25"), {"y": 1}, 1))
        done_ = session.execute(sa.update(Item).where(Item.title.like("t%")).values(price=Item.price * 2), execution_options={"synchronize_session": False})
        equal(done_.rowcount, 50)
        session.delete(session.query(Item).filter_by(title="t49").one())
        session.commit()
        equal(session.execute(sa.delete(Item).where(Item.title == "t48"), execution_options={"synchronize_session": False}).rowcount, 1)
        session.rollback()
        equal(session.query(Item).count(), 51)


def returning():
    with engine.begin() as connection:
        got = connection.execute(sa.insert(Tag.__table__).returning(Tag.id, Tag.word), [{"word": "x"}, {"word": "y"}] if driver == "psycopg" else {"word": "x"})
        equal([r[1] for r in got], ["x", "y"] if driver == "psycopg" else ["x"])
        got = connection.execute(sa.update(Tag).where(Tag.word == "x").values(word="z").returning(Tag.word)).all()
        equal([tuple(r) for r in got], [("z",)])
        equal(len(connection.execute(sa.delete(Tag).where(Tag.word.in_(["y", "z"])).returning(Tag.id)).all()), 2 if driver == "psycopg" else 1)
        from sqlalchemy.dialects.postgresql import insert as upsert

        statement = upsert(Owner.__table__).values(name="ana")
        statement = statement.on_conflict_do_update(index_elements=["name"], set_={"created": sa.null()}).returning(Owner.name)
        equal(connection.execute(statement).scalar(), "ana")
        statement = upsert(Owner.__table__).values(name="bob").on_conflict_do_nothing(constraint="owners_name_key")
        connection.execute(statement)
        equal(connection.execute(sa.select(sa.func.count()).select_from(Owner)).scalar(), 2)


def errors():
    for values, kind in [
        (dict(name="ana"), sa.exc.IntegrityError), (dict(name=None), sa.exc.IntegrityError), (dict(name="x" * 60), sa.exc.DataError)]:
        with orm.Session(engine) as session:
            session.add(Owner(**values))
            try:
                session.commit()
            except kind:
                session.rollback()
            else:
                raise AssertionError(values)
    with orm.Session(engine) as session, session.begin():
        try:
            with session.begin_nested():
                session.add(Owner(name="bob"))
        except sa.exc.IntegrityError:
            pass
        session.add(Owner(name="carl"))
    with orm.Session(engine) as session:
        equal(session.query(Owner).count(), 3)


def reflection():
    inspector = sa.inspect(engine)
    equal(inspector.get_pk_constraint("items", schema=schema)["constrained_columns"], ["id"])
    foreign = inspector.get_foreign_keys("items", schema=schema)
    equal([(f["name"], f["constrained_columns"], f["referred_table"], f["referred_columns"]) for f in foreign], [("item_owner", ["owner_id"], "owners", ["id"])])
    equal(inspector.get_foreign_keys("item_tags", schema=schema)[0]["options"].get("ondelete"), "CASCADE")
    equal([u["name"] for u in inspector.get_unique_constraints("items", schema=schema)], ["one_title"])
    equal([c["name"] for c in inspector.get_check_constraints("items", schema=schema)], ["price_positive"])
    equal(sorted(i["name"] for i in inspector.get_indexes("items", schema=schema)), ["by_day", "ix_items_owner_id", "one_title"])
    equal(inspector.get_table_comment("items", schema=schema)["text"], "things")
    columns = {c["name"]: c for c in inspector.get_columns("items", schema=schema)}
    equal((columns["id"]["nullable"], columns["title"]["nullable"], columns["owner_id"]["nullable"]), (False, True, False))
    equal((columns["price"]["type"].precision, columns["price"]["type"].scale), (10, 2))
    equal("identity" in columns["id"] and columns["id"]["identity"]["always"], False)
    equal(inspector.get_columns("tags", schema=schema)[1]["comment"], "what it says")
    equal(type(columns["kind"]["type"]).__name__ in ("ENUM", "Enum"), True)
    other = sa.MetaData()
    other.reflect(bind=engine, schema=schema)
    equal(len(other.tables), 4)
    with engine.connect() as connection:
        table = other.tables[f"{schema}.owners"]
        equal(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar(), 3)


def in_one_transaction():
    """What migrations do: define, look, change, all in one transaction."""
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE moved (id serial PRIMARY KEY, v int)"))
        connection.execute(sa.text("ALTER TABLE moved ADD COLUMN w text NOT NULL DEFAULT 'x'"))
        equal([c["name"] for c in sa.inspect(connection).get_columns("moved", schema=schema)], ["id", "v", "w"])
        connection.execute(sa.text("INSERT INTO moved (v) VALUES (1)"))
        connection.execute(sa.text("CREATE INDEX ON moved (v)"))
        connection.execute(sa.text("DROP TABLE moved"))


def drop():
    Base.metadata.drop_all(engine)
    equal(sa.inspect(engine).get_table_names(schema=schema), [])


for name, function in [
    ("create_all", create), ("insert", insert), ("query", query), ("change", change), ("returning", returning), ("errors", errors),
    ("reflection", reflection), ("one transaction", in_one_transaction), ("drop_all", drop),
]:
    check(name, function)
done()
